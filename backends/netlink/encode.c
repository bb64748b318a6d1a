/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/encode.h"
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

typedef struct {
  struct nlmsghdr header;
  struct ifinfomsg link;
} LinkRequest;

typedef struct {
  LinkRequest request;
  struct nlattr head;
  guint32 mask;
} DumpRequest;

G_STATIC_ASSERT (sizeof (DumpRequest) == PS_NETLINK_DUMP_BYTES);
G_STATIC_ASSERT (sizeof (LinkRequest) * PS_NETLINK_ADMIN_DOWN_MAX == PS_NETLINK_ADMIN_DOWN_BYTES);

gsize
ps_netlink_encode_dump (guint8 buffer[PS_NETLINK_DUMP_BYTES], guint32 sequence)
{
  DumpRequest dump = {
      .request.header = {.nlmsg_len = sizeof dump,
                         .nlmsg_type = RTM_GETLINK,
                         .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
                         .nlmsg_seq = sequence},
      .request.link = {.ifi_family = AF_UNSPEC},
      /* Without this attribute, or with the value 0, the kernel does not reckon how large the
       * largest link's message is (rtnl_calcit()): it ends the listing before the first that does
       * not fit, and says success (Linux 6.12 and 6.18). The links behind it would seem gone. */
      .head = {.nla_len = NLA_HDRLEN + sizeof dump.mask, .nla_type = IFLA_EXT_MASK},
      .mask = RTEXT_FILTER_SKIP_STATS,
  };
  memcpy (buffer, &dump, sizeof dump);
  return sizeof dump;
}

gsize
ps_netlink_encode_admin_down (guint8 buffer[PS_NETLINK_ADMIN_DOWN_BYTES], const guint32 *ifindexes,
                              gsize n, guint32 first_sequence)
{
  g_assert (0 < n && n <= PS_NETLINK_ADMIN_DOWN_MAX);
  for (gsize i = 0; i < n; i++) {
    LinkRequest request = {
        .header = {.nlmsg_len = sizeof request,
                   .nlmsg_type = RTM_SETLINK,
                   .nlmsg_flags = i + 1 == n ? NLM_F_REQUEST | NLM_F_ACK : NLM_F_REQUEST,
                   .nlmsg_seq = first_sequence + (guint32)i},
        .link = {.ifi_family = AF_UNSPEC, .ifi_index = (int)ifindexes[i], .ifi_change = IFF_UP},
    };
    memcpy (buffer + i * sizeof request, &request, sizeof request);
  }
  return n * sizeof (LinkRequest);
}
