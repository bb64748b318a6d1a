/* SPDX-License-Identifier: Apache-2.0 */
/* What every PsStreamPort must do. Usage: contract-stream-port fake|sim|unix|tcp. */
#include "backends/redis/socket.h"
#include "sim/world/redis-port.h"
#include "tests/support/fake-stream-port.h"
#include "base/virtual-clock.h"
#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BOUND_US (10 * G_USEC_PER_SEC)

static const char *implementation;

/* A port and the other side of it. */
typedef struct {
  PsStreamPort *port;
  PsVirtualClock *clock; /* fake and sim only */
  PsSimListener *sim;    /* sim only */
  PsSimConn *conn;       /* sim only: the other side of the latest connection */
  int listener, peer;    /* sockets only */
  char *dir, *path;      /* unix only */
  guint16 tcp_port;
  GString *seen;  /* readiness in order: r, w or b (both) */
  gboolean drain; /* the handler reads to the end */
  GByteArray *got;
  gboolean ended;
} Rig;

static gboolean
is_fake (void)
{
  return g_str_equal (implementation, "fake");
}

static gboolean
is_sim (void)
{
  return g_str_equal (implementation, "sim");
}

static PsStreamResult
read_all (Rig *rig)
{
  guint8 bytes[4096];
  gsize n;
  PsStreamResult result;
  while ((result = ps_stream_port_read (rig->port, bytes, sizeof bytes, &n)) == PS_STREAM_DONE)
    g_byte_array_append (rig->got, bytes, (guint)n);
  rig->ended = result == PS_STREAM_ENDED;
  return result;
}

static void
on_ready (guint readiness, gpointer user_data)
{
  Rig *rig = user_data;
  g_assert_cmpuint (readiness & ~(guint)(PS_STREAM_READABLE | PS_STREAM_WRITABLE), ==, 0);
  g_assert_cmpuint (readiness, !=, 0);
  g_string_append_c (rig->seen, "?rwb"[readiness]);
  if (rig->drain && (readiness & PS_STREAM_READABLE) != 0)
    read_all (rig);
}

/* One turn of the loop; FALSE if nothing happened in it. */
static gboolean
turn (Rig *rig)
{
  if (is_sim ())
    return ps_virtual_clock_step (rig->clock);
  if (!is_fake ())
    return g_main_context_iteration (NULL, FALSE);
  gsize before = rig->seen->len;
  ps_virtual_clock_advance (rig->clock, 0);
  return rig->seen->len != before;
}

#define WAIT_FOR(rig, condition)                                                                   \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 end_us = g_get_monotonic_time () + BOUND_US;                                            \
    while (!(condition)) {                                                                         \
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);                                        \
      if (!turn (rig))                                                                             \
        poll (NULL, 0, 1);                                                                         \
    }                                                                                              \
  }                                                                                                \
  G_STMT_END

/* Gives events that must not come the chance to come. */
static void
settle (Rig *rig)
{
  for (guint i = 0; i < 20; i++)
    if (!turn (rig))
      poll (NULL, 0, 1);
}

static void
listen_unix (Rig *rig)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  g_strlcpy (address.sun_path, rig->path, sizeof address.sun_path);
  rig->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (rig->listener, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (listen (rig->listener, 8), ==, 0);
}

static void
listen_tcp (Rig *rig)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  rig->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (rig->listener, (struct sockaddr *)&address, size), ==, 0);
  g_assert_cmpint (listen (rig->listener, 8), ==, 0);
  g_assert_cmpint (getsockname (rig->listener, (struct sockaddr *)&address, &size), ==, 0);
  rig->tcp_port = ntohs (address.sin_port);
}

static void
make_socket (Rig *rig)
{
  PsRedisDbEndpoint endpoint = {.id = 0};
  char host[] = "127.0.0.1";
  if (g_str_equal (implementation, "unix")) {
    rig->dir = g_dir_make_tmp ("ps-stream-XXXXXX", NULL);
    rig->path = g_build_filename (rig->dir, "socket", NULL);
    listen_unix (rig);
    endpoint.unix_path = rig->path;
  } else {
    listen_tcp (rig);
    endpoint.host = host;
    endpoint.port = rig->tcp_port;
  }
  rig->port = ps_redis_socket_new (NULL, &endpoint);
}

