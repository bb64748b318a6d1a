/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator, run as its users run it: PORTSIM on the files in SCENARIOS. */
#include "tests/bench/cases.h"
#include "tests/bench/table.h"
#include <string.h>

#define N_SEEDS "1000"

/* What a run of the program took, and what its last line says that it did. */
typedef struct {
  double wall_s, cpu_s, messages, virtual_s;
} Course;

/* The number before a word of the sum, e.g. of "…; 12 link messages, 3 s of the switch…". */
static double
number_before (const char *text, const char *word)
{
  const char *at = strstr (text, word);
  g_assert_nonnull (at);
  while (at > text && (g_ascii_isdigit (at[-1]) || at[-1] == '.'))
    at--;
  return g_ascii_strtod (at, NULL);
}

static Course
run (const char *command, const char *scenario, const char *option, const char *value)
{
  const char *portsim = g_getenv ("PORTSIM"), *folder = g_getenv ("SCENARIOS");
  g_assert_true (portsim != NULL && folder != NULL);
  g_autofree char *file = g_strdup_printf ("%s/%s.json", folder, scenario);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  const char *argv[] = {portsim, command, file, option, value, NULL};
  int status = -1;
  gint64 begun_us = g_get_monotonic_time ();
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &text, NULL, &status,
                &error);
  g_assert_no_error (error);
  if (status != 0)
    g_error ("%s %s %s failed:\n%s", portsim, command, file, text);
  return (Course){.wall_s = (double)(g_get_monotonic_time () - begun_us) / G_USEC_PER_SEC,
                  .cpu_s = number_before (text, "s of CPU"),
                  .messages = number_before (text, " link messages"),
                  .virtual_s = number_before (text, " s of the switch")};
}

static void
measure_rate (const PsBenchOptions *options, const char *name, const char *scenario, double bar)
{
  PsSamples rate = {0};
  g_autofree char *note = NULL;
  for (guint i = 0; i < options->n_reps; i++) {
    Course course = run ("run", scenario, NULL, NULL);
    ps_samples_add (&rate, course.messages / course.cpu_s);
    g_free (note);
    note = g_strdup_printf ("%.0f messages, %.0f s of the switch in %.2f s of CPU", course.messages,
                            course.virtual_s, course.cpu_s);
  }
  ps_table_row (&(PsFigure){name, "msg/s", &rate, NULL, bar > 0 ? PS_BAR_AT_LEAST : PS_BAR_NONE,
                            bar, PS_BAR_NONE, 0, note});
}

static void
measure_time (guint n_reps, const char *name, Course (*fn) (void), double bar_s)
{
  PsSamples wall = {0};
  g_autofree char *note = NULL;
  for (guint i = 0; i < n_reps; i++) {
    Course course = fn ();
    ps_samples_add (&wall, course.wall_s);
    g_free (note);
    note = g_strdup_printf ("%.0f messages, %.0f s of the switch in %.2f s of CPU", course.messages,
                            course.virtual_s, course.cpu_s);
  }
  ps_table_row (&(PsFigure){name, "s", &wall, NULL, PS_BAR_AT_MOST, bar_s, PS_BAR_NONE, 0, note});
}

static Course
drizzle (void)
{
  return run ("run", "drizzle-24h-512", NULL, NULL);
}

static Course
redis_drops (void)
{
  return run ("run", "redis-drop-mid-pipeline", "--seeds", N_SEEDS);
}

static Course
crash_points (void)
{
  return run ("explore", "boot-cold", NULL, NULL);
}

static Course
many_ports (void)
{
  return run ("run", "ports-100000", NULL, NULL);
}

/* Nothing of it is quick and none of it stable enough to be asserted beside other tests. */
void
ps_case_sim (const PsBenchOptions *options)
{
  if (options->quick)
    return;
  measure_rate (options, "simulator: 512 ports bounce, all checks", "flap-storm-limit", 1e6);
  measure_rate (options, "  a row written for each message", "flap-storm-512", 0);
  measure_time (options->n_reps, "  24 h of drizzle on 512 ports", drizzle, 10);
  measure_time (options->n_reps, "  " N_SEEDS " seeds of Redis drops", redis_drops, 60);
  measure_time (options->n_reps, "  all crash points of a boot of 64 ports", crash_points, 60);
  measure_time (1, "  100,000 ports booted and stormed", many_ports, 60);
}
