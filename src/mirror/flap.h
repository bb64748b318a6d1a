/* SPDX-License-Identifier: Apache-2.0 */
/* Flaps of one port, counted from the kernel's own carrier counters. They are bumped at the moment
 * of each carrier change and stand in every RTM_NEWLINK, so they survive lost messages, the
 * daemon's restarts and the coalescing of events (docs/kernel.md 7). */
#pragma once
#include "core/link-event.h"
G_BEGIN_DECLS

typedef struct {
  guint32 ifindex;    /* Device the counters belong to; 0: none yet. */
  PsCarrier base;     /* The kernel's counters when the device was first seen. */
  PsCarrier last;     /* The newest ones seen. */
  guint64 ups, downs; /* Of devices of this name before the current one. */
} PsFlap;

/* TRUE if a device of this ifindex that counted so little cannot be the one that was seen last: the
 * kernel's counters only rise, so the ifindex was given to another. */
gboolean ps_flap_is_successor (const PsFlap *self, guint32 ifindex, const PsCarrier *carrier);

/* Takes in the counters of a device. A new ifindex, or counters that run backwards (the ifindex was
 * reused), start a new baseline and keep what was counted. TRUE if the baseline is new. */
gboolean ps_flap_observe (PsFlap *self, guint32 ifindex, const PsCarrier *carrier);

/* The device is gone or has another name: keeps what was counted, and waits for the next device.
 * TRUE if there was one. */
gboolean ps_flap_end (PsFlap *self);

guint64 ps_flap_ups (const PsFlap *self);   /* Carrier came up so often since the first sight. */
guint64 ps_flap_downs (const PsFlap *self); /* Likewise went down. */
G_END_DECLS
