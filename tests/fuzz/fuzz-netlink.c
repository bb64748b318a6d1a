/* SPDX-License-Identifier: Apache-2.0 */
/* A netlink session and whatever a socket may do to it: its story stays in order, it reads no more
 * than its budget in one turn, and afterwards one listing heals it. */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/ops.h"
#include "tests/support/netlink-world.h"
#include <linux/rtnetlink.h>
#include <string.h>

#define ERRNO_MAX  133
#define LONG_US    (30 * G_TIME_SPAN_SECOND) /* Beyond every silence and every pace. */
#define SETLINK_AT 32                        /* bytes of one RTM_SETLINK of ours */

typedef struct {
  PsNetlinkWorld world;
  guint n_admin_downs;
} Run;

static void
on_end (gpointer user_data)
{
  *(gboolean *)user_data = TRUE;
}

/* Time goes on; each step is at most one turn of the session. */
static void
run_time (Run *self, gint64 delta_us)
{
  PsClock *clock = PS_CLOCK (self->world.clock);
  const PsNetlinkCounters *counters = ps_netlink_world_counters (&self->world);
  gboolean ended = FALSE;
  ps_clock_arm (clock, ps_clock_now_us (clock) + delta_us, on_end, &ended);
  while (!ended) {
    guint64 before = counters->datagrams;
    g_assert_true (ps_virtual_clock_step (self->world.clock));
    g_assert_cmpuint (counters->datagrams - before, <=, PS_NETLINK_BUDGET);
  }
}

static int
take_errno (PsFuzzInput *input)
{
  return 1 + ps_fuzz_byte (input) % ERRNO_MAX;
}

/* The number of the last message that the session sent. */
static guint32
last_sequence (Run *self)
{
  struct nlmsghdr header;
  guint n = ps_fake_datagram_port_n_sent (self->world.port);
  if (n == 0)
    return FIRST;
  gsize size;
  const guint8 *bytes =
      g_bytes_get_data (ps_fake_datagram_port_sent (self->world.port, n - 1), &size);
  memcpy (&header, bytes, sizeof header);
  if (header.nlmsg_type == RTM_SETLINK && size >= SETLINK_AT)
    memcpy (&header, bytes + size - SETLINK_AT, sizeof header);
  return header.nlmsg_seq;
}

static PsMessageOrigin
take_origin (Run *self, guint8 from)
{
  PsMessageOrigin origin = {0};
  if ((from & PS_NETLINK_FROM_DUMP) != 0)
    origin = (PsMessageOrigin){NLM_F_MULTI, last_sequence (self), PORT_ID};
  if ((from & PS_NETLINK_FROM_INTERRUPTED) != 0)
    origin.flags |= NLM_F_DUMP_INTR;
  if ((from & PS_NETLINK_FROM_EARLIER) != 0)
    origin.sequence--;
  return origin;
}

static void
add_message (Run *self, PsFuzzInput *input)
{
  gsize n;
  guint8 type = ps_fuzz_byte (input), from = ps_fuzz_byte (input);
  const guint8 *payload = ps_fuzz_block (input, &n);
  ps_message_append (self->world.out, type, take_origin (self, from), payload, n);
}

static void
add_link (Run *self, PsFuzzInput *input)
{
  guint8 from = ps_fuzz_byte (input), ifindex = ps_fuzz_byte (input), name = ps_fuzz_byte (input);
  PsLinkEvent link = {.type = (name & 0x80) != 0 ? PS_LINK_REMOVE : PS_LINK_UPSERT,
                      .ifindex = ifindex,
                      .fields = PS_LINK_HAS_MTU | PS_LINK_HAS_CARRIER,
                      .mtu = 9100};
  g_snprintf (link.name, sizeof link.name, "Ethernet%u", name & 0x7fu);
  ps_message_append_link (self->world.out, take_origin (self, from), &link);
}

static void
admin_down (Run *self, guint n)
{
  guint32 links[G_MAXUINT8 + 1];
  if (self->n_admin_downs > self->world.seen->n_results) /* One at a time. */
    return;
  for (guint i = 0; i <= n; i++)
    links[i] = i + 1;
  self->n_admin_downs++;
  ps_link_source_set_admin_down (self->world.source, links, n + 1);
}

static void
push (Run *self, PsFuzzInput *input, guint32 sender)
{
  gsize n;
  const guint8 *bytes = ps_fuzz_block (input, &n);
  ps_fake_datagram_port_push_from (self->world.port, bytes, n, sender);
}

/* What the kernel says. FALSE: it is none of these. */
static gboolean
do_message (Run *self, PsNetlinkOp op, PsFuzzInput *input)
{
  PsNetlinkWorld *w = &self->world;
  if (op == PS_NETLINK_OP_DATAGRAM)
    push (self, input, 0);
  else if (op == PS_NETLINK_OP_FOREIGN)
    push (self, input, ps_fuzz_number (input));
  else if (op == PS_NETLINK_OP_MESSAGE)
    add_message (self, input);
  else if (op == PS_NETLINK_OP_LINK)
    add_link (self, input);
  else if (op == PS_NETLINK_OP_DONE)
    ps_message_append_done (w->out, take_origin (self, PS_NETLINK_FROM_DUMP),
                            -(ps_fuzz_byte (input) % ERRNO_MAX));
  else if (op == PS_NETLINK_OP_ERROR)
    ps_message_append_error (w->out, last_sequence (self), PORT_ID,
                             ps_fuzz_byte (input) % ERRNO_MAX);
  else if (op == PS_NETLINK_OP_ARRIVE)
    ps_netlink_world_arrive (w);
  else
    return FALSE;
  return TRUE;
}

