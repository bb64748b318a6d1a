/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/netdevs.h"
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BATCH     64 /* requests a datagram: their answers fit the default receive buffer */
#define RECEIVE   (1024 * 1024) /* bytes: more than the answers to a batch */
#define ANSWER_MS 30000

struct _PsNetdevs {
  int fd;
  guint32 seq; /* of the last request queued */
  guint n_queued, n_refused;
  GByteArray *out;
  gsize open; /* where the request that is being built begins */
  char *first_refusal;
};

PsNetdevs *
ps_netdevs_new (void)
{
  PsNetdevs *self = g_new0 (PsNetdevs, 1);
  struct timeval answer = {.tv_sec = ANSWER_MS / 1000};
  self->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (self->fd < 0)
    g_error ("rtnetlink socket: %s", g_strerror (errno));
  if (setsockopt (self->fd, SOL_SOCKET, SO_RCVTIMEO, &answer, sizeof answer) != 0)
    g_error ("SO_RCVTIMEO: %s", g_strerror (errno));
  int one = 1, buffer = RECEIVE;
  setsockopt (self->fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one);
  setsockopt (self->fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof buffer);
  self->out = g_byte_array_new ();
  return self;
}

void
ps_netdevs_free (PsNetdevs *self)
{
  close (self->fd);
  g_byte_array_unref (self->out);
  g_free (self->first_refusal);
  g_free (self);
}

static void
put (PsNetdevs *self, gconstpointer data, gsize size)
{
  static const guint8 padding[NLMSG_ALIGNTO];
  g_byte_array_append (self->out, data, (guint)size);
  g_byte_array_append (self->out, padding, (guint)(NLMSG_ALIGN (size) - size));
}

static gsize
put_attr (PsNetdevs *self, guint16 type, gconstpointer data, gsize size)
{
  gsize at = self->out->len;
  struct rtattr head = {.rta_type = type, .rta_len = (guint16)RTA_LENGTH (size)};
  put (self, &head, sizeof head);
  if (size > 0)
    put (self, data, size);
  return at;
}

static void
put_text (PsNetdevs *self, guint16 type, const char *text)
{
  put_attr (self, type, text, strlen (text) + 1);
}

static void
end_nest (PsNetdevs *self, gsize at)
{
  struct rtattr *head = (struct rtattr *)(gpointer)(self->out->data + at);
  head->rta_len = (guint16)(self->out->len - at);
}

static void
begin (PsNetdevs *self, guint16 type, guint16 flags, int ifindex, guint if_flags, guint if_change)
{
  struct nlmsghdr head = {
      .nlmsg_type = type,
      .nlmsg_flags = (guint16)(NLM_F_REQUEST | NLM_F_ACK | flags),
      .nlmsg_seq = ++self->seq,
  };
  struct ifinfomsg info = {.ifi_index = ifindex, .ifi_flags = if_flags, .ifi_change = if_change};
  self->open = self->out->len;
  put (self, &head, sizeof head);
  put (self, &info, sizeof info);
}

/* Reads one datagram of answers; TRUE if the one to request `last` was among them. */
static gboolean
read_answers (PsNetdevs *self, guint32 last)
{
  guint8 buffer[16384] __attribute__ ((aligned (NLMSG_ALIGNTO)));
  ssize_t n = recv (self->fd, buffer, sizeof buffer, 0);
  gboolean ended = FALSE;
  if (n < 0)
    g_error ("rtnetlink answer: %s", g_strerror (errno));
  guint left = (guint)n;
  for (struct nlmsghdr *h = (gpointer)buffer; NLMSG_OK (h, left); h = NLMSG_NEXT (h, left)) {
    const struct nlmsgerr *answer = NLMSG_DATA (h);
    if (h->nlmsg_type != NLMSG_ERROR)
      continue;
    if (answer->error != 0 && self->n_refused++ == 0)
      self->first_refusal = g_strdup_printf ("request %u of type %u: %s", h->nlmsg_seq,
                                             answer->msg.nlmsg_type, g_strerror (-answer->error));
    ended = ended || h->nlmsg_seq == last;
  }
  return ended;
}

static void
send_queued (PsNetdevs *self)
{
  if (self->n_queued == 0)
    return;
  ssize_t n = send (self->fd, self->out->data, self->out->len, 0);
  if (n != (ssize_t)self->out->len)
    g_error ("rtnetlink send of %u bytes: %s", self->out->len, g_strerror (errno));
  g_byte_array_set_size (self->out, 0);
  self->n_queued = 0;
  while (!read_answers (self, self->seq))
    continue;
}

static void
end (PsNetdevs *self)
{
  struct nlmsghdr *head = (struct nlmsghdr *)(gpointer)(self->out->data + self->open);
  head->nlmsg_len = (guint32)(self->out->len - self->open);
  if (++self->n_queued == BATCH)
    send_queued (self);
}

