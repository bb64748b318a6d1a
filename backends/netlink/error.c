/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/error.h"

G_DEFINE_QUARK (ps_netlink_error, ps_netlink_error)
