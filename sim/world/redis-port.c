/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/redis-port.h"
#include <string.h>

#define PS_TYPE_SIM_PORT (ps_sim_port_get_type ())
G_DECLARE_FINAL_TYPE (PsSimPort, ps_sim_port, PS, SIM_PORT, GObject)

struct _PsSimConn {
  PsSimListener *listener;
  PsSimPort *port;               /* NULL: the client has closed */
  gboolean served;               /* The server has not closed yet. */
  PsSimPipe *requests, *replies; /* owned */
  gpointer data;
};

struct _PsSimPort {
  GObject parent;
  PsSimListener *listener;
  char *peer;      /* owned */
  PsSimConn *conn; /* NULL: closed */
  gboolean stands; /* WRITABLE has said so. */
  gboolean wants_write, told_end;
  PsTimerId timer;
  PsStreamReady ready;
  gpointer user_data;
};

/* --- Readiness --- */

static gsize
room (const PsSimPort *self)
{
  gsize n = ps_sim_pipe_n_bytes (self->conn->requests);
  return n < PS_SIM_SOCKET_BYTES ? PS_SIM_SOCKET_BYTES - n : 0;
}

static guint
readiness (const PsSimPort *self)
{
  if (self->conn == NULL || self->ready == NULL)
    return 0;
  const PsSimPipe *replies = self->conn->replies;
  gboolean ended = ps_sim_pipe_has_ended (replies);
  guint result = 0;
  gsize n;
  ps_sim_pipe_arrived (replies, &n);
  if (n > 0 || (ended && !self->told_end))
    result |= PS_STREAM_READABLE;
  if (!self->stands && ps_sim_pipe_is_open (replies))
    result |= PS_STREAM_WRITABLE;
  if (self->stands && self->wants_write && !ended && room (self) > 0)
    result |= PS_STREAM_WRITABLE;
  return result;
}

static void
on_timer (gpointer user_data)
{
  g_autoptr (PsSimPort) self = g_object_ref (user_data);
  PsClock *clock = self->listener->clock;
  guint now = readiness (self);
  self->timer = 0;
  if ((now & PS_STREAM_WRITABLE) != 0)
    self->stands = TRUE;
  if (now != 0)
    self->ready (now, self->user_data);
  if (self->timer == 0 && readiness (self) != 0)
    self->timer = ps_clock_arm (clock, ps_clock_now_us (clock), on_timer, self);
}

static void
schedule (PsSimPort *self)
{
  PsClock *clock = self->listener->clock;
  if (self->timer == 0 && readiness (self) != 0)
    self->timer = ps_clock_arm (clock, ps_clock_now_us (clock), on_timer, self);
}

/* --- The connection --- */

static void
conn_free (gpointer data)
{
  PsSimConn *conn = data;
  ps_sim_pipe_free (conn->requests);
  ps_sim_pipe_free (conn->replies);
  g_free (conn);
}

static void
free_if_over (PsSimConn *conn)
{
  if (conn->port == NULL && !conn->served)
    g_ptr_array_remove (conn->listener->conns, conn);
}

static void
requests_arrived (gpointer user_data)
{
  PsSimConn *conn = user_data;
  PsSimListener *listener = conn->listener;
  if (!conn->served)
    return;
  if (ps_sim_pipe_was_cut (conn->requests))
    ps_sim_pipe_abort (conn->replies);
  listener->fns.arrived (conn, listener->user_data);
}

static void
replies_arrived (gpointer user_data)
{
  PsSimConn *conn = user_data;
  if (ps_sim_pipe_was_cut (conn->replies))
    ps_sim_pipe_abort (conn->requests);
  if (conn->port != NULL)
    schedule (conn->port);
}

static PsSimConn *
conn_new (PsSimListener *listener, PsSimPort *port, gboolean served)
{
  PsSimConn *conn = g_new0 (PsSimConn, 1);
  conn->listener = listener;
  conn->port = port;
  conn->served = served;
  conn->requests = ps_sim_pipe_new (listener->clock, &listener->requests, requests_arrived, conn);
  conn->replies = ps_sim_pipe_new (listener->clock, &listener->replies, replies_arrived, conn);
  g_ptr_array_add (listener->conns, conn);
  return conn;
}

/* --- The client's end --- */

/* A missing unix socket is told at once, a refusing TCP port later: in turn, both are met. */
static gboolean
refuse (PsSimPort *self, GError **error)
{
  if (self->listener->n_refused++ % 2 == 0) {
    g_set_error (error, g_quark_from_static_string ("ps-sim-port"), 0, "Connection refused");
    return FALSE;
  }
  self->conn = conn_new (self->listener, self, FALSE);
  ps_sim_pipe_end (self->conn->replies);
  return TRUE;
}

static gboolean
sim_connect (PsStreamPort *port, GError **error)
{
  PsSimPort *self = PS_SIM_PORT (port);
  PsSimListener *listener = self->listener;
  g_assert (self->conn == NULL);
  self->stands = self->wants_write = self->told_end = FALSE;
  if (listener->refuses)
    return refuse (self, error);
  self->conn = conn_new (listener, self, TRUE);
  ps_sim_pipe_open (self->conn->replies);
  listener->fns.accepted (self->conn, listener->user_data);
  return TRUE;
}

static PsStreamResult
sim_read (PsStreamPort *port, guint8 *buffer, gsize size, gsize *out_n)
{
  PsSimPort *self = PS_SIM_PORT (port);
  if (self->conn == NULL)
    return PS_STREAM_ENDED;
  gsize n;
  const guint8 *bytes = ps_sim_pipe_arrived (self->conn->replies, &n);
  if (n == 0 && !ps_sim_pipe_has_ended (self->conn->replies))
    return PS_STREAM_WOULD_BLOCK;
  if (n == 0) {
    self->told_end = TRUE;
    return PS_STREAM_ENDED;
  }
  n = MIN (n, size);
  memcpy (buffer, bytes, n);
  ps_sim_pipe_take (self->conn->replies, n);
  *out_n = n;
  return PS_STREAM_DONE;
}

