/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/kernel.h"
#include "sim/world/kernel-private.h"
#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define ANYTHING    G_MAXUINT32 /* ifi_change when a device comes or goes. */
#define FIRST_INDEX 2           /* 1 is lo. */
#define FIRST_PORT  1000
#define WAKE_SEED   G_GUINT64_CONSTANT (0x9ae16a3b2f90404f)
#define DUMP_SEED   G_GUINT64_CONSTANT (0xc3a5c85c97cb3127)
#define WATCH_SEED  G_GUINT64_CONSTANT (0xb492b66fbe98f273)
#define NEW_FLAGS   (IFF_BROADCAST | IFF_MULTICAST)

static void
device_free (gpointer data)
{
  PsSimDevice *device = data;
  ps_link_image_clear (&device->image);
  g_free (device);
}

PsSimKernel *
ps_sim_kernel_new (PsClock *clock, guint64 seed)
{
  PsSimKernel *self = g_new0 (PsSimKernel, 1);
  self->clock = g_object_ref (clock);
  self->devices = g_ptr_array_new_with_free_func (device_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->sockets = g_ptr_array_new ();
  self->last_ifindex = FIRST_INDEX - 1;
  self->last_port_id = FIRST_PORT - 1;
  ps_rng_seed (&self->wake_rng, seed ^ WAKE_SEED);
  ps_rng_seed (&self->dump_rng, seed ^ DUMP_SEED);
  ps_link_watch_init (self, seed ^ WATCH_SEED);
  return self;
}

void
ps_sim_kernel_free (PsSimKernel *self)
{
  if (self == NULL)
    return;
  ps_sim_kernel_close_sockets (self, EBADF);
  ps_link_watch_clear (self);
  g_ptr_array_unref (self->sockets);
  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->devices);
  g_object_unref (self->clock);
  g_free (self);
}

/* A change that is told at once. */
static void
change_and_tell (PsSimKernel *self, PsSimDevice *device, guint32 change)
{
  ps_sim_kernel_changed (self, device);
  ps_sim_kernel_tell (self, device, change);
}

/* Linux takes no other (dev_valid_name). */
static gboolean
is_name (const char *name)
{
  gsize length = strlen (name);
  if (length == 0 || length >= IFNAMSIZ || strcmp (name, ".") == 0 || strcmp (name, "..") == 0)
    return FALSE;
  return strpbrk (name, "/: \t\n\v\f\r") == NULL;
}

static gboolean
is_free_name (PsSimKernel *self, const char *name)
{
  return is_name (name) && !g_hash_table_contains (self->by_name, name);
}

static guint32
next_ifindex (PsSimKernel *self)
{
  do
    self->last_ifindex = self->last_ifindex < G_MAXINT32 ? self->last_ifindex + 1 : FIRST_INDEX;
  while (ps_sim_kernel_device (self, self->last_ifindex) != NULL);
  return self->last_ifindex;
}

guint32
ps_sim_kernel_add (PsSimKernel *self, const char *name, guint32 ifindex, const char *kind)
{
  if (!is_free_name (self, name) || ifindex > G_MAXINT32 ||
      (ifindex != 0 && ps_sim_kernel_device (self, ifindex) != NULL))
    return 0;
  PsSimDevice *device = g_new0 (PsSimDevice, 1);
  PsSimLink *link = &device->link;
  link->ifindex = ifindex != 0 ? ifindex : next_ifindex (self);
  link->mtu = PS_SIM_KERNEL_MTU;
  link->flags = NEW_FLAGS;
  g_strlcpy (link->name, name, sizeof link->name);
  if (kind != NULL)
    g_strlcpy (link->kind, kind, sizeof link->kind);
  g_ptr_array_insert (self->devices, (gint)ps_sim_kernel_place (self, link->ifindex), device);
  g_hash_table_insert (self->by_name, link->name, device);
  self->generation++;
  change_and_tell (self, device, ANYTHING);
  return link->ifindex;
}

gboolean
ps_sim_kernel_pad (PsSimKernel *self, guint32 ifindex, guint16 n_bytes)
{
  PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
  if (device == NULL)
    return FALSE;
  if (device->image.padding == n_bytes)
    return TRUE;
  device->image.padding = n_bytes;
  change_and_tell (self, device, 0);
  return TRUE;
}

gboolean
ps_sim_kernel_set_master (PsSimKernel *self, guint32 ifindex, guint32 master)
{
  PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
  PsSimDevice *new_master = master != 0 ? ps_sim_kernel_device (self, master) : NULL;
  if (device == NULL || (master != 0 && (new_master == NULL || new_master == device)))
    return FALSE;
  if (device->link.master == master)
    return TRUE;
  if (device->link.master != 0) {
    if (device->bridged)
      ps_sim_kernel_broadcast (self, device,
                               PS_LIVE_MESSAGE (RTM_DELLINK, AF_BRIDGE, 0, PS_LINK_TAIL_NONE));
    ps_sim_kernel_device (self, device->link.master)->n_slaves--;
  }
  device->link.master = master;
  device->bridged = new_master != NULL && strcmp (new_master->link.kind, "bridge") == 0;
  if (new_master != NULL)
    new_master->n_slaves++;
  ps_link_image_clear (&device->image);
  change_and_tell (self, device, 0);
  return TRUE;
}

