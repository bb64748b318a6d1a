/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/admin-down.h"
#include "backends/netlink/encode.h"
#include "backends/netlink/session.h"
#include "tests/support/kernel-relay.h"
#include "tests/support/link-message.h"
#include "tests/support/link-recorder.h"
#include "base/virtual-clock.h"
#include <errno.h>

typedef struct {
  PsVirtualClock *clock;
  PsKernelRelay *relay;
  PsFakeDatagramPort *port; /* the relay's */
  PsLog *log;
  PsNetlinkSession *session;
  PsLinkSource *source; /* = session */
  PsLinkRecorder *seen;
} World;

static void
ignore_line (PsLogLevel level, const char *function, const char *text, gpointer data)
{
}

static void
world_set_up (World *w, gconstpointer data)
{
  w->clock = ps_virtual_clock_new ();
  w->relay = ps_kernel_relay_new (PS_CLOCK (w->clock));
  w->port = w->relay->port;
  w->log = ps_log_new (PS_CLOCK (w->clock), ignore_line, NULL);
  w->session = ps_netlink_session_new (PS_DATAGRAM_PORT (w->port), PS_CLOCK (w->clock), w->log, 1);
  w->source = PS_LINK_SOURCE (w->session);
  w->seen = ps_link_recorder_new ();
  ps_link_source_start (w->source, &ps_link_recorder_sink, w->seen);
}

static void
world_tear_down (World *w, gconstpointer data)
{
  g_assert_finalize_object (w->session);
  ps_kernel_relay_free (w->relay);
  g_assert_cmpuint (ps_virtual_clock_n_timers (w->clock), ==, 0);
  ps_log_free (w->log);
  g_assert_finalize_object (w->clock);
  ps_link_recorder_free (w->seen);
}

/* n links with ifindexes 1 to n, all up; what they say is read. */
static void
make_links (World *w, guint32 n)
{
  for (guint32 i = 1; i <= n; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_sim_kernel_add (w->relay->kernel, name, i, "veth");
    ps_sim_kernel_set_admin (w->relay->kernel, i, TRUE);
  }
  ps_kernel_relay_pass (w->relay);
  ps_virtual_clock_advance (w->clock, 0);
}

static void
take_down (World *w, guint32 n)
{
  g_autofree guint32 *links = g_new (guint32, n);
  for (guint32 i = 0; i < n; i++)
    links[i] = i + 1;
  ps_link_source_set_admin_down (w->source, links, n);
  g_assert_cmpuint (w->seen->n_results, ==, 0);
}

static void
assert_result (World *w, guint n_done, guint n_failed, int first_errno)
{
  g_assert_cmpuint (w->seen->n_results, ==, 1);
  g_assert_cmpuint (w->seen->result.n_done, ==, n_done);
  g_assert_cmpuint (w->seen->result.n_failed, ==, n_failed);
  g_assert_cmpint (w->seen->result.first_errno, ==, first_errno);
}

/* Many links go down in as few datagrams as fit, one a turn, and their events are read between. */
static void
test_batches (World *w, gconstpointer data)
{
  guint32 n = 2 * PS_NETLINK_ADMIN_DOWN_MAX + 3;
  make_links (w, n);
  guint before = w->seen->events->len;
  take_down (w, n);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 0);
  g_assert_true (ps_virtual_clock_step (w->clock));
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 1);
  ps_virtual_clock_advance (w->clock, 0);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 3);
  g_assert_cmpuint (g_bytes_get_size (ps_fake_datagram_port_sent (w->port, 1)), ==,
                    PS_NETLINK_ADMIN_DOWN_BYTES);
  g_assert_cmpuint (g_bytes_get_size (ps_fake_datagram_port_sent (w->port, 2)), ==, 3 * 32);
  assert_result (w, n, 0, 0);
  g_assert_cmpuint (w->seen->events->len - before, ==, n);
  for (guint32 i = 1; i <= n; i++) {
    const PsSimLink *link = ps_sim_kernel_find_ifindex (w->relay->kernel, i);
    g_assert_cmpuint (link->flags & IFF_UP, ==, 0);
  }
}

/* A link that is gone is done; in the middle of a batch, at its end, and in a batch of its own. */
static void
test_gone_links (World *w, gconstpointer data)
{
  make_links (w, 10);
  ps_sim_kernel_remove (w->relay->kernel, 5);
  ps_sim_kernel_remove (w->relay->kernel, 10);
  take_down (w, 10);
  ps_virtual_clock_advance (w->clock, 0);
  assert_result (w, 10, 0, 0);
}

/* A refusal of every link is reported with its errno, at once and once. */
static void
test_refused (World *w, gconstpointer data)
{
  make_links (w, 70);
  ps_sim_kernel_refuse_admin (w->relay->kernel, EPERM);
  take_down (w, 70);
  ps_virtual_clock_advance (w->clock, 0);
  assert_result (w, 0, 70, EPERM);
  ps_virtual_clock_advance (w->clock, 60 * G_USEC_PER_SEC);
  g_assert_cmpuint (w->seen->n_results, ==, 1);
}

