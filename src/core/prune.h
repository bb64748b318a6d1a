/* SPDX-License-Identifier: Apache-2.0 */
/* Which configured ports have left CONFIG_DB. It may be in the middle of being loaded, so a name
 * that is not there proves little by itself. */
#pragma once
#include "core/port-table.h"
#include "core/refusals.h"
G_BEGIN_DECLS

typedef struct _PsPrune PsPrune;

/* gone: a port with config_read set is not in CONFIG_DB any more. done: a reading ended, after the
 * calls of gone. */
typedef struct {
  void (*gone) (PsPort *port, gpointer user_data);
  void (*done) (gpointer user_data);
} PsPruneSink;

/* refusals and table must outlive it. */
PsPrune *ps_prune_new (PsStore *store, PsRefusals *refusals, PsPortTable *table,
                       const PsPruneSink *sink, gpointer user_data);
void ps_prune_free (PsPrune *self);

/* Reads the names of the ports once, unless a reading is under way or pauses (core/refusals.h).
 * loaded: CONFIG_DB said once that it is loaded (CONFIG_DB_INITIALIZED). Then what is missing is
 * gone if it says so before and after the reading; otherwise if it is missing twice in a row. A
 * table without any name proves nothing. */
void ps_prune_run (PsPrune *self, gboolean loaded);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsPrune, ps_prune_free)
G_END_DECLS
