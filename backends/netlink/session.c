/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/session.h"
#include "backends/netlink/encode.h"
#include "backends/netlink/error.h"
#include "backends/netlink/session-private.h"
#include <errno.h>

#define BUFFER_ALIGNMENT 64 /* bytes: a line of the cache */
#define LOOK_AGAIN_US    (20 * G_TIME_SPAN_MILLISECOND)

static guint32
take_sequences (PsNetlinkSession *self, guint n)
{
  guint32 first = self->next_sequence;
  if (first == 0 || first > G_MAXUINT32 - n) /* 0 is what live events carry. */
    first = 1;
  self->next_sequence = first + n;
  return first;
}

static void
stop (PsNetlinkSession *self)
{
  if (self->sink == NULL)
    return;
  self->sink = NULL;
  self->n_events = 0;
  ps_clock_cancel (self->clock, &self->timers[PS_NETLINK_TIMER_PLAN]);
  ps_datagram_port_set_ready (self->port, NULL, NULL);
}

static void
report_admin_down (PsNetlinkSession *self)
{
  PsNetlinkAdminDownResult result;
  if (self->sink != NULL && ps_netlink_admin_down_take_result (&self->admin_down, &result))
    self->sink->admin_down_done (&result, self->user_data);
}

/* What is open gets its answer, then the sink its last call. */
static void
fail (PsNetlinkSession *self, int error)
{
  g_autoptr (GError) failure = g_error_new (PS_NETLINK_ERROR, PS_NETLINK_ERROR_CLOSED,
                                            "netlink socket failed: %s", g_strerror (error));
  if (self->dump.active) {
    ps_netlink_dump_state_spoil (&self->dump);
    ps_netlink_session_end_dump (self, ps_clock_now_us (self->clock));
  }
  ps_netlink_session_flush (self);
  ps_netlink_admin_down_give_up (&self->admin_down, error);
  report_admin_down (self);
  const PsLinkSink *sink = self->sink;
  stop (self);
  if (sink != NULL)
    sink->failed (failure, self->user_data);
}

/* ENOBUFS says that messages were lost, with one exception: while a dump is being read, the kernel
 * says it also when the next part finds no room beside live messages (netlink_dump(); seen with
 * buffers below 70 KB on 6.1 to 6.18). It makes that part when more was read, and nothing is lost.
 * What it drops it counts, but only after it has said so: hence the second look. */
static void
on_overrun (PsNetlinkSession *self)
{
  gint64 now_us = ps_clock_now_us (self->clock);
  gboolean has_lost = ps_netlink_session_look_for_drops (self, now_us);
  if (!has_lost && self->dump.active && !self->drops_unknown) {
    self->counters.starved++;
    self->look_us = now_us + LOOK_AGAIN_US;
    return;
  }
  self->counters.overruns++;
  if (!has_lost)
    ps_netlink_session_on_loss (self, now_us);
}

/* TRUE when the queue was read to empty, and nothing was dropped up to then. */
static gboolean
drain (PsNetlinkSession *self)
{
  guint n_read = 0, n_messages;
  while (self->sink != NULL && n_read < PS_NETLINK_BUDGET) {
    PsDatagramInfo info = {0};
    n_read++;
    switch (ps_datagram_port_receive (self->port, self->buffer, PS_NETLINK_BUFFER_BYTES, &info)) {
    case PS_DATAGRAM_RECEIVED:
      n_messages = ps_netlink_session_read_datagram (self, &info);
      n_read += n_messages > 0 ? n_messages - 1 : 0; /* A datagram of nothing costs one, too. */
      break;
    case PS_DATAGRAM_OVERRUN:
      on_overrun (self);
      break;
    case PS_DATAGRAM_WOULD_BLOCK:
      if (!ps_netlink_session_look_for_drops (self, ps_clock_now_us (self->clock)))
        return TRUE;
      break;
    case PS_DATAGRAM_CLOSED:
      fail (self, info.error);
      break;
    }
  }
  return FALSE;
}

