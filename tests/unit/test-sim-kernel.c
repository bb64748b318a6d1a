/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated kernel's devices, what it sends about them, and its receive queues. */
#include "sim/world/kernel.h"
#include "base/virtual-clock.h"
#include "tests/support/datagram-reader.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define LOWER_UP 0x10000 /* IFF_LOWER_UP */
#define NAME     "Ethernet0"
#define MS       G_TIME_SPAN_MILLISECOND
#define FLAPS    200000

typedef struct {
  PsVirtualClock *clock;
  PsSimKernel *kernel;
  PsDatagramPort *port;
  PsDatagramReader *seen;
  guint n_observed, n_removed;
  char observed[IFNAMSIZ];
} Bed;

static void
set_up (Bed *bed, gconstpointer data)
{
  bed->clock = ps_virtual_clock_new ();
  bed->kernel = ps_sim_kernel_new (PS_CLOCK (bed->clock), 7);
  bed->port = ps_sim_kernel_open (bed->kernel, 0);
  bed->seen = ps_datagram_reader_new ();
}

static void
tear_down (Bed *bed, gconstpointer data)
{
  if (bed->port != NULL)
    g_assert_finalize_object (bed->port);
  g_clear_pointer (&bed->kernel, ps_sim_kernel_free);
  g_assert_cmpuint (ps_virtual_clock_n_timers (bed->clock), ==, 0);
  g_assert_finalize_object (bed->clock);
  ps_datagram_reader_free (bed->seen);
}

/* A device whose beginnings have been read. */
static guint32
add (Bed *bed, const char *name, const char *kind)
{
  guint32 ifindex = ps_sim_kernel_add (bed->kernel, name, 0, kind);
  g_assert_cmpuint (ifindex, >, 0);
  ps_datagram_reader_drain (bed->seen, bed->port);
  ps_datagram_reader_forget (bed->seen);
  return ifindex;
}

/* What was sent since the last look; n messages. */
static void
look (Bed *bed, guint n)
{
  ps_datagram_reader_forget (bed->seen);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpuint (bed->seen->messages->len, ==, n);
}

static const PsLinkEvent *
event (Bed *bed, guint n)
{
  return &ps_datagram_reader_at (bed->seen, n)->event;
}

static void
pass (Bed *bed, gint64 delta_us)
{
  ps_virtual_clock_advance_to (bed->clock, ps_clock_now_us (PS_CLOCK (bed->clock)) + delta_us);
}

static void
count_timer (gint64 due_us, guint64 nth, gpointer data)
{
  gint64 *seen = data;
  seen[0] = due_us;
  g_assert_cmpuint (nth, ==, (guint64)++seen[1]);
}

static void
on_timer (gpointer data)
{
  (*(guint *)data)++;
}

/* Time jumps to what is due, no further, never back, and the observer sees every jump. */
static void
test_clock (void)
{
  g_autoptr (PsVirtualClock) clock = ps_virtual_clock_new ();
  guint n_fired = 0;
  gint64 seen[2] = {0};
  g_assert_cmpint (ps_clock_now_us (PS_CLOCK (clock)), ==, PS_VIRTUAL_CLOCK_START_US);
  g_assert_cmpint (ps_virtual_clock_next_due_us (clock), ==, G_MAXINT64);
  g_assert_false (ps_virtual_clock_step (clock));
  ps_virtual_clock_set_observer (clock, count_timer, seen);
  ps_clock_arm (PS_CLOCK (clock), 5 * G_USEC_PER_SEC, on_timer, &n_fired);
  ps_clock_arm (PS_CLOCK (clock), 7 * G_USEC_PER_SEC, on_timer, &n_fired);
  ps_virtual_clock_advance_to (clock, 6 * G_USEC_PER_SEC);
  g_assert_cmpuint (n_fired, ==, 1);
  g_assert_cmpint (seen[0], ==, 5 * G_USEC_PER_SEC);
  g_assert_cmpint (ps_clock_now_us (PS_CLOCK (clock)), ==, 6 * G_USEC_PER_SEC);
  ps_virtual_clock_advance_to (clock, 0);
  g_assert_cmpint (ps_clock_now_us (PS_CLOCK (clock)), ==, 6 * G_USEC_PER_SEC);
  g_assert_cmpint (ps_virtual_clock_next_due_us (clock), ==, 7 * G_USEC_PER_SEC);
  g_assert_true (ps_virtual_clock_step (clock));
  g_assert_cmpint (ps_clock_now_us (PS_CLOCK (clock)), ==, 7 * G_USEC_PER_SEC);
  g_assert_cmpint (seen[1], ==, 2);
  g_assert_cmpuint (ps_virtual_clock_n_timers (clock), ==, 0);
}

