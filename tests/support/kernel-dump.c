/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/kernel-dump.h"
#include <linux/rtnetlink.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>
#include <string.h>

#define TRIES 1000 /* of a dump that was interrupted by a change of the list */

static void
copy_text (char *to, gsize size, struct nlattr *from)
{
  if (from != NULL)
    g_strlcpy (to, nla_get_string (from), size);
}

static guint32
number (struct nlattr *from)
{
  return from != NULL ? nla_get_u32 (from) : 0;
}

static int
on_link (struct nl_msg *message, void *user_data)
{
  GArray *links = user_data;
  struct nlmsghdr *head = nlmsg_hdr (message);
  struct nlattr *attrs[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];
  if (head->nlmsg_type != RTM_NEWLINK)
    return NL_SKIP;
  const struct ifinfomsg *link = nlmsg_data (head);
  if (nlmsg_parse (head, sizeof *link, attrs, IFLA_MAX, NULL) < 0)
    g_error ("libnl cannot read a link of the kernel's");
  PsKernelLink out = {.ifindex = link->ifi_index, .flags = link->ifi_flags};
  copy_text (out.name, sizeof out.name, attrs[IFLA_IFNAME]);
  out.mtu = number (attrs[IFLA_MTU]);
  out.master = (int)number (attrs[IFLA_MASTER]);
  out.changes = number (attrs[IFLA_CARRIER_CHANGES]);
  out.ups = number (attrs[IFLA_CARRIER_UP_COUNT]);
  out.downs = number (attrs[IFLA_CARRIER_DOWN_COUNT]);
  if (attrs[IFLA_LINKINFO] != NULL &&
      nla_parse_nested (info, IFLA_INFO_MAX, attrs[IFLA_LINKINFO], NULL) == 0)
    copy_text (out.kind, sizeof out.kind, info[IFLA_INFO_KIND]);
  g_array_append_val (links, out);
  return NL_OK;
}

static int
dump_once (GArray *links)
{
  struct nl_sock *socket = nl_socket_alloc ();
  struct ifinfomsg all = {.ifi_family = AF_UNSPEC};
  g_array_set_size (links, 0);
  nl_socket_modify_cb (socket, NL_CB_VALID, NL_CB_CUSTOM, on_link, links);
  int rc = nl_connect (socket, NETLINK_ROUTE);
  if (rc == 0)
    rc = nl_send_simple (socket, RTM_GETLINK, NLM_F_DUMP, &all, sizeof all);
  if (rc >= 0)
    rc = nl_recvmsgs_default (socket);
  nl_socket_free (socket);
  return rc;
}

GArray *
ps_kernel_dump (void)
{
  GArray *links = g_array_new (FALSE, TRUE, sizeof (PsKernelLink));
  int rc = dump_once (links);
  for (guint i = 1; i < TRIES && rc == -NLE_DUMP_INTR; i++)
    rc = dump_once (links);
  if (rc < 0)
    g_error ("dump of the links: %s", nl_geterror (rc));
  return links;
}

const PsKernelLink *
ps_kernel_find (GArray *links, const char *name)
{
  for (guint i = 0; i < links->len; i++) {
    const PsKernelLink *link = &g_array_index (links, PsKernelLink, i);
    if (strcmp (link->name, name) == 0)
      return link;
  }
  return NULL;
}
