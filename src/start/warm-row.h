/* SPDX-License-Identifier: Apache-2.0 */
/* The row STATE_DB WARM_RESTART_TABLE|portsyncd: restore_count, and the state
 * (docs/sonic-protocol.md 3.6): in a warm start initialized, restored, reconciled, in this order;
 * reconciled at the end of every other start. At rest it is reconciled, disabled or not there: what
 * a process leaves unfinished, the next one ends. */
#pragma once
#include "core/refusals.h"
G_BEGIN_DECLS

typedef enum {
  PS_WARM_NONE, /* There is none, or it is not one of these. */
  PS_WARM_INITIALIZED,
  PS_WARM_RESTORED,
  PS_WARM_RECONCILED,
  PS_WARM_DISABLED, /* A cold start over a warm one that did not end. */
} PsWarmState;

PsWarmState ps_warm_state_parse (const char *text);       /* nullable */
gboolean ps_warm_state_is_unfinished (PsWarmState state); /* It must not stand at rest. */

typedef struct _PsWarmRow PsWarmRow;

/* log and refusals must outlive it. */
PsWarmRow *ps_warm_row_new (PsStore *store, PsLog *log, PsRefusals *refusals);
void ps_warm_row_free (PsWarmRow *self);

/* found: the row says so already. */
void ps_warm_row_set_count (PsWarmRow *self, guint64 restore_count, gboolean found);

/* The row holds this state, written by an earlier process. */
void ps_warm_row_set_found (PsWarmRow *self, PsWarmState state);

/* Aims for a state. Of a warm start the ones between it and the one that was written or found are
 * written first, one after the other: if INITIALIZED or RESTORED was found or aimed for, and not
 * called off by DISABLED. After RECONCILED nothing is. */
void ps_warm_row_set_state (PsWarmRow *self, PsWarmState state);

/* Writes what is due, unless that is refused and pauses (core/refusals.h). Cheap; called also when
 * the store is back, and once a second. */
void ps_warm_row_run (PsWarmRow *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsWarmRow, ps_warm_row_free)
G_END_DECLS
