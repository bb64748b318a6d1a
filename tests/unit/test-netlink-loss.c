/* SPDX-License-Identifier: Apache-2.0 */
/* Every way to lose messages, and that the session sees it. */
#include "backends/netlink/encode.h"
#include "tests/support/netlink-world.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

/* ENOBUFS is one LOST, before what was queued; the drop counter that rose with it is no second
 * one. */
static void
test_overrun (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_live (w, "a", 1);
  ps_fake_datagram_port_overrun (w->port, 17);
  ps_fake_datagram_port_overrun (w->port, 3);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST +a");
  g_assert_cmpuint (ps_netlink_world_counters (w)->overruns, ==, 1);
  g_assert_cmpuint (ps_netlink_world_counters (w)->kernel_drops, ==, 20);
  ps_netlink_world_live (w, "b", 2);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "+b");
}

/* Drops that no error announced are found when the queue is empty; the counter may wrap. */
static void
test_silent_drops (PsNetlinkWorld *w, gconstpointer data)
{
  ps_fake_datagram_port_drop (w->port, 5);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "");
  ps_netlink_world_live (w, "a", 1);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "+a LOST");
  ps_fake_datagram_port_drop (w->port, G_MAXUINT32);
  ps_netlink_world_live (w, "a", 1);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "+a LOST");
  g_assert_cmpuint (ps_netlink_world_counters (w)->kernel_drops, ==, 5 + (guint64)G_MAXUINT32);
  g_assert_cmpuint (ps_netlink_world_counters (w)->overruns, ==, 0);
}

/* Whatever is lost between request and DONE spoils the dump, also when only the drop counter knows
 * and the queue was not empty in between. */
static void
test_loss_spoils_dump (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_start_dump (w);
  ps_fake_datagram_port_drop (w->port, 1);
  ps_netlink_world_finish_dump (w, FIRST, 0);
  ps_netlink_world_live (w, "a", 1);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST INTR +a");

  ps_link_source_request_snapshot (w->source);
  ps_netlink_world_run (w, G_USEC_PER_SEC);
  ps_fake_datagram_port_overrun (w->port, 1);
  ps_netlink_world_finish_dump (w, FIRST + 1, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "BEGIN LOST INTR");
  g_assert_cmpuint (ps_netlink_world_counters (w)->dumps_complete, ==, 0);
}

/* A drop between the last read and the request is told before BEGIN, and the queue read again. */
static void
test_drop_before_request (PsNetlinkWorld *w, gconstpointer data)
{
  ps_fake_datagram_port_drop (w->port, 1);
  ps_link_source_request_snapshot (w->source);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST BEGIN");
  ps_netlink_world_finish_dump (w, FIRST, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "END");
}

/* An ENOBUFS that the kernel counts no drop for is, while a dump is read, a part of it that found
 * no room: nothing is lost, and the dump is as good as any. */
static void
test_starved_dump (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_start_dump (w);
  ps_netlink_world_live (w, "a", 1);
  ps_fake_datagram_port_starve_dump (w->port);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "+a");
  ps_netlink_world_finish_dump (w, FIRST, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "END");
  g_assert_cmpuint (ps_netlink_world_counters (w)->starved, ==, 1);
  g_assert_cmpuint (ps_netlink_world_counters (w)->overruns, ==, 0);
  g_assert_cmpuint (ps_netlink_world_counters (w)->kernel_drops, ==, 0);
  ps_netlink_world_run (w, G_USEC_PER_SEC);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 1);
}

/* The kernel tells of a drop before it counts it: the counter is looked at again, though nothing
 * comes that would wake us. */
static void
test_late_count (PsNetlinkWorld *w, gconstpointer data)
{
  ps_netlink_world_start_dump (w);
  ps_fake_datagram_port_starve_dump (w->port);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "");
  ps_fake_datagram_port_drop (w->port, 1);
  ps_netlink_world_run (w, G_USEC_PER_SEC / 10);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST");
  ps_netlink_world_finish_dump (w, FIRST, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "INTR");
  g_assert_cmpuint (ps_netlink_world_counters (w)->kernel_drops, ==, 1);
}

/* Without a dump an ENOBUFS is a loss even if no drop is counted (the kernel could not so much as
 * make the message), and with one it is if the kernel does not tell what it dropped. */
static void
test_uncounted_loss (PsNetlinkWorld *w, gconstpointer data)
{
  ps_fake_datagram_port_starve_dump (w->port);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST");
  ps_netlink_world_start_dump (w);
  ps_fake_datagram_port_hide_drops (w->port, TRUE);
  ps_fake_datagram_port_starve_dump (w->port);
  ps_netlink_world_finish_dump (w, FIRST, 0);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST INTR");
  g_assert_cmpuint (ps_netlink_world_counters (w)->overruns, ==, 2);
  g_assert_cmpuint (ps_netlink_world_counters (w)->starved, ==, 0);
}

/* A datagram beyond the buffer, and one that cannot be taken apart, are losses. */
static void
test_unreadable_datagrams (PsNetlinkWorld *w, gconstpointer data)
{
  g_byte_array_set_size (w->out, PS_NETLINK_BUFFER_BYTES + 4);
  memset (w->out->data, 0, w->out->len);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST");
  g_assert_cmpuint (ps_netlink_world_counters (w)->truncated, ==, 1);

  ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "a", 1);
  struct nlmsghdr wrong = {.nlmsg_len = 15, .nlmsg_type = RTM_NEWLINK};
  g_byte_array_append (w->out, (const guint8 *)&wrong, sizeof wrong);
  ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "b", 2);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "+a LOST");
  g_assert_cmpuint (ps_netlink_world_counters (w)->malformed, ==, 1);

  wrong.nlmsg_len = 17;
  ps_fake_datagram_port_push (w->port, (const guint8 *)&wrong, sizeof wrong);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST");
  ps_fake_datagram_port_push (w->port, (const guint8 *)&wrong, 3);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST");
}

/* NLMSG_OVERRUN is a loss; NLMSG_NOOP, unknown types and an empty datagram are nothing. */
static void
test_control_messages (PsNetlinkWorld *w, gconstpointer data)
{
  ps_message_append (w->out, NLMSG_NOOP, (PsMessageOrigin){0}, NULL, 0);
  ps_message_append (w->out, 0x4321, (PsMessageOrigin){0}, "abcd", 4);
  ps_netlink_world_arrive (w);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "");
  ps_message_append (w->out, NLMSG_OVERRUN, (PsMessageOrigin){0}, NULL, 0);
  ps_netlink_world_add_link (w, (PsMessageOrigin){0}, "a", 1);
  ps_netlink_world_arrive (w);
  g_assert_cmpstr (ps_netlink_world_seen (w), ==, "LOST +a");
  g_assert_cmpuint (ps_netlink_world_counters (w)->malformed, ==, 0);
  g_assert_cmpuint (ps_netlink_world_counters (w)->messages, ==, 4);
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
  add ("/netlink-loss/overrun", test_overrun);
  add ("/netlink-loss/silent-drops", test_silent_drops);
  add ("/netlink-loss/loss-spoils-dump", test_loss_spoils_dump);
  add ("/netlink-loss/drop-before-request", test_drop_before_request);
  add ("/netlink-loss/starved-dump", test_starved_dump);
  add ("/netlink-loss/late-count", test_late_count);
  add ("/netlink-loss/uncounted-loss", test_uncounted_loss);
  add ("/netlink-loss/unreadable-datagrams", test_unreadable_datagrams);
  add ("/netlink-loss/control-messages", test_control_messages);
  return g_test_run ();
}
