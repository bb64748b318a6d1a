/* SPDX-License-Identifier: Apache-2.0 */
/* What is measured. Each prints its rows. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct {
  gboolean quick;
  guint n_reps;
} PsBenchOptions;

/* 128 veth pairs: connections, system calls an event, a queue drained. */
void ps_case_mirror (const PsBenchOptions *options);

/* The same at steady rates: CPU an event, latency, commands an event. */
void ps_case_steady (const PsBenchOptions *options);

/* 51,200 changes and a receive buffer that overruns: nothing may stay wrong. */
void ps_case_storm (const PsBenchOptions *options);

/* exec until CONFIG_DB is copied. */
void ps_case_boot (const PsBenchOptions *options);

/* Thousands of netdevs: memory, cold restart. */
void ps_case_links (const PsBenchOptions *options);

/* exec until a warm start says reconciled, beside thousands of netdevs whose rows are right; a
 * resume until PortInitDone. */
void ps_case_warm (const PsBenchOptions *options);

/* Within this process: events absorbed, a full listing of many links. */
void ps_case_core (const PsBenchOptions *options);
void ps_case_resync (const PsBenchOptions *options);

/* The simulator: messages a second with all checks on, and how long its largest works take. */
void ps_case_sim (const PsBenchOptions *options);

/* Absorbs n recorded events and prints nothing: for callgrind. */
void ps_case_core_only (guint n);
G_END_DECLS
