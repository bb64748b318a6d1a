/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/link-image.h"
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define IMAGE_MAX      512
#define ADDRESS_BYTES  6
#define QDISC          "fq_codel"
#define TX_QUEUE       1000
#define MTU_MAX        65535
#define INET_BYTES     364
#define INET6_BYTES    440
#define GONE_BYTES     400
#define STATS64_BYTES  200
#define STATS_BYTES    100
#define SEGMENT_FIELDS 65535

typedef struct {
  struct nlattr af_spec, inet;
  guint8 inet_data[INET_BYTES];
  struct nlattr inet6;
  guint8 inet6_data[INET6_BYTES];
} DumpTail;

typedef struct {
  DumpTail dump;
  struct nlattr stats64;
  guint8 stats64_data[STATS64_BYTES];
  struct nlattr stats;
  guint8 stats_data[STATS_BYTES];
} LiveTail;

typedef struct {
  struct nlattr af_spec, inet;
  guint8 inet_data[GONE_BYTES];
} GoneTail;

typedef struct {
  GoneTail gone;
  struct nlattr netnsid;
  gint32 netnsid_data;
  struct nlattr ifindex;
  guint32 ifindex_data;
} MovedTail;

static const LiveTail live_tail = {
    .dump = {.af_spec = {sizeof (DumpTail), IFLA_AF_SPEC},
             .inet = {NLA_HDRLEN + INET_BYTES, AF_INET},
             .inet6 = {NLA_HDRLEN + INET6_BYTES, AF_INET6}},
    .stats64 = {NLA_HDRLEN + STATS64_BYTES, IFLA_STATS64},
    .stats = {NLA_HDRLEN + STATS_BYTES, IFLA_STATS},
};

static const MovedTail moved_tail = {
    .gone = {.af_spec = {sizeof (GoneTail), IFLA_AF_SPEC},
             .inet = {NLA_HDRLEN + GONE_BYTES, AF_INET}},
    .netnsid = {NLA_HDRLEN + sizeof (gint32), IFLA_NEW_NETNSID},
    .netnsid_data = 0,
    .ifindex = {NLA_HDRLEN + sizeof (guint32), IFLA_NEW_IFINDEX},
    .ifindex_data = 2,
};

/* Appends an attribute; returns the offset of its value. */
static guint16
append (PsLinkImage *self, guint16 type, const void *data, gsize size)
{
  struct nlattr head = {.nla_len = (guint16)(NLA_HDRLEN + size), .nla_type = type};
  guint16 at = (guint16)(self->size + NLA_HDRLEN);
  g_assert (self->size + NLA_ALIGN (head.nla_len) <= IMAGE_MAX);
  memcpy (self->bytes + self->size, &head, sizeof head);
  memcpy (self->bytes + at, data, size);
  self->size = (guint16)(self->size + NLA_ALIGN (head.nla_len));
  return at;
}

static guint16
append_u32 (PsLinkImage *self, guint16 type, guint32 value)
{
  return append (self, type, &value, sizeof value);
}

static guint16
append_u8 (PsLinkImage *self, guint16 type, guint8 value)
{
  return append (self, type, &value, sizeof value);
}

static void
append_kind (PsLinkImage *self, const char *kind)
{
  guint8 nested[NLA_HDRLEN + IFNAMSIZ] = {0};
  gsize size = strlen (kind) + 1;
  struct nlattr head = {.nla_len = (guint16)(NLA_HDRLEN + size), .nla_type = IFLA_INFO_KIND};
  memcpy (nested, &head, sizeof head);
  memcpy (nested + NLA_HDRLEN, kind, size);
  append (self, IFLA_LINKINFO, nested, NLA_ALIGN (head.nla_len));
}

static void
append_addresses (PsLinkImage *self, guint32 ifindex)
{
  static const guint8 everybody[ADDRESS_BYTES] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  guint8 own[ADDRESS_BYTES] = {0x02,
                               0x00,
                               (guint8)(ifindex >> 24),
                               (guint8)(ifindex >> 16),
                               (guint8)(ifindex >> 8),
                               (guint8)ifindex};
  append (self, IFLA_ADDRESS, own, sizeof own);
  append (self, IFLA_BROADCAST, everybody, sizeof everybody);
}

