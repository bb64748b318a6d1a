/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/socket.h"
#include "backends/redis/lookup.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* A dead TCP peer is noticed after 10 s + 3 * 5 s also when nothing is asked of it (tcp(7)). */
#define KEEPALIVE_IDLE_S     10
#define KEEPALIVE_INTERVAL_S 5
#define KEEPALIVE_PROBES     3

#define ALWAYS (G_IO_IN | G_IO_HUP | G_IO_ERR)

G_DEFINE_QUARK (ps_redis_socket_error, ps_redis_socket_error)

struct _PsRedisSocket {
  GObject parent;
  GMainContext *context; /* owned, nullable */
  char *unix_path;       /* owned, nullable */
  char *host, *service;  /* owned, nullable */
  char *peer;            /* owned */
  guint next_address;    /* of those that the name has */
  PsRedisLookup *lookup; /* owned, nullable; goes on when the port is closed: one at a time */
  gboolean resolving;    /* connecting waits for it */
  char *fault;           /* owned, nullable */

  int fd;          /* -1: closed */
  GSource *source; /* owned, nullable */
  gpointer tag;    /* of fd in source */
  gboolean connecting, failed, wants_write;
  PsStreamReady ready;
  gpointer user_data;
};

/* --- The source --- */

typedef struct {
  GSource base;
  PsRedisSocket *socket; /* not owned: it destroys the source before it goes */
} SocketSource;

static GIOCondition
events_of (GSource *source)
{
  PsRedisSocket *self = ((SocketSource *)source)->socket;
  return g_source_query_unix_fd (source, self->tag);
}

static gboolean
source_check (GSource *source)
{
  return events_of (source) != 0;
}

static void
watch (PsRedisSocket *self)
{
  gboolean out = self->connecting || self->wants_write;
  if (self->source != NULL)
    g_source_modify_unix_fd (self->source, self->tag, ALWAYS | (out ? G_IO_OUT : 0));
}

/* The outcome of a connect that was in progress. */
static guint
finish_connect (PsRedisSocket *self, GIOCondition events)
{
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt (self->fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0)
    error = errno;
  self->connecting = FALSE;
  self->failed = error != 0;
  self->next_address += self->failed;
  watch (self);
  if (self->failed)
    return PS_STREAM_READABLE;
  return PS_STREAM_WRITABLE | ((events & G_IO_IN) != 0 ? PS_STREAM_READABLE : 0);
}

static guint
readiness_of (PsRedisSocket *self, GIOCondition events)
{
  if (self->connecting)
    return finish_connect (self, events);
  guint readiness = (events & ALWAYS) != 0 ? PS_STREAM_READABLE : 0;
  if ((events & G_IO_OUT) != 0 && self->wants_write)
    readiness |= PS_STREAM_WRITABLE;
  return readiness;
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  PsRedisSocket *self = g_object_ref (((SocketSource *)source)->socket);
  guint readiness = readiness_of (self, events_of (source));
  if (readiness != 0 && self->ready != NULL)
    self->ready (readiness, self->user_data);
  g_object_unref (self);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {.check = source_check, .dispatch = source_dispatch};

static void
start_source (PsRedisSocket *self)
{
  self->source = g_source_new (&source_funcs, sizeof (SocketSource));
  g_source_set_static_name (self->source, "redis-socket");
  g_source_set_can_recurse (self->source, TRUE); /* As in the netlink socket: no wake-ups. */
  ((SocketSource *)self->source)->socket = self;
  self->tag = g_source_add_unix_fd (self->source, self->fd, ALWAYS | G_IO_OUT);
  g_source_attach (self->source, self->context);
}

/* From here on poll would say HUP for ever, so the source must not ask it any more. */
static void
stop_source (PsRedisSocket *self)
{
  if (self->source == NULL)
    return;
  g_source_destroy (self->source);
  g_clear_pointer (&self->source, g_source_unref);
}

/* --- Connecting --- */

static gboolean
refuse (GError **error, const char *what, const char *why)
{
  g_set_error (error, PS_REDIS_SOCKET_ERROR, PS_REDIS_SOCKET_ERROR_CONNECT, "%s: %s", what, why);
  return FALSE;
}

static gboolean
begin_connect (PsRedisSocket *self, int family, const struct sockaddr *address, socklen_t size,
               GError **error)
{
  self->fd = socket (family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (self->fd < 0)
    return refuse (error, "no socket", g_strerror (errno));
  if (connect (self->fd, address, size) == 0 || errno == EINPROGRESS)
    return TRUE;
  int why = errno;
  close (self->fd);
  self->fd = -1;
  return refuse (error, "cannot connect", g_strerror (why));
}

static gboolean
connect_unix (PsRedisSocket *self, GError **error)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen (self->unix_path) >= sizeof address.sun_path)
    return refuse (error, "cannot connect", "the path is too long for a socket");
  g_strlcpy (address.sun_path, self->unix_path, sizeof address.sun_path);
  return begin_connect (self, AF_UNIX, (const struct sockaddr *)&address, sizeof address, error);
}

