/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a netlink session: session.c decides what is done when, session-input.c takes
 * apart what was read. For these two files only. */
#pragma once
#include "backends/netlink/admin-down.h"
#include "backends/netlink/dump-state.h"
#include "backends/netlink/session.h"
#include "base/timer.h"
#include "base/told.h"
G_BEGIN_DECLS

enum { PS_NETLINK_TIMER_PLAN, PS_NETLINK_N_TIMERS };

struct _PsNetlinkSession {
  GObject parent;
  PsDatagramPort *port; /* owned */
  PsClock *clock;       /* owned */
  PsLog *log;
  const PsLinkSink *sink; /* nullable: not started, stopped or failed */
  gpointer user_data;
  gboolean started;
  gboolean loss_reported; /* Since the queue was last empty: one LOST is enough. */
  guint32 port_id;
  guint32 drops;          /* as the port last said */
  gboolean drops_unknown; /* it did not say */
  gint64 look_us;         /* when to look for drops without being called; 0: never */
  guint32 next_sequence;
  PsTimer timers[PS_NETLINK_N_TIMERS];
  PsNetlinkDumpState dump;
  PsNetlinkAdminDown admin_down;
  PsNetlinkCounters counters;
  gint64 vain_since_us; /* since when no listing was complete; 0: the last one was */
  PsTold vain_told;
  guint n_vain; /* listings since then */
  gsize n_events;
  PsLinkEvent events[PS_LINK_EVENTS_PER_BATCH]; /* Not delivered yet. */
  guint8 *buffer;                               /* owned, PS_NETLINK_BUFFER_BYTES */
};

/* Delivers the events that wait. */
void ps_netlink_session_flush (PsNetlinkSession *self);

/* An event that is not about one link. */
void ps_netlink_session_push_mark (PsNetlinkSession *self, PsLinkEventType type, gboolean complete,
                                   gint64 now_us);

/* Messages were lost: one LOST until the queue was empty, and the dump in flight is spoiled. */
void ps_netlink_session_on_loss (PsNetlinkSession *self, gint64 now_us);

/* TRUE if the kernel dropped messages since the last look. */
gboolean ps_netlink_session_look_for_drops (PsNetlinkSession *self, gint64 now_us);

/* The dump in flight is over. */
void ps_netlink_session_end_dump (PsNetlinkSession *self, gint64 now_us);

/* TRUE for an errno that says "not now" rather than "no". */
gboolean ps_netlink_session_is_passing (int error);

/* Takes apart the datagram in buffer. Returns how many messages it held. */
guint ps_netlink_session_read_datagram (PsNetlinkSession *self, const PsDatagramInfo *info);
G_END_DECLS
