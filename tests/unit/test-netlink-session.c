/* SPDX-License-Identifier: Apache-2.0 */
/* The session's order: events, dumps, pace, and calls from the sink. */
#include "backends/netlink/dump-pacer.h"
#include "backends/netlink/encode.h"
#include "tests/support/netlink-world.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* Messages of one datagram arrive in one batch, in order, with one time of receipt. */
static void
test_live (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_run (w, 12345);
  ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "Ethernet0", 7);
  ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "Ethernet4", 8);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "+Ethernet0 +Ethernet4");
  g_assert_cmpuint (w->seen->n_batches, ==, 1);
  const PsLinkEvent *last = ps_link_recorder_last (w->seen);
  g_assert_cmpint (last->received_us, ==, G_USEC_PER_SEC + 12345);
  g_assert_cmpuint (last->ifindex, ==, 8);
  g_assert_false (last->from_dump);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 0);
}

/* What is queued is delivered first, then comes BEGIN, then the answer up to its DONE. */
static void
test_dump (PsNetlinkWorld *w, gconstpointer data)
{
  guint8 expected[PS_NETLINK_DUMP_BYTES];
  ps_netlink_world_live (w, "a", 1);
  ps_link_source_request_snapshot (w->source);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "+a BEGIN");
  gsize size = ps_netlink_encode_dump (expected, FIRST);
  gsize sent_size;
  gconstpointer sent = g_bytes_get_data (ps_fake_datagram_port_sent (w->port, 0), &sent_size);
  g_assert_cmpmem (sent, sent_size, expected, size);

  ps_netlink_world_add_link (w, MULTI, "a", 1);
  ps_netlink_world_add_link (w, MULTI, "b", 2);
  ps_netlink_world_arrive (w);
  ps_netlink_world_live (w, "c", 3);
  ps_netlink_world_add_link (w, MULTI, "d", 4);
  ps_message_append_done (w->out, MULTI, 0);
  ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "e", 5);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "=a =b +c =d END +e");
  g_assert_cmpuint (ps_netlink_world_counters (w)->dumps_complete, ==, 1);
  g_assert_cmpuint (ps_netlink_world_counters (w)->dumps_interrupted, ==, 0);
}

/* NLM_F_DUMP_INTR on any part, DONE included, makes the dump incomplete. */
static void
test_dump_interrupted (PsNetlinkWorld *w, gconstpointer data)
{
  PsMessageOrigin cut = MULTI;
  cut.flags |= NLM_F_DUMP_INTR;
  ps_netlink_world_start_dump (w);
  ps_netlink_world_add_link (w, cut, "a", 1);
  ps_netlink_world_add_link (w, MULTI, "b", 2);
  ps_message_append_done (w->out, MULTI, 0);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "=a =b INTR");

  ps_link_source_request_snapshot (w->source);
  ps_netlink_world_run (w, G_USEC_PER_SEC);
  cut.sequence = FIRST + 1;
  ps_message_append_done (w->out, cut, 0);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "BEGIN INTR");
  g_assert_cmpuint (ps_netlink_world_counters (w)->dumps_interrupted, ==, 2);
  g_assert_cmpuint (ps_netlink_world_counters (w)->dumps_complete, ==, 0);
}

/* Links that come and go for minutes interrupt each listing: they are asked for at the slowest
 * pace, and that is said once a minute, until one was whole. */
static void
test_dump_never_whole (PsNetlinkWorld *w, gconstpointer data)
{
  PsMessageOrigin cut = MULTI;
  cut.flags |= NLM_F_DUMP_INTR;
  for (guint i = 0; i < 70; i++) {
    ps_link_source_request_snapshot (w->source);
    ps_netlink_world_run (w, PS_NETLINK_DUMP_PACE_CEILING_US);
    g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, i + 1);
    cut.sequence = FIRST + i;
    ps_message_append_done (w->out, cut, 0);
    ps_netlink_world_arrive (w);
    g_assert_cmpstr (ps_netlink_world_seen (w), ==, "BEGIN INTR");
  }
  g_assert_cmpuint (w->warnings->len, ==, 2);
  g_assert_true (g_str_has_prefix (w->warnings->pdata[0], "No complete listing of the links for "
                                                          "60 s, 31 attempts: "));
  g_assert_true (g_str_has_prefix (w->warnings->pdata[1], "No complete listing of the links for "
                                                          "120 s, 61 attempts: "));
  ps_link_source_request_snapshot (w->source);
  ps_netlink_world_run (w, PS_NETLINK_DUMP_PACE_CEILING_US);
  ps_netlink_world_finish_dump (w, FIRST + 70, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "BEGIN END");
  ps_netlink_world_run (w, 100 * G_USEC_PER_SEC);
  ps_link_source_request_snapshot (w->source);
  ps_netlink_world_run (w, PS_NETLINK_DUMP_PACE_CEILING_US);
  cut.sequence = FIRST + 71;
  ps_message_append_done (w->out, cut, 0);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "BEGIN INTR");
  g_assert_cmpuint (w->warnings->len, ==, 2);
}