static void
on_sim_accepted (PsSimConn *conn, gpointer user_data)
{
  ((Rig *)user_data)->conn = conn;
}

/* The end of a connection that was not the latest is the one after a close. */
static void
on_sim_arrived (PsSimConn *conn, gpointer user_data)
{
  Rig *rig = user_data;
  if (!ps_sim_conn_has_ended (conn))
    return;
  if (rig->conn == conn)
    rig->conn = NULL;
  ps_sim_conn_close (conn);
}

static void
make_sim (Rig *rig)
{
  static const PsSimServerFns fns = {.accepted = on_sim_accepted, .arrived = on_sim_arrived};
  rig->clock = ps_virtual_clock_new ();
  rig->sim = ps_sim_listener_new (PS_CLOCK (rig->clock), &fns, rig);
  rig->sim->requests.latency_us = 30;
  rig->sim->replies.latency_us = 70;
  rig->port = ps_sim_port_new (rig->sim, "sim");
}

static Rig *
rig_new (void)
{
  Rig *rig = g_new0 (Rig, 1);
  rig->listener = rig->peer = -1;
  rig->seen = g_string_new (NULL);
  rig->got = g_byte_array_new ();
  if (is_fake ()) {
    rig->clock = ps_virtual_clock_new ();
    rig->port = PS_STREAM_PORT (ps_fake_stream_port_new (PS_CLOCK (rig->clock)));
  } else if (is_sim ()) {
    make_sim (rig);
  } else {
    make_socket (rig);
  }
  ps_stream_port_set_ready (rig->port, on_ready, rig);
  return rig;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
rig_free (Rig *rig)
{
  g_object_unref (rig->port);
  ps_sim_listener_free (rig->sim);
  g_clear_object (&rig->clock);
  close_fd (&rig->peer);
  close_fd (&rig->listener);
  if (rig->dir != NULL) {
    g_unlink (rig->path);
    g_rmdir (rig->dir);
  }
  g_free (rig->dir);
  g_free (rig->path);
  g_string_free (rig->seen, TRUE);
  g_byte_array_unref (rig->got);
  g_free (rig);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rig, rig_free)

/* --- The other side --- */

static void
peer_accept (Rig *rig)
{
  if (is_fake () || is_sim ())
    return;
  close_fd (&rig->peer);
  rig->peer = accept (rig->listener, NULL, NULL);
  g_assert_cmpint (rig->peer, >=, 0);
}

static void
peer_send (Rig *rig, const void *bytes, gsize n)
{
  if (is_fake ())
    ps_fake_stream_port_feed (PS_FAKE_STREAM_PORT (rig->port), bytes, n);
  else if (is_sim ())
    ps_sim_conn_send (rig->conn, bytes, n);
  else
    g_assert_cmpint (send (rig->peer, bytes, n, MSG_NOSIGNAL), ==, (ssize_t)n);
}

static gsize
sim_take (Rig *rig)
{
  gsize n;
  settle (rig);
  ps_sim_conn_arrived (rig->conn, &n);
  ps_sim_conn_take (rig->conn, n);
  return n;
}

/* Everything that has arrived so far; what was taken makes room for more. */
static gsize
peer_take (Rig *rig)
{
  if (is_fake ()) {
    PsFakeStreamPort *fake = PS_FAKE_STREAM_PORT (rig->port);
    gsize n = ps_fake_stream_port_written (fake)->len;
    ps_fake_stream_port_take (fake, n);
    ps_fake_stream_port_set_room (fake, 100000);
    return n;
  }
  if (is_sim ())
    return sim_take (rig);
  char bytes[65536];
  gsize total = 0;
  ssize_t n;
  while ((n = recv (rig->peer, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
    total += (gsize)n;
  return total;
}

static void
peer_close (Rig *rig)
{
  if (is_fake ())
    ps_fake_stream_port_end (PS_FAKE_STREAM_PORT (rig->port));
  else if (rig->conn != NULL)
    ps_sim_conn_close (g_steal_pointer (&rig->conn));
  else
    close_fd (&rig->peer);
}

static void
nobody_listens (Rig *rig)
{
  if (is_fake ())
    ps_fake_stream_port_set_connect (PS_FAKE_STREAM_PORT (rig->port), PS_FAKE_REFUSE_LATER);
  if (is_sim ())
    rig->sim->refuses = TRUE;
  close_fd (&rig->listener);
}

static void
open_rig (Rig *rig)
{
  g_autoptr (GError) error = NULL;
  gsize before = rig->seen->len;
  g_assert_true (ps_stream_port_connect (rig->port, &error));
  g_assert_no_error (error);
  peer_accept (rig);
  WAIT_FOR (rig, rig->seen->len > before);
}

/* --- Tests --- */

/* The first WRITABLE says that the connection stands; it comes from the loop, and once. */
static void
test_connect (void)
{
  g_autoptr (Rig) rig = rig_new ();
  g_assert_true (ps_stream_port_connect (rig->port, NULL));
  g_assert_cmpstr (rig->seen->str, ==, "");
  peer_accept (rig);
  settle (rig);
  g_assert_cmpstr (rig->seen->str, ==, "w");
  g_assert_cmpstr (ps_stream_port_peer (rig->port), !=, "");
}

/* Bytes pass in both directions, and nothing is reported when there is nothing. */
static void
test_bytes (void)
{
  g_autoptr (Rig) rig = rig_new ();
  gsize n;
  guint8 byte;
  open_rig (rig);
  g_assert_cmpint (ps_stream_port_read (rig->port, &byte, 1, &n), ==, PS_STREAM_WOULD_BLOCK);
  g_assert_cmpint (ps_stream_port_write (rig->port, (const guint8 *)"PING\r\n", 6, &n), ==,
                   PS_STREAM_DONE);
  g_assert_cmpuint (n, ==, 6);
  g_assert_cmpuint (peer_take (rig), ==, 6);
  settle (rig);
  g_assert_cmpstr (rig->seen->str, ==, "w");
  rig->drain = TRUE;
  peer_send (rig, "a\0b", 3);
  WAIT_FOR (rig, rig->got->len == 3);
  g_assert_cmpmem (rig->got->data, 3, "a\0b", 3);
  g_assert_false (rig->ended);
  settle (rig);
  g_assert_cmpstr (rig->seen->str, ==, "wr");
}

/* READABLE is level-triggered: what is left unread is reported again. */
static void
test_level (void)
{
  g_autoptr (Rig) rig = rig_new ();
  open_rig (rig);
  peer_send (rig, "abc", 3);
  for (guint i = 1; i <= 3; i++) {
    guint8 byte;
    gsize n;
    g_string_truncate (rig->seen, 0);
    rig->drain = FALSE;
    if (is_fake ())
      ps_virtual_clock_step (rig->clock);
    WAIT_FOR (rig, is_fake () || rig->seen->len > 0);
    g_assert_cmpint (rig->seen->str[0], ==, 'r');
    g_assert_cmpint (ps_stream_port_read (rig->port, &byte, 1, &n), ==, PS_STREAM_DONE);
    g_assert_cmpint (byte, ==, "?abc"[i]);
  }
}

/* A full stream would block; WRITABLE comes while it is wanted and there is room, and not after. */
static void
test_full (void)
{
  g_autoptr (Rig) rig = rig_new ();
  g_autofree guint8 *bytes = g_malloc0 (1 << 20);
  gsize n, sent = 0, taken = 0;
  open_rig (rig);
  if (is_fake ())
    ps_fake_stream_port_set_room (PS_FAKE_STREAM_PORT (rig->port), 100000);
  while (ps_stream_port_write (rig->port, bytes, 1 << 20, &n) == PS_STREAM_DONE)
    sent += n;
  g_assert_cmpuint (sent, >, 0);
  ps_stream_port_want_write (rig->port, TRUE);
  settle (rig);
  g_assert_cmpstr (rig->seen->str, ==, "w");
  while (taken < sent)
    taken += peer_take (rig);
  g_assert_cmpuint (taken, ==, sent);
  if (is_fake ()) {
    g_assert_true (ps_virtual_clock_step (rig->clock));
    g_assert_true (ps_virtual_clock_step (rig->clock));
  }
  WAIT_FOR (rig, rig->seen->len >= 3);
  g_assert_cmpstr (rig->seen->str, ==, "www");
  ps_stream_port_want_write (rig->port, FALSE);
  settle (rig);
  g_assert_cmpstr (rig->seen->str, ==, "www");
}

/* The end comes after the last byte, is readable, and is not reported for ever. */
static void
test_end (void)
{
  g_autoptr (Rig) rig = rig_new ();
  rig->drain = TRUE;
  open_rig (rig);
  peer_send (rig, "last words", 10);
  peer_close (rig);
  WAIT_FOR (rig, rig->ended);
  g_assert_cmpmem (rig->got->data, rig->got->len, "last words", 10);
  gsize n = rig->seen->len;
  settle (rig);
  g_assert_cmpuint (rig->seen->len, ==, n);
  g_assert_cmpint (read_all (rig), ==, PS_STREAM_ENDED);
}

/* Writing to a peer that is gone ends the stream and does not kill the process. */
static void
test_write_after_end (void)
{
  g_autoptr (Rig) rig = rig_new ();
  gsize n;
  open_rig (rig);
  peer_close (rig);
  WAIT_FOR (rig, ps_stream_port_write (rig->port, (const guint8 *)"x", 1, &n) == PS_STREAM_ENDED);
}

/* A refused connection shows as an error of connect or as READABLE and ENDED, never as WRITABLE;
 * when a server listens again the same port connects. */
static void
test_refused (void)
{
  g_autoptr (Rig) rig = rig_new ();
  rig->drain = TRUE;
  nobody_listens (rig);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GError) error = NULL;
    rig->ended = FALSE;
    if (ps_stream_port_connect (rig->port, &error))
      WAIT_FOR (rig, rig->ended);
    else
      g_assert_nonnull (error);
    ps_stream_port_close (rig->port);
  }
  g_assert_null (strpbrk (rig->seen->str, "wb"));
}

/* Nothing is reported after close, which may be repeated; then the port can connect again. */
static void
test_close (void)
{
  g_autoptr (Rig) rig = rig_new ();
  ps_stream_port_close (rig->port);
  open_rig (rig);
  peer_send (rig, "unread", 6);
  ps_stream_port_want_write (rig->port, TRUE);
  ps_stream_port_close (rig->port);
  ps_stream_port_close (rig->port);
  peer_close (rig);
  settle (rig);
  g_assert_cmpstr (rig->seen->str, ==, "w");
  open_rig (rig);
  settle (rig);
  g_assert_cmpstr (rig->seen->str, ==, "ww"); /* what was wanted before is forgotten */
  g_assert_cmpint (read_all (rig), ==, PS_STREAM_WOULD_BLOCK);
  g_assert_cmpuint (rig->got->len, ==, 0);
}

static void
close_on_ready (guint readiness, gpointer user_data)
{
  Rig *rig = user_data;
  g_string_append_c (rig->seen, 'c');
  ps_stream_port_close (rig->port);
}

/* The port may be closed from inside its ready function. */
static void
test_close_inside (void)
{
  g_autoptr (Rig) rig = rig_new ();
  ps_stream_port_set_ready (rig->port, close_on_ready, rig);
  open_rig (rig);
  settle (rig);
  g_assert_cmpstr (rig->seen->str, ==, "c");
}

/* Without a ready function, nothing is called; given one, it hears what is there. */
static void
test_no_ready (void)
{
  g_autoptr (Rig) rig = rig_new ();
  open_rig (rig);
  ps_stream_port_set_ready (rig->port, NULL, NULL);
  peer_send (rig, "x", 1);
  if (is_fake ())
    ps_virtual_clock_step (rig->clock);
  else
    settle (rig);
  g_assert_cmpstr (rig->seen->str, ==, "w");
  rig->drain = TRUE;
  ps_stream_port_set_ready (rig->port, on_ready, rig);
  WAIT_FOR (rig, rig->got->len == 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >, 1);
  implementation = argv[1];
  g_test_add_func ("/stream-port/connect", test_connect);
  g_test_add_func ("/stream-port/bytes", test_bytes);
  g_test_add_func ("/stream-port/level", test_level);
  g_test_add_func ("/stream-port/full", test_full);
  g_test_add_func ("/stream-port/end", test_end);
  g_test_add_func ("/stream-port/write-after-end", test_write_after_end);
  g_test_add_func ("/stream-port/refused", test_refused);
  g_test_add_func ("/stream-port/close", test_close);
  g_test_add_func ("/stream-port/close-inside", test_close_inside);
  g_test_add_func ("/stream-port/no-ready", test_no_ready);
  return g_test_run ();
}