static void
free_slaves (PsSimKernel *self, PsSimDevice *device)
{
  for (guint i = 0; device->n_slaves > 0 && i < ps_sim_kernel_length (self); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self, i);
    if (link->master == device->link.ifindex)
      ps_sim_kernel_set_master (self, link->ifindex, 0);
  }
}

static gboolean
withdraw (PsSimKernel *self, guint32 ifindex, PsLinkTail tail)
{
  PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
  if (device == NULL)
    return FALSE;
  free_slaves (self, device);
  ps_sim_kernel_set_master (self, ifindex, 0);
  ps_sim_kernel_set_admin (self, ifindex, FALSE);
  ps_link_watch_forget (self, device);
  self->generation++;
  device->link.changed_at_event = ++self->n_events;
  ps_sim_kernel_broadcast (self, device, PS_LIVE_MESSAGE (RTM_DELLINK, AF_UNSPEC, ANYTHING, tail));
  g_hash_table_remove (self->by_name, device->link.name);
  g_ptr_array_steal_index (self->devices, ps_sim_kernel_place (self, ifindex));
  if (self->observer != NULL)
    self->observer (&device->link, TRUE, self->observer_data);
  device_free (device);
  return TRUE;
}

gboolean
ps_sim_kernel_remove (PsSimKernel *self, guint32 ifindex)
{
  return withdraw (self, ifindex, PS_LINK_TAIL_GONE);
}

gboolean
ps_sim_kernel_move_away (PsSimKernel *self, guint32 ifindex)
{
  return withdraw (self, ifindex, PS_LINK_TAIL_MOVED);
}

gboolean
ps_sim_kernel_rename (PsSimKernel *self, guint32 ifindex, const char *name)
{
  PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
  if (device == NULL)
    return FALSE;
  if (strcmp (device->link.name, name) == 0)
    return TRUE;
  if (!is_free_name (self, name))
    return FALSE;
  g_hash_table_remove (self->by_name, device->link.name);
  memset (device->link.name, 0, sizeof device->link.name);
  g_strlcpy (device->link.name, name, sizeof device->link.name);
  g_hash_table_insert (self->by_name, device->link.name, device);
  self->generation++;
  ps_link_image_clear (&device->image);
  change_and_tell (self, device, 0);
  return TRUE;
}

gboolean
ps_sim_kernel_set_admin (PsSimKernel *self, guint32 ifindex, gboolean up)
{
  PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
  if (device == NULL)
    return FALSE;
  if (((device->link.flags & IFF_UP) != 0) == (up != FALSE))
    return TRUE;
  device->link.flags ^= IFF_UP;
  device->oper = FALSE;
  change_and_tell (self, device, IFF_UP);
  if (up && device->carrier)
    ps_link_watch_fire (self, device);
  return TRUE;
}

gboolean
ps_sim_kernel_set_carrier (PsSimKernel *self, guint32 ifindex, gboolean on)
{
  PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
  if (device == NULL)
    return FALSE;
  if (device->carrier == (on != FALSE))
    return TRUE;
  PsCarrier *carrier = &device->link.carrier;
  device->carrier = on != FALSE;
  carrier->changes++;
  if (on)
    carrier->ups++;
  else
    carrier->downs++;
  ps_sim_kernel_changed (self, device);
  ps_link_watch_fire (self, device);
  return TRUE;
}

gboolean
ps_sim_kernel_set_mtu (PsSimKernel *self, guint32 ifindex, guint32 mtu)
{
  PsSimDevice *device = ps_sim_kernel_device (self, ifindex);
  if (device == NULL)
    return FALSE;
  if (device->link.mtu == mtu)
    return TRUE;
  device->link.mtu = mtu;
  ps_link_image_clear (&device->image);
  change_and_tell (self, device, 0);
  return TRUE;
}

gboolean
ps_sim_kernel_is_settled (PsSimKernel *self)
{
  return self->watch.pending->len == 0;
}

guint64
ps_sim_kernel_n_events (PsSimKernel *self)
{
  return self->n_events;
}

void
ps_sim_kernel_set_observer (PsSimKernel *self, PsSimKernelObserver fn, gpointer user_data)
{
  self->observer = fn;
  self->observer_data = user_data;
}

const PsSimKernelCounters *
ps_sim_kernel_counters (PsSimKernel *self)
{
  return &self->counters;
}
