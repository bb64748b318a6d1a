/* SPDX-License-Identifier: Apache-2.0 */
/* Where the real port connects to; what every port must do is in the contract. */
#include "backends/redis/socket.h"
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BOUND_US (10 * G_USEC_PER_SEC)

typedef struct {
  PsStreamPort *port;
  guint seen;
  gboolean ended;
} Probe;

static void
on_ready (guint readiness, gpointer user_data)
{
  Probe *probe = user_data;
  guint8 byte;
  gsize n;
  probe->seen |= readiness;
  if ((readiness & PS_STREAM_READABLE) != 0)
    probe->ended = ps_stream_port_read (probe->port, &byte, 1, &n) == PS_STREAM_ENDED;
}

static guint
n_descriptors (void)
{
  guint n = 0;
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

/* Peers are named so that a person can find them. */
static void
test_peer (void)
{
  char path[] = "/run/r.sock", v4[] = "127.0.0.1", v6[] = "::1", name[] = "redis.server";
  const struct {
    PsRedisDbEndpoint endpoint;
    const char *peer;
  } cases[] = {
      {{.unix_path = path, .port = 6379}, "unix:/run/r.sock"},
      {{.host = v4, .port = 6379}, "127.0.0.1:6379"},
      {{.host = v6, .port = 1}, "[::1]:1"},
      {{.host = name, .port = 65535}, "redis.server:65535"},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PsStreamPort) port = ps_redis_socket_new (NULL, &cases[i].endpoint);
    g_assert_cmpstr (ps_stream_port_peer (port), ==, cases[i].peer);
  }
}

/* A path where nothing is, one where no socket is, and one that is too long fail with words, at
 * once, and leave no descriptor behind. */
static void
test_bad_paths (void)
{
  char missing[] = "/nonexistent/redis.sock", file[] = "/proc/self/exe";
  g_autofree char *longer = g_strnfill (108, 'p');
  char *const paths[] = {missing, file, longer};
  static const char *const words[] = {"No such file", "refused", "too long"};
  guint before = n_descriptors ();
  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    PsRedisDbEndpoint endpoint = {.unix_path = paths[i]};
    g_autoptr (PsStreamPort) port = ps_redis_socket_new (NULL, &endpoint);
    for (guint attempt = 0; attempt < 3; attempt++) {
      g_autoptr (GError) error = NULL;
      g_assert_false (ps_stream_port_connect (port, &error));
      g_assert_error (error, PS_REDIS_SOCKET_ERROR, PS_REDIS_SOCKET_ERROR_CONNECT);
      g_assert_nonnull (strstr (error->message, words[i]));
      ps_stream_port_close (port);
    }
  }
  g_assert_cmpuint (n_descriptors (), ==, before);
}

static int
listen_loopback (guint16 *out_port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl (INADDR_LOOPBACK)}};
  socklen_t size = sizeof address;
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (listener, (struct sockaddr *)&address, size), ==, 0);
  g_assert_cmpint (listen (listener, 8), ==, 0);
  g_assert_cmpint (getsockname (listener, (struct sockaddr *)&address, &size), ==, 0);
  *out_port = ntohs (address.sin_port);
  return listener;
}

static void
wait_for_news (Probe *probe)
{
  gint64 end_us = g_get_monotonic_time () + BOUND_US;
  while (probe->seen == 0) {
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    if (!g_main_context_iteration (NULL, FALSE))
      poll (NULL, 0, 1);
  }
}

/* A name is resolved; if it has several addresses and the first does not answer, a later attempt
 * takes another, and the one that answered is kept. */
static void
test_name (void)
{
  guint16 tcp_port;
  int listener = listen_loopback (&tcp_port);
  char name[] = "localhost";
  PsRedisDbEndpoint endpoint = {.host = name, .port = tcp_port};
  g_autoptr (PsStreamPort) port = ps_redis_socket_new (NULL, &endpoint);
  Probe probe = {.port = port};
  ps_stream_port_set_ready (port, on_ready, &probe);
  guint n_refused = 0, n_connected = 0;
  for (guint attempt = 0; attempt < 6; attempt++) {
    g_autoptr (GError) error = NULL;
    probe.seen = 0;
    if (ps_stream_port_connect (port, &error))
      wait_for_news (&probe);
    n_connected += (probe.seen & PS_STREAM_WRITABLE) != 0;
    n_refused += (probe.seen & PS_STREAM_WRITABLE) == 0;
    g_assert_true (n_connected == 0 || (probe.seen & PS_STREAM_WRITABLE) != 0);
    ps_stream_port_close (port);
  }
  g_assert_cmpuint (n_connected, >, 0);
  g_assert_cmpuint (n_refused, <, 4);
  close (listener);
}

/* In the place of libc's: no name is looked up on the loop, which would stand meanwhile. */
int
getaddrinfo (const char *host, const char *service, const struct addrinfo *hints,
             struct addrinfo **list)
{
  typeof (&getaddrinfo) libc = (typeof (&getaddrinfo))dlsym (RTLD_NEXT, "getaddrinfo");
  if ((hints->ai_flags & AI_NUMERICHOST) == 0)
    g_assert_cmpint (gettid (), !=, getpid ());
  return libc (host, service, hints, list);
}