/* A DONE with an error, a short DONE and an error instead of an answer end a dump incomplete. */
static void
test_dump_errors (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_start_dump (w);
  ps_netlink_world_finish_dump (w, FIRST, -ENOMEM);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "INTR");

  ps_link_source_request_snapshot (w->source);
  ps_netlink_world_run (w, G_USEC_PER_SEC);
  ps_message_append (w->out, NLMSG_DONE, (PsMessageOrigin){NLM_F_MULTI, FIRST + 1, PORT_ID}, NULL,
                     0);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "BEGIN INTR");
  g_assert_cmpuint (ps_netlink_world_counters (w)->malformed, ==, 1);

  ps_link_source_request_snapshot (w->source);
  ps_netlink_world_run (w, G_USEC_PER_SEC);
  ps_message_append_error (w->out, FIRST + 2, PORT_ID, EBUSY);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "BEGIN INTR");
  g_assert_cmpuint (ps_netlink_world_counters (w)->dumps_complete, ==, 0);
  g_assert_cmpuint (ps_netlink_world_counters (w)->unexpected, ==, 0);
}

/* The end of another process's dump, or of an older one of this socket, ends nothing; their parts
 * are neither records nor live events. */
static void
test_dump_of_others (PsNetlinkWorld *w, gconstpointer data)
{
  PsMessageOrigin other = {NLM_F_MULTI, FIRST, PORT_ID + 1}, older = {NLM_F_MULTI, 99, PORT_ID};
  ps_netlink_world_start_dump (w);
  ps_netlink_world_add_link (w, other, "a", 1);
  ps_message_append_done (w->out, other, 0);
  ps_netlink_world_add_link (w, older, "b", 2);
  ps_message_append_done (w->out, older, 0);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "");
  g_assert_cmpuint (ps_netlink_world_counters (w)->unexpected, ==, 4);
  ps_netlink_world_finish_dump (w, FIRST, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "END");
}

/* A live event that another's request provoked may echo numbers; without NLM_F_MULTI it is live. */
static void
test_live_with_our_numbers (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_start_dump (w);
  ps_netlink_world_add_link (w, (PsMessageOrigin){0, FIRST, PORT_ID}, "a", 1);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "+a");
}

/* A record that cannot be read would be taken for absent: the dump is not complete. The same
 * message live is counted and no more. */
static void
test_malformed (PsNetlinkWorld *w, gconstpointer data)
{
  struct ifinfomsg nameless = {.ifi_index = 5};
  ps_message_append (w->out, RTM_NEWLINK, (PsMessageOrigin){0}, &nameless, sizeof nameless);
  ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "a", 1);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "+a");
  g_assert_cmpuint (ps_netlink_world_counters (w)->malformed, ==, 1);

  ps_netlink_world_start_dump (w);
  ps_message_append (w->out, RTM_NEWLINK, MULTI, &nameless, sizeof nameless);
  ps_netlink_world_add_link (w, MULTI, "a", 1);
  ps_message_append_done (w->out, MULTI, 0);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "=a INTR");
  g_assert_cmpuint (ps_netlink_world_counters (w)->malformed, ==, 2);
}

/* Only the kernel is believed: neither events nor the end of a dump come from a process. */
static void
test_foreign_sender (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_start_dump (w);
  ps_netlink_world_add_link (w, MULTI, "a", 1);
  ps_message_append_done (w->out, MULTI, 0);
  ps_fake_datagram_port_push_from (w->port, w->out->data, w->out->len, 1234);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "");
  g_assert_cmpuint (ps_netlink_world_counters (w)->foreign, ==, 1);
  g_assert_cmpuint (ps_netlink_world_counters (w)->messages, ==, 0);
}

