/* SPDX-License-Identifier: Apache-2.0 */
/* Which configured ports have left CONFIG_DB. */
#pragma once
#include "core/refusals.h"
#include "mirror/port-table.h"
#include "start/names.h"
G_BEGIN_DECLS

typedef struct _PsPrune PsPrune;

/* gone: a configured port is not in CONFIG_DB any more. done: a whole reading ended,
 * after the calls of gone. */
typedef struct {
  void (*gone) (PsPort *port, gpointer user_data);
  void (*done) (gpointer user_data);
} PsPruneSink;

/* names, refusals and table must outlive it. */
PsPrune *ps_prune_new (PsNames *names, PsRefusals *refusals, PsPortTable *table,
                       const PsPruneSink *sink, gpointer user_data);
void ps_prune_free (PsPrune *self);

/* Reads the names of the ports once, unless a reading is under way or pauses (core/refusals.h).
 * What is missing from a whole reading is gone; any other one proves nothing, nor does a table
 * without any name. */
void ps_prune_run (PsPrune *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsPrune, ps_prune_free)
G_END_DECLS
