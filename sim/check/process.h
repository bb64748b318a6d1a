/* SPDX-License-Identifier: Apache-2.0 */
/* Of the process that runs: what was counted when it began. */
#pragma once
#include "sim/check/facts.h"
G_BEGIN_DECLS

void ps_process_facts_begin (PsFacts *self);
/* A line of its log, which may say how it starts, or that it listed the links. */
void ps_process_facts_take_log (PsFacts *self, const char *text);
/* Messages about links were lost in the life of the process, whether it was told or not. */
gboolean ps_facts_is_lossy (const PsFacts *self);
guint64 ps_facts_count_losses (const PsFacts *self);
/* Commands that Redis refused so far. */
guint64 ps_facts_count_refusals (const PsFacts *self);
/* Ours is judged by more than another actor. */
gboolean ps_facts_is_ours (const PsFacts *self);
/* The write is that of the process that runs, and it has decided: what a dead one had on its way is
 * not its doing. */
gboolean ps_facts_is_its_own (const PsFacts *self, const PsSimRedisWrite *write);
G_END_DECLS
