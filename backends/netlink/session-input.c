/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/decode.h"
#include "backends/netlink/session-private.h"
#include <errno.h>
#include <linux/rtnetlink.h>

void
ps_netlink_session_flush (PsNetlinkSession *self)
{
  gsize n = self->n_events;
  self->n_events = 0;
  if (n > 0 && self->sink != NULL)
    self->sink->events (self->events, n, self->user_data);
}

/* Room for one more event. It belongs to the stream once n_events was raised. */
static PsLinkEvent *
next_slot (PsNetlinkSession *self)
{
  if (self->n_events == PS_LINK_EVENTS_PER_BATCH)
    ps_netlink_session_flush (self);
  return &self->events[self->n_events];
}

void
ps_netlink_session_push_mark (PsNetlinkSession *self, PsLinkEventType type, gboolean complete,
                              gint64 now_us)
{
  *next_slot (self) = (PsLinkEvent){.type = type, .complete = complete, .received_us = now_us};
  self->n_events++;
}

void
ps_netlink_session_on_loss (PsNetlinkSession *self, gint64 now_us)
{
  ps_netlink_dump_state_lost (&self->dump, now_us);
  ps_netlink_admin_down_lost (&self->admin_down);
  if (self->loss_reported)
    return;
  self->loss_reported = TRUE;
  ps_netlink_session_push_mark (self, PS_LINK_LOST, FALSE, now_us);
}

gboolean
ps_netlink_session_look_for_drops (PsNetlinkSession *self, gint64 now_us)
{
  guint32 drops;
  self->drops_unknown = !ps_datagram_port_drops (self->port, &drops);
  if (self->drops_unknown || drops == self->drops)
    return FALSE;
  guint32 risen = drops - self->drops;
  self->drops = drops;
  self->counters.kernel_drops += risen;
  ps_netlink_session_on_loss (self, now_us);
  return TRUE;
}

/* Links that come and go without end interrupt each listing (NLM_F_DUMP_INTR). */
static void
tell_vain (PsNetlinkSession *self, gint64 now_us)
{
  self->n_vain++;
  if (self->vain_since_us == 0) {
    self->vain_since_us = now_us;
    self->vain_told = (PsTold){TRUE, now_us}; /* One listing in vain is nothing. */
  }
  if (!ps_told_take (&self->vain_told, now_us))
    return;
  ps_warn (self->log,
           "No complete listing of the links for %" G_GINT64_FORMAT " s, %u attempts: rows follow "
           "what the kernel reports, and rows of links that only a listing can miss stay",
           (now_us - self->vain_since_us) / G_USEC_PER_SEC, self->n_vain);
}

void
ps_netlink_session_end_dump (PsNetlinkSession *self, gint64 now_us)
{
  gboolean complete = ps_netlink_dump_state_end (&self->dump, now_us);
  if (complete) {
    self->counters.dumps_complete++;
    self->vain_since_us = 0;
    self->n_vain = 0;
  } else {
    self->counters.dumps_interrupted++;
    tell_vain (self, now_us);
  }
  ps_debug (self->log, "link dump %u ended %s", self->dump.sequence,
            complete ? "complete" : "interrupted");
  ps_netlink_session_push_mark (self, PS_LINK_SNAPSHOT_END, complete, now_us);
}

static void
on_done (PsNetlinkSession *self, const guint8 *message, const struct nlmsghdr *header,
         gint64 now_us)
{
  int error = 0;
  if (!ps_netlink_dump_state_is_answer (&self->dump, header, self->port_id)) {
    self->counters.unexpected++;
    return;
  }
  ps_netlink_dump_state_heard (&self->dump, header, now_us);
  if (!ps_netlink_decode_done (message, header->nlmsg_len, &error)) {
    self->counters.malformed++;
    ps_netlink_dump_state_spoil (&self->dump);
  }
  if (error != 0)
    ps_netlink_dump_state_spoil (&self->dump);
  ps_netlink_session_look_for_drops (self, now_us);
  ps_netlink_session_end_dump (self, now_us);
}

gboolean
ps_netlink_session_is_passing (int error)
{
  return error == EBUSY || error == EINTR || error == EAGAIN || error == ENOBUFS || error == ENOMEM;
}

