/* SPDX-License-Identifier: Apache-2.0 */
/* The messages about one device, kept encoded: what changes often is patched in place. */
#pragma once
#include "sim/world/link.h"
#include <linux/netlink.h>
G_BEGIN_DECLS

/* What follows the attributes that a reader of link states may care about. It is there so that
 * the sizes are true (docs/kernel.md 4). */
typedef enum {
  PS_LINK_TAIL_NONE,  /* AF_BRIDGE */
  PS_LINK_TAIL_DUMP,  /* Per-family settings: about 1.1 KB in all. */
  PS_LINK_TAIL_LIVE,  /* And statistics: about 1.4 KB. */
  PS_LINK_TAIL_GONE,  /* RTM_DELLINK: about 0.7 KB. */
  PS_LINK_TAIL_MOVED, /* The same, and IFLA_NEW_NETNSID and IFLA_NEW_IFINDEX. */
} PsLinkTail;

/* The parts of a message that are not the device's own. */
typedef struct {
  guint16 type;  /* RTM_* */
  guint16 flags; /* NLM_F_* */
  guint32 sequence, port_id;
  guint8 family;
  guint32 change; /* ifi_change */
  PsLinkTail tail;
} PsLinkMessage;

typedef struct {
  guint8 *bytes; /* owned; NULL: to be built */
  guint16 size;
  guint16 at_operstate, at_carrier, at_changes, at_ups, at_downs; /* offsets of the values */
  guint16 padding; /* bytes of IFLA_PROP_LIST, for all tails but NONE; set by the caller */
} PsLinkImage;

/* All zero is the initial state. clear has it built again: after a change of name, master, mtu or
 * kind. */
void ps_link_image_clear (PsLinkImage *self);

/* Brings the image up to date with the device. carrier: it has one. */
void ps_link_image_update (PsLinkImage *self, const PsSimLink *link, gboolean carrier);

/* The length of a message, a multiple of 4. The image must be up to date. */
gsize ps_link_image_length (const PsLinkImage *self, PsLinkTail tail);

/* Writes as many bytes. */
void ps_link_image_write (const PsLinkImage *self, const PsLinkMessage *message, guint8 *out);
G_END_DECLS
