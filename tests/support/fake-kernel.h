/* SPDX-License-Identifier: Apache-2.0 */
/* A table of links behind a fake datagram port: announces changes, answers dumps and RTM_SETLINK
 * in rtnetlink's bytes. For the contract suites and the session's tests; the simulated kernel, with
 * its faults, is another one. */
#pragma once
#include "core/link-event.h"
#include "tests/support/fake-datagram-port.h"
G_BEGIN_DECLS

#define PS_FAKE_KERNEL_LINKS_PER_PART 2 /* Links in one datagram of a dump. */

typedef struct _PsFakeKernel PsFakeKernel;

/* Answers what is sent on port from now on; takes a reference on it. */
PsFakeKernel *ps_fake_kernel_new (PsFakeDatagramPort *port);
void ps_fake_kernel_free (PsFakeKernel *self);

/* Creates the link, or changes its name and flags, and says so. */
void ps_fake_kernel_link (PsFakeKernel *self, const char *name, guint32 ifindex, guint32 flags);
void ps_fake_kernel_remove (PsFakeKernel *self, guint32 ifindex);

/* TRUE if the link exists; its flags. */
gboolean ps_fake_kernel_flags (PsFakeKernel *self, guint32 ifindex, guint32 *out_flags);

/* Every RTM_SETLINK fails with this errno from now on; 0: works. */
void ps_fake_kernel_refuse_changes (PsFakeKernel *self, int error);

/* The next n dumps carry NLM_F_DUMP_INTR on their first part. */
void ps_fake_kernel_interrupt_dumps (PsFakeKernel *self, guint n);

guint ps_fake_kernel_n_dumps (PsFakeKernel *self); /* Asked for so far. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsFakeKernel, ps_fake_kernel_free)
G_END_DECLS
