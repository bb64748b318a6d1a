/* SPDX-License-Identifier: Apache-2.0 */
/* A switch before a warm start, and the readers that see what comes of it. */
#pragma once
#include "tests/support/monitor.h"
#include "tests/support/rig.h"
G_BEGIN_DECLS

#define PS_WARM_N_PORTS 8
#define PS_WARM_ROW     "WARM_RESTART_TABLE|portsyncd" /* of STATE_DB */

typedef struct {
  PsRig *rig;
  PsKeyspace *appl; /* of APPL_DB PORT_TABLE; the rig's is of STATE_DB PORT_TABLE */
  PsMonitor *monitor;
  GHashTable *before; /* rows of STATE_DB PORT_TABLE */
} PsWarmRig;

/* For g_test_add. Everything is done, the rows hold fields of other writers, too, and there is one
 * of a sub-interface; the daemon was killed, the flag swss is set, and the readers listen. */
void ps_warm_rig_set_up (PsWarmRig *self, gconstpointer data);
void ps_warm_rig_tear_down (PsWarmRig *self, gconstpointer data);

/* Sets WARM_RESTART_ENABLE_TABLE|flag enable to value. */
void ps_warm_rig_set_flag (PsWarmRig *self, const char *flag, const char *value);

/* Settles; then the rows are those of "before", and what readers and the log heard is forgotten. */
void ps_warm_rig_begin (PsWarmRig *self);

/* The other end of a port goes down; returns when the kernel has said all that it will say. */
void ps_warm_rig_unplug (PsWarmRig *self, guint port);

/* Starts the daemon, waits for PortInitDone, the state reconciled and two polls more. */
void ps_warm_rig_reconcile (PsWarmRig *self);

/* All rows have the fields that they had and no more, but for this one of this port (nullable). */
void ps_warm_rig_assert_rows_kept (PsWarmRig *self, const char *port, const char *field);

/* Nothing came to APPL_DB but PortInitDone, once. */
void ps_warm_rig_assert_only_init_done (PsWarmRig *self);

/* The events of a port, in order, such as "del hset". */
void ps_warm_rig_assert_history (PsWarmRig *self, const char *port, const char *operations);

/* The states that were written, in order, such as "initialized restored". */
void ps_warm_rig_assert_states (PsWarmRig *self, const char *states);

/* The first warning in syslog with this text in it; "" if there is none. Free with g_free. */
char *ps_warm_rig_warning (PsWarmRig *self, const char *text);
G_END_DECLS