/* All but the values that ps_link_image_update() puts in, in about the order of Linux. */
static void
build (PsLinkImage *self, const PsSimLink *link)
{
  static const struct rtnl_link_ifmap map;
  self->bytes = g_malloc0 (IMAGE_MAX);
  self->size = NLMSG_HDRLEN + sizeof (struct ifinfomsg);
  append (self, IFLA_IFNAME, link->name, strlen (link->name) + 1);
  append_u32 (self, IFLA_TXQLEN, TX_QUEUE);
  self->at_operstate = append_u8 (self, IFLA_OPERSTATE, 0);
  append_u8 (self, IFLA_LINKMODE, 0);
  append_u32 (self, IFLA_MTU, link->mtu);
  append_u32 (self, IFLA_MIN_MTU, 0);
  append_u32 (self, IFLA_MAX_MTU, MTU_MAX);
  append_u32 (self, IFLA_GROUP, 0);
  append_u32 (self, IFLA_PROMISCUITY, 0);
  append_u32 (self, IFLA_NUM_TX_QUEUES, 1);
  append_u32 (self, IFLA_GSO_MAX_SEGS, SEGMENT_FIELDS);
  append_u32 (self, IFLA_GSO_MAX_SIZE, SEGMENT_FIELDS);
  append_u32 (self, IFLA_NUM_RX_QUEUES, 1);
  if (link->master != 0)
    append_u32 (self, IFLA_MASTER, link->master);
  self->at_carrier = append_u8 (self, IFLA_CARRIER, 0);
  append (self, IFLA_QDISC, QDISC, sizeof QDISC);
  self->at_changes = append_u32 (self, IFLA_CARRIER_CHANGES, 0);
  self->at_ups = append_u32 (self, IFLA_CARRIER_UP_COUNT, 0);
  self->at_downs = append_u32 (self, IFLA_CARRIER_DOWN_COUNT, 0);
  append_u8 (self, IFLA_PROTO_DOWN, 0);
  append (self, IFLA_MAP, &map, sizeof map);
  append_addresses (self, link->ifindex);
  if (link->kind[0] != '\0')
    append_kind (self, link->kind);
}

static gsize
tail_of (PsLinkTail tail, const void **out_bytes)
{
  switch (tail) {
  case PS_LINK_TAIL_DUMP:
    *out_bytes = &live_tail.dump;
    return sizeof live_tail.dump;
  case PS_LINK_TAIL_LIVE:
    *out_bytes = &live_tail;
    return sizeof live_tail;
  case PS_LINK_TAIL_GONE:
    *out_bytes = &moved_tail.gone;
    return sizeof moved_tail.gone;
  case PS_LINK_TAIL_MOVED:
    *out_bytes = &moved_tail;
    return sizeof moved_tail;
  case PS_LINK_TAIL_NONE:
    break;
  }
  *out_bytes = &live_tail;
  return 0;
}

void
ps_link_image_clear (PsLinkImage *self)
{
  g_clear_pointer (&self->bytes, g_free);
}

void
ps_link_image_update (PsLinkImage *self, const PsSimLink *link, gboolean carrier)
{
  gboolean running = (link->flags & IFF_RUNNING) != 0;
  struct ifinfomsg info = {
      .ifi_index = (int)link->ifindex, .ifi_flags = link->flags, .ifi_type = ARPHRD_ETHER};
  if (self->bytes == NULL)
    build (self, link);
  memcpy (self->bytes + NLMSG_HDRLEN, &info, sizeof info);
  self->bytes[self->at_operstate] = running ? IF_OPER_UP : IF_OPER_DOWN;
  self->bytes[self->at_carrier] = carrier != FALSE;
  memcpy (self->bytes + self->at_changes, &link->carrier.changes, sizeof (guint32));
  memcpy (self->bytes + self->at_ups, &link->carrier.ups, sizeof (guint32));
  memcpy (self->bytes + self->at_downs, &link->carrier.downs, sizeof (guint32));
}

static gsize
padding_of (const PsLinkImage *self, PsLinkTail tail)
{
  return self->padding > 0 && tail != PS_LINK_TAIL_NONE ? NLA_ALIGN (NLA_HDRLEN + self->padding)
                                                        : 0;
}

gsize
ps_link_image_length (const PsLinkImage *self, PsLinkTail tail)
{
  const void *bytes;
  return self->size + tail_of (tail, &bytes) + padding_of (self, tail);
}

static void
write_padding (const PsLinkImage *self, gsize size, guint8 *out)
{
  struct nlattr head = {.nla_len = (guint16)(NLA_HDRLEN + self->padding),
                        .nla_type = IFLA_PROP_LIST};
  if (size == 0)
    return;
  memset (out, 0, size);
  memcpy (out, &head, sizeof head);
}

void
ps_link_image_write (const PsLinkImage *self, const PsLinkMessage *message, guint8 *out)
{
  const void *tail;
  gsize n_tail = tail_of (message->tail, &tail);
  gsize n_padding = padding_of (self, message->tail);
  struct nlmsghdr header = {.nlmsg_len = (guint32)(self->size + n_tail + n_padding),
                            .nlmsg_type = message->type,
                            .nlmsg_flags = message->flags,
                            .nlmsg_seq = message->sequence,
                            .nlmsg_pid = message->port_id};
  memcpy (out, self->bytes, self->size);
  memcpy (out, &header, sizeof header);
  out[NLMSG_HDRLEN + offsetof (struct ifinfomsg, ifi_family)] = message->family;
  memcpy (out + NLMSG_HDRLEN + offsetof (struct ifinfomsg, ifi_change), &message->change,
          sizeof message->change);
  memcpy (out + self->size, tail, n_tail);
  write_padding (self, n_padding, out + self->size + n_tail);
}
