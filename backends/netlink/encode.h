/* SPDX-License-Identifier: Apache-2.0 */
/* The two requests to the kernel, as bytes. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_NETLINK_DUMP_BYTES       40 /* Header, struct ifinfomsg, one attribute. */
#define PS_NETLINK_ADMIN_DOWN_MAX   64 /* Links in one datagram. */
#define PS_NETLINK_ADMIN_DOWN_BYTES (PS_NETLINK_ADMIN_DOWN_MAX * 32)

/* "List every link, without statistics": a full ifinfomsg of AF_UNSPEC, as
 * NETLINK_GET_STRICT_CHK wants it, and IFLA_EXT_MASK. Returns the length. */
gsize ps_netlink_encode_dump (guint8 buffer[PS_NETLINK_DUMP_BYTES], guint32 sequence);

/* One RTM_SETLINK per link that clears IFF_UP and nothing else, numbered from first_sequence on.
 * The kernel answers each that fails; only the last asks for an answer at any rate, so that the
 * end is known. n: 1 to PS_NETLINK_ADMIN_DOWN_MAX. Returns the length. */
gsize ps_netlink_encode_admin_down (guint8 buffer[PS_NETLINK_ADMIN_DOWN_BYTES],
                                    const guint32 *ifindexes, gsize n, guint32 first_sequence);
G_END_DECLS
