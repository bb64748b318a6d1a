/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/tap.h"

static void
tell (const PsSimTapSink *sink, guint channel, PsSimTapEvent event, const guint8 *bytes,
      gsize n_bytes)
{
  if (sink->fn != NULL)
    sink->fn (channel, event, bytes, n_bytes, sink->user_data);
}

/* --- datagrams ------------------------------------------------------------------------------ */

#define PS_TYPE_SIM_TAP_DATAGRAM (ps_sim_tap_datagram_get_type ())
G_DECLARE_FINAL_TYPE (PsSimTapDatagram, ps_sim_tap_datagram, PS, SIM_TAP_DATAGRAM, GObject)

struct _PsSimTapDatagram {
  GObject parent_instance;
  PsDatagramPort *inner; /* owned */
  const PsSimTapSink *sink;
  PsDatagramReady ready; /* nullable */
  gpointer user_data;    /* of it */
  gboolean held;
};

static PsDatagramResult
receive (PsDatagramPort *port, guint8 *buffer, gsize size, PsDatagramInfo *out_info)
{
  PsSimTapDatagram *self = PS_SIM_TAP_DATAGRAM (port);
  PsDatagramResult result = ps_datagram_port_receive (self->inner, buffer, size, out_info);
  if (result == PS_DATAGRAM_RECEIVED)
    tell (self->sink, PS_SIM_TAP_KERNEL, PS_SIM_TAP_READ, buffer, MIN (size, out_info->length));
  else if (result == PS_DATAGRAM_OVERRUN)
    tell (self->sink, PS_SIM_TAP_KERNEL, PS_SIM_TAP_OVERRUN, NULL, 0);
  else if (result == PS_DATAGRAM_CLOSED)
    tell (self->sink, PS_SIM_TAP_KERNEL, PS_SIM_TAP_ENDED, NULL, 0);
  return result;
}

static int
send_datagram (PsDatagramPort *port, const guint8 *bytes, gsize n_bytes)
{
  PsSimTapDatagram *self = PS_SIM_TAP_DATAGRAM (port);
  tell (self->sink, PS_SIM_TAP_KERNEL, PS_SIM_TAP_WRITTEN, bytes, n_bytes);
  return ps_datagram_port_send (self->inner, bytes, n_bytes);
}

static guint32
port_id (PsDatagramPort *port)
{
  return ps_datagram_port_port_id (PS_SIM_TAP_DATAGRAM (port)->inner);
}

static gboolean
drops (PsDatagramPort *port, guint32 *out_drops)
{
  return ps_datagram_port_drops (PS_SIM_TAP_DATAGRAM (port)->inner, out_drops);
}

static void
set_datagram_ready (PsDatagramPort *port, PsDatagramReady ready, gpointer user_data)
{
  PsSimTapDatagram *self = PS_SIM_TAP_DATAGRAM (port);
  self->ready = ready;
  self->user_data = user_data;
  if (!self->held)
    ps_datagram_port_set_ready (self->inner, ready, user_data);
}

static void
datagram_interface_init (PsDatagramPortInterface *iface)
{
  iface->receive = receive;
  iface->send = send_datagram;
  iface->port_id = port_id;
  iface->drops = drops;
  iface->set_ready = set_datagram_ready;
}

G_DEFINE_TYPE_WITH_CODE (PsSimTapDatagram, ps_sim_tap_datagram, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_DATAGRAM_PORT, datagram_interface_init))

static void
datagram_finalize (GObject *object)
{
  g_clear_object (&PS_SIM_TAP_DATAGRAM (object)->inner);
  G_OBJECT_CLASS (ps_sim_tap_datagram_parent_class)->finalize (object);
}

static void
ps_sim_tap_datagram_class_init (PsSimTapDatagramClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = datagram_finalize;
}

static void
ps_sim_tap_datagram_init (PsSimTapDatagram *self)
{
}

/* --- streams -------------------------------------------------------------------------------- */

#define PS_TYPE_SIM_TAP_STREAM (ps_sim_tap_stream_get_type ())
G_DECLARE_FINAL_TYPE (PsSimTapStream, ps_sim_tap_stream, PS, SIM_TAP_STREAM, GObject)

struct _PsSimTapStream {
  GObject parent_instance;
  PsStreamPort *inner; /* owned */
  const PsSimTapSink *sink;
  PsStreamReady ready; /* nullable */
  gpointer user_data;  /* of it */
  gboolean held;
  guint channel;
};

static gboolean
connect_stream (PsStreamPort *port, GError **error)
{
  PsSimTapStream *self = PS_SIM_TAP_STREAM (port);
  tell (self->sink, self->channel, PS_SIM_TAP_CONNECT, NULL, 0);
  return ps_stream_port_connect (self->inner, error);
}

