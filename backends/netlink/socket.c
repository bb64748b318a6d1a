/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/socket.h"
#include "backends/netlink/error.h"
#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct _PsNetlinkSocket {
  GObject parent;
  struct nl_sock *nl; /* owned */
  int fd;             /* of nl */
  guint32 port_id;
  GMainContext *context; /* owned, nullable */
  GSource *source;       /* owned, nullable: while a callback is set */
  PsDatagramReady ready;
  gpointer ready_data;
  PsNetlinkReceiveBuffer receive_buffer;
};

/* Readiness is level-triggered: poll() says so again in every turn until the queue, and the error
 * that an overrun leaves on the socket, have been read. */
typedef struct {
  GSource base;
  PsNetlinkSocket *socket; /* not owned: the socket destroys the source */
  gpointer tag;
} ReadySource;

static gboolean
ready_check (GSource *source)
{
  return g_source_query_unix_fd (source, ((ReadySource *)source)->tag) != 0;
}

static gboolean
ready_dispatch (GSource *source, GSourceFunc callback G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_autoptr (PsNetlinkSocket) self = g_object_ref (((ReadySource *)source)->socket);
  if (self->ready != NULL)
    self->ready (self->ready_data);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs ready_funcs = {.check = ready_check, .dispatch = ready_dispatch};

static PsDatagramResult
failed_receive (int error, PsDatagramInfo *out_info)
{
  if (error == EAGAIN || error == EWOULDBLOCK)
    return PS_DATAGRAM_WOULD_BLOCK;
  if (error == ENOBUFS || error == ENOMEM)
    return PS_DATAGRAM_OVERRUN;
  *out_info = (PsDatagramInfo){.error = error};
  return PS_DATAGRAM_CLOSED;
}

static PsDatagramResult
socket_receive (PsDatagramPort *port, guint8 *buffer, gsize size, PsDatagramInfo *out_info)
{
  PsNetlinkSocket *self = PS_NETLINK_SOCKET (port);
  struct sockaddr_nl sender = {0};
  struct iovec iov = {.iov_base = buffer, .iov_len = size};
  struct msghdr message = {
      .msg_name = &sender, .msg_namelen = sizeof sender, .msg_iov = &iov, .msg_iovlen = 1};
  ssize_t n;
  do
    n = recvmsg (self->fd, &message, MSG_DONTWAIT | MSG_TRUNC);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return failed_receive (errno, out_info);
  gboolean named = message.msg_namelen == sizeof sender && sender.nl_family == AF_NETLINK;
  *out_info = (PsDatagramInfo){.length = (gsize)n, .sender = named ? sender.nl_pid : G_MAXUINT32};
  return PS_DATAGRAM_RECEIVED;
}

static int
socket_send (PsDatagramPort *port, const guint8 *bytes, gsize n_bytes)
{
  PsNetlinkSocket *self = PS_NETLINK_SOCKET (port);
  struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
  ssize_t n;
  do
    n = sendto (self->fd, bytes, n_bytes, MSG_DONTWAIT, (const struct sockaddr *)&kernel,
                sizeof kernel);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return errno;
  return (gsize)n == n_bytes ? 0 : EMSGSIZE;
}

static guint32
socket_port_id (PsDatagramPort *port)
{
  return PS_NETLINK_SOCKET (port)->port_id;
}

static gboolean
socket_drops (PsDatagramPort *port, guint32 *out_drops)
{
  PsNetlinkSocket *self = PS_NETLINK_SOCKET (port);
  guint32 values[SK_MEMINFO_VARS];
  socklen_t size = sizeof values;
  if (getsockopt (self->fd, SOL_SOCKET, SO_MEMINFO, values, &size) != 0 ||
      size < (SK_MEMINFO_DROPS + 1) * sizeof *values)
    return FALSE;
  *out_drops = values[SK_MEMINFO_DROPS];
  return TRUE;
}

static void
detach (PsNetlinkSocket *self)
{
  g_autoptr (GSource) source = g_steal_pointer (&self->source);
  if (source != NULL)
    g_source_destroy (source);
}

static void
attach (PsNetlinkSocket *self)
{
  self->source = g_source_new (&ready_funcs, sizeof (ReadySource));
  ReadySource *ready = (ReadySource *)self->source;
  ready->socket = self;
  ready->tag = g_source_add_unix_fd (self->source, self->fd, G_IO_IN | G_IO_ERR | G_IO_HUP);
  g_source_set_name (self->source, "ps-netlink-socket");
  /* The daemon never iterates the context from inside a dispatch. Otherwise GLib guards against
   * that: it takes the descriptor out of the poll set and puts it back, with a wake-up each, and
   * that is four system calls and an empty poll a dispatch. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_attach (self->source, self->context);
}

static void
socket_set_ready (PsDatagramPort *port, PsDatagramReady ready, gpointer user_data)
{
  PsNetlinkSocket *self = PS_NETLINK_SOCKET (port);
  self->ready = ready;
  self->ready_data = user_data;
  if (ready == NULL)
    detach (self);
  else if (self->source == NULL)
    attach (self);
}

static void
port_iface_init (PsDatagramPortInterface *iface)
{
  iface->receive = socket_receive;
  iface->send = socket_send;
  iface->port_id = socket_port_id;
  iface->drops = socket_drops;
  iface->set_ready = socket_set_ready;
}

G_DEFINE_TYPE_WITH_CODE (PsNetlinkSocket, ps_netlink_socket, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_DATAGRAM_PORT, port_iface_init))

static void
socket_finalize (GObject *object)
{
  PsNetlinkSocket *self = PS_NETLINK_SOCKET (object);
  detach (self);
  g_clear_pointer (&self->nl, nl_socket_free);
  g_clear_pointer (&self->context, g_main_context_unref);
  G_OBJECT_CLASS (ps_netlink_socket_parent_class)->finalize (object);
}

static void
ps_netlink_socket_class_init (PsNetlinkSocketClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = socket_finalize;
}

static void
ps_netlink_socket_init (PsNetlinkSocket *self)
{
  self->fd = -1;
}

static void
size_receive_buffer (PsNetlinkSocket *self, gsize bytes)
{
  PsNetlinkReceiveBuffer *buffer = &self->receive_buffer;
  int wish = (int)MIN (bytes, (gsize)G_MAXINT / 2); /* The kernel doubles it. */
  int effective = 0;
  socklen_t size = sizeof effective;
  buffer->requested_bytes = bytes;
  buffer->forced = setsockopt (self->fd, SOL_SOCKET, SO_RCVBUFFORCE, &wish, sizeof wish) == 0;
  if (!buffer->forced) {
    buffer->error = errno;
    (void)setsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &wish, sizeof wish);
  }
  if (getsockopt (self->fd, SOL_SOCKET, SO_RCVBUF, &effective, &size) == 0)
    buffer->effective_bytes = (gsize)effective;
}

