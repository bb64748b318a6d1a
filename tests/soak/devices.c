/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/devices.h"
#include <string.h>
#include <unistd.h>

#define SWAP_NAME "swapping"

void
ps_device_make (PsDevice *self, PsNetdevs *netdevs, PsDeviceKind kind, guint number)
{
  g_assert (self->kind == PS_DEVICE_NONE);
  self->kind = kind;
  self->enslaved = FALSE;
  g_strlcpy (self->name, self->port, sizeof self->name);
  g_snprintf (self->peer, sizeof self->peer, "peer%u", number);
  if (kind == PS_DEVICE_TAP) {
    self->tap = ps_tap_new (self->name);
  } else if (kind == PS_DEVICE_VETH) {
    ps_netdevs_add_veth (netdevs, self->name, self->peer, 0);
    ps_netdevs_set_up (netdevs, self->peer, TRUE);
  } else {
    ps_netdevs_add (netdevs, self->name, "ifb", 0);
  }
  ps_netdevs_set_up (netdevs, self->name, TRUE);
  ps_netdevs_commit (netdevs);
}

void
ps_device_delete (PsDevice *self, PsNetdevs *netdevs)
{
  /* A tap goes with its last descriptor, and a child between fork and exec may still have one. */
  if (self->kind != PS_DEVICE_NONE) {
    ps_netdevs_delete (netdevs, self->name);
    ps_netdevs_commit (netdevs);
  }
  if (self->kind == PS_DEVICE_TAP)
    close (self->tap);
  self->kind = PS_DEVICE_NONE;
}

void
ps_device_rename (PsDevice *self, PsNetdevs *netdevs, const char *name)
{
  ps_netdevs_rename (netdevs, self->name, name);
  ps_netdevs_commit (netdevs);
  g_strlcpy (self->name, name, sizeof self->name);
}

void
ps_device_swap (PsDevice *self, PsNetdevs *netdevs, PsDevice *other)
{
  PsDevice mine = *self, theirs = *other;
  ps_netdevs_rename (netdevs, mine.name, SWAP_NAME);
  ps_netdevs_rename (netdevs, theirs.name, mine.name);
  ps_netdevs_rename (netdevs, SWAP_NAME, theirs.name);
  ps_netdevs_commit (netdevs);
  *self = theirs;
  *other = mine;
  memcpy (self->port, mine.port, sizeof self->port);
  memcpy (self->name, mine.name, sizeof self->name);
  self->configured = mine.configured;
  memcpy (other->port, theirs.port, sizeof other->port);
  memcpy (other->name, theirs.name, sizeof other->name);
  other->configured = theirs.configured;
}

gboolean
ps_device_is_away (const PsDevice *self)
{
  return self->kind != PS_DEVICE_NONE && strcmp (self->name, self->port) != 0;
}

gboolean
ps_device_is_port (const PsDevice *self)
{
  return self->kind != PS_DEVICE_NONE && strcmp (self->name, self->port) == 0;
}

gboolean
ps_device_has_carrier (const PsDevice *self)
{
  return self->kind == PS_DEVICE_VETH || self->kind == PS_DEVICE_TAP;
}

void
ps_device_flap (PsDevice *self, PsNetdevs *netdevs, guint n, gboolean last)
{
  for (guint i = 0; i < n; i++) {
    gboolean on = (n - 1 - i) % 2 == 0 ? last : !last;
    if (self->kind == PS_DEVICE_TAP)
      ps_tap_set_carrier (self->tap, on);
    else
      ps_netdevs_set_up (netdevs, self->peer, on);
  }
  ps_netdevs_commit (netdevs);
}

guint
ps_device_mtu_max (const PsDevice *self)
{
  return self->kind == PS_DEVICE_IFB ? 1500 : 9216;
}