static void
give_up_on_silence (PsNetlinkSession *self, gint64 now_us)
{
  if (self->dump.active && now_us - self->dump.heard_us >= PS_NETLINK_SILENCE_US) {
    ps_warn (self->log,
             "Listing %u of the links: the kernel was silent for %d s; listing them again",
             self->dump.sequence, (int)(PS_NETLINK_SILENCE_US / G_USEC_PER_SEC));
    ps_netlink_dump_state_spoil (&self->dump);
    ps_netlink_session_end_dump (self, now_us);
  }
  if (self->admin_down.in_flight && now_us - self->admin_down.heard_us >= PS_NETLINK_SILENCE_US)
    ps_netlink_admin_down_give_up (&self->admin_down, ETIMEDOUT);
}

static void
on_send_failed (PsNetlinkSession *self, const char *what, int error)
{
  PsLogLevel level = ps_netlink_session_is_passing (error) ? PS_LOG_INFO : PS_LOG_WARN;
  self->counters.send_failures++;
  ps_log_write (self->log, level, __func__, "Cannot send %s to the kernel: %s", what,
                g_strerror (error));
}

static void
send_dump (PsNetlinkSession *self)
{
  guint8 request[PS_NETLINK_DUMP_BYTES];
  guint32 sequence = take_sequences (self, 1);
  gsize size = ps_netlink_encode_dump (request, sequence);
  int error = ps_datagram_port_send (self->port, request, size);
  gint64 now_us = ps_clock_now_us (self->clock);
  if (error != 0) {
    on_send_failed (self, "the request for a listing", error);
    ps_netlink_dump_state_send_failed (&self->dump, now_us);
    return;
  }
  /* Nothing was read since the queue was empty, so BEGIN stands before all that came after. */
  self->counters.dumps_started++;
  ps_netlink_dump_state_sent (&self->dump, sequence, now_us);
  ps_netlink_session_push_mark (self, PS_LINK_SNAPSHOT_BEGIN, FALSE, now_us);
}

static void
send_admin_down (PsNetlinkSession *self)
{
  guint8 request[PS_NETLINK_ADMIN_DOWN_BYTES];
  PsNetlinkAdminDown *down = &self->admin_down;
  guint32 sequence = take_sequences (self, down->n_batch);
  gsize size =
      ps_netlink_encode_admin_down (request, down->links + down->first, down->n_batch, sequence);
  int error = ps_datagram_port_send (self->port, request, size);
  gint64 now_us = ps_clock_now_us (self->clock);
  if (error == 0) {
    ps_netlink_admin_down_sent (down, sequence, now_us);
    return;
  }
  on_send_failed (self, "the request to take links down", error);
  ps_netlink_admin_down_send_failed (down, error, now_us);
}

/* Only with an empty queue: see the header. */
static void
send_what_is_due (PsNetlinkSession *self)
{
  gint64 now_us = ps_clock_now_us (self->clock);
  if (now_us >= self->look_us)
    self->look_us = 0; /* drain() has looked. */
  give_up_on_silence (self, now_us);
  ps_netlink_admin_down_drained (&self->admin_down);
  if (ps_netlink_admin_down_may_send (&self->admin_down, now_us))
    send_admin_down (self);
  else if (ps_netlink_dump_state_may_send (&self->dump, now_us))
    send_dump (self);
}

/* One turn of the loop. */
static void
pump (PsNetlinkSession *self)
{
  if (drain (self)) {
    self->loss_reported = FALSE;
    send_what_is_due (self);
  }
  ps_netlink_session_flush (self);
  report_admin_down (self);
}

