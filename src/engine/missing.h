/* SPDX-License-Identifier: Apache-2.0 */
/* What a start still waits for, in words. */
#pragma once
#include "engine/members.h"
G_BEGIN_DECLS

/* What is not connected: a database, or "Redis" for all of them; NULL: nothing. Static. */
const char *ps_missing_database (PsStore *store);

/* Appends "; missing: " and the names of the ports that PortInitDone waits for, unless there are
 * none. */
void ps_missing_name_ports (const PsPortTable *table, GString *text);

/* A warning: what PortInitDone waits for. Nothing if it was announced. */
void ps_missing_tell (const PsMembers *members);
G_END_DECLS
