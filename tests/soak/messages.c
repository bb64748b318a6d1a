/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/messages.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE (32 * 1024 * 1024) /* bytes: more than the messages between two looks */

struct _PsMessages {
  int fd;
  guint64 n;
  guint8 buffer[65536] __attribute__ ((aligned (NLMSG_ALIGNTO)));
};

PsMessages *
ps_messages_new (void)
{
  PsMessages *self = g_new0 (PsMessages, 1);
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  int size = RECEIVE;
  self->fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (self->fd < 0 || bind (self->fd, (struct sockaddr *)&address, sizeof address) != 0)
    g_error ("rtnetlink listener: %s", g_strerror (errno));
  setsockopt (self->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
  return self;
}

void
ps_messages_free (PsMessages *self)
{
  if (self == NULL)
    return;
  close (self->fd);
  g_free (self);
}

guint64
ps_messages_count (PsMessages *self)
{
  for (;;) {
    ssize_t n = recv (self->fd, self->buffer, sizeof self->buffer, 0);
    if (n < 0 && (errno == ENOBUFS || errno == EINTR))
      continue;
    if (n <= 0)
      return self->n;
    guint left = (guint)n;
    for (struct nlmsghdr *h = (gpointer)self->buffer; NLMSG_OK (h, left); h = NLMSG_NEXT (h, left))
      self->n += h->nlmsg_type == RTM_NEWLINK || h->nlmsg_type == RTM_DELLINK;
  }
}
