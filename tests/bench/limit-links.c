/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/limit-links.h"
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RECEIVE_BYTES (16 * 1024 * 1024)
#define DOWN_BATCH    64
#define SOL_NETLINK_  270

static _Alignas(NLMSG_ALIGNTO) char buffer[LIMIT_BUFFER_BYTES];
static uint32_t sequence;

static void
must (bool ok, const char *what)
{
  if (ok)
    return;
  fprintf (stderr, "limit: %s: %s\n", what, strerror (errno));
  exit (1);
}

int
limit_links_open (bool listen)
{
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  int strict = 1, bytes = RECEIVE_BYTES, group = RTNLGRP_LINK;
  struct sockaddr_nl address = {.nl_family = AF_NETLINK};
  must (fd >= 0, "netlink socket");
  must (bind (fd, (struct sockaddr *)&address, sizeof address) == 0, "bind");
  setsockopt (fd, SOL_NETLINK_, NETLINK_GET_STRICT_CHK, &strict, sizeof strict);
  if (!listen)
    return fd;
  must (setsockopt (fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) == 0, "receive buffer");
  must (setsockopt (fd, SOL_NETLINK_, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) == 0, "group");
  return fd;
}

static uint32_t
value_of (const struct rtattr *attr)
{
  uint32_t value;
  memcpy (&value, RTA_DATA (attr), sizeof value);
  return value;
}

static void
copy_text (char *to, const struct rtattr *attr)
{
  size_t size = RTA_PAYLOAD (attr);
  memcpy (to, RTA_DATA (attr), size < IF_NAMESIZE ? size : IF_NAMESIZE - 1);
}

static void
take_kind (const struct rtattr *info, LimitLink *out)
{
  int left = (int)RTA_PAYLOAD (info);
  for (const struct rtattr *a = RTA_DATA (info); RTA_OK (a, left); a = RTA_NEXT (a, left))
    if (a->rta_type == IFLA_INFO_KIND)
      copy_text (out->kind, a);
}

static void
take (const struct rtattr *a, LimitLink *out)
{
  switch (a->rta_type) {
  case IFLA_IFNAME:
    copy_text (out->name, a);
    return;
  case IFLA_MTU:
    out->mtu = value_of (a);
    return;
  case IFLA_MASTER:
    out->master = value_of (a);
    return;
  case IFLA_LINKINFO:
    take_kind (a, out);
    return;
  case IFLA_CARRIER_CHANGES:
    out->changes = value_of (a);
    return;
  case IFLA_CARRIER_UP_COUNT:
    out->ups = value_of (a);
    return;
  case IFLA_CARRIER_DOWN_COUNT:
    out->downs = value_of (a);
    return;
  default:
    return;
  }
}

bool
limit_links_walk (const struct nlmsghdr *message, LimitLink *out)
{
  const struct ifinfomsg *info = NLMSG_DATA (message);
  if (message->nlmsg_type != RTM_NEWLINK || info->ifi_family != AF_UNSPEC)
    return false;
  int left = (int)NLMSG_PAYLOAD (message, sizeof *info);
  memset (out, 0, sizeof *out);
  for (const struct rtattr *a = IFLA_RTA (info); RTA_OK (a, left); a = RTA_NEXT (a, left))
    take (a, out);
  out->ifindex = info->ifi_index;
  out->flags = info->ifi_flags;
  return memcmp (out->name, "Ethernet", 8) == 0 && strchr (out->name, '.') == NULL;
}

/* TRUE at the end of the dump. */
static bool
read_part (int fd, LimitPortFn port, void *user_data, uint32_t *n)
{
  ssize_t size = recv (fd, buffer, sizeof buffer, 0);
  must (size > 0, "dump");
  unsigned left = (unsigned)size;
  for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK (h, left); h = NLMSG_NEXT (h, left)) {
    LimitLink link;
    if (h->nlmsg_seq != sequence)
      continue;
    if (h->nlmsg_type == NLMSG_DONE)
      return true;
    (*n)++;
    if (limit_links_walk (h, &link) && port != NULL)
      port (&link, user_data);
  }
  return false;
}

uint32_t
limit_links_dump (int fd, LimitPortFn port, void *user_data)
{
  struct {
    struct nlmsghdr head;
    struct ifinfomsg info;
    struct rtattr attr;
    uint32_t mask;
  } request = {
      .head = {.nlmsg_len = sizeof request,
               .nlmsg_type = RTM_GETLINK,
               .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
               .nlmsg_seq = ++sequence},
      .attr = {.rta_len = RTA_LENGTH (4), .rta_type = IFLA_EXT_MASK},
      .mask = RTEXT_FILTER_SKIP_STATS,
  };
  uint32_t n = 0;
  must (send (fd, &request, sizeof request, 0) == sizeof request, "dump request");
  while (!read_part (fd, port, user_data, &n))
    continue;
  return n;
}

static void
await_answer (int fd)
{
  for (;;) {
    ssize_t size = recv (fd, buffer, sizeof buffer, 0);
    must (size > 0, "answer");
    unsigned left = (unsigned)size;
    for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK (h, left); h = NLMSG_NEXT (h, left))
      if (h->nlmsg_type == NLMSG_ERROR && h->nlmsg_seq == sequence)
        return;
  }
}

void
limit_links_down (int fd, const int32_t *ifindexes, size_t n)
{
  struct {
    struct nlmsghdr head;
    struct ifinfomsg info;
  } batch[DOWN_BATCH];
  for (size_t at = 0; at < n;) {
    size_t count = n - at < DOWN_BATCH ? n - at : DOWN_BATCH;
    memset (batch, 0, sizeof batch);
    for (size_t i = 0; i < count; i++) {
      batch[i].head.nlmsg_len = sizeof batch[i];
      batch[i].head.nlmsg_type = RTM_SETLINK;
      batch[i].head.nlmsg_flags = NLM_F_REQUEST | (i + 1 == count ? NLM_F_ACK : 0);
      batch[i].head.nlmsg_seq = ++sequence;
      batch[i].info.ifi_index = ifindexes[at + i];
      batch[i].info.ifi_change = IFF_UP;
    }
    size_t size = count * sizeof batch[0];
    must (send (fd, batch, size, 0) == (ssize_t)size, "RTM_SETLINK");
    await_answer (fd);
    at += count;
  }
}
