/* SPDX-License-Identifier: Apache-2.0 */
/* The event generator of docs/predecessor.md 2: RTM_SETLINK without acknowledgement, one a system
 * call. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsSender PsSender;

/* For ports 0 .. n - 1, veth pairs of the caller's namespace. */
PsSender *ps_sender_new (guint n);
void ps_sender_free (PsSender *self);

/* Each new value makes the kernel send exactly one RTM_NEWLINK about the port. */
void ps_sender_mtu (PsSender *self, guint port, guint mtu);

/* Of the port's peer, hence its carrier. */
void ps_sender_carrier (PsSender *self, guint port, gboolean up);

/* An MTU that no port had for thousands of changes. */
guint ps_sender_next_mtu (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSender, ps_sender_free)
G_END_DECLS
