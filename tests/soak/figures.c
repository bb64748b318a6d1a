/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/figures.h"

typedef struct {
  guint process;
  double now_s, age_s, rss_kb, n_fds;
} Sample;

typedef struct {
  double watched_s;       /* by how much the processes' ages grew under our eyes */
  double rss_kb_h, fds_h; /* growth an hour */
} Slope;

PsFigures *
ps_figures_new (void)
{
  PsFigures *self = g_new0 (PsFigures, 1);
  self->latencies = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->samples = g_array_new (FALSE, FALSE, sizeof (Sample));
  return self;
}

void
ps_figures_free (PsFigures *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->latencies);
  g_array_unref (self->samples);
  g_free (self);
}

void
ps_figures_sample (PsFigures *self, guint process, double now_s, double age_s, guint rss_kb,
                   guint n_fds)
{
  Sample sample = {process, now_s, age_s, rss_kb, n_fds};
  g_array_append_val (self->samples, sample);
}

void
ps_figures_latency (PsFigures *self, gint64 us)
{
  g_array_append_val (self->latencies, us);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;
  return (left > right) - (left < right);
}

/* per_mille 1000: the largest. */
static gint64
percentile (PsFigures *self, guint per_mille)
{
  guint n = self->latencies->len;
  if (n == 0)
    return 0;
  g_array_sort (self->latencies, compare);
  return g_array_index (self->latencies, gint64, MIN (n - 1, n * per_mille / 1000));
}

static Sample
sample_at (const PsFigures *self, guint i)
{
  return g_array_index (self->samples, Sample, i);
}

/* One line fitted to the samples [first, end) of a process adds to the sums of all of them. */
static void
add_process (const PsFigures *self, guint first, guint end, double sums[3], Slope *slope)
{
  double n = (double)(end - first), t = 0, rss = 0, fds = 0;
  for (guint i = first; i < end; i++) {
    t += sample_at (self, i).now_s / n;
    rss += sample_at (self, i).rss_kb / n;
    fds += sample_at (self, i).n_fds / n;
  }
  for (guint i = first; i < end; i++) {
    Sample sample = sample_at (self, i);
    sums[0] += (sample.now_s - t) * (sample.now_s - t);
    sums[1] += (sample.now_s - t) * (sample.rss_kb - rss);
    sums[2] += (sample.now_s - t) * (sample.n_fds - fds);
  }
  slope->watched_s += sample_at (self, end - 1).now_s - sample_at (self, first).now_s;
}

/* The common slope of lines with an offset for each process, by least squares: a process that died
 * and its successor are not one line. */
static Slope
slope_of (const PsFigures *self)
{
  Slope slope = {0};
  double sums[3] = {0};
  guint n = self->samples->len;
  for (guint first = 0, end; first < n; first = end) {
    guint process = sample_at (self, first).process;
    for (end = first + 1; end < n && sample_at (self, end).process == process; end++)
      continue;
    while (first < end && sample_at (self, first).age_s < PS_SOAK_SETTLED_S)
      first++;
    if (end - first >= 2)
      add_process (self, first, end, sums, &slope);
  }
  if (sums[0] > 0) {
    slope.rss_kb_h = sums[1] / sums[0] * 3600;
    slope.fds_h = sums[2] / sums[0] * 3600;
  }
  return slope;
}

static Sample
last_sample (const PsFigures *self)
{
  return self->samples->len > 0 ? sample_at (self, self->samples->len - 1) : (Sample){0};
}

static Sample
largest (const PsFigures *self)
{
  Sample most = {0};
  for (guint i = 0; i < self->samples->len; i++) {
    Sample sample = sample_at (self, i);
    most.rss_kb = MAX (most.rss_kb, sample.rss_kb);
    most.n_fds = MAX (most.n_fds, sample.n_fds);
  }
  return most;
}

char *
ps_figures_line (PsFigures *self, double seconds)
{
  Sample now = last_sample (self);
  return g_strdup_printf (
      "%5.0f s: %" G_GUINT64_FORMAT " actions, %" G_GUINT64_FORMAT " messages, %" G_GUINT64_FORMAT
      " writes, %u quiet points, %u starts, Redis died %u times; rss %.0f kB, %.0f descriptors, "
      "latency p50 %" G_GINT64_FORMAT " us",
      seconds, self->n_actions, self->n_messages, self->n_writes, self->n_quiet,
      self->n_kills + self->n_stops, self->n_redis_deaths, now.rss_kb, now.n_fds,
      percentile (self, 500));
}

