/* SPDX-License-Identifier: Apache-2.0 */
/* Memory and descriptors do not grow with events, reconnections or ports that are gone. */
#include "backends/netlink/session.h"
#include "backends/netlink/socket.h"
#include "backends/redis/socket.h"
#include "tests/support/engine-world.h"
#include "tests/support/fake-datagram-port.h"
#include "tests/support/heap.h"
#include "tests/support/link-message.h"
#include "tests/support/proc.h"
#include "tests/support/redis-server.h"
#include "tests/support/session-rig.h"
#include <unistd.h>

#define N_EVENTS     1000000
#define N_RECONNECTS 1000
#define N_PORTS      64
#define N_PORTS_MANY 20000
#define MEGABYTE     (1024 * 1024)
#define AUDIT_MS     300000 /* the default interval */
#define FLAPS_A_TURN 500
#define LEFT_BYTES   (4 * 1024)  /* that a growing test may end with: fractions of a buffer */
#define SHRUNK_BYTES (64 * 1024) /* the same for the tables of 20,000 ports: 3 bytes a port */

static void
assert_grown_at_most (gsize before, gsize bytes)
{
  gsize now = ps_heap_in_use ();
  if (now > before + bytes)
    g_error ("%zu bytes in use, %zu before, of which %zu may stay", now, before, bytes);
}

static void
say_nothing (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
}

/* --- events --------------------------------------------------------------------------------- */

/* What the fakes have noted is not the engine's. */
static void
forget_notes (PsEngineWorld *w)
{
  ps_memory_store_clear_log (w->store);
  g_string_free (w->lines, TRUE);
  w->lines = g_string_new (NULL);
}

static void
flap_all (PsEngineWorld *w, guint n)
{
  for (guint i = 0; i < n; i++) {
    guint port = i % N_PORTS;
    char name[IF_NAMESIZE];
    g_snprintf (name, sizeof name, "Ethernet%u", port);
    ps_script_source_link (w->source, name, port + 1, i / N_PORTS % 2 == 0 ? UP : NO_LINK);
    if (i % FLAPS_A_TURN == FLAPS_A_TURN - 1)
      ps_engine_world_run_ms (w, 10);
    if (i % 10000 == 0)
      ps_script_source_lost (w->source);
    if (i % 10000 == 9999)
      forget_notes (w);
  }
  ps_engine_world_run_ms (w, 1000);
  forget_notes (w);
}

/* What the engine holds is what its end gives back: the fakes around it hold their own. */
static gsize
held_by_engine (PsEngineWorld *w)
{
  gsize with = ps_heap_in_use ();
  g_clear_pointer (&w->engine, ps_engine_free);
  return with - MIN (with, ps_heap_in_use ());
}

static gsize
held_after_flaps (guint n)
{
  PsEngineWorld world = {0}, *w = &world;
  ps_engine_world_set_up (w, NULL);
  for (guint i = 0; i < N_PORTS; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_engine_world_make_live (w, name);
  }
  ps_engine_world_start (w);
  flap_all (w, n);
  g_autofree char *row = ps_engine_world_row (w, "Ethernet0");
  g_assert_true (g_str_has_prefix (row, "ok "));
  gsize held = held_by_engine (w);
  ps_engine_world_tear_down (w, NULL);
  return held;
}

/* A million changes of 64 ports, a loss every ten thousand: what the engine holds does not grow. */
static void
test_events (void)
{
  gsize held = held_after_flaps (N_EVENTS / 10);
  g_assert_cmpuint (held_after_flaps (N_EVENTS), <=, held + LEFT_BYTES);
}

typedef struct {
  guint n_events, n_lost;
} Count;

static void
count_events (const PsLinkEvent *events, gsize n, gpointer user_data)
{
  Count *count = user_data;
  count->n_events += (guint)n;
  for (gsize i = 0; i < n; i++)
    count->n_lost += events[i].type == PS_LINK_LOST;
}

static void
ignore_admin_down (const PsNetlinkAdminDownResult *result, gpointer user_data)
{
}

static void
refuse_failure (const GError *error, gpointer user_data)
{
  g_error ("%s", error->message);
}

static const PsLinkSink count_sink = {count_events, ignore_admin_down, refuse_failure};

