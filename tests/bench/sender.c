/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/sender.h"
#include "tests/support/port-names.h"
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

struct _PsSender {
  int fd;
  guint n;
  int *ports, *peers; /* ifindexes */
};

typedef struct {
  struct nlmsghdr head;
  struct ifinfomsg info;
  struct rtattr attr;
  guint32 value;
} Request;

PsSender *
ps_sender_new (guint n)
{
  PsSender *self = g_new0 (PsSender, 1);
  self->n = n;
  self->ports = g_new0 (int, n);
  self->peers = g_new0 (int, n);
  self->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (self->fd < 0)
    g_error ("rtnetlink socket: %s", g_strerror (errno));
  for (guint i = 0; i < n; i++) {
    PsName port = ps_port_name (i), peer = ps_peer_name (port.text);
    self->ports[i] = (int)if_nametoindex (port.text);
    self->peers[i] = (int)if_nametoindex (peer.text);
    if (self->ports[i] == 0 || self->peers[i] == 0)
      g_error ("no veth pair %s", port.text);
  }
  return self;
}

void
ps_sender_free (PsSender *self)
{
  close (self->fd);
  g_free (self->ports);
  g_free (self->peers);
  g_free (self);
}

static void
send_request (PsSender *self, Request *request, gsize size)
{
  request->head.nlmsg_len = (guint32)size;
  request->head.nlmsg_type = RTM_SETLINK;
  request->head.nlmsg_flags = NLM_F_REQUEST;
  if (send (self->fd, request, size, 0) != (gssize)size)
    g_error ("RTM_SETLINK: %s", g_strerror (errno));
}

guint
ps_sender_next_mtu (void)
{
  static guint64 counter;
  return 1500 + (guint)(++counter % 7001);
}

void
ps_sender_mtu (PsSender *self, guint port, guint mtu)
{
  Request request = {
      .info = {.ifi_index = self->ports[port]},
      .attr = {.rta_type = IFLA_MTU, .rta_len = RTA_LENGTH (sizeof (guint32))},
      .value = mtu,
  };
  send_request (self, &request, sizeof request);
}

void
ps_sender_carrier (PsSender *self, guint port, gboolean up)
{
  Request request = {
      .info = {.ifi_index = self->peers[port], .ifi_flags = up ? IFF_UP : 0, .ifi_change = IFF_UP},
  };
  send_request (self, &request, G_STRUCT_OFFSET (Request, attr));
}
