/* SPDX-License-Identifier: Apache-2.0 */
/* Counts the link messages that the kernel multicasts, which are those that the daemon is sent. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsMessages PsMessages;

/* Listens in the calling thread's network namespace. */
PsMessages *ps_messages_new (void);
void ps_messages_free (PsMessages *self);

/* Reads what has come; returns how many messages there were since the beginning. What overran the
 * queue is not counted. */
guint64 ps_messages_count (PsMessages *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsMessages, ps_messages_free)
G_END_DECLS
