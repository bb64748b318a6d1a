/* SPDX-License-Identifier: Apache-2.0 */
/* What every PsLinkSource does. Argument: script, sim (the session over the simulated kernel) or
 * socket (over the real one; root, in a namespace of its own). */
#include "backends/netlink/session.h"
#include "backends/netlink/socket.h"
#include "sim/world/kernel.h"
#include "tests/support/link-recorder.h"
#include "base/virtual-clock.h"
#include "tests/support/netdevs.h"
#include "tests/support/netns.h"
#include "tests/support/script-source.h"
#include <errno.h>
#include <string.h>

#define TINY_BYTES (64 * 1024)
#define MANY       500 /* Live messages beyond TINY_BYTES. */
#define N_LINKS    300 /* More than a batch. */
#define A_MOMENT   (20 * G_TIME_SPAN_MILLISECOND)
#define BOUND_US   (20 * G_TIME_SPAN_SECOND)

static enum { SCRIPT, SIM, SOCKET } kind;

typedef struct {
  PsVirtualClock *clock; /* On the real kernel it follows the real time. */
  PsLinkSource *source;
  PsLinkRecorder *seen;
  PsLog *log;
  PsScriptSource *script; /* = source */
  PsSimKernel *sim;
  PsDatagramPort *sim_port;
  PsNetlinkSocket *socket;
  PsNetdevs *netdevs;
  gint64 real_us; /* The real time up to which clock has followed. */
} Bed;

static void
ignore_line (PsLogLevel level, const char *function, const char *text, gpointer data)
{
}

static void
set_up_real (Bed *bed)
{
  g_autoptr (GError) error = NULL;
  ps_netns_enter_new ();
  bed->netdevs = ps_netdevs_new ();
  bed->socket = ps_netlink_socket_new (NULL, TINY_BYTES, &error);
  g_assert_no_error (error);
  bed->real_us = g_get_monotonic_time ();
}

static void
set_up_sim (Bed *bed)
{
  bed->sim = ps_sim_kernel_new (PS_CLOCK (bed->clock), 1);
  ps_sim_kernel_add (bed->sim, "lo", 1, NULL);
  bed->sim_port = ps_sim_kernel_open (bed->sim, TINY_BYTES);
}

/* Where the session reads. */
static PsDatagramPort *
port_of (Bed *bed)
{
  return kind == SOCKET ? PS_DATAGRAM_PORT (bed->socket) : bed->sim_port;
}

static void
set_up (Bed *bed, gconstpointer data)
{
  bed->clock = ps_virtual_clock_new ();
  PsClock *clock = PS_CLOCK (bed->clock);
  bed->log = ps_log_new (clock, ignore_line, NULL);
  bed->seen = ps_link_recorder_new ();
  if (kind == SCRIPT) {
    bed->script = ps_script_source_new (clock);
    bed->source = PS_LINK_SOURCE (bed->script);
    return;
  }
  if (kind == SOCKET)
    set_up_real (bed);
  else
    set_up_sim (bed);
  bed->source = PS_LINK_SOURCE (ps_netlink_session_new (port_of (bed), clock, bed->log, 1));
}

static void
tear_down (Bed *bed, gconstpointer data)
{
  g_assert_finalize_object (bed->source);
  g_clear_pointer (&bed->netdevs, ps_netdevs_free);
  g_clear_object (&bed->socket);
  g_clear_object (&bed->sim_port);
  g_clear_pointer (&bed->sim, ps_sim_kernel_free);
  g_assert_cmpuint (ps_virtual_clock_n_timers (bed->clock), ==, 0);
  ps_log_free (bed->log);
  g_assert_finalize_object (bed->clock);
  ps_link_recorder_free (bed->seen);
}

/* One turn of the loop; a millisecond passes. */
static void
turn (Bed *bed)
{
  if (kind != SOCKET) {
    ps_virtual_clock_advance (bed->clock, G_TIME_SPAN_MILLISECOND);
    return;
  }
  gint64 now_us = g_get_monotonic_time ();
  ps_virtual_clock_advance (bed->clock, now_us - bed->real_us);
  bed->real_us = now_us;
  g_main_context_iteration (NULL, FALSE);
}