/* A device comes with all that the product reads, in a message of true size, and goes likewise. */
static void
test_life (Bed *bed, gconstpointer data)
{
  guint32 ifindex = ps_sim_kernel_add (bed->kernel, NAME, 0, "veth");
  look (bed, 1);
  const PsReadMessage *message = ps_datagram_reader_at (bed->seen, 0);
  g_assert_cmpuint (message->header.nlmsg_type, ==, RTM_NEWLINK);
  g_assert_cmpuint (message->header.nlmsg_seq, ==, 0);
  g_assert_cmpuint (message->header.nlmsg_len, >=, 1400);
  g_assert_cmpuint (message->header.nlmsg_len, <=, 1500);
  g_assert_true (message->event.registered);
  g_assert_cmpuint (message->event.ifindex, ==, ifindex);
  g_assert_cmpstr (message->event.name, ==, NAME);
  g_assert_cmpstr (message->event.kind, ==, "veth");
  g_assert_cmpuint (message->event.mtu, ==, PS_SIM_KERNEL_MTU);
  g_assert_cmpuint (message->event.fields, ==,
                    PS_LINK_HAS_MTU | PS_LINK_HAS_KIND | PS_LINK_HAS_CARRIER);
  g_assert_cmpuint (message->event.flags & (IFF_UP | IFF_RUNNING | LOWER_UP), ==, 0);
  g_assert_true (ps_sim_kernel_remove (bed->kernel, ifindex));
  look (bed, 1);
  message = ps_datagram_reader_at (bed->seen, 0);
  g_assert_cmpuint (message->header.nlmsg_type, ==, RTM_DELLINK);
  g_assert_cmpuint (message->change, ==, G_MAXUINT32);
  g_assert_cmpuint (message->header.nlmsg_len, >=, 650);
  g_assert_cmpuint (message->header.nlmsg_len, <=, 720);
  g_assert_null (ps_sim_kernel_find (bed->kernel, NAME));
  g_assert_cmpuint (ps_sim_kernel_length (bed->kernel), ==, 0);
  g_assert_false (ps_sim_kernel_remove (bed->kernel, ifindex));
  look (bed, 0);
}

/* Names and ifindexes are taken once, as Linux has it; refusals change nothing. An ifindex may
 * return at once under another name. */
static void
test_names (Bed *bed, gconstpointer data)
{
  static const char *const bad[] = {"", ".", "..", "a/b", "a b", "a:b", "sixteen-bytes-xx"};
  guint32 first = add (bed, NAME, NULL), second = add (bed, "Ethernet4", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_assert_cmpuint (ps_sim_kernel_add (bed->kernel, bad[i], 0, NULL), ==, 0);
    g_assert_false (ps_sim_kernel_rename (bed->kernel, first, bad[i]));
  }
  g_assert_cmpuint (ps_sim_kernel_add (bed->kernel, NAME, 0, NULL), ==, 0);
  g_assert_cmpuint (ps_sim_kernel_add (bed->kernel, "new", first, NULL), ==, 0);
  g_assert_false (ps_sim_kernel_rename (bed->kernel, first, "Ethernet4"));
  g_assert_true (ps_sim_kernel_rename (bed->kernel, first, NAME));
  look (bed, 0);
  g_assert_true (ps_sim_kernel_rename (bed->kernel, first, "tmp"));
  g_assert_true (ps_sim_kernel_rename (bed->kernel, second, NAME));
  g_assert_true (ps_sim_kernel_rename (bed->kernel, first, "Ethernet4"));
  look (bed, 3);
  g_assert_cmpstr (event (bed, 0)->name, ==, "tmp");
  g_assert_cmpstr (event (bed, 2)->name, ==, "Ethernet4");
  g_assert_cmpuint (ps_sim_kernel_find (bed->kernel, NAME)->ifindex, ==, second);
  ps_sim_kernel_remove (bed->kernel, first);
  g_assert_cmpuint (ps_sim_kernel_add (bed->kernel, "other", first, NULL), ==, first);
  look (bed, 2);
  g_assert_cmpuint (ps_sim_kernel_nth (bed->kernel, 0)->ifindex, ==, first);
  g_assert_cmpuint (ps_sim_kernel_nth (bed->kernel, 1)->ifindex, ==, second);
}