static void
set_option (int fd, int level, int option, int value)
{
  /* Each only improves on a default; without it the connection works as well. */
  (void)setsockopt (fd, level, option, &value, sizeof value);
}

static void
set_tcp_options (int fd)
{
  set_option (fd, IPPROTO_TCP, TCP_NODELAY, 1);
  set_option (fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option (fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
  set_option (fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
  set_option (fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
}

static const struct addrinfo *
choose (const struct addrinfo *list, guint turn)
{
  guint n = 0;
  for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
    n++;
  for (turn %= n; turn > 0; turn--)
    list = list->ai_next;
  return list;
}

static gboolean
connect_to_one (PsRedisSocket *self, const struct addrinfo *list, GError **error)
{
  const struct addrinfo *address = choose (list, self->next_address);
  gboolean begun =
      begin_connect (self, address->ai_family, address->ai_addr, address->ai_addrlen, error);
  if (begun)
    set_tcp_options (self->fd);
  else
    self->next_address++;
  return begun;
}

static void
on_found (const struct addrinfo *list, const char *why, gpointer user_data)
{
  PsRedisSocket *self = user_data;
  g_autoptr (GError) error = NULL;
  g_clear_pointer (&self->lookup, ps_redis_lookup_free);
  if (!self->resolving)
    return;
  self->resolving = FALSE;
  if (list == NULL)
    refuse (&error, "cannot resolve the host's name", why);
  else if (connect_to_one (self, list, &error))
    start_source (self);
  if (error == NULL)
    return;
  self->connecting = FALSE;
  self->failed = TRUE;
  self->fault = g_strdup (error->message);
  g_object_ref (self);
  if (self->ready != NULL)
    self->ready (PS_STREAM_READABLE, self->user_data);
  g_object_unref (self);
}

/* What is an address needs neither a name server nor a thread. */
static gboolean
connect_tcp (PsRedisSocket *self, GError **error)
{
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
  struct addrinfo *list = NULL;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  if (getaddrinfo (self->host, self->service, &hints, &list) == 0) {
    gboolean begun = connect_to_one (self, list, error);
    freeaddrinfo (list);
    return begun;
  }
  if (self->lookup == NULL)
    self->lookup =
        ps_redis_lookup_start (self->context, self->host, self->service, on_found, self, error);
  self->resolving = self->lookup != NULL;
  return self->resolving;
}

static gboolean
socket_connect (PsStreamPort *port, GError **error)
{
  PsRedisSocket *self = PS_REDIS_SOCKET (port);
  g_assert (self->fd < 0);
  self->connecting = TRUE;
  self->failed = self->wants_write = FALSE;
  g_clear_pointer (&self->fault, g_free);
  gboolean begun = self->unix_path != NULL ? connect_unix (self, error) : connect_tcp (self, error);
  if (begun && !self->resolving)
    start_source (self);
  return begun;
}

/* --- Moving bytes --- */

static PsStreamResult
end (PsRedisSocket *self)
{
  stop_source (self);
  return PS_STREAM_ENDED;
}

static PsStreamResult
socket_read (PsStreamPort *port, guint8 *buffer, gsize size, gsize *out_n)
{
  PsRedisSocket *self = PS_REDIS_SOCKET (port);
  if (self->failed || (self->fd < 0 && !self->resolving))
    return end (self);
  if (self->connecting)
    return PS_STREAM_WOULD_BLOCK;
  ssize_t n;
  do
    n = recv (self->fd, buffer, size, 0);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return PS_STREAM_WOULD_BLOCK;
  if (n <= 0)
    return end (self);
  *out_n = (gsize)n;
  return PS_STREAM_DONE;
}

/* After a failure the source goes on: what the peer said before it closed can still be read. */
static PsStreamResult
socket_write (PsStreamPort *port, const guint8 *bytes, gsize n_bytes, gsize *out_n)
{
  PsRedisSocket *self = PS_REDIS_SOCKET (port);
  if (self->failed || (self->fd < 0 && !self->resolving))
    return PS_STREAM_ENDED;
  if (self->connecting)
    return PS_STREAM_WOULD_BLOCK;
  ssize_t n;
  do
    n = send (self->fd, bytes, n_bytes, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
    return PS_STREAM_WOULD_BLOCK;
  if (n <= 0)
    return PS_STREAM_ENDED;
  *out_n = (gsize)n;
  return PS_STREAM_DONE;
}

static void
socket_want_write (PsStreamPort *port, gboolean wanted)
{
  PsRedisSocket *self = PS_REDIS_SOCKET (port);
  self->wants_write = wanted;
  watch (self);
}

static void
socket_close (PsStreamPort *port)
{
  PsRedisSocket *self = PS_REDIS_SOCKET (port);
  stop_source (self);
  self->resolving = FALSE;
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static void
socket_set_ready (PsStreamPort *port, PsStreamReady ready, gpointer user_data)
{
  PsRedisSocket *self = PS_REDIS_SOCKET (port);
  self->ready = ready;
  self->user_data = user_data;
}

static const char *
socket_peer (PsStreamPort *port)
{
  return PS_REDIS_SOCKET (port)->peer;
}

static const char *
socket_fault (PsStreamPort *port)
{
  PsRedisSocket *self = PS_REDIS_SOCKET (port);
  return self->resolving ? "the host's name is still looked up" : self->fault;
}

static void
port_iface_init (PsStreamPortInterface *iface)
{
  iface->connect = socket_connect;
  iface->read = socket_read;
  iface->write = socket_write;
  iface->want_write = socket_want_write;
  iface->close = socket_close;
  iface->set_ready = socket_set_ready;
  iface->peer = socket_peer;
  iface->fault = socket_fault;
}

G_DEFINE_TYPE_WITH_CODE (PsRedisSocket, ps_redis_socket, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_STREAM_PORT, port_iface_init))

static void
socket_finalize (GObject *object)
{
  PsRedisSocket *self = PS_REDIS_SOCKET (object);
  socket_close (PS_STREAM_PORT (self));
  ps_redis_lookup_free (self->lookup);
  g_free (self->fault);
  g_clear_pointer (&self->context, g_main_context_unref);
  g_free (self->unix_path);
  g_free (self->host);
  g_free (self->service);
  g_free (self->peer);
  G_OBJECT_CLASS (ps_redis_socket_parent_class)->finalize (object);
}

static void
ps_redis_socket_class_init (PsRedisSocketClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socket_finalize;
}

static void
ps_redis_socket_init (PsRedisSocket *self)
{
  self->fd = -1;
}

PsStreamPort *
ps_redis_socket_new (GMainContext *context, const PsRedisDbEndpoint *endpoint)
{
  g_assert ((endpoint->unix_path == NULL) != (endpoint->host == NULL));
  PsRedisSocket *self = g_object_new (PS_TYPE_REDIS_SOCKET, NULL);
  self->context = context != NULL ? g_main_context_ref (context) : NULL;
  self->unix_path = g_strdup (endpoint->unix_path);
  self->host = g_strdup (endpoint->host);
  self->service = g_strdup_printf ("%u", endpoint->port);
  if (self->unix_path != NULL)
    self->peer = g_strdup_printf ("unix:%s", self->unix_path);
  else if (strchr (self->host, ':') != NULL)
    self->peer = g_strdup_printf ("[%s]:%s", self->host, self->service);
  else
    self->peer = g_strdup_printf ("%s:%s", self->host, self->service);
  return PS_STREAM_PORT (self);
}