static int
say_nothing (const guint8 *bytes, gsize n_bytes, gpointer data)
{
  return 0;
}

/* An answer that never comes ends the call after 5 s; the links count as failed. */
static void
test_silence (World *w, gconstpointer data)
{
  ps_fake_datagram_port_on_send (w->port, say_nothing, NULL);
  take_down (w, 100);
  ps_virtual_clock_advance (w->clock, PS_NETLINK_SILENCE_US - 1);
  g_assert_cmpuint (w->seen->n_results, ==, 0);
  ps_virtual_clock_advance (w->clock, 1);
  assert_result (w, 0, 100, ETIMEDOUT);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 1);
}

static int
lose_answer (const guint8 *bytes, gsize n_bytes, gpointer data)
{
  World *w = data;
  guint n = ps_fake_datagram_port_n_sent (w->port);
  if (n == 3) { /* The third time, it arrives. */
    g_autoptr (GByteArray) out = g_byte_array_new ();
    guint32 port_id = ps_datagram_port_port_id (PS_DATAGRAM_PORT (w->port));
    ps_message_append_error (out, 2 + 2, port_id, 0);
    ps_message_append_error (out, 2 * 2 + 2, port_id, 0);
    ps_fake_datagram_port_answer (w->port, out->data, out->len);
  } else {
    ps_fake_datagram_port_overrun (w->port, 1);
  }
  return 0;
}

/* An answer lost to an overrun is not waited for: the batch is sent again, and a late answer to
 * the earlier one is not taken for its end. */
static void
test_lost_answer (World *w, gconstpointer data)
{
  ps_fake_datagram_port_on_send (w->port, lose_answer, w);
  take_down (w, 2);
  ps_virtual_clock_advance (w->clock, 0);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 3);
  assert_result (w, 2, 0, 0);
  g_assert_cmpuint (ps_netlink_session_counters (w->session)->unexpected, ==, 1);
}

static int
lose_every_answer (const guint8 *bytes, gsize n_bytes, gpointer data)
{
  ps_fake_datagram_port_overrun (((World *)data)->port, 1);
  return 0;
}

/* If every answer is lost, it ends after a bounded number of attempts. */
static void
test_every_answer_lost (World *w, gconstpointer data)
{
  ps_fake_datagram_port_on_send (w->port, lose_every_answer, w);
  take_down (w, 100);
  ps_virtual_clock_advance (w->clock, 0);
  g_assert_cmpuint (ps_fake_datagram_port_n_sent (w->port), ==, 2 * PS_NETLINK_ADMIN_DOWN_ATTEMPTS);
  assert_result (w, 0, 100, ENOBUFS);
}

/* A batch that cannot be sent is tried again, then given up, and the next one has its chance. */
static void
test_send_failure (World *w, gconstpointer data)
{
  make_links (w, 70);
  ps_fake_datagram_port_fail_sends (w->port, EAGAIN, PS_NETLINK_ADMIN_DOWN_ATTEMPTS + 1);
  take_down (w, 70);
  ps_virtual_clock_advance (w->clock, 0);
  g_assert_cmpuint (w->seen->n_results, ==, 0);
  ps_virtual_clock_advance (w->clock, G_USEC_PER_SEC);
  assert_result (w, 6, 64, EAGAIN);
  g_assert_cmpuint (ps_netlink_session_counters (w->session)->send_failures, ==,
                    PS_NETLINK_ADMIN_DOWN_ATTEMPTS + 1);
}

/* The call and a dump do not wait for each other, and their answers are told apart. */
static void
test_beside_a_dump (World *w, gconstpointer data)
{
  make_links (w, 3);
  (void)ps_link_recorder_take (w->seen);
  take_down (w, 2);
  ps_link_source_request_snapshot (w->source);
  ps_virtual_clock_advance (w->clock, 0);
  assert_result (w, 2, 0, 0);
  g_assert_cmpuint (ps_link_recorder_count (w->seen, PS_LINK_SNAPSHOT_BEGIN), ==, 1);
  g_assert_cmpint (ps_link_recorder_last (w->seen)->type, ==, PS_LINK_SNAPSHOT_END);
  g_assert_true (ps_link_recorder_last (w->seen)->complete);
  g_assert_cmpuint (ps_netlink_session_counters (w->session)->unexpected, ==, 0);
}

static void
add (const char *path, void (*test) (World *, gconstpointer))
{
  g_test_add (path, World, NULL, world_set_up, test, world_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/netlink-admin-down/batches", test_batches);
  add ("/netlink-admin-down/gone-links", test_gone_links);
  add ("/netlink-admin-down/refused", test_refused);
  add ("/netlink-admin-down/silence", test_silence);
  add ("/netlink-admin-down/lost-answer", test_lost_answer);
  add ("/netlink-admin-down/every-answer-lost", test_every_answer_lost);
  add ("/netlink-admin-down/send-failure", test_send_failure);
  add ("/netlink-admin-down/beside-a-dump", test_beside_a_dump);
  return g_test_run ();
}