/* Errors that answer nothing of ours, and one that is too short, are counted and change nothing. */
static void
test_unexpected_errors (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_start_dump (w);
  ps_message_append_error (w->out, FIRST + 50, PORT_ID, EINVAL);
  ps_message_append_error (w->out, FIRST, PORT_ID + 1, EINVAL);
  ps_message_append_error (w->out, FIRST, PORT_ID, 0);
  ps_message_append (w->out, NLMSG_ERROR, (PsMessageOrigin){0, FIRST, PORT_ID}, "\0\0\0\0", 4);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "");
  g_assert_cmpuint (ps_netlink_world_counters (w)->unexpected, ==, 3);
  g_assert_cmpuint (ps_netlink_world_counters (w)->malformed, ==, 1);
  ps_netlink_world_finish_dump (w, FIRST, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "END");
}

/* One turn of the loop reads a budget of messages and no more; the next goes on. A request made
 * meanwhile waits until the queue is empty. */
static void
test_budget (PsNetlinkWorld *w, gconstpointer data)
{
  for (guint i = 0; i < PS_NETLINK_BUDGET + 10; i++)
    ps_netlink_world_live (w, "a", 1);
  ps_link_source_request_snapshot (w->source);
  g_assert_true (ps_virtual_clock_step (w->clock));
  g_assert_cmpuint (w->seen->events->len, ==, PS_NETLINK_BUDGET);
  g_assert_cmpuint (ps_fake_datagram_port_n_queued (w->port), ==, 10);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 0);
  ps_netlink_world_run (w, 0);
  g_assert_cmpuint (w->seen->events->len, ==, PS_NETLINK_BUDGET + 11);
  g_assert_cmpint (ps_link_recorder_last (w->seen)->type, ==, PS_LINK_SNAPSHOT_BEGIN);
}

/* A datagram with more messages than a batch may hold is delivered in several batches. */
static void
test_batch_limit (PsNetlinkWorld *w, gconstpointer data)
{
  for (guint32 i = 1; i <= 600; i++)
    ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "a", i);
  ps_netlink_world_arrive (w);
  ps_netlink_world_run (w, 0);
  g_assert_cmpuint (w->seen->events->len, ==, 600);
  g_assert_cmpuint (w->seen->largest_batch, ==, PS_LINK_EVENTS_PER_BATCH);
  g_assert_cmpuint (ps_link_recorder_last (w->seen)->ifindex, ==, 600);
}

/* The time until the next request is sent, asked for when a dump has just ended. */
static gint64
time_to_next_dump (PsNetlinkWorld *w)
{
  guint n = ps_fake_datagram_port_n_sent (w->port);
  gint64 from_us = ps_clock_now_us (PS_CLOCK (w->clock));
  ps_link_source_request_snapshot (w->source);
  while (ps_fake_datagram_port_n_sent (w->port) == n)
    g_assert_true (ps_virtual_clock_step (w->clock));
  return ps_clock_now_us (PS_CLOCK (w->clock)) - from_us;
}

/* Dumps that end incomplete come after 50 ms, 100 ms … 2 s. A complete one and a quiet time after
 * it make the next immediate again. */
static void
test_pace (PsNetlinkWorld *w, gconstpointer data)
{
  static const gint64 expected_ms[] = {0, 50, 100, 200, 400, 800, 1600, 2000, 2000};
  guint32 sequence = FIRST;
  for (guint i = 0; i < G_N_ELEMENTS (expected_ms); i++) {
    g_assert_cmpint (time_to_next_dump (w), ==, expected_ms[i] * 1000);
    ps_netlink_world_finish_dump (w, sequence++, -EINTR);
    ps_netlink_world_run (w, 0);
  }
  g_assert_cmpint (time_to_next_dump (w), ==, 2 * G_USEC_PER_SEC);
  ps_netlink_world_finish_dump (w, sequence++, 0);
  ps_netlink_world_run (w, 0);
  g_assert_cmpint (time_to_next_dump (w), ==, 0); /* No trouble since: an audit never waits. */
  ps_netlink_world_finish_dump (w, sequence++, 0);
  ps_netlink_world_run (w, A_MOMENT);
  ps_fake_datagram_port_overrun (w->port, 1);
  ps_netlink_world_run (w, 0);
  g_assert_cmpint (time_to_next_dump (w), ==, 2 * G_USEC_PER_SEC - A_MOMENT);
  ps_netlink_world_finish_dump (w, sequence++, 0);
  ps_netlink_world_run (w, 2 * G_USEC_PER_SEC);
  ps_fake_datagram_port_overrun (w->port, 1);
  ps_netlink_world_run (w, 0);
  g_assert_cmpint (time_to_next_dump (w), ==, 0);
}

