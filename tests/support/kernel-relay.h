/* SPDX-License-Identifier: Apache-2.0 */
/* A fake datagram port whose other side is a simulated kernel of its own: what is sent goes to that
 * kernel at once, and so do its answers come. The test may lose, forge and hold back on the port.
 */
#pragma once
#include "sim/world/kernel.h"
#include "tests/support/fake-datagram-port.h"
G_BEGIN_DECLS

typedef struct {
  PsSimKernel *kernel;      /* owned */
  PsDatagramPort *socket;   /* owned; of that kernel */
  PsFakeDatagramPort *port; /* owned */
} PsKernelRelay;

PsKernelRelay *ps_kernel_relay_new (PsClock *clock);
void ps_kernel_relay_free (PsKernelRelay *self);

/* What the kernel has said since arrives at the port. */
void ps_kernel_relay_pass (PsKernelRelay *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsKernelRelay, ps_kernel_relay_free)
G_END_DECLS
