/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for the service manager: the socket that NOTIFY_SOCKET names. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsNotifySink PsNotifySink;

/* name: a path, or '@' and an abstract name. */
PsNotifySink *ps_notify_sink_new (const char *name);
void ps_notify_sink_free (PsNotifySink *self);

/* Everything that came since the last call, messages parted by " / ", lines within one by ",".
 * Free with g_free. */
char *ps_notify_sink_take (PsNotifySink *self);

/* Waits until a message holds text, which it returns; messages before it are gone. NULL after
 * timeout_ms. Free with g_free. */
char *ps_notify_sink_wait (PsNotifySink *self, const char *text, guint timeout_ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsNotifySink, ps_notify_sink_free)
G_END_DECLS
