/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/encode.h"
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

/* The dump request is what NETLINK_GET_STRICT_CHK accepts: a full header, all zero, and the one
 * attribute. */
static void
test_dump (void)
{
  guint8 bytes[PS_NETLINK_DUMP_BYTES];
  struct nlmsghdr header;
  struct ifinfomsg info, zero = {0};
  struct nlattr attr;
  guint32 mask;
  g_assert_cmpuint (ps_netlink_encode_dump (bytes, 77), ==, sizeof bytes);
  memcpy (&header, bytes, sizeof header);
  g_assert_cmpuint (header.nlmsg_len, ==, sizeof bytes);
  g_assert_cmpuint (header.nlmsg_type, ==, RTM_GETLINK);
  g_assert_cmpuint (header.nlmsg_flags, ==, NLM_F_REQUEST | NLM_F_DUMP);
  g_assert_cmpuint (header.nlmsg_seq, ==, 77);
  memcpy (&info, bytes + 16, sizeof info);
  g_assert_cmpmem (&info, sizeof info, &zero, sizeof zero);
  memcpy (&attr, bytes + 32, sizeof attr);
  g_assert_cmpuint (attr.nla_len, ==, 8);
  g_assert_cmpuint (attr.nla_type, ==, IFLA_EXT_MASK);
  memcpy (&mask, bytes + 36, sizeof mask);
  g_assert_cmpuint (mask, ==, RTEXT_FILTER_SKIP_STATS);
}

/* One message a link, numbered in order; IFF_UP and nothing else is cleared, and only the last
 * asks for an answer. */
static void
test_admin_down (void)
{
  guint8 bytes[PS_NETLINK_ADMIN_DOWN_BYTES];
  guint32 links[PS_NETLINK_ADMIN_DOWN_MAX];
  for (guint i = 0; i < G_N_ELEMENTS (links); i++)
    links[i] = 1000 + i;
  for (gsize n = 1; n <= G_N_ELEMENTS (links); n += 21) {
    g_assert_cmpuint (ps_netlink_encode_admin_down (bytes, links, n, 5), ==, n * 32);
    for (gsize i = 0; i < n; i++) {
      struct nlmsghdr header;
      struct ifinfomsg info;
      memcpy (&header, bytes + i * 32, sizeof header);
      memcpy (&info, bytes + i * 32 + 16, sizeof info);
      g_assert_cmpuint (header.nlmsg_len, ==, 32);
      g_assert_cmpuint (header.nlmsg_type, ==, RTM_SETLINK);
      g_assert_cmpuint (header.nlmsg_seq, ==, 5 + i);
      g_assert_cmpuint (header.nlmsg_flags, ==,
                        i + 1 == n ? NLM_F_REQUEST | NLM_F_ACK : NLM_F_REQUEST);
      g_assert_cmpint (info.ifi_family, ==, AF_UNSPEC);
      g_assert_cmpint (info.ifi_index, ==, 1000 + (int)i);
      g_assert_cmpuint (info.ifi_flags, ==, 0);
      g_assert_cmpuint (info.ifi_change, ==, IFF_UP);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/netlink-encode/dump", test_dump);
  g_test_add_func ("/netlink-encode/admin-down", test_admin_down);
  return g_test_run ();
}