/* Up: first without IFF_RUNNING, then with it. Down: one message. The same again: none. */
static void
test_admin (Bed *bed, gconstpointer data)
{
  guint32 ifindex = add (bed, NAME, "veth");
  ps_sim_kernel_set_carrier (bed->kernel, ifindex, TRUE);
  look (bed, 0); /* Nothing is said about a device that is down. */
  ps_sim_kernel_set_admin (bed->kernel, ifindex, TRUE);
  ps_sim_kernel_set_admin (bed->kernel, ifindex, TRUE);
  look (bed, 2);
  g_assert_cmpuint (event (bed, 0)->flags & (IFF_UP | IFF_RUNNING | LOWER_UP), ==,
                    IFF_UP | LOWER_UP);
  g_assert_cmpuint (ps_datagram_reader_at (bed->seen, 0)->change, ==, IFF_UP);
  g_assert_cmpuint (event (bed, 1)->flags & (IFF_UP | IFF_RUNNING | LOWER_UP), ==,
                    IFF_UP | IFF_RUNNING | LOWER_UP);
  g_assert_cmpuint (event (bed, 1)->carrier.ups, ==, 1);
  ps_sim_kernel_set_admin (bed->kernel, ifindex, FALSE);
  look (bed, 1);
  g_assert_cmpuint (event (bed, 0)->flags & (IFF_UP | IFF_RUNNING | LOWER_UP), ==, 0);
}

/* A carrier of a physical port that is lost is told at the next run, at most once a second; one
 * that comes is told at once. What happened in between is only in the counters. */
static void
test_link_watch (Bed *bed, gconstpointer data)
{
  guint32 ifindex = add (bed, NAME, NULL);
  ps_sim_kernel_set_carrier (bed->kernel, ifindex, TRUE);
  ps_sim_kernel_set_admin (bed->kernel, ifindex, TRUE);
  pass (bed, MS);
  look (bed, 2);
  pass (bed, 2 * G_USEC_PER_SEC);
  for (guint i = 0; i < 2; i++) { /* The first run is at once, the second a second later. */
    ps_sim_kernel_set_carrier (bed->kernel, ifindex, FALSE);
    g_assert_true (ps_sim_kernel_find (bed->kernel, NAME)->flags & IFF_RUNNING);
    g_assert_false (ps_sim_kernel_find (bed->kernel, NAME)->flags & LOWER_UP);
    g_assert_false (ps_sim_kernel_is_settled (bed->kernel));
    pass (bed, i == 0 ? MS : 980 * MS);
    look (bed, i == 0 ? 1 : 0);
    pass (bed, 10 * MS);
    look (bed, i == 0 ? 0 : 1);
    ps_sim_kernel_set_carrier (bed->kernel, ifindex, TRUE);
    pass (bed, MS);
    look (bed, 1);
    g_assert_true (event (bed, 0)->flags & IFF_RUNNING);
  }
  pass (bed, 500 * MS);
  for (guint i = 0; i < 5; i++) {
    ps_sim_kernel_set_carrier (bed->kernel, ifindex, FALSE);
    ps_sim_kernel_set_carrier (bed->kernel, ifindex, TRUE);
  }
  pass (bed, 2 * G_USEC_PER_SEC);
  look (bed, 1);
  g_assert_cmpuint (event (bed, 0)->carrier.downs, ==, 7);
  g_assert_cmpuint (event (bed, 0)->carrier.changes, ==, 15);
  g_assert_true (ps_sim_kernel_is_settled (bed->kernel));
}

/* Lost carriers are told 100 a run, in their order; what is removed meanwhile is not told. */
static void
test_link_watch_run (Bed *bed, gconstpointer data)
{
  guint32 ifindexes[250];
  for (guint i = 0; i < G_N_ELEMENTS (ifindexes); i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ifindexes[i] = add (bed, name, NULL);
    ps_sim_kernel_set_carrier (bed->kernel, ifindexes[i], TRUE);
    ps_sim_kernel_set_admin (bed->kernel, ifindexes[i], TRUE);
  }
  pass (bed, 5 * G_USEC_PER_SEC);
  ps_datagram_reader_drain (bed->seen, bed->port);
  for (guint i = 0; i < G_N_ELEMENTS (ifindexes); i++)
    ps_sim_kernel_set_carrier (bed->kernel, ifindexes[i], FALSE);
  pass (bed, MS);
  look (bed, 100);
  g_assert_cmpuint (event (bed, 99)->ifindex, ==, ifindexes[99]);
  ps_sim_kernel_remove (bed->kernel, ifindexes[100]);
  look (bed, 2);
  pass (bed, G_USEC_PER_SEC);
  look (bed, 100);
  g_assert_cmpuint (event (bed, 0)->ifindex, ==, ifindexes[101]);
  pass (bed, G_USEC_PER_SEC);
  look (bed, 49);
  g_assert_true (ps_sim_kernel_is_settled (bed->kernel));
}

