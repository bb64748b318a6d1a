/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of the kernel to link events. Nothing here trusts a length or an alignment. */
#pragma once
#include "core/link-event.h"
#include <linux/netlink.h>
G_BEGIN_DECLS

typedef enum {
  PS_NETLINK_DECODE_OK,
  PS_NETLINK_DECODE_IGNORED,   /* Not about a link, or another protocol family's view of one:
                                * AF_BRIDGE   tells of a port leaving a bridge as RTM_DELLINK
                                * (docs/kernel.md 5). */
  PS_NETLINK_DECODE_MALFORMED, /* Nothing the kernel would say. */
} PsNetlinkDecodeResult;

/* Reads the header of the message that begins at bytes. FALSE if size does not hold the header or
 * the whole message that it announces. */
gboolean ps_netlink_decode_header (const guint8 *bytes, gsize size, struct nlmsghdr *out_header);

/* Reads the error code of a whole NLMSG_ERROR message: 0 for an acknowledgement, else a positive
 * errno. FALSE if it is malformed. */
gboolean ps_netlink_decode_error (const guint8 *message, gsize size, int *out_error);

/* The same for NLMSG_DONE, whose payload is the code alone. */
gboolean ps_netlink_decode_done (const guint8 *message, gsize size, int *out_error);

/* Takes one whole message (header and payload) apart. A name that is missing, empty, longer than
 * 15 bytes or unterminated makes it malformed, as does an attribute that does not fit; an optional
 * attribute of the wrong length counts as missing. Of duplicates the last counts. *out_event is
 * undefined unless PS_NETLINK_DECODE_OK; then from_dump is FALSE and received_us 0. */
PsNetlinkDecodeResult
ps_netlink_decode_link (const guint8 *message, gsize size, PsLinkEvent *out_event);
G_END_DECLS
