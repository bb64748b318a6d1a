/* SPDX-License-Identifier: Apache-2.0 */
/* The errors of the netlink backend that a caller can act on. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_NETLINK_ERROR (ps_netlink_error_quark ())
GQuark ps_netlink_error_quark (void);

typedef enum {
  PS_NETLINK_ERROR_OPEN,   /* No socket, or it lacks something that is needed. */
  PS_NETLINK_ERROR_CLOSED, /* The socket died: open another one. */
} PsNetlinkError;
G_END_DECLS
