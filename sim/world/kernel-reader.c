/* SPDX-License-Identifier: Apache-2.0 */
/* Who reads a socket: woken when there is something, and when the socket dies. */
#include "sim/world/kernel-private.h"

static gboolean
is_readable (const PsSimSocket *self)
{
  return self->closed != 0 || self->dump.n_part > 0 || ps_socket_queue_is_readable (&self->queue);
}

static void
on_wake (gpointer data)
{
  g_autoptr (PsSimSocket) self = g_object_ref (data);
  self->timer = 0;
  if (self->ready != NULL && is_readable (self))
    self->ready (self->ready_data);
  ps_sim_socket_wake (self);
}

static gint64
wake_delay_us (PsSimSocket *self)
{
  if (self->kernel == NULL)
    return PS_SIM_KERNEL_WAKE_US;
  return (gint64)ps_rng_below (&self->kernel->wake_rng, PS_SIM_KERNEL_WAKE_US + 1);
}

void
ps_sim_socket_wake (PsSimSocket *self)
{
  if (self->timer != 0 || self->ready == NULL || !is_readable (self))
    return;
  gint64 due_us = ps_clock_now_us (self->clock) + wake_delay_us (self);
  self->timer = ps_clock_arm (self->clock, due_us, on_wake, self);
}

/* No call has any effect afterwards. The caller takes it off the kernel's list. */
static void
die (PsSimSocket *self, int error)
{
  self->closed = error;
  self->kernel = NULL;
  self->dump.active = FALSE;
  self->dump.n_part = 0;
  ps_socket_queue_clear (&self->queue);
  ps_sim_socket_wake (self);
}

void
ps_sim_kernel_close_sockets (PsSimKernel *self, int error)
{
  g_assert (error > 0);
  for (guint i = 0; i < self->sockets->len; i++)
    die (g_ptr_array_index (self->sockets, i), error);
  self->counters.closed += self->sockets->len;
  g_ptr_array_set_size (self->sockets, 0);
}