/* Members of a bridge have twins of AF_BRIDGE. A device leaves its master, and goes down, before
 * it goes; a bridge frees its members. A team has no twins. */
static void
test_master (Bed *bed, gconstpointer data)
{
  guint32 bridge = add (bed, "Bridge", "bridge"), team = add (bed, "PortChannel1", "team");
  guint32 ifindex = add (bed, NAME, "veth");
  g_assert_false (ps_sim_kernel_set_master (bed->kernel, ifindex, 999));
  g_assert_false (ps_sim_kernel_set_master (bed->kernel, ifindex, ifindex));
  ps_sim_kernel_set_master (bed->kernel, ifindex, team);
  look (bed, 1);
  g_assert_cmpuint (event (bed, 0)->master, ==, team);
  ps_sim_kernel_set_master (bed->kernel, ifindex, bridge);
  ps_sim_kernel_set_admin (bed->kernel, ifindex, TRUE);
  look (bed, 4);
  g_assert_cmpuint (event (bed, 0)->master, ==, bridge);
  g_assert_cmpuint (ps_datagram_reader_at (bed->seen, 1)->family, ==, AF_BRIDGE);
  g_assert_cmpuint (ps_datagram_reader_at (bed->seen, 3)->family, ==, AF_BRIDGE);
  ps_sim_kernel_remove (bed->kernel, ifindex);
  look (bed, 4);
  g_assert_cmpuint (ps_datagram_reader_at (bed->seen, 0)->header.nlmsg_type, ==, RTM_DELLINK);
  g_assert_cmpuint (ps_datagram_reader_at (bed->seen, 0)->family, ==, AF_BRIDGE);
  g_assert_cmpuint (event (bed, 1)->fields & PS_LINK_HAS_MASTER, ==, 0);
  g_assert_true (event (bed, 1)->flags & IFF_UP);
  g_assert_false (event (bed, 2)->flags & IFF_UP);
  g_assert_cmpint (event (bed, 3)->type, ==, PS_LINK_REMOVE);
  g_assert_cmpuint (event (bed, 3)->fields & PS_LINK_HAS_MASTER, ==, 0);
  ifindex = add (bed, NAME, "veth");
  ps_sim_kernel_set_master (bed->kernel, ifindex, bridge);
  look (bed, 2);
  ps_sim_kernel_remove (bed->kernel, bridge);
  look (bed, 3);
  g_assert_cmpuint (ps_sim_kernel_find (bed->kernel, NAME)->master, ==, 0);
  g_assert_true (ps_sim_kernel_move_away (bed->kernel, ifindex));
  look (bed, 1);
  g_assert_cmpint (event (bed, 0)->type, ==, PS_LINK_REMOVE);
}

/* As many messages find room as in Linux (docs/kernel.md 3); the rest is counted to the last
 * one. */
static void
test_room (Bed *bed, gconstpointer data)
{
  static const struct {
    gsize bytes;
    guint n;
  } rooms[] = {{212992, 92}, {2 * 1024 * 1024, 910}, {8 * 1024 * 1024, 3640}};
  guint32 ifindex = add (bed, NAME, "veth");
  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++) {
    g_autoptr (PsDatagramPort) port = ps_sim_kernel_open (bed->kernel, rooms[i].bytes);
    g_autoptr (PsDatagramReader) reader = ps_datagram_reader_new ();
    for (guint n = 0; n < 4000; n++)
      ps_sim_kernel_set_mtu (bed->kernel, ifindex, 1000 + n);
    g_assert_cmpuint (ps_datagram_reader_drops (port), ==, 4000 - rooms[i].n);
    g_assert_cmpint (ps_datagram_reader_read (reader, port), ==, PS_DATAGRAM_OVERRUN);
    ps_datagram_reader_drain (reader, port);
    g_assert_cmpuint (reader->messages->len, ==, rooms[i].n);
    g_assert_cmpuint (reader->n_overruns, ==, 1);
    g_assert_cmpuint (ps_sim_kernel_counters (bed->kernel)->overruns, ==, i + 1);
    ps_datagram_reader_drain (bed->seen, bed->port);
  }
  g_assert_cmpuint (ps_datagram_reader_drops (bed->port), ==, 0);
}

