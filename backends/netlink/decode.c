/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/decode.h"
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define LINK_HEADER (NLMSG_HDRLEN + sizeof (struct ifinfomsg))

enum { SEEN_CHANGES = 1, SEEN_UPS = 2, SEEN_DOWNS = 4, SEEN_ALL_COUNTERS = 7 };

/* An attribute whose length was checked against what holds it. */
typedef struct {
  const guint8 *data;
  gsize size; /* of data */
  guint type; /* without NLA_F_NESTED and NLA_F_NET_BYTEORDER */
} Attr;

/* A position in a run of attributes. */
typedef struct {
  const guint8 *at;
  gsize left;
  gboolean broken; /* An attribute claimed more, or less, than there can be. */
} Walk;

static inline gboolean
walk_next (Walk *walk, Attr *out_attr)
{
  struct nlattr head;
  if (walk->left < NLA_HDRLEN) /* At most padding is left. */
    return FALSE;
  memcpy (&head, walk->at, sizeof head);
  if (head.nla_len < NLA_HDRLEN || head.nla_len > walk->left) {
    walk->broken = TRUE;
    return FALSE;
  }
  *out_attr = (Attr){walk->at + NLA_HDRLEN, head.nla_len - (gsize)NLA_HDRLEN,
                     head.nla_type & (guint)NLA_TYPE_MASK};
  gsize step = MIN ((gsize)NLA_ALIGN (head.nla_len), walk->left);
  walk->at += step;
  walk->left -= step;
  return TRUE;
}

static inline gboolean
read_u32 (const Attr *attr, guint32 *out_value)
{
  if (attr->size != sizeof *out_value)
    return FALSE;
  memcpy (out_value, attr->data, sizeof *out_value);
  return TRUE;
}

static gboolean
read_name (const Attr *attr, PsLinkEvent *event)
{
  gsize length = strnlen ((const char *)attr->data, attr->size);
  if (length == 0 || length == attr->size || length >= sizeof event->name)
    return FALSE;
  memcpy (event->name, attr->data, length);
  memset (event->name + length, 0, sizeof event->name - length);
  return TRUE;
}

static void
read_kind (const Attr *attr, PsLinkEvent *event)
{
  gsize length = strnlen ((const char *)attr->data, attr->size);
  if (length == 0)
    return;
  length = MIN (length, sizeof event->kind - 1);
  memcpy (event->kind, attr->data, length);
  memset (event->kind + length, 0, sizeof event->kind - length);
  event->fields |= PS_LINK_HAS_KIND;
}

static void
read_link_info (const Attr *info, PsLinkEvent *event)
{
  Walk walk = {info->data, info->size, FALSE};
  Attr attr;
  while (walk_next (&walk, &attr))
    if (attr.type == IFLA_INFO_KIND)
      read_kind (&attr, event);
}

/* FALSE if a name is there and is none. */
static inline gboolean
read_attr (const Attr *attr, PsLinkEvent *event, guint *counters)
{
  switch (attr->type) {
  case IFLA_IFNAME:
    return read_name (attr, event);
  case IFLA_MTU:
    if (read_u32 (attr, &event->mtu))
      event->fields |= PS_LINK_HAS_MTU;
    break;
  case IFLA_MASTER:
    if (read_u32 (attr, &event->master))
      event->fields |= PS_LINK_HAS_MASTER;
    break;
  case IFLA_LINKINFO:
    read_link_info (attr, event);
    break;
  case IFLA_CARRIER_CHANGES:
    if (read_u32 (attr, &event->carrier.changes))
      *counters |= SEEN_CHANGES;
    break;
  case IFLA_CARRIER_UP_COUNT:
    if (read_u32 (attr, &event->carrier.ups))
      *counters |= SEEN_UPS;
    break;
  case IFLA_CARRIER_DOWN_COUNT:
    if (read_u32 (attr, &event->carrier.downs))
      *counters |= SEEN_DOWNS;
    break;
  default: /* An open set of numbers, not an enumeration of this program. */
    break;
  }
  return TRUE;
}

static PsNetlinkDecodeResult
read_attrs (const guint8 *bytes, gsize size, PsLinkEvent *event)
{
  Walk walk = {bytes, size, FALSE};
  guint counters = 0;
  Attr attr;
  while (walk_next (&walk, &attr))
    if (!read_attr (&attr, event, &counters))
      return PS_NETLINK_DECODE_MALFORMED;
  if (walk.broken || event->name[0] == '\0')
    return PS_NETLINK_DECODE_MALFORMED;
  if (counters == SEEN_ALL_COUNTERS)
    event->fields |= PS_LINK_HAS_CARRIER;
  return PS_NETLINK_DECODE_OK;
}

static gboolean
read_code (const guint8 *message, const struct nlmsghdr *header, gsize payload_min, int *out_error)
{
  gint32 code;
  if (header->nlmsg_len < NLMSG_HDRLEN + payload_min)
    return FALSE;
  memcpy (&code, message + NLMSG_HDRLEN, sizeof code);
  if (code > 0 || code == G_MININT32)
    return FALSE;
  *out_error = -code;
  return TRUE;
}

gboolean
ps_netlink_decode_header (const guint8 *bytes, gsize size, struct nlmsghdr *out_header)
{
  struct nlmsghdr header;
  if (size < sizeof header)
    return FALSE;
  memcpy (&header, bytes, sizeof header);
  if (header.nlmsg_len < sizeof header || header.nlmsg_len > size)
    return FALSE;
  *out_header = header;
  return TRUE;
}

gboolean
ps_netlink_decode_error (const guint8 *message, gsize size, int *out_error)
{
  struct nlmsghdr header;
  return ps_netlink_decode_header (message, size, &header) && header.nlmsg_type == NLMSG_ERROR &&
         read_code (message, &header, sizeof (struct nlmsgerr), out_error);
}

gboolean
ps_netlink_decode_done (const guint8 *message, gsize size, int *out_error)
{
  struct nlmsghdr header;
  return ps_netlink_decode_header (message, size, &header) && header.nlmsg_type == NLMSG_DONE &&
         read_code (message, &header, sizeof (gint32), out_error);
}

PsNetlinkDecodeResult
ps_netlink_decode_link (const guint8 *message, gsize size, PsLinkEvent *out_event)
{
  struct nlmsghdr header;
  struct ifinfomsg link;
  if (!ps_netlink_decode_header (message, size, &header))
    return PS_NETLINK_DECODE_MALFORMED;
  if (header.nlmsg_type != RTM_NEWLINK && header.nlmsg_type != RTM_DELLINK)
    return PS_NETLINK_DECODE_IGNORED;
  if (header.nlmsg_len < LINK_HEADER)
    return PS_NETLINK_DECODE_MALFORMED;
  memcpy (&link, message + NLMSG_HDRLEN, sizeof link);
  if (link.ifi_family != AF_UNSPEC)
    return PS_NETLINK_DECODE_IGNORED;
  if (link.ifi_index <= 0)
    return PS_NETLINK_DECODE_MALFORMED;
  gboolean is_new = header.nlmsg_type == RTM_NEWLINK;
  *out_event = (PsLinkEvent){
      .type = is_new ? PS_LINK_UPSERT : PS_LINK_REMOVE,
      .registered = is_new && link.ifi_change == G_MAXUINT32,
      .ifindex = (guint32)link.ifi_index,
      .flags = link.ifi_flags,
  };
  return read_attrs (message + LINK_HEADER, header.nlmsg_len - LINK_HEADER, out_event);
}