static void
plan (PsNetlinkSession *self)
{
  if (self->sink == NULL)
    return;
  gint64 now_us = ps_clock_now_us (self->clock);
  gint64 due_us = MIN (ps_netlink_dump_state_due_us (&self->dump, now_us, PS_NETLINK_SILENCE_US),
                       ps_netlink_admin_down_due_us (&self->admin_down, PS_NETLINK_SILENCE_US));
  if (self->look_us != 0)
    due_us = MIN (due_us, self->look_us);
  PsTimer *timer = &self->timers[PS_NETLINK_TIMER_PLAN];
  if (ps_timer_is_armed (timer) && due_us < G_MAXINT64 && timer->due_us <= due_us)
    return; /* It looks again when it fires. */
  if (due_us == G_MAXINT64)
    ps_clock_cancel (self->clock, timer);
  else
    ps_clock_rearm_at (self->clock, timer, due_us);
}

static void
on_timer (gpointer data)
{
  g_autoptr (PsNetlinkSession) self = g_object_ref (data);
  pump (self);
  plan (self);
}

static void
on_ready (gpointer data)
{
  g_autoptr (PsNetlinkSession) self = g_object_ref (data);
  pump (self);
  plan (self);
}

static void
session_start (PsLinkSource *source, const PsLinkSink *sink, gpointer user_data)
{
  PsNetlinkSession *self = PS_NETLINK_SESSION (source);
  g_assert (!self->started);
  self->started = TRUE;
  self->sink = sink;
  self->user_data = user_data;
  self->port_id = ps_datagram_port_port_id (self->port);
  ps_datagram_port_set_ready (self->port, on_ready, self);
  plan (self);
}

static void
session_request_snapshot (PsLinkSource *source)
{
  PsNetlinkSession *self = PS_NETLINK_SESSION (source);
  self->dump.wanted = TRUE;
  plan (self);
}

static void
session_set_admin_down (PsLinkSource *source, const guint32 *ifindexes, gsize n)
{
  PsNetlinkSession *self = PS_NETLINK_SESSION (source);
  ps_netlink_admin_down_open (&self->admin_down, ifindexes, n);
  plan (self);
}

static void
session_stop (PsLinkSource *source)
{
  stop (PS_NETLINK_SESSION (source));
}

static void
source_iface_init (PsLinkSourceInterface *iface)
{
  iface->start = session_start;
  iface->request_snapshot = session_request_snapshot;
  iface->set_admin_down = session_set_admin_down;
  iface->stop = session_stop;
}

G_DEFINE_TYPE_WITH_CODE (PsNetlinkSession, ps_netlink_session, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_LINK_SOURCE, source_iface_init))

static void
session_finalize (GObject *object)
{
  PsNetlinkSession *self = PS_NETLINK_SESSION (object);
  stop (self);
  ps_netlink_admin_down_clear (&self->admin_down);
  g_aligned_free (self->buffer);
  g_object_unref (self->port);
  g_object_unref (self->clock);
  G_OBJECT_CLASS (ps_netlink_session_parent_class)->finalize (object);
}

static void
ps_netlink_session_class_init (PsNetlinkSessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = session_finalize;
}

static void
ps_netlink_session_init (PsNetlinkSession *self)
{
  ps_timer_bind (&self->timers[PS_NETLINK_TIMER_PLAN], on_timer, self);
  /* malloc begins so large a block 16 bytes into a page: the one place to which some processors
   * copy (rep movsb, in the kernel) at a quarter of their speed. */
  self->buffer = g_aligned_alloc (1, PS_NETLINK_BUFFER_BYTES, BUFFER_ALIGNMENT);
}

PsNetlinkSession *
ps_netlink_session_new (PsDatagramPort *port, PsClock *clock, PsLog *log, guint32 first_seq)
{
  PsNetlinkSession *self = g_object_new (PS_TYPE_NETLINK_SESSION, NULL);
  self->port = g_object_ref (port);
  self->clock = g_object_ref (clock);
  self->log = log;
  self->next_sequence = first_seq;
  return self;
}

const PsNetlinkCounters *
ps_netlink_session_counters (PsNetlinkSession *self)
{
  return &self->counters;
}