/* While a dump is in flight, any number of requests make one more, after its end. */
static void
test_one_dump_at_a_time (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_start_dump (w);
  ps_link_source_request_snapshot (w->source);
  ps_link_source_request_snapshot (w->source);
  ps_netlink_world_run (w, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 1);
  ps_netlink_world_finish_dump (w, FIRST, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "END BEGIN");
  ps_netlink_world_finish_dump (w, FIRST + 1, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "END");
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 2);
}

/* A dump of which no part came for 5 s is given up; what it still says is not believed. A part
 * begins the 5 s anew. */
static void
test_silent_dump (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_start_dump (w);
  ps_netlink_world_run (w, PS_NETLINK_SILENCE_US - A_MOMENT);
  ps_netlink_world_add_link (w, MULTI, "a", 1);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "=a");
  ps_netlink_world_run (w, PS_NETLINK_SILENCE_US - A_MOMENT);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "");
  ps_netlink_world_run (w, A_MOMENT);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "INTR");
  ps_netlink_world_add_link (w, MULTI, "a", 1);
  ps_message_append_done (w->out, MULTI, 0);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "");
}

/* A request that cannot be sent is tried again, slower and slower, and BEGIN is told only once it
 * was sent. */
static void
test_send_failure (PsNetlinkWorld *w, gconstpointer data)
{
  ps_fake_datagram_port_fail_sends (w->port, ENOBUFS, 2);
  ps_link_source_request_snapshot (w->source);
  ps_netlink_world_run (w, 150 * G_TIME_SPAN_MILLISECOND - 1);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "");
  g_assert_cmpuint (ps_netlink_world_counters (w)->send_failures, ==, 2);
  ps_netlink_world_run (w, 1);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "BEGIN");
  ps_netlink_world_finish_dump (w, FIRST + 2, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "END");
}

/* A dead socket: what is open is ended, failed is told once, and nothing after it. */
static void
test_closed (PsNetlinkWorld *w, gconstpointer data)
{
  guint32 links[] = {1, 2};
  ps_netlink_world_start_dump (w);
  ps_link_source_set_admin_down (w->source, links, 2);
  ps_netlink_world_run (w, 0);
  ps_fake_datagram_port_close (w->port, EBADF);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "INTR");
  g_assert_cmpuint (w->seen->n_failures, ==, 1);
  g_assert_cmpuint (w->seen->n_results, ==, 1);
  g_assert_cmpuint (w->seen->result.n_failed, ==, 2);
  g_assert_cmpint (w->seen->result.first_errno, ==, EBADF);
  g_assert_false (ps_fake_datagram_port_is_watched (w->port));
  ps_link_source_request_snapshot (w->source);
  ps_netlink_world_run (w, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (w->seen->n_failures, ==, 1);
  g_assert_cmpuint (ps_virtual_clock_n_timers (w->clock), ==, 0);
}

static void
request_both (PsLinkRecorder *recorder, gpointer data)
{
  PsNetlinkWorld *w = data;
  guint32 link = 9;
  recorder->on_batch = NULL;
  guint before = recorder->events->len;
  ps_link_source_request_snapshot (w->source);
  ps_link_source_set_admin_down (w->source, &link, 1);
  g_assert_cmpuint (recorder->events->len, ==, before);
}

/* The sink may ask from inside a batch: the rest of the stream comes first, nothing is emitted
 * inside its call, and both requests are sent. */
static void
test_requests_from_the_sink (PsNetlinkWorld *w, gconstpointer data)
{
  w->seen->on_batch = request_both;
  w->seen->on_batch_data = w;
  for (guint32 i = 1; i <= PS_LINK_EVENTS_PER_BATCH + 2; i++)
    ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "a", i);
  ps_netlink_world_arrive (w);
  ps_netlink_world_run (w, 0);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 2);
  g_assert_cmpuint (w->seen->events->len, ==, PS_LINK_EVENTS_PER_BATCH + 3);
  g_assert_cmpint (ps_link_recorder_last (w->seen)->type, ==, PS_LINK_SNAPSHOT_BEGIN);
}

