/* SPDX-License-Identifier: Apache-2.0 */
/* The writes to ports' rows that the daemon handed over to its connection to STATE_DB and got no
 * answer to yet: what becomes of them it does not know when that connection ends. */
#pragma once
#include "sim/check/truth.h"
G_BEGIN_DECLS

typedef struct _PsUnanswered PsUnanswered;

PsUnanswered *ps_unanswered_new (PsTruth *truth);
void ps_unanswered_free (PsUnanswered *self);

void ps_unanswered_take_written (PsUnanswered *self, const guint8 *bytes, gsize n_bytes);
void ps_unanswered_take_read (PsUnanswered *self, const guint8 *bytes, gsize n_bytes);

/* A turn of the daemon is over. */
void ps_unanswered_end_turn (PsUnanswered *self);

/* The connection or its process ends: the rows of all that is unanswered are unsure, and the next
 * connection begins with nothing. */
void ps_unanswered_end (PsUnanswered *self);
G_END_DECLS
