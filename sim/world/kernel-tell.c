/* SPDX-License-Identifier: Apache-2.0 */
/* How a change is told: to the observer, and to every socket that joined the group. */
#include "sim/world/kernel-private.h"
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

void
ps_sim_kernel_changed (PsSimKernel *self, PsSimDevice *device)
{
  PsSimLink *link = &device->link;
  guint32 flags = link->flags & ~(guint32)(IFF_RUNNING | IFF_LOWER_UP);
  if ((flags & IFF_UP) && device->carrier)
    flags |= IFF_LOWER_UP;
  if ((flags & IFF_UP) && device->oper)
    flags |= IFF_RUNNING;
  link->flags = flags;
  link->changed_at_event = ++self->n_events;
  if (self->observer != NULL)
    self->observer (link, FALSE, self->observer_data);
}

static void
deliver (PsSimSocket *socket, const PsLinkImage *image, const PsLinkMessage *message, gboolean cut)
{
  PsSimKernelCounters *counters = &socket->kernel->counters;
  gboolean was_congested = socket->queue.congested;
  PsSocketMessage slot = {.length = (guint32)ps_link_image_length (image, message->tail),
                          .charge = PS_SOCKET_CHARGE_LINK + image->padding,
                          .too_big = cut};
  guint8 *out = ps_socket_queue_push (&socket->queue, &slot);
  if (out != NULL) {
    ps_link_image_write (image, message, out);
    counters->sent++;
  } else {
    counters->dropped++;
    counters->overruns += !was_congested;
  }
  ps_sim_socket_wake (socket);
}

void
ps_sim_kernel_broadcast (PsSimKernel *self, PsSimDevice *device, const PsLinkMessage *message)
{
  PsSimKernelFaults *faults = &self->faults;
  if (self->sockets->len == 0)
    return;
  if (faults->silent > 0) {
    faults->silent--;
    self->counters.silent++;
    return;
  }
  guint n_times = faults->duplicates > 0 ? 2 : 1;
  gboolean cut = faults->truncate;
  faults->duplicates -= n_times - 1;
  faults->truncate = FALSE;
  self->counters.duplicated += n_times - 1;
  self->counters.truncated += cut != FALSE;
  ps_link_image_update (&device->image, &device->link, device->carrier);
  for (guint n = 0; n < n_times; n++)
    for (guint i = 0; i < self->sockets->len; i++)
      deliver (g_ptr_array_index (self->sockets, i), &device->image, message, cut);
}

void
ps_sim_kernel_tell (PsSimKernel *self, PsSimDevice *device, guint32 change)
{
  ps_sim_kernel_broadcast (self, device,
                           PS_LIVE_MESSAGE (RTM_NEWLINK, AF_UNSPEC, change, PS_LINK_TAIL_LIVE));
  if (device->bridged)
    ps_sim_kernel_broadcast (self, device,
                             PS_LIVE_MESSAGE (RTM_NEWLINK, AF_BRIDGE, 0, PS_LINK_TAIL_NONE));
}