static void
add_rate (GString *text, const char *what, guint64 n, double seconds)
{
  g_string_append_printf (text, "  %-28s %12" G_GUINT64_FORMAT "  %10.1f/s\n", what, n,
                          (double)n / MAX (seconds, 0.001));
}

static void
add_count (GString *text, const char *what, guint n)
{
  g_string_append_printf (text, "  %-28s %12u\n", what, n);
}

static void
add_memory (GString *text, const PsFigures *self)
{
  Slope slope = slope_of (self);
  Sample most = largest (self);
  g_string_append_printf (text,
                          "  daemon: rss at most %.0f kB, at most %.0f descriptors at a quiet "
                          "point\n  growth in %.0f s of processes older than %.0f s: ",
                          most.rss_kb, most.n_fds, slope.watched_s, PS_SOAK_SETTLED_S);
  if (slope.watched_s < PS_SOAK_SLOPE_MIN_S)
    g_string_append_printf (text, "judged from %.0f s on\n", PS_SOAK_SLOPE_MIN_S);
  else
    g_string_append_printf (text,
                            "rss %+.1f kB an hour (limit %.0f), descriptors %+.3f (limit "
                            "%.0f)\n",
                            slope.rss_kb_h, PS_SOAK_RSS_SLOPE_MAX_KB, slope.fds_h,
                            PS_SOAK_FDS_SLOPE_MAX);
}

char *
ps_figures_report (PsFigures *self, double seconds)
{
  GString *text = g_string_new ("");
  g_string_append_printf (text, "soak of %.0f s\n", seconds);
  add_rate (text, "actions", self->n_actions, seconds);
  add_rate (text, "link messages", self->n_messages, seconds);
  add_rate (text, "of them dropped", self->n_drops, seconds);
  add_rate (text, "row writes in STATE_DB", self->n_writes, seconds);
  add_rate (text, "Redis commands, all clients", self->n_commands, seconds);
  add_count (text, "quiet points, all agreed", self->n_quiet);
  add_count (text, "kills of the daemon", self->n_kills);
  add_count (text, "stops of it (SIGTERM)", self->n_stops);
  add_count (text, "restarts that wrote nothing", self->n_resumed);
  add_count (text, "warm restarts", self->n_warm);
  add_count (text, "restarts of swss", self->n_swss);
  add_count (text, "deaths of Redis", self->n_redis_deaths);
  g_string_append_printf (text, "  longest way to agreement: %u ms\n", self->worst_settle_ms);
  g_string_append_printf (text,
                          "  change to row, %u samples: p50 %" G_GINT64_FORMAT
                          " us, p90 %" G_GINT64_FORMAT " us, p99 %" G_GINT64_FORMAT
                          " us, max %" G_GINT64_FORMAT " us\n",
                          self->latencies->len, percentile (self, 500), percentile (self, 900),
                          percentile (self, 990), percentile (self, 1000));
  add_memory (text, self);
  return g_string_free (text, FALSE);
}

char *
ps_figures_judge (PsFigures *self, guint n_ports)
{
  Slope slope = slope_of (self);
  Sample most = largest (self);
  if (most.rss_kb > PS_SOAK_RSS_MAX_KB (n_ports))
    return g_strdup_printf ("the daemon had %.0f kB of memory, of %u allowed", most.rss_kb,
                            PS_SOAK_RSS_MAX_KB (n_ports));
  if (most.n_fds > PS_SOAK_FDS_MAX)
    return g_strdup_printf ("the daemon had %.0f descriptors, of %u allowed", most.n_fds,
                            PS_SOAK_FDS_MAX);
  if (slope.watched_s < PS_SOAK_SLOPE_MIN_S)
    return NULL;
  if (slope.rss_kb_h > PS_SOAK_RSS_SLOPE_MAX_KB)
    return g_strdup_printf ("the daemon's memory grows by %.0f kB an hour", slope.rss_kb_h);
  if (slope.fds_h > PS_SOAK_FDS_SLOPE_MAX)
    return g_strdup_printf ("the daemon's descriptors grow by %.1f an hour", slope.fds_h);
  return NULL;
}
