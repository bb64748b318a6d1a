/* SPDX-License-Identifier: Apache-2.0 */
/* The names that the tests give to ports. */
#pragma once
#include <glib.h>
#include <net/if.h>
G_BEGIN_DECLS

typedef struct {
  char text[IF_NAMESIZE];
} PsName;

/* Port number i of a switch: Ethernet0, Ethernet4, ... */
PsName ps_port_name (guint i);

/* The other end of the veth pair whose first end is this port. */
PsName ps_peer_name (const char *port);
G_END_DECLS
