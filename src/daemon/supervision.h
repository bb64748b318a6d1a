/* SPDX-License-Identifier: Apache-2.0 */
/* What the service manager is told, and when: ready, status, alive, stopping. */
#pragma once
#include "base/clock.h"
#include "daemon/notify.h"
#include "engine/engine.h"
G_BEGIN_DECLS

/* Something is owed and nothing moved for so long: the daemon is stuck, and the watchdog hears
 * nothing more. Longer than any pause that the daemon makes on purpose (back-off, deadlines). */
#define PS_SUPERVISION_STUCK_US (60 * G_USEC_PER_SEC)

/* How much longer than the next status a start may take, as the manager is told. */
#define PS_SUPERVISION_EXTEND_US (10 * G_USEC_PER_SEC)

typedef PsEngineStatus (*PsStatusFn) (gpointer user_data);
typedef struct _PsSupervision PsSupervision;

/* READY=1 goes out when the first picture of the links is complete and STATE_DB has acknowledged
 * it; at the latest ready_us from now, then with a STATUS that says what is missing: a switch does
 * not wait for it for ever. Until then the manager is asked for more time. STATUS follows changes,
 * once a second. WATCHDOG=1 goes out three times in each period of the watchdog, from the main
 * loop, unless the daemon is stuck; a Redis that is away is no reason, since a restart of the
 * daemon would not bring it back. Does nothing if there is no manager. notify must outlive it. */
PsSupervision *ps_supervision_new (PsClock *clock, PsNotify *notify, gint64 ready_us,
                                   PsStatusFn status, gpointer user_data);
void ps_supervision_free (PsSupervision *self);

/* STOPPING=1. */
void ps_supervision_stopping (PsSupervision *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSupervision, ps_supervision_free)
G_END_DECLS
