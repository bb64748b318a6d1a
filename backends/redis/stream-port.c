/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/stream-port.h"

G_DEFINE_INTERFACE (PsStreamPort, ps_stream_port, G_TYPE_OBJECT)

static void
ps_stream_port_default_init (PsStreamPortInterface *iface G_GNUC_UNUSED)
{
}

gboolean
ps_stream_port_connect (PsStreamPort *self, GError **error)
{
  g_assert (error == NULL || *error == NULL);
  return PS_STREAM_PORT_GET_IFACE (self)->connect (self, error);
}

PsStreamResult
ps_stream_port_read (PsStreamPort *self, guint8 *buffer, gsize size, gsize *out_n)
{
  g_assert (buffer != NULL && size > 0 && out_n != NULL);
  *out_n = 0;
  PsStreamResult result = PS_STREAM_PORT_GET_IFACE (self)->read (self, buffer, size, out_n);
  g_assert (result != PS_STREAM_DONE || (*out_n > 0 && *out_n <= size));
  return result;
}

PsStreamResult
ps_stream_port_write (PsStreamPort *self, const guint8 *bytes, gsize n_bytes, gsize *out_n)
{
  g_assert (bytes != NULL && n_bytes > 0 && out_n != NULL);
  *out_n = 0;
  PsStreamResult result = PS_STREAM_PORT_GET_IFACE (self)->write (self, bytes, n_bytes, out_n);
  g_assert (result != PS_STREAM_DONE || (*out_n > 0 && *out_n <= n_bytes));
  return result;
}

void
ps_stream_port_want_write (PsStreamPort *self, gboolean wanted)
{
  PS_STREAM_PORT_GET_IFACE (self)->want_write (self, wanted);
}

void
ps_stream_port_close (PsStreamPort *self)
{
  PS_STREAM_PORT_GET_IFACE (self)->close (self);
}

void
ps_stream_port_set_ready (PsStreamPort *self, PsStreamReady ready, gpointer user_data)
{
  PS_STREAM_PORT_GET_IFACE (self)->set_ready (self, ready, user_data);
}

const char *
ps_stream_port_peer (PsStreamPort *self)
{
  return PS_STREAM_PORT_GET_IFACE (self)->peer (self);
}

const char *
ps_stream_port_fault (PsStreamPort *self)
{
  PsStreamPortInterface *iface = PS_STREAM_PORT_GET_IFACE (self);
  return iface->fault != NULL ? iface->fault (self) : NULL;
}
