/* SPDX-License-Identifier: Apache-2.0 */
/* What became of the ports that were produced: an empty queue is a taken one only if their rows are
 * live, for APPL_DB may have been emptied (docs/decisions/0017-absence.md). */
#pragma once
#include "core/store.h"
#include "mirror/port-table.h"
G_BEGIN_DECLS

typedef enum {
  PS_PRODUCED_TAKEN,  /* the queue is empty, and each port's row is live */
  PS_PRODUCED_THERE,  /* each port's row is live or staged */
  PS_PRODUCED_QUEUED, /* the queue is not empty */
  PS_PRODUCED_LOST,   /* a port has no row where it should: APPL_DB lost it */
  PS_PRODUCED_FAILED, /* outcome says why */
} PsProducedState;

typedef struct _PsProduced PsProduced;
typedef void (*PsProducedDone) (PsProducedState state, const PsOutcome *outcome,
                                gpointer user_data);

PsProduced *
ps_produced_new (PsStore *store, PsPortTable *table, PsProducedDone done, gpointer user_data);
void ps_produced_free (PsProduced *self);

/* Asks about the ports that this reading of CONFIG_DB found. One question at a time; done is called
 * once for each. _taken: did the consumer take them all? _there: are their rows still there, live
 * or staged (one that is both counts as two)? At least one port. */
void ps_produced_ask_taken (PsProduced *self, PsMark reading);
void ps_produced_ask_there (PsProduced *self, PsMark reading);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsProduced, ps_produced_free)
G_END_DECLS
