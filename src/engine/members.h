/* SPDX-License-Identifier: Apache-2.0 */
/* What the engine is put together of: the objects of the rooms below, each of which keeps its
 * fields to itself. The engine owns them; its own objects hold a pointer to all. */
#pragma once
#include "core/config.h"
#include "engine/journal.h"
#include "engine/listings.h"
#include "engine/log-row.h"
#include "mirror/poll.h"
#include "mirror/reconcile.h"
#include "start/marker-count.h"
#include "start/markers.h"
G_BEGIN_DECLS

/* Set by who makes them; clock, source, store and host become the members' own. */
typedef struct {
  PsClock *clock;
  PsLinkSource *source;
  PsStore *store;
  PsHost *host;
  PsLog *log;             /* must outlive them */
  const PsConfig *config; /* likewise */

  PsRefusals *refusals;
  PsPortTable *table;
  PsLinks *links;
  PsListings *listings;
  PsFlush *flush;
  PsReconcile *reconcile;
  PsNames *names;
  PsMarkers *markers;
  PsMarkerCount *count;
  PsPoll *poll;
  PsLogRow *log_row;
  PsJournal *journal;
} PsMembers;

/* What they report to. */
typedef struct {
  const PsLinksSink *links;
  const PsFlushSink *flush;
  const PsReconcileSink *reconcile;
  const PsMarkersSink *markers;
  const PsPollSink *poll;
  const PsJournalSink *journal;
  PsMarkerCountLooked counted;
} PsMemberSinks;

/* Makes what is not there yet. */
void ps_members_make (PsMembers *self, const PsMemberSinks *sinks, gpointer user_data);

/* Frees all. */
void ps_members_clear (PsMembers *self);
G_END_DECLS
