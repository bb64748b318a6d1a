/* SPDX-License-Identifier: Apache-2.0 */
/* The main loop: one reading after the other, each message published before the next is looked at
 * (docs/predecessor.md 1.2, 1.3). */
#include "backends/netlink/decode.h"
#include "core/schema.h"
#include "sim/world/upstream-private.h"
#include "sim/world/sonic-keys.h"
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* --- one message ----------------------------------------------------------------------------- */

static const char *
up_down (const PsUpstream *self, guint32 flag)
{
  return (self->link.flags & flag) != 0 ? PS_VALUE_UP : PS_VALUE_DOWN;
}

/* The live row tells whether it is a port. What is not there yet is not asked for again. */
static void
take_live (PsUpstream *self)
{
  const PsLinkEvent *link = &self->link;
  if (self->reply->n_elements == 0) {
    ps_upstream_tell (self, PS_LOG_NOTICE, "%s is not in the port table", link->name);
    ps_upstream_busy (self, 0, ps_upstream_read_links);
    return;
  }
  g_autofree char *key = ps_sim_state_key (link->name);
  g_autofree char *mtu = g_strdup_printf ("%u", link->mtu);
  g_hash_table_remove (self->pending, link->name);
  ps_upstream_tell (self, PS_LOG_NOTICE, "publish %s oper %s", link->name,
                    up_down (self, IFF_RUNNING));
  ps_upstream_say (self, PS_DB_STATE, ps_upstream_read_links, "HSET", key, PS_FIELD_STATE,
                   PS_VALUE_OK, PS_FIELD_OPER, up_down (self, IFF_RUNNING), PS_FIELD_ADMIN,
                   up_down (self, IFF_UP), PS_FIELD_MTU, mtu);
}

static void
publish (PsUpstream *self)
{
  gboolean gone = self->link.type == PS_LINK_REMOVE;
  g_autofree char *key =
      g_strconcat (gone ? PS_SIM_STATE_KEY : PS_SIM_LIVE_KEY, self->link.name, NULL);
  if (gone)
    ps_upstream_say (self, PS_DB_STATE, ps_upstream_read_links, "DEL", key);
  else
    ps_upstream_say (self, PS_DB_APPL, take_live, "HGETALL", key);
}

/* docs/predecessor.md 1.2. */
static gboolean
is_dropped (const PsUpstream *self)
{
  const PsLinkEvent *link = &self->link;
  if (!g_str_has_prefix (link->name, "Ethernet") && !g_str_has_prefix (link->name, "PortChannel"))
    return TRUE;
  return strcmp (link->kind, "team") == 0 || (link->type == PS_LINK_REMOVE && link->master != 0) ||
         g_hash_table_contains (self->old, GUINT_TO_POINTER (link->ifindex));
}

/* It does not look at the family: AF_BRIDGE tells of a link like any other. */
static gboolean
decode_any_family (guint8 *message, gsize size, PsLinkEvent *out)
{
  struct nlmsghdr header;
  if (!ps_netlink_decode_header (message, size, &header) ||
      header.nlmsg_len < NLMSG_HDRLEN + sizeof (struct ifinfomsg))
    return FALSE;
  message[NLMSG_HDRLEN + offsetof (struct ifinfomsg, ifi_family)] = AF_UNSPEC;
  return ps_netlink_decode_link (message, size, out) == PS_NETLINK_DECODE_OK;
}

static void
take_link (PsUpstream *self, guint8 *message, gsize size)
{
  gboolean published = decode_any_family (message, size, &self->link) && !is_dropped (self);
  ps_upstream_busy (self, published ? PS_UPSTREAM_EVENT_US : PS_UPSTREAM_FOREIGN_US,
                    published ? publish : ps_upstream_read_links);
}

/* --- one reading: a datagram, or all of a listing --------------------------------------------- */

static void
note_init_done (PsUpstream *self)
{
  self->init_done = TRUE;
  ps_upstream_tell (self, PS_LOG_NOTICE, "PortInitDone");
  ps_upstream_read_links (self);
}

