/* SPDX-License-Identifier: Apache-2.0 */
/* The row STATE_DB WARM_RESTART_TABLE|portsyncd: restore_count, and in a warm start the state
 * initialized, restored, reconciled, in this order (contract.md 3.6). At rest the state is
 * reconciled, disabled or not there: what a process leaves unfinished, the next one ends. */
#pragma once
#include "core/refusals.h"
G_BEGIN_DECLS

typedef enum {
  PS_WARM_NONE, /* No state is written: not a warm start. */
  PS_WARM_INITIALIZED,
  PS_WARM_RESTORED,
  PS_WARM_RECONCILED,
  PS_WARM_DISABLED, /* A cold start over a warm one that did not end. */
} PsWarmState;

/* A state that must not stand at rest: INITIALIZED or RESTORED; any other text is NONE. */
PsWarmState ps_warm_parse_unfinished (const char *text);

typedef struct _PsWarm PsWarm;

/* log and refusals must outlive it. */
PsWarm *ps_warm_new (PsStore *store, PsLog *log, PsRefusals *refusals);
void ps_warm_free (PsWarm *self);

/* found: the row says so already. */
void ps_warm_set_count (PsWarm *self, guint64 restore_count, gboolean found);

/* The row holds this state, of a process before us. */
void ps_warm_set_found (PsWarm *self, PsWarmState state);

/* Aims for a state; the ones between it and the one that was written or found are written first,
 * one after the other; DISABLED has none before it. Never goes back. */
void ps_warm_set_state (PsWarm *self, PsWarmState state);

/* Writes what is due, unless that is refused and pauses (core/refusals.h). Cheap; called also when
 * the store is back, and once a second. */
void ps_warm_run (PsWarm *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsWarm, ps_warm_free)
G_END_DECLS