static void
send_links (PsFakeDatagramPort *port, PsVirtualClock *clock, guint n)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  for (guint i = 0; i < n; i++) {
    PsLinkEvent link = {.ifindex = 1 + i % N_PORTS, .flags = IFF_UP};
    g_snprintf (link.name, sizeof link.name, "Ethernet%u", i % N_PORTS);
    ps_message_append_link (out, (PsMessageOrigin){0}, &link);
    ps_fake_datagram_port_push (port, out->data, out->len);
    g_byte_array_set_size (out, 0);
    if (i % 10000 == 9999)
      ps_fake_datagram_port_overrun (port, 3);
    if (i % 100 == 99)
      ps_virtual_clock_advance (clock, 1000);
  }
}

/* A million messages through the session, and a hundred overruns. */
static void
test_messages (void)
{
  Count count = {0};
  PsVirtualClock *clock = ps_virtual_clock_new ();
  PsLog *log = ps_log_new (PS_CLOCK (clock), say_nothing, NULL);
  PsFakeDatagramPort *port = ps_fake_datagram_port_new (PS_CLOCK (clock), 4711);
  PsNetlinkSession *session =
      ps_netlink_session_new (PS_DATAGRAM_PORT (port), PS_CLOCK (clock), log, 100);
  ps_link_source_start (PS_LINK_SOURCE (session), &count_sink, &count);
  send_links (port, clock, N_EVENTS / 10);
  gsize before = ps_heap_in_use ();
  send_links (port, clock, N_EVENTS);
  assert_grown_at_most (before, LEFT_BYTES);
  g_assert_cmpuint (count.n_lost, >=, 100);
  g_assert_cmpuint (count.n_events, >=, N_EVENTS);
  ps_link_source_stop (PS_LINK_SOURCE (session));
  g_assert_finalize_object (session);
  g_object_unref (port);
  ps_log_free (log);
  g_object_unref (clock);
}

/* --- reconnections -------------------------------------------------------------------------- */

/* A connection that dies: in the handshake, between requests, or with requests open. */
static void
reconnect (PsSessionRig *rig, guint i)
{
  ps_fake_stream_port_end (rig->port);
  ps_session_rig_run (rig);
  ps_session_rig_time_to_attempt (rig);
  ps_session_rig_run (rig);
  if (i % 3 == 0)
    return;
  ps_session_rig_feed (rig, PS_SESSION_RIG_HELLO);
  ps_session_rig_scene (rig);
  ps_session_rig_run (rig);
  if (i % 3 == 1)
    ps_session_rig_feed (rig, PS_SESSION_RIG_SCENE_REPLIES);
}

static void
reconnect_often (PsSessionRig *rig, guint n)
{
  for (guint i = 0; i < n; i++) {
    reconnect (rig, i);
    g_ptr_array_set_size (rig->lines, 0);
    g_string_truncate (rig->seen, 0);
    g_string_truncate (rig->rows, 0);
  }
}

/* A thousand connections that end in every way, with requests open or not. */
static void
test_reconnects (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  reconnect_often (rig, 120);
  gsize before = ps_heap_in_use ();
  reconnect_often (rig, N_RECONNECTS);
  assert_grown_at_most (before, LEFT_BYTES);
}

/* A thousand real connections and a thousand that are refused leave no descriptor and no memory. */
static void
test_sockets (void)
{
  g_autoptr (PsRedisServer) server = ps_redis_server_new (NULL);
  PsRedisDbEndpoint there = {.unix_path = (char *)ps_redis_server_socket (server)};
  PsRedisDbEndpoint gone = {.unix_path = (char *)"/nonexistent/redis.sock"};
  g_autoptr (PsStreamPort) port = ps_redis_socket_new (NULL, &there);
  g_autoptr (PsStreamPort) none = ps_redis_socket_new (NULL, &gone);
  gsize before = 0;
  guint n_descriptors = 0;
  for (guint i = 0; i < N_RECONNECTS + 10; i++) {
    g_autoptr (GError) error = NULL;
    if (i == 10) {
      before = ps_heap_in_use ();
      n_descriptors = ps_proc_n_descriptors (getpid ());
    }
    if (i % 50 == 0)
      ps_redis_server_do (server, 0, "PING"); /* It has time to accept: its backlog is limited. */
    g_assert_true (ps_stream_port_connect (port, &error));
    ps_stream_port_close (port);
    g_assert_false (ps_stream_port_connect (none, &error));
    ps_stream_port_close (none);
  }
  g_assert_cmpuint (ps_proc_n_descriptors (getpid ()), ==, n_descriptors);
  assert_grown_at_most (before, LEFT_BYTES);
}

