/* SPDX-License-Identifier: Apache-2.0 */
/* Tells what happened to all that keep facts, in the order in which they have to hear of it. */
#pragma once
#include "sim/check/facts.h"
G_BEGIN_DECLS

void ps_facts_init (PsFacts *self, PsSimWorld *world);
void ps_facts_clear (PsFacts *self);
void ps_facts_begin_process (PsFacts *self);
void ps_facts_end_process (PsFacts *self);
void ps_facts_take_link (PsFacts *self, const PsSimLink *link, gboolean removed);
void ps_facts_take_bytes (PsFacts *self, guint channel, PsSimTapEvent event, const guint8 *bytes,
                          gsize n_bytes);
void ps_facts_take_foreign (PsFacts *self, const PsSimRedisWrite *write);
/* A write of the daemon to another row than a port's, when the checks have judged it. */
void ps_facts_take_write (PsFacts *self, const PsSimRedisWrite *write);
/* A timer was run. TRUE: the start was decided at this step. */
gboolean ps_facts_take_step (PsFacts *self);
G_END_DECLS
