/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/kernel-private.h"
#include <string.h>

static PsSimSocket *
socket_at (PsSimKernel *self, guint i)
{
  return g_ptr_array_index (self->sockets, i);
}

void
ps_sim_kernel_interrupt_dumps (PsSimKernel *self, guint n)
{
  self->faults.interrupts += n;
}

void
ps_sim_kernel_fail_dumps (PsSimKernel *self, guint n, int error)
{
  g_assert (error > 0);
  self->faults.failures += n;
  self->faults.failure = error;
}

void
ps_sim_kernel_hold_dump (PsSimKernel *self, gboolean hold)
{
  self->faults.hold = hold;
  for (guint i = 0; !hold && i < self->sockets->len; i++)
    ps_sim_dump_pump (socket_at (self, i));
}

void
ps_sim_kernel_truncate_next (PsSimKernel *self)
{
  self->faults.truncate = TRUE;
}

void
ps_sim_kernel_drop_silently (PsSimKernel *self, guint n)
{
  self->faults.silent += n;
}

void
ps_sim_kernel_duplicate (PsSimKernel *self, guint n)
{
  self->faults.duplicates += n;
}

void
ps_sim_kernel_refuse_admin (PsSimKernel *self, int error)
{
  g_assert (error >= 0);
  self->faults.refusal = error;
}

void
ps_sim_kernel_forge (PsSimKernel *self, guint32 sender, const guint8 *bytes, gsize n_bytes)
{
  PsSocketMessage slot = {
      .length = (guint32)n_bytes, .charge = PS_SOCKET_CHARGE_ANSWER, .sender = sender};
  for (guint i = 0; i < self->sockets->len; i++) {
    guint8 *out = ps_socket_queue_push (&socket_at (self, i)->queue, &slot);
    if (out != NULL)
      memcpy (out, bytes, n_bytes);
    self->counters.forged += out != NULL;
    ps_sim_socket_wake (socket_at (self, i));
  }
}

void
ps_sim_kernel_heal (PsSimKernel *self)
{
  memset (&self->faults, 0, sizeof self->faults);
  ps_sim_kernel_hold_dump (self, FALSE);
}
