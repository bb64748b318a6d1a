/* SPDX-License-Identifier: Apache-2.0 */
/* The row WARM_RESTART_TABLE|portsyncd (decision 0012), as it was found and written. */
#pragma once
#include "sim/check/facts.h"
G_BEGIN_DECLS

void ps_warm_facts_begin (PsFacts *self);
void ps_warm_facts_clear (PsFacts *self);
void ps_warm_facts_watch (PsFacts *self); /* at each step until the start is decided */
void ps_warm_facts_decided (PsFacts *self);
void ps_warm_facts_foreign (PsFacts *self, const PsSimRedisWrite *write);
void ps_warm_facts_take (PsFacts *self, const PsSimRedisWrite *write);
void ps_warm_facts_take_repair (PsFacts *self); /* the row, which was no hash, was deleted */

gboolean ps_facts_is_warm_open (const PsFacts *self); /* the process owes reconciled */
const char *ps_warm_seen_name (PsWarmSeen state);
PsWarmSeen ps_warm_seen_parse (const char *text);
PsWarmSeen ps_warm_seen_read (const PsFacts *self); /* as it stands */
gboolean ps_warm_seen_is_unfinished (PsWarmSeen state);
G_END_DECLS