static void
run_for (Bed *bed, gint64 delta_us)
{
  gint64 end_us = ps_clock_now_us (PS_CLOCK (bed->clock)) + delta_us;
  while (ps_clock_now_us (PS_CLOCK (bed->clock)) < end_us)
    turn (bed);
}

/* Runs until n events of this type were seen in all. */
static void
wait_for (Bed *bed, PsLinkEventType type, guint n)
{
  gint64 end_us = ps_clock_now_us (PS_CLOCK (bed->clock)) + BOUND_US;
  while (ps_link_recorder_count (bed->seen, type) < n) {
    g_assert_cmpint (ps_clock_now_us (PS_CLOCK (bed->clock)), <, end_us);
    turn (bed);
  }
}

static void
create (Bed *bed, const char *name, guint32 ifindex)
{
  if (kind == SCRIPT)
    ps_script_source_link (bed->script, name, ifindex, IFF_BROADCAST);
  else if (kind == SIM)
    ps_sim_kernel_add (bed->sim, name, ifindex, "veth");
  else
    ps_netdevs_add (bed->netdevs, name, "bridge", (int)ifindex);
}

static void
set_up_link (Bed *bed, const char *name, guint32 ifindex)
{
  if (kind == SCRIPT)
    ps_script_source_link (bed->script, name, ifindex, IFF_BROADCAST | IFF_UP);
  else if (kind == SIM)
    ps_sim_kernel_set_admin (bed->sim, ifindex, TRUE);
  else
    ps_netdevs_set_up (bed->netdevs, name, TRUE);
}

static void
rename_link (Bed *bed, const char *name, guint32 ifindex, const char *new_name)
{
  if (kind == SCRIPT)
    ps_script_source_rename (bed->script, ifindex, new_name);
  else if (kind == SIM)
    ps_sim_kernel_rename (bed->sim, ifindex, new_name);
  else
    ps_netdevs_rename (bed->netdevs, name, new_name);
}

static void
destroy (Bed *bed, const char *name, guint32 ifindex)
{
  if (kind == SCRIPT)
    ps_script_source_remove (bed->script, ifindex);
  else if (kind == SIM)
    ps_sim_kernel_remove (bed->sim, ifindex);
  else
    ps_netdevs_delete (bed->netdevs, name);
}

/* What was queued by the functions above takes place. */
static void
commit (Bed *bed)
{
  if (kind == SOCKET)
    ps_netdevs_commit (bed->netdevs);
}

/* Makes the source lose messages. */
static void
lose (Bed *bed)
{
  if (kind == SCRIPT) {
    ps_script_source_lost (bed->script);
    return;
  }
  if (kind == SIM) {
    for (guint i = 0; i < MANY; i++)
      ps_sim_kernel_set_mtu (bed->sim, 1, 2000 + i);
    return;
  }
  for (guint i = 0; i < MANY; i++) {
    g_autofree char *alias = g_strdup_printf ("alias %u", i);
    ps_netdevs_set_alias (bed->netdevs, "lo", alias);
  }
  ps_netdevs_commit (bed->netdevs);
}

static void
start (Bed *bed)
{
  ps_link_source_start (bed->source, &ps_link_recorder_sink, bed->seen);
  g_assert_cmpuint (bed->seen->n_batches, ==, 0);
  run_for (bed, A_MOMENT);
}

/* The first or the last live event about the link; NULL if there was none. */
static const PsLinkEvent *
find_event (Bed *bed, guint32 ifindex, gboolean first)
{
  const PsLinkEvent *found = NULL;
  for (guint i = 0; i < bed->seen->events->len; i++) {
    const PsLinkEvent *event = &g_array_index (bed->seen->events, PsLinkEvent, i);
    gboolean matches = event->type <= PS_LINK_REMOVE && event->ifindex == ifindex;
    if (matches && !event->from_dump && (found == NULL || !first))
      found = event;
  }
  return found;
}