static void
set (PsNetdevs *self, const char *name, guint16 type, gconstpointer data, gsize size)
{
  begin (self, RTM_SETLINK, 0, 0, 0, 0);
  put_text (self, IFLA_IFNAME, name);
  put_attr (self, type, data, size);
  end (self);
}

static int
index_of (PsNetdevs *self, const char *name)
{
  ps_netdevs_commit (self);
  int ifindex = (int)if_nametoindex (name);
  if (ifindex == 0)
    g_error ("no link \"%s\"", name);
  return ifindex;
}

void
ps_netdevs_add_veth (PsNetdevs *self, const char *name, const char *peer, int ifindex)
{
  struct ifinfomsg none = {0};
  begin (self, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifindex, 0, 0);
  put_text (self, IFLA_IFNAME, name);
  gsize info = put_attr (self, IFLA_LINKINFO, NULL, 0);
  put_text (self, IFLA_INFO_KIND, "veth");
  gsize data = put_attr (self, IFLA_INFO_DATA, NULL, 0);
  gsize other = put_attr (self, VETH_INFO_PEER, &none, sizeof none);
  put_text (self, IFLA_IFNAME, peer);
  end_nest (self, other);
  end_nest (self, data);
  end_nest (self, info);
  end (self);
}

void
ps_netdevs_add (PsNetdevs *self, const char *name, const char *kind, int ifindex)
{
  begin (self, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, ifindex, 0, 0);
  put_text (self, IFLA_IFNAME, name);
  gsize info = put_attr (self, IFLA_LINKINFO, NULL, 0);
  put_text (self, IFLA_INFO_KIND, kind);
  end_nest (self, info);
  end (self);
}

void
ps_netdevs_delete (PsNetdevs *self, const char *name)
{
  begin (self, RTM_DELLINK, 0, 0, 0, 0);
  put_text (self, IFLA_IFNAME, name);
  end (self);
}

void
ps_netdevs_look (PsNetdevs *self, int ifindex)
{
  begin (self, RTM_GETLINK, 0, ifindex, 0, 0);
  end (self);
}

void
ps_netdevs_set_up (PsNetdevs *self, const char *name, gboolean up)
{
  begin (self, RTM_SETLINK, 0, 0, up ? IFF_UP : 0, IFF_UP);
  put_text (self, IFLA_IFNAME, name);
  end (self);
}

void
ps_netdevs_set_mtu (PsNetdevs *self, const char *name, guint mtu)
{
  set (self, name, IFLA_MTU, &mtu, sizeof mtu);
}

void
ps_netdevs_set_alias (PsNetdevs *self, const char *name, const char *alias)
{
  set (self, name, IFLA_IFALIAS, alias, strlen (alias));
}

void
ps_netdevs_set_operstate (PsNetdevs *self, const char *name, guint8 operstate)
{
  set (self, name, IFLA_OPERSTATE, &operstate, sizeof operstate);
}

void
ps_netdevs_move (PsNetdevs *self, const char *name, int netns_fd)
{
  set (self, name, IFLA_NET_NS_FD, &netns_fd, sizeof netns_fd);
}

void
ps_netdevs_rename (PsNetdevs *self, const char *name, const char *new_name)
{
  int ifindex = index_of (self, name);
  begin (self, RTM_SETLINK, 0, ifindex, 0, 0);
  put_text (self, IFLA_IFNAME, new_name);
  end (self);
}

void
ps_netdevs_set_master (PsNetdevs *self, const char *name, const char *master)
{
  int ifindex = master != NULL ? index_of (self, master) : 0;
  set (self, name, IFLA_MASTER, &ifindex, sizeof ifindex);
}

guint
ps_netdevs_commit_any (PsNetdevs *self)
{
  send_queued (self);
  guint n = self->n_refused;
  self->n_refused = 0;
  g_clear_pointer (&self->first_refusal, g_free);
  return n;
}

void
ps_netdevs_commit (PsNetdevs *self)
{
  send_queued (self);
  if (self->n_refused > 0)
    g_error ("the kernel refused %u of our requests, first %s", self->n_refused,
             self->first_refusal);
}

int
ps_tap_new (const char *name)
{
  struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI};
  g_strlcpy (request.ifr_name, name, sizeof request.ifr_name);
  int fd = open ("/dev/net/tun", O_RDWR | O_CLOEXEC);
  if (fd < 0 || ioctl (fd, TUNSETIFF, &request) != 0)
    g_error ("tap %s: %s", name, g_strerror (errno));
  return fd;
}

void
ps_tap_set_carrier (int fd, gboolean on)
{
  int value = on ? 1 : 0;
  if (ioctl (fd, TUNSETCARRIER, &value) != 0)
    g_error ("TUNSETCARRIER: %s", g_strerror (errno));
}
