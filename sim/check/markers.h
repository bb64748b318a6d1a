/* SPDX-License-Identifier: Apache-2.0 */
/* APPL_DB's markers, as they were produced and lost, and which ports a marker waits for. */
#pragma once
#include "sim/check/facts.h"
G_BEGIN_DECLS

void ps_marker_facts_begin (PsFacts *self);
void ps_marker_facts_decided (PsFacts *self);
void ps_marker_facts_foreign (PsFacts *self, const PsSimRedisWrite *write);
/* The daemon staged the row of this name. */
void ps_marker_facts_staged (PsFacts *self, const PsSimRedisWrite *write, const char *name);

/* Of the configured ports that are awaited, the first that was not published. Free with g_free. */
char *ps_facts_first_not_published (const PsFacts *self);
gboolean ps_facts_is_in_appl (const PsFacts *self, const char *name); /* live or staged */
/* Every configured port that the process knows is there, and published. */
gboolean ps_facts_is_init_done_due (const PsFacts *self);
/* The count that is written over that of a live PortConfigDone; NULL: the write is another one. */
const char *ps_facts_corrected_count (const PsFacts *self, const PsSimRedisWrite *write);
G_END_DECLS
