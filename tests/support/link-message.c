/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/link-message.h"
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>

static void
pad (GByteArray *out)
{
  static const guint8 zeros[NLMSG_ALIGNTO];
  g_byte_array_append (out, zeros, NLMSG_ALIGN (out->len) - out->len);
}

void
ps_message_append (GByteArray *out, guint16 type, PsMessageOrigin origin, const void *payload,
                   gsize n_payload)
{
  struct nlmsghdr header = {.nlmsg_len = (guint32)(NLMSG_HDRLEN + n_payload),
                            .nlmsg_type = type,
                            .nlmsg_flags = origin.flags,
                            .nlmsg_seq = origin.sequence,
                            .nlmsg_pid = origin.port_id};
  g_byte_array_append (out, (const guint8 *)&header, sizeof header);
  if (n_payload > 0)
    g_byte_array_append (out, payload, (guint)n_payload);
  pad (out);
}

static void
append_bare_attr (GByteArray *out, guint16 type, const void *data, gsize n_data)
{
  struct nlattr head = {.nla_len = (guint16)(NLA_HDRLEN + n_data), .nla_type = type};
  g_byte_array_append (out, (const guint8 *)&head, sizeof head);
  if (n_data > 0)
    g_byte_array_append (out, data, (guint)n_data);
  pad (out);
}

void
ps_message_append_attr (GByteArray *out, gsize message, guint16 type, const void *data,
                        gsize n_data)
{
  append_bare_attr (out, type, data, n_data);
  guint32 length = (guint32)(out->len - message);
  memcpy (out->data + message + offsetof (struct nlmsghdr, nlmsg_len), &length, sizeof length);
}

static void
append_u32 (GByteArray *out, gsize message, guint16 type, guint32 value)
{
  ps_message_append_attr (out, message, type, &value, sizeof value);
}

static void
append_kind (GByteArray *out, gsize message, const char *kind)
{
  g_autoptr (GByteArray) info = g_byte_array_new ();
  append_bare_attr (info, IFLA_INFO_KIND, kind, strlen (kind) + 1);
  ps_message_append_attr (out, message, IFLA_LINKINFO, info->data, info->len);
}

void
ps_message_append_link (GByteArray *out, PsMessageOrigin origin, const PsLinkEvent *link)
{
  struct ifinfomsg info = {.ifi_index = (int)link->ifindex,
                           .ifi_flags = link->flags,
                           .ifi_change = link->registered ? G_MAXUINT32 : 0};
  gsize message = out->len;
  ps_message_append (out, link->type == PS_LINK_REMOVE ? RTM_DELLINK : RTM_NEWLINK, origin, &info,
                     sizeof info);
  ps_message_append_attr (out, message, IFLA_IFNAME, link->name, strlen (link->name) + 1);
  if (link->fields & PS_LINK_HAS_MTU)
    append_u32 (out, message, IFLA_MTU, link->mtu);
  if (link->fields & PS_LINK_HAS_MASTER)
    append_u32 (out, message, IFLA_MASTER, link->master);
  if (link->fields & PS_LINK_HAS_KIND)
    append_kind (out, message, link->kind);
  if (link->fields & PS_LINK_HAS_CARRIER) {
    append_u32 (out, message, IFLA_CARRIER_CHANGES, link->carrier.changes);
    append_u32 (out, message, IFLA_CARRIER_UP_COUNT, link->carrier.ups);
    append_u32 (out, message, IFLA_CARRIER_DOWN_COUNT, link->carrier.downs);
  }
}

void
ps_message_append_done (GByteArray *out, PsMessageOrigin origin, int code)
{
  gint32 value = code;
  ps_message_append (out, NLMSG_DONE, origin, &value, sizeof value);
}

void
ps_message_append_error (GByteArray *out, guint32 sequence, guint32 port_id, int error)
{
  struct nlmsgerr payload = {.error = -error, .msg = {.nlmsg_seq = sequence}};
  PsMessageOrigin origin = {.sequence = sequence, .port_id = port_id};
  ps_message_append (out, NLMSG_ERROR, origin, &payload, sizeof payload);
}
