/* SPDX-License-Identifier: Apache-2.0 */
/* The netdevs of a soak's ports: what exists under which name, so that a random action is always
 * one that the kernel takes. */
#pragma once
#include "tests/support/netdevs.h"
#include <net/if.h>
G_BEGIN_DECLS

typedef enum { PS_DEVICE_NONE, PS_DEVICE_VETH, PS_DEVICE_TAP, PS_DEVICE_IFB } PsDeviceKind;

typedef struct {
  char port[IF_NAMESIZE]; /* as in CONFIG_DB */
  gboolean configured;    /* has a row there */
  PsDeviceKind kind;
  char name[IF_NAMESIZE]; /* the netdev's, now: the port's or another */
  char peer[IF_NAMESIZE]; /* of a veth */
  int tap;                /* descriptor of a tap */
  gboolean enslaved;
} PsDevice;

/* Makes the netdev under the port's name, up. There must be none. */
void ps_device_make (PsDevice *self, PsNetdevs *netdevs, PsDeviceKind kind, guint number);
/* Does nothing if there is none. */
void ps_device_delete (PsDevice *self, PsNetdevs *netdevs);

void ps_device_rename (PsDevice *self, PsNetdevs *netdevs, const char *name);
/* Each gets the other's netdev, under its own name. Both must be there, neither away. */
void ps_device_swap (PsDevice *self, PsNetdevs *netdevs, PsDevice *other);

gboolean ps_device_is_away (const PsDevice *self); /* there, under another name */
gboolean ps_device_is_port (const PsDevice *self); /* there, under the port's name */

gboolean ps_device_has_carrier (const PsDevice *self); /* one that can be set */
/* n times, alternating, the last one being `last`. */
void ps_device_flap (PsDevice *self, PsNetdevs *netdevs, guint n, gboolean last);

guint ps_device_mtu_max (const PsDevice *self);
G_END_DECLS
