/* SPDX-License-Identifier: Apache-2.0 */
/* Builds the bytes that the kernel would send about links. Messages are appended to out, which
 * is one datagram. */
#pragma once
#include "core/link-event.h"
#include <linux/netlink.h>
G_BEGIN_DECLS

/* Flags, sequence and port id of what follows; a live event has none. */
typedef struct {
  guint16 flags;
  guint32 sequence, port_id;
} PsMessageOrigin;

/* Any message: header, payload, padding. */
void ps_message_append (GByteArray *out, guint16 type, PsMessageOrigin origin, const void *payload,
                        gsize n_payload);

/* An attribute at the end of out; the last message of out, which begins at message, grows. */
void ps_message_append_attr (GByteArray *out, gsize message, guint16 type, const void *data,
                             gsize n_data);

/* RTM_NEWLINK or RTM_DELLINK by the event's type, with the attributes that its fields name.
 * registered sets ifi_change to all ones. */
void ps_message_append_link (GByteArray *out, PsMessageOrigin origin, const PsLinkEvent *link);

void ps_message_append_done (GByteArray *out, PsMessageOrigin origin, int code);

/* NLMSG_ERROR about the request with this sequence number; error 0 acknowledges. */
void ps_message_append_error (GByteArray *out, guint32 sequence, guint32 port_id, int error);
G_END_DECLS