/* Each socket hears everything from its opening to its end; one may outlive the kernel. */
static void
test_sockets (Bed *bed, gconstpointer data)
{
  guint32 ifindex = add (bed, NAME, "veth");
  PsDatagramPort *second = ps_sim_kernel_open (bed->kernel, 0);
  g_assert_cmpuint (ps_datagram_port_port_id (second), !=, ps_datagram_port_port_id (bed->port));
  ps_sim_kernel_set_mtu (bed->kernel, ifindex, 9100);
  look (bed, 1);
  ps_datagram_reader_drain (bed->seen, second);
  g_assert_cmpuint (bed->seen->messages->len, ==, 2);
  g_assert_finalize_object (second);
  ps_sim_kernel_set_mtu (bed->kernel, ifindex, 1500);
  look (bed, 1);
  g_clear_pointer (&bed->kernel, ps_sim_kernel_free);
  g_assert_cmpint (ps_datagram_reader_read (bed->seen, bed->port), ==, PS_DATAGRAM_CLOSED);
  g_assert_cmpint (ps_datagram_port_send (bed->port, (const guint8 *)"", 1), ==, EBADF);
}

static void
observe (const PsSimLink *link, gboolean removed, gpointer data)
{
  Bed *bed = data;
  bed->n_observed++;
  bed->n_removed += removed != FALSE;
  g_strlcpy (bed->observed, link->name, sizeof bed->observed);
  g_assert_cmpuint (link->changed_at_event, ==, ps_sim_kernel_n_events (bed->kernel));
}

/* The observer sees each change, also those that no message tells of, with the new state. */
static void
test_observer (Bed *bed, gconstpointer data)
{
  ps_sim_kernel_set_observer (bed->kernel, observe, bed);
  guint32 ifindex = ps_sim_kernel_add (bed->kernel, NAME, 0, NULL);
  ps_sim_kernel_set_carrier (bed->kernel, ifindex, TRUE);
  g_assert_cmpuint (bed->n_observed, ==, 2);
  ps_sim_kernel_set_admin (bed->kernel, ifindex, TRUE);
  g_assert_cmpuint (bed->n_observed, ==, 3);
  pass (bed, MS);
  g_assert_cmpuint (bed->n_observed, ==, 4);
  g_assert_true (ps_sim_kernel_has_carrier (bed->kernel, ifindex));
  ps_sim_kernel_rename (bed->kernel, ifindex, "other");
  g_assert_cmpstr (bed->observed, ==, "other");
  g_assert_cmpuint (bed->n_removed, ==, 0);
  ps_sim_kernel_remove (bed->kernel, ifindex);
  g_assert_cmpuint (bed->n_removed, ==, 1);
  g_assert_false (ps_sim_kernel_has_carrier (bed->kernel, ifindex));
  ps_sim_kernel_set_observer (bed->kernel, NULL, NULL);
}

/* The kernel must not be what makes a simulation slow: flaps are sent and read, and their rate is
 * printed. */
static void
test_speed (Bed *bed, gconstpointer data)
{
  static guint8 buffer[65536];
  PsDatagramInfo info;
  guint32 ifindex = add (bed, NAME, "veth");
  ps_sim_kernel_set_admin (bed->kernel, ifindex, TRUE);
  ps_datagram_reader_drain (bed->seen, bed->port);
  guint n_read = 0;
  gint64 start_us = g_get_monotonic_time ();
  for (guint i = 0; i < FLAPS; i++) {
    ps_sim_kernel_set_carrier (bed->kernel, ifindex, i % 2 == 0);
    if (i % 64 == 63)
      while (ps_datagram_port_receive (bed->port, buffer, sizeof buffer, &info) ==
             PS_DATAGRAM_RECEIVED)
        n_read++;
  }
  gint64 took_us = MAX (g_get_monotonic_time () - start_us, 1);
  g_assert_cmpuint (n_read, ==, FLAPS);
  g_test_message ("%.2f million messages a second", (double)FLAPS / (double)took_us);
}

#define ADD(name, fn) g_test_add ("/sim-kernel/" name, Bed, NULL, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim-kernel/clock", test_clock);
  ADD ("life", test_life);
  ADD ("names", test_names);
  ADD ("admin", test_admin);
  ADD ("link-watch", test_link_watch);
  ADD ("link-watch-run", test_link_watch_run);
  ADD ("master", test_master);
  ADD ("room", test_room);
  ADD ("sockets", test_sockets);
  ADD ("observer", test_observer);
  ADD ("speed", test_speed);
  return g_test_run ();
}
