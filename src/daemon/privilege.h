/* SPDX-License-Identifier: Apache-2.0 */
/* Giving up the privileges that the daemon does not need any more. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* Keeps, of the capabilities that this process has, only CAP_DAC_OVERRIDE (the socket of Redis
 * belongs to another user, and is opened anew after each loss), and takes from execve(2) the means
 * to gain new ones. To be called when no link is to be taken down any more: the receive buffer of
 * an open socket keeps its size. */
gboolean ps_privilege_drop (GError **error);
G_END_DECLS
