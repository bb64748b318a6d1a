/* SPDX-License-Identifier: Apache-2.0 */
/* The real PsDatagramPort: a NETLINK_ROUTE socket of the network namespace it was opened in. */
#pragma once
#include "backends/netlink/datagram-port.h"
G_BEGIN_DECLS

#define PS_NETLINK_AUTO_RECEIVE_BYTES (16 * 1024 * 1024) /* What SONiC asks for. */

/* What became of the wish for a receive buffer. */
typedef struct {
  gsize requested_bytes;
  gsize effective_bytes; /* As the kernel accounts: it doubles the value given (socket(7)). A link
                          * message is charged 2,304 bytes (docs/kernel.md 3). */
  gboolean forced;       /* By SO_RCVBUFFORCE. If not, net.core.rmem_max limits it. */
  int error;             /* errno of SO_RCVBUFFORCE when it was not: EPERM, no CAP_NET_ADMIN. */
} PsNetlinkReceiveBuffer;

#define PS_TYPE_NETLINK_SOCKET (ps_netlink_socket_get_type ())
G_DECLARE_FINAL_TYPE (PsNetlinkSocket, ps_netlink_socket, PS, NETLINK_SOCKET, GObject)

/* Opens the socket and joins RTNLGRP_LINK, so that no change after this call is missed. Readiness
 * is one source of default priority on context (NULL: the default one). receive_buffer_bytes is
 * the value given to the kernel; 0 means PS_NETLINK_AUTO_RECEIVE_BYTES. A smaller buffer than
 * wished is no error. Errors: PS_NETLINK_ERROR_OPEN. */
PsNetlinkSocket *ps_netlink_socket_new (GMainContext *context, gsize receive_buffer_bytes,
                                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

const PsNetlinkReceiveBuffer *ps_netlink_socket_receive_buffer (PsNetlinkSocket *self);
G_END_DECLS
