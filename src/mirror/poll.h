/* SPDX-License-Identifier: Apache-2.0 */
/* Looks at Redis once a second, since keyspace events are lossy and say nothing on FLUSHDB
 * (docs/rules.md 4.2): do the rows of portsyncd still exist, are the rows that netdevs wait for
 * there, are the markers? Owner of `live` in PsPort. */
#pragma once
#include "core/refusals.h"
#include "core/store.h"
#include "mirror/port-table.h"
G_BEGIN_DECLS

#define PS_POLL_INTERVAL_US  G_USEC_PER_SEC
#define PS_POLL_AWAIT_US     (100 * 1000)          /* while a netdev waits for its row … */
#define PS_POLL_AWAIT_MAX_US (60 * G_USEC_PER_SEC) /* … and has not waited longer than this */
#define PS_POLL_LIVE_EVERY   10 /* seconds between looks at live rows that were there */

#define PS_POLL_LOOKS_MAX 512 /* single rows asked for at a time; slices find the others */

typedef struct _PsPoll PsPoll;

/* live: the APPL_DB row of the port came or went. looked: an answer that showed that, or
 * the last one that is_asking speaks of, was worked off. rows_missing: at least one row of
 * portsyncd in STATE_DB is gone. markers: whether PortConfigDone stands in APPL_DB, live or
 * staged. tick: once a second, after the looks were sent.
 */
typedef struct {
  void (*live) (PsPort *port, gpointer user_data);
  void (*looked) (gpointer user_data);
  void (*rows_missing) (gpointer user_data);
  void (*markers) (gboolean there, gpointer user_data);
  void (*tick) (guint64 n_ticks, gpointer user_data);
} PsPollSink;

/* log, refusals and table must outlive the poll. A look that is refused is no answer; while it
 * pauses (core/refusals.h), it is not asked again. */
PsPoll *ps_poll_new (PsClock *clock, PsStore *store, PsLog *log, PsRefusals *refusals,
                     PsPortTable *table, const PsPollSink *sink, gpointer user_data);
void ps_poll_free (PsPoll *self);

void ps_poll_start (PsPoll *self);

/* What was seen of APPL_DB may be wrong now, since it is online again or rows of STATE_DB were
 * lost: everything is looked at anew. */
void ps_poll_online (PsPoll *self);

/* A warm start has read the rows that stand: the live rows that a write waits for are looked at at
 * once, all the others soon. */
void ps_poll_warm (PsPoll *self);

/* A question for a live row that a netdev waits for was not answered yet, was refused, or cannot be
 * asked now. */
gboolean ps_poll_is_asking (const PsPoll *self);

/* Something of the port's device changed. If it is there and its live row was not seen, that is
 * looked for: from ps_poll_start on, once a device, at once and then often. */
void ps_poll_port_changed (PsPoll *self, PsPort *port);

/* A warm start found the port's row in STATE_DB, and trusts it until the live one is asked for. A
 * live row that was asked for since the device came decides by itself. */
void ps_poll_set_stood (PsPort *port, gboolean stood);

/* What was seen of the port's live row does not count any more. */
void ps_poll_forget (PsPort *port);

/* From now on the markers are looked at too. */
void ps_poll_markers (PsPoll *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsPoll, ps_poll_free)
G_END_DECLS
