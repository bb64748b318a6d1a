/* SPDX-License-Identifier: Apache-2.0 */
/* What a life record holds that is found, by what was done to it. */
#pragma once
#include "sim/check/facts.h"
G_BEGIN_DECLS

void ps_account_facts_begin (PsFacts *self);
void ps_account_facts_decided (PsFacts *self);
/* PortConfigDone was produced, on this connection. */
void ps_account_facts_config_done (PsFacts *self, guint64 connection);
void ps_account_facts_step (PsFacts *self);
G_END_DECLS