static void
on_dump_refused (PsNetlinkSession *self, int error, gint64 now_us)
{
  PsLogLevel level = ps_netlink_session_is_passing (error) ? PS_LOG_INFO : PS_LOG_WARN;
  ps_log_write (self->log, level, __func__,
                "The kernel refused to list the links: %s; asking again", g_strerror (error));
  ps_netlink_dump_state_spoil (&self->dump);
  ps_netlink_session_end_dump (self, now_us);
}

static void
on_error (PsNetlinkSession *self, const guint8 *message, const struct nlmsghdr *header,
          gint64 now_us)
{
  int error;
  if (!ps_netlink_decode_error (message, header->nlmsg_len, &error)) {
    self->counters.malformed++;
    return;
  }
  if (error != 0 && ps_netlink_dump_state_is_answer (&self->dump, header, self->port_id)) {
    on_dump_refused (self, error, now_us);
    return;
  }
  if (header->nlmsg_pid == self->port_id &&
      ps_netlink_admin_down_answer (&self->admin_down, header->nlmsg_seq, error, now_us))
    return;
  self->counters.unexpected++;
  ps_debug (self->log, "unexpected answer %u: %s", header->nlmsg_seq, g_strerror (error));
}

static void
on_link (PsNetlinkSession *self, const guint8 *message, const struct nlmsghdr *header,
         gint64 now_us)
{
  gboolean from_dump = (header->nlmsg_flags & NLM_F_MULTI) != 0;
  if (from_dump && !ps_netlink_dump_state_is_answer (&self->dump, header, self->port_id)) {
    self->counters.unexpected++; /* Of a dump that was given up: old news, and not a live event. */
    return;
  }
  if (from_dump)
    ps_netlink_dump_state_heard (&self->dump, header, now_us);
  PsLinkEvent *event = next_slot (self);
  switch (ps_netlink_decode_link (message, header->nlmsg_len, event)) {
  case PS_NETLINK_DECODE_OK:
    event->from_dump = from_dump;
    event->received_us = now_us;
    self->n_events++;
    break;
  case PS_NETLINK_DECODE_IGNORED:
    break;
  case PS_NETLINK_DECODE_MALFORMED:
    self->counters.malformed++;
    if (from_dump) /* Its link would seem to be absent. */
      ps_netlink_dump_state_spoil (&self->dump);
    break;
  }
}

static void
on_message (PsNetlinkSession *self, const guint8 *message, const struct nlmsghdr *header,
            gint64 now_us)
{
  self->counters.messages++;
  switch (header->nlmsg_type) {
  case RTM_NEWLINK:
  case RTM_DELLINK:
    on_link (self, message, header, now_us);
    break;
  case NLMSG_DONE:
    on_done (self, message, header, now_us);
    break;
  case NLMSG_ERROR:
    on_error (self, message, header, now_us);
    break;
  case NLMSG_OVERRUN:
    self->counters.overruns++;
    ps_netlink_session_on_loss (self, now_us);
    break;
  default: /* NLMSG_NOOP, and what was not asked for. */
    break;
  }
}

static guint
walk_datagram (PsNetlinkSession *self, gsize size, gint64 now_us)
{
  struct nlmsghdr header;
  guint n = 0;
  gsize at = 0;
  while (at < size && self->sink != NULL) {
    if (!ps_netlink_decode_header (self->buffer + at, size - at, &header)) {
      self->counters.malformed++;
      ps_netlink_session_on_loss (self, now_us); /* What follows cannot be found any more. */
      break;
    }
    on_message (self, self->buffer + at, &header, now_us);
    at += NLMSG_ALIGN ((gsize)header.nlmsg_len);
    n++;
  }
  return n;
}

guint
ps_netlink_session_read_datagram (PsNetlinkSession *self, const PsDatagramInfo *info)
{
  self->counters.datagrams++;
  if (info->sender != 0) {
    self->counters.foreign++;
    return 0;
  }
  gint64 now_us = ps_clock_now_us (self->clock);
  if (info->length > PS_NETLINK_BUFFER_BYTES) {
    self->counters.truncated++;
    ps_netlink_session_on_loss (self, now_us);
    return 0;
  }
  return walk_datagram (self, info->length, now_us);
}