static const PsLinkEvent *
last_of (Bed *bed, guint32 ifindex)
{
  const PsLinkEvent *event = find_event (bed, ifindex, FALSE);
  g_assert_nonnull (event);
  return event;
}

/* A new link is announced with its name, and as registered; what it carries is marked. */
static void
test_create (Bed *bed, gconstpointer data)
{
  start (bed);
  gint64 before_us = ps_clock_now_us (PS_CLOCK (bed->clock));
  create (bed, "Ethernet0", 100);
  commit (bed);
  run_for (bed, A_MOMENT);
  const PsLinkEvent *event = find_event (bed, 100, TRUE);
  g_assert_nonnull (event);
  g_assert_cmpint (event->type, ==, PS_LINK_UPSERT);
  g_assert_cmpstr (event->name, ==, "Ethernet0");
  g_assert_true (event->registered);
  g_assert_true (event->fields & PS_LINK_HAS_MTU);
  g_assert_true (event->fields & PS_LINK_HAS_CARRIER);
  g_assert_cmpuint (event->mtu, >, 0);
  g_assert_false (event->flags & IFF_UP);
  g_assert_cmpint (event->received_us, >=, before_us);
  g_assert_cmpint (event->received_us, <=, ps_clock_now_us (PS_CLOCK (bed->clock)));
  g_assert_cmpuint (ps_link_recorder_count (bed->seen, PS_LINK_SNAPSHOT_BEGIN), ==, 0);
}

/* A change, a new name and the end of a link: upserts of the same ifindex, then a removal. */
static void
test_course_of_a_link (Bed *bed, gconstpointer data)
{
  start (bed);
  create (bed, "Ethernet0", 100);
  rename_link (bed, "Ethernet0", 100, "Ethernet4");
  set_up_link (bed, "Ethernet4", 100);
  commit (bed);
  run_for (bed, A_MOMENT);
  g_assert_cmpstr (last_of (bed, 100)->name, ==, "Ethernet4");
  g_assert_true (last_of (bed, 100)->flags & IFF_UP);
  g_assert_false (last_of (bed, 100)->registered);
  g_assert_cmpuint (ps_link_recorder_count (bed->seen, PS_LINK_REMOVE), ==, 0);
  destroy (bed, "Ethernet4", 100);
  commit (bed);
  wait_for (bed, PS_LINK_REMOVE, 1);
  g_assert_cmpint (last_of (bed, 100)->type, ==, PS_LINK_REMOVE);
  g_assert_cmpstr (last_of (bed, 100)->name, ==, "Ethernet4");
}

/* How many records of this link the snapshots had in all. */
static guint
count_records (Bed *bed, guint32 ifindex)
{
  guint n = 0;
  for (guint i = 0; i < bed->seen->events->len; i++) {
    const PsLinkEvent *event = &g_array_index (bed->seen->events, PsLinkEvent, i);
    n += event->type == PS_LINK_UPSERT && event->from_dump && event->ifindex == ifindex;
  }
  return n;
}

/* A snapshot: BEGIN, each link once, END, complete; nothing from inside the request; batches stay
 * within their bound. Links made before the start are in it. */
static void
test_snapshot (Bed *bed, gconstpointer data)
{
  for (guint32 i = 0; i < N_LINKS / 2; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    create (bed, name, 100 + i);
    if (i % 16 == 0)
      commit (bed);
  }
  commit (bed);
  start (bed);
  for (guint32 i = N_LINKS / 2; i < N_LINKS; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    create (bed, name, 100 + i);
    commit (bed);
    turn (bed);
  }
  run_for (bed, A_MOMENT);
  guint before = bed->seen->events->len;
  ps_link_source_request_snapshot (bed->source);
  g_assert_cmpuint (bed->seen->events->len, ==, before);
  wait_for (bed, PS_LINK_SNAPSHOT_END, 1);
  g_assert_cmpuint (ps_link_recorder_count (bed->seen, PS_LINK_SNAPSHOT_BEGIN), ==, 1);
  g_assert_true (ps_link_recorder_last (bed->seen)->complete);
  for (guint32 i = 0; i < N_LINKS; i++)
    g_assert_cmpuint (count_records (bed, 100 + i), ==, 1);
  g_assert_cmpuint (bed->seen->largest_batch, <=, PS_LINK_EVENTS_PER_BATCH);
}