/* A thousand netlink sockets, opened and closed. */
static void
test_netlink_sockets (void)
{
  gsize before = 0;
  guint n_descriptors = 0;
  for (guint i = 0; i < N_RECONNECTS + 10; i++) {
    g_autoptr (GError) error = NULL;
    if (i == 10) {
      before = ps_heap_in_use ();
      n_descriptors = ps_proc_n_descriptors (getpid ());
    }
    g_autoptr (PsNetlinkSocket) socket = ps_netlink_socket_new (NULL, 64 * 1024, &error);
    g_assert_no_error (error);
    g_assert_nonnull (socket);
  }
  g_assert_cmpuint (ps_proc_n_descriptors (getpid ()), ==, n_descriptors);
  assert_grown_at_most (before, LEFT_BYTES);
}

/* --- shrinking ------------------------------------------------------------------------------ */

static void
add_ports (PsEngineWorld *w)
{
  for (guint i = 0; i < N_PORTS_MANY; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_engine_world_make_live (w, name);
    ps_script_source_link (w->source, name, i + 1, UP);
  }
  ps_engine_world_run_ms (w, 5000);
}

static void
remove_ports (PsEngineWorld *w)
{
  PsSimRedisDb *appl = ps_memory_store_db (w->store, PS_DB_APPL);
  for (guint i = 0; i < N_PORTS_MANY; i++) {
    g_autofree char *key = g_strdup_printf ("PORT_TABLE:Ethernet%u", i);
    ps_script_source_remove (w->source, i + 1);
    ps_memory_db_delete (appl, key);
  }
  ps_engine_world_run_ms (w, 5000);
  /* Two audits: the first drops the ports, after the second nothing speaks of them any more. */
  ps_engine_world_run_ms (w, 2 * AUDIT_MS);
}

static gsize
held_by_new_engine (void)
{
  PsEngineWorld world = {0}, *w = &world;
  ps_engine_world_set_up (w, NULL);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 2 * AUDIT_MS);
  gsize held = held_by_engine (w);
  ps_engine_world_tear_down (w, NULL);
  return held;
}

/* 20,000 ports come and go: port table, batches and everything else shrink to what they were. */
static void
test_shrink (void)
{
  gsize held = held_by_new_engine ();
  PsEngineWorld world = {0}, *w = &world;
  ps_engine_world_set_up (w, NULL);
  ps_engine_world_start (w);
  gsize empty = ps_heap_in_use ();
  add_ports (w);
  g_assert_cmpuint (ps_engine_status (w->engine).n_ports, ==, N_PORTS_MANY);
  if (ps_heap_is_measured ())
    g_assert_cmpuint (ps_heap_in_use (), >, empty + N_PORTS_MANY * sizeof (PsPort));
  remove_ports (w);
  g_assert_cmpuint (ps_engine_status (w->engine).n_ports, ==, 0);
  g_assert_cmpuint (held_by_engine (w), <=, held + SHRUNK_BYTES);
  ps_engine_world_tear_down (w, NULL);
}

/* Writing and reading four megabytes at once, many times, leaves no buffer of that size behind. */
static void
test_buffers (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  g_autofree char *value = g_strnfill (4 * MEGABYTE, 'v');
  g_autofree char *ops = g_strconcat ("PUT T k f=", value, NULL);
  g_autofree char *reply = g_strdup_printf ("*2\r\n$1\r\nf\r\n$%u\r\n%s\r\n", 4 * MEGABYTE, value);
  for (guint i = 0; i < 20; i++) {
    ps_session_rig_commit (rig, ops);
    ps_session_rig_run (rig);
    ps_session_rig_feed (rig, ":1\r\n");
    ps_session_rig_read (rig, "T", "k");
    ps_session_rig_run (rig);
    ps_session_rig_feed (rig, reply);
    g_assert_cmpuint (rig->rows->len, >, MEGABYTE);
    g_string_truncate (rig->rows, 0);
  }
  /* A reader keeps its last reply: a small one. */
  ps_session_rig_exists (rig, "T", "k");
  ps_session_rig_run (rig);
  ps_session_rig_feed (rig, ":1\r\n");
  gsize with = ps_heap_in_use ();
  g_clear_pointer (&rig->session, ps_redis_session_free);
  g_assert_cmpuint (with - MIN (with, ps_heap_in_use ()), <, MEGABYTE / 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/growth/events", test_events);
  g_test_add_func ("/growth/messages", test_messages);
  g_test_add_func ("/growth/reconnects", test_reconnects);
  g_test_add_func ("/growth/sockets", test_sockets);
  g_test_add_func ("/growth/netlink-sockets", test_netlink_sockets);
  g_test_add_func ("/growth/shrink", test_shrink);
  g_test_add_func ("/growth/buffers", test_buffers);
  return g_test_run ();
}