static PsStreamResult
sim_write (PsStreamPort *port, const guint8 *bytes, gsize n_bytes, gsize *out_n)
{
  PsSimPort *self = PS_SIM_PORT (port);
  if (self->conn == NULL || ps_sim_pipe_has_ended (self->conn->replies))
    return PS_STREAM_ENDED;
  gsize n = MIN (n_bytes, room (self));
  if (!self->stands || n == 0)
    return PS_STREAM_WOULD_BLOCK;
  ps_sim_pipe_put (self->conn->requests, bytes, n);
  *out_n = n;
  return PS_STREAM_DONE;
}

static void
sim_want_write (PsStreamPort *port, gboolean wanted)
{
  PS_SIM_PORT (port)->wants_write = wanted;
  schedule (PS_SIM_PORT (port));
}

static void
sim_close (PsStreamPort *port)
{
  PsSimPort *self = PS_SIM_PORT (port);
  PsSimConn *conn = g_steal_pointer (&self->conn);
  ps_clock_clear (self->listener->clock, &self->timer);
  if (conn == NULL)
    return;
  conn->port = NULL;
  if (conn->served)
    ps_sim_pipe_end (conn->requests);
  free_if_over (conn);
}

static void
sim_set_ready (PsStreamPort *port, PsStreamReady ready, gpointer user_data)
{
  PsSimPort *self = PS_SIM_PORT (port);
  self->ready = ready;
  self->user_data = user_data;
  schedule (self);
}

static const char *
sim_peer (PsStreamPort *port)
{
  return PS_SIM_PORT (port)->peer;
}

static void
port_iface_init (PsStreamPortInterface *iface)
{
  iface->connect = sim_connect;
  iface->read = sim_read;
  iface->write = sim_write;
  iface->want_write = sim_want_write;
  iface->close = sim_close;
  iface->set_ready = sim_set_ready;
  iface->peer = sim_peer;
}

G_DEFINE_TYPE_WITH_CODE (PsSimPort, ps_sim_port, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_STREAM_PORT, port_iface_init))

static void
sim_port_finalize (GObject *object)
{
  PsSimPort *self = PS_SIM_PORT (object);
  sim_close (PS_STREAM_PORT (self));
  g_free (self->peer);
  G_OBJECT_CLASS (ps_sim_port_parent_class)->finalize (object);
}

static void
ps_sim_port_class_init (PsSimPortClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sim_port_finalize;
}

static void
ps_sim_port_init (PsSimPort *self)
{
}

PsStreamPort *
ps_sim_port_new (PsSimListener *listener, const char *peer)
{
  PsSimPort *self = g_object_new (PS_TYPE_SIM_PORT, NULL);
  self->listener = listener;
  self->peer = g_strdup (peer);
  return PS_STREAM_PORT (self);
}

/* --- The server's end --- */

const guint8 *
ps_sim_conn_arrived (const PsSimConn *self, gsize *out_n)
{
  return ps_sim_pipe_arrived (self->requests, out_n);
}

void
ps_sim_conn_take (PsSimConn *self, gsize n_bytes)
{
  ps_sim_pipe_take (self->requests, n_bytes);
  if (self->port != NULL)
    schedule (self->port);
}

gboolean
ps_sim_conn_has_ended (const PsSimConn *self)
{
  return ps_sim_pipe_has_ended (self->requests);
}

void
ps_sim_conn_send (PsSimConn *self, const void *bytes, gsize n_bytes)
{
  if (self->port != NULL)
    ps_sim_pipe_put (self->replies, bytes, n_bytes);
}

gboolean
ps_sim_conn_is_read (const PsSimConn *self)
{
  return self->port != NULL && !ps_sim_pipe_has_ended (self->replies) &&
         ps_sim_pipe_n_bytes (self->replies) == 0;
}

void
ps_sim_conn_close (PsSimConn *self)
{
  self->served = FALSE;
  ps_sim_pipe_abort (self->requests);
  ps_sim_pipe_end (self->replies);
  free_if_over (self);
}

void
ps_sim_conn_set_data (PsSimConn *self, gpointer data)
{
  self->data = data;
}

gpointer
ps_sim_conn_data (const PsSimConn *self)
{
  return self->data;
}

/* --- The listener --- */

PsSimListener *
ps_sim_listener_new (PsClock *clock, const PsSimServerFns *fns, gpointer user_data)
{
  PsSimListener *self = g_new0 (PsSimListener, 1);
  self->clock = g_object_ref (clock);
  self->fns = *fns;
  self->user_data = user_data;
  self->conns = g_ptr_array_new_with_free_func (conn_free);
  return self;
}

void
ps_sim_listener_free (PsSimListener *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->conns->len; i++)
    g_assert (((const PsSimConn *)g_ptr_array_index (self->conns, i))->port == NULL);
  g_ptr_array_unref (self->conns);
  g_object_unref (self->clock);
  g_free (self);
}

void
ps_sim_listener_hold (PsSimListener *self, gboolean hold)
{
  self->requests.held = self->replies.held = hold;
  for (guint i = 0; i < self->conns->len; i++) {
    PsSimConn *conn = g_ptr_array_index (self->conns, i);
    ps_sim_pipe_resume (conn->requests);
    ps_sim_pipe_resume (conn->replies);
  }
}