/* TRUE if there is something to say first. */
static gboolean
end_reading (PsUpstream *self)
{
  static const char *const pair[] = {PS_FIELD_LANES, "0"};
  if (self->interrupted)
    ps_upstream_tell (self, PS_LOG_ERROR, "netlink: the listing was interrupted");
  self->in_select = self->multipart = self->interrupted = FALSE;
  if (self->init_done || g_hash_table_size (self->pending) > 0)
    return FALSE;
  ps_upstream_produce (self, note_init_done, PS_KEY_INIT_DONE, pair, 1);
  return TRUE;
}

/* TRUE if it takes time: the rest of the datagram waits. */
static gboolean
take_message (PsUpstream *self)
{
  struct nlmsghdr header;
  guint8 *message = self->buffer + self->offset;
  int error = 0;
  if (!ps_netlink_decode_header (message, self->size - self->offset, &header)) {
    self->offset = self->size;
    return FALSE;
  }
  self->offset = MIN (self->size, self->offset + NLMSG_ALIGN (header.nlmsg_len));
  if ((header.nlmsg_flags & NLM_F_DUMP_INTR) != 0)
    self->interrupted = TRUE;
  if ((header.nlmsg_flags & NLM_F_MULTI) != 0)
    self->multipart = TRUE;
  if (header.nlmsg_type == RTM_NEWLINK || header.nlmsg_type == RTM_DELLINK) {
    take_link (self, message, header.nlmsg_len);
    return TRUE;
  }
  if (header.nlmsg_type == NLMSG_DONE)
    (void)ps_netlink_decode_done (message, header.nlmsg_len, &error);
  else if (header.nlmsg_type == NLMSG_ERROR)
    (void)ps_netlink_decode_error (message, header.nlmsg_len, &error);
  if (error != 0)
    ps_upstream_tell (self, PS_LOG_ERROR, "netlink: error %d", error);
  self->multipart = FALSE;
  return FALSE;
}

static void
on_readable (gpointer user_data)
{
  PsUpstream *self = user_data;
  ps_datagram_port_set_ready (self->netlink, NULL, NULL);
  ps_upstream_read_links (self);
}

/* FALSE: nothing was received, and the reading is over. */
static gboolean
receive (PsUpstream *self, PsDatagramResult *out_result)
{
  PsDatagramInfo info;
  PsDatagramResult result =
      ps_datagram_port_receive (self->netlink, self->buffer, PS_UPSTREAM_DATAGRAM_MAX, &info);
  *out_result = result;
  if (result == PS_DATAGRAM_OVERRUN)
    ps_upstream_tell (self, PS_LOG_ERROR, "netlink: messages may have been lost");
  if (result != PS_DATAGRAM_RECEIVED)
    return FALSE;
  self->size = MIN (info.length, PS_UPSTREAM_DATAGRAM_MAX);
  self->offset = 0;
  self->in_select = TRUE;
  return TRUE;
}

/* A message that takes time comes back here. */
static gboolean
work_off (PsUpstream *self)
{
  while (self->offset < self->size)
    if (take_message (self))
      return FALSE;
  return TRUE;
}

void
ps_upstream_read_links (PsUpstream *self)
{
  PsDatagramResult result = PS_DATAGRAM_RECEIVED;
  for (;;) {
    if (!work_off (self))
      return;
    gboolean over = self->in_select && !self->multipart;
    if (!over && receive (self, &result))
      continue;
    gboolean was_read = self->in_select || result == PS_DATAGRAM_OVERRUN;
    if (was_read && end_reading (self))
      return;
    if (over || result == PS_DATAGRAM_OVERRUN)
      continue;
    break;
  }
  if (result == PS_DATAGRAM_WOULD_BLOCK)
    ps_datagram_port_set_ready (self->netlink, on_readable, self);
}

/* Time passes, so that a connection that ended once does not hold the clock. */
void
ps_upstream_swallow (PsUpstream *self)
{
  self->offset = self->size;
  self->in_select = self->multipart = self->interrupted = FALSE;
  ps_upstream_busy (self, PS_UPSTREAM_EVENT_US, ps_upstream_read_links);
}
