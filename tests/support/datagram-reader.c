/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/datagram-reader.h"
#include "backends/netlink/decode.h"
#include "base/hash.h"
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#define BUFFER_BYTES (256 * 1024)

PsDatagramReader *
ps_datagram_reader_new (void)
{
  PsDatagramReader *self = g_new0 (PsDatagramReader, 1);
  self->messages = g_array_new (FALSE, TRUE, sizeof (PsReadMessage));
  self->buffer = g_malloc (BUFFER_BYTES);
  self->digest = PS_HASH_64_START;
  return self;
}

void
ps_datagram_reader_free (PsDatagramReader *self)
{
  g_array_unref (self->messages);
  g_free (self->buffer);
  g_free (self);
}

void
ps_datagram_reader_forget (PsDatagramReader *self)
{
  g_array_set_size (self->messages, 0);
}

static void
read_link (const guint8 *bytes, PsReadMessage *message)
{
  struct ifinfomsg link;
  g_assert_cmpuint (message->header.nlmsg_len, >=, NLMSG_HDRLEN + sizeof link);
  memcpy (&link, bytes + NLMSG_HDRLEN, sizeof link);
  message->family = link.ifi_family;
  message->change = link.ifi_change;
  PsNetlinkDecodeResult result =
      ps_netlink_decode_link (bytes, message->header.nlmsg_len, &message->event);
  g_assert_cmpint (result, ==,
                   link.ifi_family == AF_UNSPEC ? PS_NETLINK_DECODE_OK : PS_NETLINK_DECODE_IGNORED);
}

static void
read_message (PsDatagramReader *self, const guint8 *bytes, const struct nlmsghdr *header)
{
  PsReadMessage message = {.header = *header, .datagram = self->n_datagrams};
  if (header->nlmsg_type == RTM_NEWLINK || header->nlmsg_type == RTM_DELLINK)
    read_link (bytes, &message);
  else if (header->nlmsg_type == NLMSG_ERROR)
    g_assert_true (ps_netlink_decode_error (bytes, header->nlmsg_len, &message.error));
  else if (header->nlmsg_type == NLMSG_DONE)
    g_assert_true (ps_netlink_decode_done (bytes, header->nlmsg_len, &message.error));
  g_array_append_val (self->messages, message);
}

static void
read_datagram (PsDatagramReader *self, const PsDatagramInfo *info)
{
  struct nlmsghdr header;
  self->n_datagrams++;
  self->largest = MAX (self->largest, info->length);
  if (info->length > BUFFER_BYTES) {
    self->n_cut++;
    return;
  }
  self->digest = ps_hash_64_add (self->digest, self->buffer, info->length);
  if (info->sender != 0) {
    self->n_foreign++;
    return;
  }
  for (gsize at = 0; at < info->length; at += NLMSG_ALIGN ((gsize)header.nlmsg_len)) {
    g_assert_true (ps_netlink_decode_header (self->buffer + at, info->length - at, &header));
    read_message (self, self->buffer + at, &header);
  }
}

PsDatagramResult
ps_datagram_reader_read (PsDatagramReader *self, PsDatagramPort *port)
{
  PsDatagramInfo info = {0};
  PsDatagramResult result = ps_datagram_port_receive (port, self->buffer, BUFFER_BYTES, &info);
  guint8 code = (guint8)result;
  self->digest = ps_hash_64_add (self->digest, &code, 1);
  self->n_overruns += result == PS_DATAGRAM_OVERRUN;
  if (result == PS_DATAGRAM_RECEIVED)
    read_datagram (self, &info);
  return result;
}

void
ps_datagram_reader_drain (PsDatagramReader *self, PsDatagramPort *port)
{
  PsDatagramResult result;
  do
    result = ps_datagram_reader_read (self, port);
  while (result == PS_DATAGRAM_RECEIVED || result == PS_DATAGRAM_OVERRUN);
}

guint32
ps_datagram_reader_drops (PsDatagramPort *port)
{
  guint32 drops;
  g_assert_true (ps_datagram_port_drops (port, &drops));
  return drops;
}

const PsReadMessage *
ps_datagram_reader_at (PsDatagramReader *self, guint n)
{
  g_assert_cmpuint (n, <, self->messages->len);
  return &g_array_index (self->messages, PsReadMessage, n);
}

guint
ps_datagram_reader_count (PsDatagramReader *self, guint16 type)
{
  guint n = 0;
  for (guint i = 0; i < self->messages->len; i++)
    n += ps_datagram_reader_at (self, i)->header.nlmsg_type == type;
  return n;
}