/* Requests before the first is sent are one request; a later one is answered, too. */
static void
test_requests_merge (Bed *bed, gconstpointer data)
{
  start (bed);
  for (guint i = 0; i < 3; i++)
    ps_link_source_request_snapshot (bed->source);
  wait_for (bed, PS_LINK_SNAPSHOT_END, 1);
  run_for (bed, A_MOMENT);
  g_assert_cmpuint (ps_link_recorder_count (bed->seen, PS_LINK_SNAPSHOT_BEGIN), ==, 1);
  ps_link_source_request_snapshot (bed->source);
  wait_for (bed, PS_LINK_SNAPSHOT_END, 2);
  g_assert_true (ps_link_recorder_last (bed->seen)->complete);
}

/* Loss is told; the source asks for nothing by itself; the snapshot that follows is complete and
 * has what is there. */
static void
test_loss (Bed *bed, gconstpointer data)
{
  start (bed);
  create (bed, "Ethernet0", 100);
  commit (bed);
  run_for (bed, A_MOMENT);
  lose (bed);
  wait_for (bed, PS_LINK_LOST, 1);
  run_for (bed, A_MOMENT);
  g_assert_cmpuint (ps_link_recorder_count (bed->seen, PS_LINK_LOST), ==, 1);
  g_assert_cmpuint (ps_link_recorder_count (bed->seen, PS_LINK_SNAPSHOT_BEGIN), ==, 0);
  ps_link_source_request_snapshot (bed->source);
  wait_for (bed, PS_LINK_SNAPSHOT_END, 1);
  g_assert_true (ps_link_recorder_last (bed->seen)->complete);
  g_assert_cmpuint (count_records (bed, 100), ==, 1);
}

/* A loss between BEGIN and END makes that snapshot incomplete, and the next request waits. */
static void
test_loss_in_a_snapshot (Bed *bed, gconstpointer data)
{
  start (bed);
  if (kind == SCRIPT)
    ps_script_source_hold_snapshots (bed->script, TRUE);
  ps_link_source_request_snapshot (bed->source);
  g_assert_true (ps_virtual_clock_step (bed->clock)); /* It is sent; the answer is not read. */
  g_assert_cmpuint (ps_link_recorder_count (bed->seen, PS_LINK_SNAPSHOT_BEGIN), ==, 1);
  g_assert_cmpuint (ps_link_recorder_count (bed->seen, PS_LINK_SNAPSHOT_END), ==, 0);
  lose (bed);
  if (kind == SCRIPT)
    ps_script_source_hold_snapshots (bed->script, FALSE);
  wait_for (bed, PS_LINK_SNAPSHOT_END, 1);
  g_assert_false (ps_link_recorder_last (bed->seen)->complete);
  gint64 ended_us = ps_clock_now_us (PS_CLOCK (bed->clock));
  ps_link_source_request_snapshot (bed->source);
  wait_for (bed, PS_LINK_SNAPSHOT_END, 2);
  g_assert_true (ps_link_recorder_last (bed->seen)->complete);
  g_assert_cmpint (ps_clock_now_us (PS_CLOCK (bed->clock)) - ended_us, >=,
                   40 * G_TIME_SPAN_MILLISECOND);
}