static void
stop_source (PsLinkRecorder *recorder, gpointer data)
{
  ps_link_source_stop (((PsNetlinkWorld *)data)->source);
}

/* After a stop, also from inside the sink and with half a datagram to go, nothing arrives. */
static void
test_stop_from_the_sink (PsNetlinkWorld *w, gconstpointer data)
{
  w->seen->on_batch = stop_source;
  w->seen->on_batch_data = w;
  ps_netlink_world_start_dump (w);
  for (guint32 i = 1; i <= 600; i++)
    ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "a", i);
  ps_netlink_world_arrive (w);
  ps_netlink_world_run (w, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (w->seen->n_batches, ==, 1);
  g_assert_false (ps_fake_datagram_port_is_watched (w->port));
  ps_link_source_stop (w->source);
}

static void
drop_source (PsLinkRecorder *recorder, gpointer data)
{
  PsNetlinkWorld *w = data;
  g_clear_object (&w->session);
}

/* The last reference may be dropped from inside the sink. */
static void
test_unref_from_the_sink (PsNetlinkWorld *w, gconstpointer data)
{
  w->seen->on_batch = drop_source;
  w->seen->on_batch_data = w;
  ps_netlink_world_live (w, "a", 1);
  ps_netlink_world_live (w, "a", 1);
  ps_netlink_world_run (w, G_USEC_PER_SEC);
  g_assert_cmpuint (w->seen->n_batches, ==, 1);
  g_assert_null (w->session);
}

/* Sequence numbers wrap past 0, which is what live events carry. */
static void
test_sequence_wraps (PsNetlinkWorld *w, gconstpointer data)
{
  g_autoptr (PsFakeDatagramPort) port = ps_fake_datagram_port_new (PS_CLOCK (w->clock), 1);
  g_autoptr (PsLinkRecorder) recorder = ps_link_recorder_new ();
  g_autoptr (PsNetlinkSession) session =
      ps_netlink_session_new (PS_DATAGRAM_PORT (port), PS_CLOCK (w->clock), w->log, G_MAXUINT32);
  guint32 links[64];
  memset (links, 1, sizeof links);
  ps_link_source_start (PS_LINK_SOURCE (session), &ps_link_recorder_sink, recorder);
  ps_link_source_set_admin_down (PS_LINK_SOURCE (session), links, 64);
  ps_netlink_world_run (w, 0);
  struct nlmsghdr header;
  GBytes *sent = ps_fake_datagram_port_sent (port, 0);
  memcpy (&header, g_bytes_get_data (sent, NULL), sizeof header);
  g_assert_cmpuint (header.nlmsg_seq, ==, 1);
}

static void
add (const char *path, void (*test) (PsNetlinkWorld *, gconstpointer))
{
  g_test_add (path, PsNetlinkWorld, NULL, ps_netlink_world_set_up, test,
              ps_netlink_world_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/netlink-session/live", test_live);
  add ("/netlink-session/dump", test_dump);
  add ("/netlink-session/dump-interrupted", test_dump_interrupted);
  add ("/netlink-session/dump-never-whole", test_dump_never_whole);
  add ("/netlink-session/dump-errors", test_dump_errors);
  add ("/netlink-session/dump-of-others", test_dump_of_others);
  add ("/netlink-session/live-with-our-numbers", test_live_with_our_numbers);
  add ("/netlink-session/malformed", test_malformed);
  add ("/netlink-session/foreign-sender", test_foreign_sender);
  add ("/netlink-session/unexpected-errors", test_unexpected_errors);
  add ("/netlink-session/budget", test_budget);
  add ("/netlink-session/batch-limit", test_batch_limit);
  add ("/netlink-session/pace", test_pace);
  add ("/netlink-session/one-dump-at-a-time", test_one_dump_at_a_time);
  add ("/netlink-session/silent-dump", test_silent_dump);
  add ("/netlink-session/send-failure", test_send_failure);
  add ("/netlink-session/closed", test_closed);
  add ("/netlink-session/requests-from-the-sink", test_requests_from_the_sink);
  add ("/netlink-session/stop-from-the-sink", test_stop_from_the_sink);
  add ("/netlink-session/unref-from-the-sink", test_unref_from_the_sink);
  add ("/netlink-session/sequence-wraps", test_sequence_wraps);
  return g_test_run ();
}