static guint
n_threads (void)
{
  guint n = 0;
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
wait_for_threads (guint n)
{
  gint64 end_us = g_get_monotonic_time () + BOUND_US;
  while (n_threads () > n) {
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    if (!g_main_context_iteration (NULL, FALSE))
      poll (NULL, 0, 1);
  }
  while (g_main_context_iteration (NULL, FALSE))
    continue;
}

/* While the name is looked up the port is silent and says why. Closed or dropped then, it makes
 * no call; however often it is closed and connected, one thread looks the name up. */
static void
test_lookup_given_up (void)
{
  guint16 tcp_port;
  int listener = listen_loopback (&tcp_port);
  char name[] = "localhost";
  guint8 byte = 0;
  gsize n;
  PsRedisDbEndpoint endpoint = {.host = name, .port = tcp_port};
  guint threads = n_threads (), descriptors = n_descriptors ();
  PsStreamPort *port = ps_redis_socket_new (NULL, &endpoint);
  Probe probe = {.port = port};
  ps_stream_port_set_ready (port, on_ready, &probe);
  for (guint i = 0; i < 10; i++) {
    g_assert_true (ps_stream_port_connect (port, NULL));
    g_assert_cmpint (ps_stream_port_read (port, &byte, 1, &n), ==, PS_STREAM_WOULD_BLOCK);
    g_assert_cmpint (ps_stream_port_write (port, &byte, 1, &n), ==, PS_STREAM_WOULD_BLOCK);
    g_assert_nonnull (strstr (ps_stream_port_fault (port), "looked up"));
    g_assert_cmpuint (n_threads (), <=, threads + 1);
    ps_stream_port_close (port);
    g_assert_null (ps_stream_port_fault (port));
  }
  wait_for_threads (threads);
  g_assert_cmpuint (probe.seen, ==, 0);
  g_assert_true (ps_stream_port_connect (port, NULL));
  g_assert_finalize_object (port);
  wait_for_threads (threads);
  g_assert_cmpuint (probe.seen, ==, 0);
  g_assert_cmpuint (n_descriptors (), ==, descriptors);
  close (listener);
}

/* A name that has no address ends the attempt as a refusal does, with the reason. */
static void
test_name_unknown (void)
{
  char name[] = "a name with spaces is none";
  PsRedisDbEndpoint endpoint = {.host = name, .port = 1};
  g_autoptr (PsStreamPort) port = ps_redis_socket_new (NULL, &endpoint);
  Probe probe = {.port = port};
  ps_stream_port_set_ready (port, on_ready, &probe);
  for (guint i = 0; i < 2; i++) {
    probe.seen = 0;
    g_assert_true (ps_stream_port_connect (port, NULL));
    wait_for_news (&probe);
    g_assert_cmpuint (probe.seen, ==, PS_STREAM_READABLE);
    g_assert_true (probe.ended);
    g_assert_true (g_str_has_prefix (ps_stream_port_fault (port), "cannot resolve the host's "));
    ps_stream_port_close (port);
  }
}

/* Dropped while it is open, the port closes its descriptor and makes no call. */
static void
test_drop (void)
{
  guint16 tcp_port;
  int listener = listen_loopback (&tcp_port);
  char host[] = "127.0.0.1";
  PsRedisDbEndpoint endpoint = {.host = host, .port = tcp_port};
  guint before = n_descriptors ();
  PsStreamPort *port = ps_redis_socket_new (NULL, &endpoint);
  Probe probe = {.port = port};
  ps_stream_port_set_ready (port, on_ready, &probe);
  g_assert_true (ps_stream_port_connect (port, NULL));
  g_assert_cmpuint (n_descriptors (), >, before);
  g_assert_finalize_object (port);
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (probe.seen, ==, 0);
  close (listener);
}

/* A context of one's own is used, and no other. */
static void
test_context (void)
{
  guint16 tcp_port;
  int listener = listen_loopback (&tcp_port);
  char host[] = "127.0.0.1";
  PsRedisDbEndpoint endpoint = {.host = host, .port = tcp_port};
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (PsStreamPort) port = ps_redis_socket_new (context, &endpoint);
  Probe probe = {.port = port};
  ps_stream_port_set_ready (port, on_ready, &probe);
  g_assert_true (ps_stream_port_connect (port, NULL));
  for (guint i = 0; i < 10; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpuint (probe.seen, ==, 0);
  gint64 end_us = g_get_monotonic_time () + BOUND_US;
  while (probe.seen == 0 && g_get_monotonic_time () < end_us)
    g_main_context_iteration (context, FALSE);
  g_assert_cmpuint (probe.seen, ==, PS_STREAM_WRITABLE);
  close (listener);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_main_context_default (); /* It opens a descriptor: before any case counts them. */
  g_test_add_func ("/redis-socket/peer", test_peer);
  g_test_add_func ("/redis-socket/bad-paths", test_bad_paths);
  g_test_add_func ("/redis-socket/name", test_name);
  g_test_add_func ("/redis-socket/lookup-given-up", test_lookup_given_up);
  g_test_add_func ("/redis-socket/name-unknown", test_name_unknown);
  g_test_add_func ("/redis-socket/drop", test_drop);
  g_test_add_func ("/redis-socket/context", test_context);
  return g_test_run ();
}
