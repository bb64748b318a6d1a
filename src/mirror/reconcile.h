/* SPDX-License-Identifier: Apache-2.0 */
/* Reads STATE_DB's port rows and marks what differs from what is wanted (docs/rules.md 4.1). */
#pragma once
#include "mirror/flush.h"
#include "mirror/links.h"
G_BEGIN_DECLS

typedef struct _PsReconcile PsReconcile;

/* done: the rows were read; flush's gate is open. live_due: the live rows are to be asked for now,
 * which waited for this (ps_reconcile_trust). Not called for a reading that broke off; then
 * ps_reconcile_is_done is FALSE, and the caller asks again. */
typedef struct {
  void (*done) (guint n_rows, guint n_differences, gboolean live_due, gpointer user_data);
} PsReconcileSink;

/* All but store and sink must outlive it. */
PsReconcile *
ps_reconcile_new (PsStore *store, PsRefusals *refusals, PsPortTable *table, PsLinks *links,
                  PsFlush *flush, const PsReconcileSink *sink, gpointer user_data);
void ps_reconcile_free (PsReconcile *self);

/* Begins to read, and closes flush's gate until that is done. A call while a reading is under way
 * asks for another one after it. */
void ps_reconcile_read (PsReconcile *self);

/* What a reading says of live rows is one state (PsLiveRows), which stands here alone.
 *
 * ps_reconcile_trust, in a warm start: a switch that did not change has no use for answers about
 * live rows before it is reconciled. Ports whose rows are found are marked so (stood), and live
 * rows are asked for after the reading. ps_reconcile_asked_early: the poll has asked for some of
 * them already; rows that are found from now on say nothing of the others, which are asked for
 * after the reading all the same. ps_reconcile_asked: all are asked for now. */
void ps_reconcile_trust (PsReconcile *self);
void ps_reconcile_asked_early (PsReconcile *self);
void ps_reconcile_asked (PsReconcile *self);

/* Begins to read if the last reading broke off, unless it was refused and pauses
 * (core/refusals.h). One that is under way is left alone, however long it takes. */
void ps_reconcile_retry (PsReconcile *self);

/* STATE_DB is online again, and APPL_DB is not: a row that the next reading does not find was lost
 * with the server, perhaps with both databases. It waits until its live row was asked for anew;
 * rows that stand are kept up on what was known. */
void ps_reconcile_doubt_live (PsReconcile *self);

/* STATE_DB is offline: what is known of the rows may be wrong until the next reading. */
void ps_reconcile_offline (PsReconcile *self);

/* TRUE once the rows were read on the connection that stands. */
gboolean ps_reconcile_is_done (const PsReconcile *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsReconcile, ps_reconcile_free)
G_END_DECLS