static PsStreamResult
read_stream (PsStreamPort *port, guint8 *buffer, gsize size, gsize *out_n)
{
  PsSimTapStream *self = PS_SIM_TAP_STREAM (port);
  PsStreamResult result = ps_stream_port_read (self->inner, buffer, size, out_n);
  if (result == PS_STREAM_DONE)
    tell (self->sink, self->channel, PS_SIM_TAP_READ, buffer, *out_n);
  else if (result == PS_STREAM_ENDED)
    tell (self->sink, self->channel, PS_SIM_TAP_ENDED, NULL, 0);
  return result;
}

static PsStreamResult
write_stream (PsStreamPort *port, const guint8 *bytes, gsize n_bytes, gsize *out_n)
{
  PsSimTapStream *self = PS_SIM_TAP_STREAM (port);
  PsStreamResult result = ps_stream_port_write (self->inner, bytes, n_bytes, out_n);
  if (result == PS_STREAM_DONE)
    tell (self->sink, self->channel, PS_SIM_TAP_WRITTEN, bytes, *out_n);
  else if (result == PS_STREAM_ENDED)
    tell (self->sink, self->channel, PS_SIM_TAP_ENDED, NULL, 0);
  return result;
}

static void
want_write (PsStreamPort *port, gboolean wanted)
{
  ps_stream_port_want_write (PS_SIM_TAP_STREAM (port)->inner, wanted);
}

static void
close_stream (PsStreamPort *port)
{
  PsSimTapStream *self = PS_SIM_TAP_STREAM (port);
  tell (self->sink, self->channel, PS_SIM_TAP_CLOSE, NULL, 0);
  ps_stream_port_close (self->inner);
}

static void
set_stream_ready (PsStreamPort *port, PsStreamReady ready, gpointer user_data)
{
  PsSimTapStream *self = PS_SIM_TAP_STREAM (port);
  self->ready = ready;
  self->user_data = user_data;
  if (!self->held)
    ps_stream_port_set_ready (self->inner, ready, user_data);
}

static const char *
peer (PsStreamPort *port)
{
  return ps_stream_port_peer (PS_SIM_TAP_STREAM (port)->inner);
}

static void
stream_interface_init (PsStreamPortInterface *iface)
{
  iface->connect = connect_stream;
  iface->read = read_stream;
  iface->write = write_stream;
  iface->want_write = want_write;
  iface->close = close_stream;
  iface->set_ready = set_stream_ready;
  iface->peer = peer;
}

G_DEFINE_TYPE_WITH_CODE (PsSimTapStream, ps_sim_tap_stream, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_STREAM_PORT, stream_interface_init))

static void
stream_finalize (GObject *object)
{
  g_clear_object (&PS_SIM_TAP_STREAM (object)->inner);
  G_OBJECT_CLASS (ps_sim_tap_stream_parent_class)->finalize (object);
}

static void
ps_sim_tap_stream_class_init (PsSimTapStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = stream_finalize;
}

static void
ps_sim_tap_stream_init (PsSimTapStream *self)
{
}

/* --- public --------------------------------------------------------------------------------- */

PsDatagramPort *
ps_sim_tap_datagram_port (PsDatagramPort *inner, const PsSimTapSink *sink)
{
  PsSimTapDatagram *self = g_object_new (PS_TYPE_SIM_TAP_DATAGRAM, NULL);
  self->inner = g_object_ref (inner);
  self->sink = sink;
  return PS_DATAGRAM_PORT (self);
}

PsStreamPort *
ps_sim_tap_stream_port (PsStreamPort *inner, guint channel, const PsSimTapSink *sink)
{
  PsSimTapStream *self = g_object_new (PS_TYPE_SIM_TAP_STREAM, NULL);
  self->inner = g_object_ref (inner);
  self->channel = channel;
  self->sink = sink;
  return PS_STREAM_PORT (self);
}

void
ps_sim_tap_datagram_hold (PsDatagramPort *tap, gboolean hold)
{
  PsSimTapDatagram *self = PS_SIM_TAP_DATAGRAM (tap);
  self->held = hold;
  ps_datagram_port_set_ready (self->inner, hold ? NULL : self->ready, self->user_data);
}

void
ps_sim_tap_stream_hold (PsStreamPort *tap, gboolean hold)
{
  PsSimTapStream *self = PS_SIM_TAP_STREAM (tap);
  self->held = hold;
  ps_stream_port_set_ready (self->inner, hold ? NULL : self->ready, self->user_data);
}
