/* SPDX-License-Identifier: Apache-2.0 */
/* A network device of the simulated kernel, as it is seen from outside. */
#pragma once
#include "core/link-event.h"
G_BEGIN_DECLS

/* Borrowed from the kernel; valid until the device is removed. flags are ifi_flags as a message
 * sent now would have them: IFF_UP by set_admin, IFF_LOWER_UP by the carrier, IFF_RUNNING by the
 * operational state, which may lag. */
typedef struct {
  guint32 ifindex, master, mtu, flags;
  PsCarrier carrier;
  char name[IFNAMSIZ], kind[IFNAMSIZ];
  guint64 changed_at_event; /* Value of ps_sim_kernel_n_events() at its last change. */
} PsSimLink;
G_END_DECLS