/* Links are taken down, one that is gone counts as done, and the change is told. */
static void
test_admin_down (Bed *bed, gconstpointer data)
{
  static const guint32 links[] = {100, 9999, 101};
  create (bed, "Ethernet0", 100);
  create (bed, "Ethernet4", 101);
  set_up_link (bed, "Ethernet0", 100);
  set_up_link (bed, "Ethernet4", 101);
  commit (bed);
  start (bed);
  ps_link_source_set_admin_down (bed->source, links, G_N_ELEMENTS (links));
  g_assert_cmpuint (bed->seen->n_results, ==, 0);
  run_for (bed, A_MOMENT);
  g_assert_cmpuint (bed->seen->n_results, ==, 1);
  g_assert_cmpuint (bed->seen->result.n_done, ==, 3);
  g_assert_cmpuint (bed->seen->result.n_failed, ==, 0);
  g_assert_cmpint (bed->seen->result.first_errno, ==, 0);
  g_assert_false (last_of (bed, 100)->flags & IFF_UP);
  g_assert_false (last_of (bed, 101)->flags & IFF_UP);
  ps_link_source_set_admin_down (bed->source, links, 1);
  run_for (bed, A_MOMENT);
  g_assert_cmpuint (bed->seen->n_results, ==, 2);
}

static void
ask_again (PsLinkRecorder *recorder, gpointer data)
{
  Bed *bed = data;
  static const guint32 link = 100;
  guint before = recorder->events->len;
  recorder->on_batch = NULL;
  ps_link_source_request_snapshot (bed->source);
  ps_link_source_set_admin_down (bed->source, &link, 1);
  g_assert_cmpuint (recorder->events->len, ==, before);
  g_assert_cmpuint (recorder->n_results, ==, 0);
}

/* Requests may be made from inside the sink and are answered after it returned. */
static void
test_requests_from_the_sink (Bed *bed, gconstpointer data)
{
  start (bed);
  bed->seen->on_batch = ask_again;
  bed->seen->on_batch_data = bed;
  create (bed, "Ethernet0", 100);
  commit (bed);
  wait_for (bed, PS_LINK_SNAPSHOT_END, 1);
  run_for (bed, A_MOMENT);
  g_assert_cmpuint (bed->seen->n_results, ==, 1);
  g_assert_cmpuint (bed->seen->result.n_done, ==, 1);
}

static void
stop_source (PsLinkRecorder *recorder, gpointer data)
{
  ps_link_source_stop (((Bed *)data)->source);
}

/* After a stop nothing arrives, whatever was asked for; a second stop is harmless. */
static void
test_stop (Bed *bed, gconstpointer data)
{
  start (bed);
  bed->seen->on_batch = stop_source;
  bed->seen->on_batch_data = bed;
  ps_link_source_request_snapshot (bed->source);
  create (bed, "Ethernet0", 100);
  commit (bed);
  run_for (bed, A_MOMENT);
  g_assert_cmpuint (bed->seen->n_batches, ==, 1);
  create (bed, "Ethernet4", 101);
  commit (bed);
  run_for (bed, A_MOMENT);
  g_assert_cmpuint (bed->seen->n_batches, ==, 1);
  g_assert_cmpuint (bed->seen->n_failures, ==, 0);
  ps_link_source_stop (bed->source);
}

static void
add (const char *implementation, const char *name, void (*test) (Bed *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/link-source/%s/%s", implementation, name);
  g_test_add (path, Bed, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  static const char *const kinds[] = {"script", "sim", "socket", NULL};
  g_assert_true (g_strv_contains (kinds, argv[1]));
  while (strcmp (kinds[kind], argv[1]) != 0)
    kind++;
  add (argv[1], "create", test_create);
  add (argv[1], "course-of-a-link", test_course_of_a_link);
  add (argv[1], "snapshot", test_snapshot);
  add (argv[1], "requests-merge", test_requests_merge);
  add (argv[1], "loss", test_loss);
  add (argv[1], "loss-in-a-snapshot", test_loss_in_a_snapshot);
  add (argv[1], "admin-down", test_admin_down);
  add (argv[1], "requests-from-the-sink", test_requests_from_the_sink);
  add (argv[1], "stop", test_stop);
  return g_test_run ();
}
