/* SPDX-License-Identifier: Apache-2.0 */
/* Sends changes at a steady rate and notes when each is seen in STATE_DB by a keyspace
 * subscriber. */
#pragma once
#include "tests/bench/sender.h"
#include "tests/bench/world.h"
G_BEGIN_DECLS

typedef struct _PsObserver PsObserver;

/* Subscribes to the rows of ports 0 .. n - 1. */
PsObserver *ps_observer_new (PsWorld *world, guint n);
void ps_observer_free (PsObserver *self);

/* n_changes at rate a second, ports in turn; returns when all were seen. The latencies (us, from
 * before the change was sent) are sorted. For g_array_unref. */
GArray *ps_observer_run (PsObserver *self, PsSender *sender, guint n_changes, guint rate);

/* Waits until the row of a port shows this MTU; the time at which it did. */
gint64 ps_observer_await (PsObserver *self, guint port, guint mtu);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsObserver, ps_observer_free)
G_END_DECLS
