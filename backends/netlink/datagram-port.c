/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/datagram-port.h"

G_DEFINE_INTERFACE (PsDatagramPort, ps_datagram_port, G_TYPE_OBJECT)

static void
ps_datagram_port_default_init (PsDatagramPortInterface *iface G_GNUC_UNUSED)
{
}

PsDatagramResult
ps_datagram_port_receive (PsDatagramPort *self, guint8 *buffer, gsize size,
                          PsDatagramInfo *out_info)
{
  g_assert (buffer != NULL && size > 0 && out_info != NULL);
  return PS_DATAGRAM_PORT_GET_IFACE (self)->receive (self, buffer, size, out_info);
}

int
ps_datagram_port_send (PsDatagramPort *self, const guint8 *bytes, gsize n_bytes)
{
  g_assert (bytes != NULL && n_bytes > 0);
  int error = PS_DATAGRAM_PORT_GET_IFACE (self)->send (self, bytes, n_bytes);
  g_assert (error >= 0);
  return error;
}

guint32
ps_datagram_port_port_id (PsDatagramPort *self)
{
  return PS_DATAGRAM_PORT_GET_IFACE (self)->port_id (self);
}

gboolean
ps_datagram_port_drops (PsDatagramPort *self, guint32 *out_drops)
{
  g_assert (out_drops != NULL);
  return PS_DATAGRAM_PORT_GET_IFACE (self)->drops (self, out_drops);
}

void
ps_datagram_port_set_ready (PsDatagramPort *self, PsDatagramReady ready, gpointer user_data)
{
  PS_DATAGRAM_PORT_GET_IFACE (self)->set_ready (self, ready, user_data);
}
