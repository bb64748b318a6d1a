/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of a soak: counts, latencies, and the daemon's memory and descriptors over time, with
 * the limits that they are held against. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* Growth that fails a soak, an hour. A leak of one byte an event would be more. */
#define PS_SOAK_RSS_SLOPE_MAX_KB 1024.0
#define PS_SOAK_FDS_SLOPE_MAX    1.0
/* Slopes are judged once the processes have been watched for this long in all; before, they are
 * noise. */
#define PS_SOAK_SLOPE_MIN_S 600.0
/* A process is watched from this age on. Its heap grows to what the largest storm of its life so
 * far needed, ever more slowly: in an hour's soak by 960 kB an hour from an age of 10 s on, 867
 * from 30 s, 804 from 60 s, 692 from 120 s, 558 from 240 s, 297 from 300 s. */
#define PS_SOAK_SETTLED_S 60.0
/* What the daemon may have at any quiet point (docs/rules.md 5). */
#define PS_SOAK_RSS_MAX_KB(n_ports) (6 * 1024 + (n_ports) / 2)
#define PS_SOAK_FDS_MAX             24

typedef struct {
  guint64 n_actions, n_messages, n_writes, n_commands, n_drops;
  guint n_quiet, n_kills, n_stops, n_resumed, n_swss, n_warm, n_redis_deaths, n_overruns;
  guint32 worst_settle_ms;
  GArray *latencies; /* owned; of gint64, microseconds */
  GArray *samples;   /* owned; of the daemon at quiet points */
} PsFigures;

PsFigures *ps_figures_new (void);
void ps_figures_free (PsFigures *self);

/* The daemon as it was at time now_s, in the age_s-th second of its process number `process`. */
void ps_figures_sample (PsFigures *self, guint process, double now_s, double age_s, guint rss_kb,
                        guint n_fds);
void ps_figures_latency (PsFigures *self, gint64 us);

/* One line: the state of affairs. Free with g_free. */
char *ps_figures_line (PsFigures *self, double seconds);

/* The report. Free with g_free. */
char *ps_figures_report (PsFigures *self, double seconds);

/* NULL if every figure is within its limit, else what is not. Free with g_free. */
char *ps_figures_judge (PsFigures *self, guint n_ports);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsFigures, ps_figures_free)
G_END_DECLS
