/* SPDX-License-Identifier: Apache-2.0 */
/* The devices of the simulated kernel: how they are found. */
#include "sim/world/kernel-private.h"

static PsSimDevice *
device_at (PsSimKernel *self, guint place)
{
  return g_ptr_array_index (self->devices, place);
}

guint
ps_sim_kernel_place (PsSimKernel *self, guint32 ifindex)
{
  guint low = 0, high = self->devices->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (device_at (self, middle)->link.ifindex < ifindex)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

PsSimDevice *
ps_sim_kernel_device (PsSimKernel *self, guint32 ifindex)
{
  guint place = ps_sim_kernel_place (self, ifindex);
  if (place == self->devices->len || device_at (self, place)->link.ifindex != ifindex)
    return NULL;
  return device_at (self, place);
}

const PsSimLink *
ps_sim_kernel_find (PsSimKernel *self, const char *name)
{
  const PsSimDevice *device = g_hash_table_lookup (self->by_name, name);
  return device != NULL ? &device->link : NULL;
}

const PsSimLink *
ps_sim_kernel_find_ifindex (PsSimKernel *self, guint32 ifindex)
{
  const PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
  return device != NULL ? &device->link : NULL;
}

guint
ps_sim_kernel_length (PsSimKernel *self)
{
  return self->devices->len;
}

const PsSimLink *
ps_sim_kernel_nth (PsSimKernel *self, guint n)
{
  g_assert (n < self->devices->len);
  return &device_at (self, n)->link;
}

gboolean
ps_sim_kernel_has_carrier (PsSimKernel *self, guint32 ifindex)
{
  const PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
  return device != NULL && device->carrier;
}