static void
do_op (Run *self, PsNetlinkOp op, PsFuzzInput *input)
{
  PsFakeDatagramPort *port = self->world.port;
  int error;
  if (do_message (self, op, input))
    return;
  switch ((guint)op) {
  case PS_NETLINK_OP_TIME:
    run_time (self, ps_fuzz_number (input) * G_TIME_SPAN_MILLISECOND);
    break;
  case PS_NETLINK_OP_SNAPSHOT:
    ps_link_source_request_snapshot (self->world.source);
    break;
  case PS_NETLINK_OP_ADMIN_DOWN:
    admin_down (self, ps_fuzz_byte (input));
    break;
  case PS_NETLINK_OP_OVERRUN:
    ps_fake_datagram_port_overrun (port, ps_fuzz_byte (input));
    break;
  case PS_NETLINK_OP_DROP:
    ps_fake_datagram_port_drop (port, ps_fuzz_byte (input));
    break;
  case PS_NETLINK_OP_FAIL_SENDS:
    error = take_errno (input);
    ps_fake_datagram_port_fail_sends (port, error, ps_fuzz_byte (input));
    break;
  case PS_NETLINK_OP_ROOM:
    ps_fake_datagram_port_set_room (port, ps_fuzz_byte (input));
    break;
  case PS_NETLINK_OP_CLOSE:
    ps_fake_datagram_port_close (port, take_errno (input));
    break;
  default:
    g_assert_not_reached ();
  }
}

/* Every listing that began ends before the next begins, and its records stand between. */
static void
check_story (const PsLinkRecorder *seen)
{
  gboolean listing = FALSE;
  g_assert_cmpuint (seen->largest_batch, <=, PS_LINK_EVENTS_PER_BATCH);
  g_assert_cmpuint (seen->n_failures, <=, 1);
  for (guint i = 0; i < seen->events->len; i++) {
    const PsLinkEvent *event = &g_array_index (seen->events, PsLinkEvent, i);
    if (event->type == PS_LINK_SNAPSHOT_BEGIN || event->type == PS_LINK_SNAPSHOT_END) {
      g_assert_cmpint (listing, ==, event->type == PS_LINK_SNAPSHOT_END);
      listing = !listing;
    } else if (event->type != PS_LINK_LOST) {
      g_assert_true (event->name[0] != '\0' && event->ifindex > 0);
      g_assert_true (listing || !event->from_dump);
    }
  }
}

static void
check_counters (const PsNetlinkCounters *counters)
{
  guint64 n_ended = counters->dumps_complete + counters->dumps_interrupted;
  g_assert_true (counters->dumps_started == n_ended || counters->dumps_started == n_ended + 1);
}

/* The kernel is itself again: whatever was open ends, and a listing is complete. */
static void
heal (Run *self)
{
  PsNetlinkWorld *w = &self->world;
  ps_fake_datagram_port_fail_sends (w->port, 1, 0);
  ps_fake_datagram_port_set_room (w->port, 0);
  run_time (self, LONG_US);
  g_assert_cmpuint (w->seen->n_results, ==, self->n_admin_downs);
  g_assert_cmpuint (ps_fake_datagram_port_n_queued (w->port), ==, 0);
  guint n_sent = ps_fake_datagram_port_n_sent (w->port);
  guint64 n_complete = ps_netlink_world_counters (w)->dumps_complete;
  ps_link_source_request_snapshot (w->source);
  for (guint i = 0; i < 60 && ps_fake_datagram_port_n_sent (w->port) == n_sent; i++)
    run_time (self, 100 * G_TIME_SPAN_MILLISECOND);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, n_sent + 1);
  g_byte_array_set_size (w->out, 0);
  ps_netlink_world_finish_dump (w, last_sequence (self), 0);
  run_time (self, A_MOMENT);
  g_assert_cmpuint (ps_netlink_world_counters (w)->dumps_complete, ==, n_complete + 1);
  g_assert_true (ps_link_recorder_last (w->seen)->complete);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  PsFuzzInput input = {data, size};
  Run self = {0};
  ps_netlink_world_set_up (&self.world, NULL);
  while (input.left > 0 && self.world.seen->n_failures == 0)
    do_op (&self, ps_fuzz_byte (&input) % PS_NETLINK_N_OPS, &input);
  run_time (&self, A_MOMENT);
  if (self.world.seen->n_failures == 0)
    heal (&self);
  g_assert_cmpuint (self.world.seen->n_results, ==, self.n_admin_downs);
  check_story (self.world.seen);
  check_counters (ps_netlink_world_counters (&self.world));
  ps_netlink_world_tear_down (&self.world, NULL);
  return 0;
}
