/* SPDX-License-Identifier: Apache-2.0 */
/* The reader's calls: a PsDatagramPort. */
#include "sim/world/kernel-private.h"
#include <errno.h>

static PsDatagramResult
socket_receive (PsDatagramPort *port, guint8 *buffer, gsize size, PsDatagramInfo *out_info)
{
  PsSimSocket *self = PS_SIM_SOCKET (port);
  if (self->closed != 0) {
    *out_info = (PsDatagramInfo){.error = self->closed};
    return PS_DATAGRAM_CLOSED;
  }
  self->largest_read = MAX (self->largest_read, size);
  ps_sim_dump_flush (self);
  PsDatagramResult result = ps_socket_queue_pop (&self->queue, buffer, size, out_info);
  if (result != PS_DATAGRAM_OVERRUN) /* Linux goes on with a dump after a datagram. */
    ps_sim_dump_pump (self);
  return result;
}

static int
socket_send (PsDatagramPort *port, const guint8 *bytes, gsize n_bytes)
{
  PsSimSocket *self = PS_SIM_SOCKET (port);
  if (self->closed == 0)
    ps_sim_socket_request (self, bytes, n_bytes);
  return self->closed;
}

static guint32
socket_port_id (PsDatagramPort *port)
{
  return PS_SIM_SOCKET (port)->port_id;
}

static gboolean
socket_drops (PsDatagramPort *port, guint32 *out_drops)
{
  const PsSimSocket *self = PS_SIM_SOCKET (port);
  *out_drops = self->queue.drops;
  return self->closed == 0;
}

static void
socket_set_ready (PsDatagramPort *port, PsDatagramReady ready, gpointer user_data)
{
  PsSimSocket *self = PS_SIM_SOCKET (port);
  self->ready = ready;
  self->ready_data = user_data;
  if (ready == NULL)
    ps_clock_clear (self->clock, &self->timer);
  else
    ps_sim_socket_wake (self);
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

G_DEFINE_TYPE_WITH_CODE (PsSimSocket, ps_sim_socket, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_DATAGRAM_PORT, port_iface_init))

static void
sim_socket_finalize (GObject *object)
{
  PsSimSocket *self = PS_SIM_SOCKET (object);
  if (self->kernel != NULL)
    g_ptr_array_remove (self->kernel->sockets, self);
  ps_clock_clear (self->clock, &self->timer);
  ps_socket_queue_clear (&self->queue);
  g_free (self->dump.part);
  g_object_unref (self->clock);
  G_OBJECT_CLASS (ps_sim_socket_parent_class)->finalize (object);
}

static void
ps_sim_socket_class_init (PsSimSocketClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sim_socket_finalize;
}

static void
ps_sim_socket_init (PsSimSocket *self)
{
}

PsDatagramPort *
ps_sim_kernel_open (PsSimKernel *self, gsize receive_buffer_bytes)
{
  PsSimSocket *socket = g_object_new (PS_TYPE_SIM_SOCKET, NULL);
  socket->kernel = self;
  socket->clock = g_object_ref (self->clock);
  socket->queue.limit =
      receive_buffer_bytes > 0 ? receive_buffer_bytes : PS_SIM_KERNEL_RECEIVE_BYTES;
  socket->port_id = ++self->last_port_id;
  g_ptr_array_add (self->sockets, socket);
  return PS_DATAGRAM_PORT (socket);
}
