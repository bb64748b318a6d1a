/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemon asks of the kernel. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

gboolean ps_request_is_dump (const guint8 *bytes, gsize n_bytes);
/* The daemon sends messages one by one, or several in a datagram. */
gboolean ps_request_sets_links (const guint8 *bytes, gsize n_bytes);
G_END_DECLS