static gboolean
fail (GError **error, const char *attempt, const char *reason)
{
  g_set_error (error, PS_NETLINK_ERROR, PS_NETLINK_ERROR_OPEN, "%s: %s", attempt, reason);
  return FALSE;
}

static gboolean
enable_option (PsNetlinkSocket *self, int option, const char *attempt, GError **error)
{
  int on = 1;
  if (setsockopt (self->fd, SOL_NETLINK, option, &on, sizeof on) == 0)
    return TRUE;
  return fail (error, attempt, g_strerror (errno));
}

/* The buffer is sized before the group is joined, so that the first storm finds it. */
static gboolean
open_socket (PsNetlinkSocket *self, gsize receive_bytes, GError **error)
{
  self->nl = nl_socket_alloc ();
  if (self->nl == NULL)
    return fail (error, "cannot allocate a netlink socket", g_strerror (ENOMEM));
  int code = nl_connect (self->nl, NETLINK_ROUTE); /* Sets SOCK_CLOEXEC. */
  if (code < 0)
    return fail (error, "cannot open a netlink socket", nl_geterror (code));
  self->fd = nl_socket_get_fd (self->nl);
  self->port_id = nl_socket_get_local_port (self->nl);
  code = nl_socket_set_nonblocking (self->nl);
  if (code < 0)
    return fail (error, "cannot make the netlink socket non-blocking", nl_geterror (code));
  size_receive_buffer (self, receive_bytes);
  if (!enable_option (self, NETLINK_EXT_ACK, "cannot set NETLINK_EXT_ACK", error) ||
      !enable_option (self, NETLINK_GET_STRICT_CHK, "cannot set NETLINK_GET_STRICT_CHK", error))
    return FALSE;
  code = nl_socket_add_membership (self->nl, RTNLGRP_LINK);
  if (code < 0)
    return fail (error, "cannot join RTNLGRP_LINK", nl_geterror (code));
  return TRUE;
}

PsNetlinkSocket *
ps_netlink_socket_new (GMainContext *context, gsize receive_buffer_bytes, GError **error)
{
  g_autoptr (PsNetlinkSocket) self = g_object_new (PS_TYPE_NETLINK_SOCKET, NULL);
  gsize bytes = receive_buffer_bytes > 0 ? receive_buffer_bytes : PS_NETLINK_AUTO_RECEIVE_BYTES;
  if (context != NULL)
    self->context = g_main_context_ref (context);
  if (!open_socket (self, bytes, error))
    return NULL;
  return g_steal_pointer (&self);
}

const PsNetlinkReceiveBuffer *
ps_netlink_socket_receive_buffer (PsNetlinkSocket *self)
{
  return &self->receive_buffer;
}
