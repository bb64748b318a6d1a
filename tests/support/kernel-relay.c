/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/kernel-relay.h"
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

#define SEED         1
#define BUFFER_BYTES (64 * 1024)

/* An answer, of which the kernel makes sure that there is room, or an announcement to everybody. */
static void
pass_one (PsKernelRelay *self, const guint8 *bytes, gsize n_bytes)
{
  struct nlmsghdr header;
  g_assert_cmpuint (n_bytes, >=, sizeof header);
  memcpy (&header, bytes, sizeof header);
  if (header.nlmsg_pid == ps_datagram_port_port_id (PS_DATAGRAM_PORT (self->port)))
    ps_fake_datagram_port_answer (self->port, bytes, n_bytes);
  else
    ps_fake_datagram_port_push (self->port, bytes, n_bytes);
}

void
ps_kernel_relay_pass (PsKernelRelay *self)
{
  g_autofree guint8 *buffer = g_malloc (BUFFER_BYTES);
  PsDatagramInfo info;
  while (ps_datagram_port_receive (self->socket, buffer, BUFFER_BYTES, &info) ==
         PS_DATAGRAM_RECEIVED)
    pass_one (self, buffer, info.length);
}

static int
on_send (const guint8 *bytes, gsize n_bytes, gpointer user_data)
{
  PsKernelRelay *self = user_data;
  int error = ps_datagram_port_send (self->socket, bytes, n_bytes);
  ps_kernel_relay_pass (self);
  return error;
}

PsKernelRelay *
ps_kernel_relay_new (PsClock *clock)
{
  PsKernelRelay *self = g_new0 (PsKernelRelay, 1);
  self->kernel = ps_sim_kernel_new (clock, SEED);
  self->socket = ps_sim_kernel_open (self->kernel, 0);
  self->port = ps_fake_datagram_port_new (clock, ps_datagram_port_port_id (self->socket));
  ps_fake_datagram_port_on_send (self->port, on_send, self);
  return self;
}

void
ps_kernel_relay_free (PsKernelRelay *self)
{
  if (self == NULL)
    return;
  ps_fake_datagram_port_on_send (self->port, NULL, NULL);
  g_object_unref (self->port);
  g_object_unref (self->socket);
  ps_sim_kernel_free (self->kernel);
  g_free (self);
}
