/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/report.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS_US 500000
#define QUOTED      " \t\n\"'\\$`*?[]{}()<>|&;#~!" /* by a shell */

PsReport *
ps_report_new (const PsScenario *scenario, const char *what)
{
  PsReport *self = g_new0 (PsReport, 1);
  self->scenario = scenario;
  self->what = what;
  self->met = g_new0 (guint64, scenario->steps->len);
  self->begun_us = g_get_monotonic_time ();
  return self;
}

void
ps_report_free (PsReport *self)
{
  if (self == NULL)
    return;
  g_free (self->met);
  g_free (self->broken);
  g_free (self);
}

gboolean
ps_report_is_full (const PsReport *self)
{
  return self->n_failures >= PS_REPORT_FAILURES_MAX;
}

/* In TAP, whatever is no result is a comment. */
static void
print_lines (const PsReport *self, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0')
      printf ("%s%s\n", self->tap ? "# " : "", lines[i]);
}

static void
print_failure (PsReport *self, const PsRunResult *result, const char *arguments)
{
  g_autofree char *head = g_strdup_printf (
      "%s, seed %" G_GUINT64_FORMAT ": %s, %s\nat %" G_GINT64_FORMAT
      ".%06ds, event %" G_GUINT64_FORMAT,
      self->scenario->name, result->seed, ps_verdict_name (result->verdict), result->check,
      result->time_us / G_USEC_PER_SEC, (int)(result->time_us % G_USEC_PER_SEC), result->events);
  print_lines (self, head);
  g_autofree char *what =
      g_strdup_printf ("  expected  %s\n  seen      %s", result->expected, result->seen);
  print_lines (self, what);
  if (result->last_events != NULL) {
    print_lines (self, "last events:");
    print_lines (self, result->last_events);
  }
  g_autofree char *file = g_shell_quote (self->scenario->origin);
  const char *name =
      strpbrk (self->scenario->origin, QUOTED) != NULL ? file : self->scenario->origin;
  g_autofree char *again = g_strdup_printf (
      "repeat: portsim run %s %s\nshrink: portsim shrink %s %s", name, arguments, name, arguments);
  print_lines (self, again);
  fflush (stdout);
}

/* By the runs that are over, or by the deadline if that comes first. */
static guint64
estimate_left (const PsReport *self, gint64 now_us)
{
  gint64 elapsed_us = now_us - self->begun_us;
  guint64 left = self->n_expected > self->n_runs ? self->n_expected - self->n_runs : 0;
  gdouble seconds = (gdouble)elapsed_us / G_USEC_PER_SEC * (gdouble)left / (gdouble)self->n_runs;
  if (self->deadline_us > 0)
    seconds = MIN (seconds, (gdouble)(self->deadline_us - now_us) / G_USEC_PER_SEC);
  return (guint64)MAX (seconds, 0);
}

static void
show_progress (PsReport *self)
{
  gint64 now = g_get_monotonic_time (), elapsed = MAX (now - self->begun_us, 1);
  if (self->tap || now - self->told_us < PROGRESS_US || !isatty (STDERR_FILENO))
    return;
  self->told_us = now;
  /* In whole numbers: a locale may have another point. */
  guint64 tenths = self->n_runs * 10 * G_USEC_PER_SEC / (guint64)elapsed;
  g_autofree char *of = g_strdup_printf (" of %" G_GUINT64_FORMAT, self->n_expected);
  fprintf (stderr,
           "\r%s: %" G_GUINT64_FORMAT "%s runs, %" G_GUINT64_FORMAT " failed, %" G_GUINT64_FORMAT
           ".%u a second, "
           "%" G_GUINT64_FORMAT " s left\033[K",
           self->scenario->name, self->n_runs, self->deadline_us > 0 ? "" : of, self->n_failures,
           tenths / 10, (guint)(tenths % 10), estimate_left (self, now));
}

/* What is printed must not stand behind the progress. */
static void
clear_progress (PsReport *self)
{
  if (self->told_us > 0)
    fputs ("\r\033[K", stderr);
}

void
ps_report_take (PsReport *self, const PsRunResult *result, const char *arguments)
{
  self->n_runs++;
  self->n_events += result->events;
  self->n_messages += result->messages;
  self->virtual_us += (guint64)result->time_us;
  self->real_us += (guint64)result->real_us;
  for (guint i = 0; result->met != NULL && i < self->scenario->steps->len; i++)
    self->met[i] += result->met[i] == '1';
  if (self->digests)
    printf ("%" G_GUINT64_FORMAT " %016" G_GINT64_MODIFIER "x\n", result->seed, result->digest);
  show_progress (self);
  if (result->verdict == PS_VERDICT_PASS)
    return;
  if (self->n_failures++ == 0)
    self->worst = result->verdict;
  clear_progress (self);
  print_failure (self, result, arguments);
}

/* The number of steps that took effect in no run: they changed nothing, or the daemon did not meet
 * the fault. */
static guint
print_unmet (const PsReport *self)
{
  guint n = 0;
  for (guint i = 0; i < self->scenario->steps->len; i++) {
    const PsStep *step = g_ptr_array_index (self->scenario->steps, i);
    if (self->met[i] > 0)
      continue;
    n++;
    g_autofree char *line =
        g_strdup_printf ("%s: the %s \"%s\" (%s) took effect in none of %" G_GUINT64_FORMAT
                         " runs: the scenario shows nothing about it",
                         self->scenario->name, step->verb->is_fault ? "fault" : "step", step->id,
                         step->verb->name, self->n_runs);
    print_lines (self, line);
  }
  return n;
}

static gboolean
stopped_early (const PsReport *self)
{
  return ps_report_is_full (self) && self->n_runs < self->n_expected;
}

static void
print_sum (const PsReport *self, gboolean complete)
{
  guint64 cpu_ms = self->real_us / 1000;
  if (stopped_early (self)) {
    g_autofree char *early = g_strdup_printf ("%s: ended at failure %d; %" G_GUINT64_FORMAT
                                              " of %" G_GUINT64_FORMAT " runs were not made",
                                              self->scenario->name, PS_REPORT_FAILURES_MAX,
                                              self->n_expected - self->n_runs, self->n_expected);
    print_lines (self, early);
  }
  g_autofree char *line = g_strdup_printf (
      "%s: %s of %" G_GUINT64_FORMAT " runs%s, %" G_GUINT64_FORMAT " failed; %" G_GUINT64_FORMAT
      " link messages, %" G_GUINT64_FORMAT " s of the switch in %" G_GUINT64_FORMAT ".%03us of CPU",
      self->scenario->name, self->what, self->n_runs, complete ? "" : ", interrupted",
      self->n_failures, self->n_messages, self->virtual_us / G_USEC_PER_SEC, cpu_ms / 1000,
      (guint)(cpu_ms % 1000));
  print_lines (self, line);
}

/* Runs that were not made are no success: told, whatever the cause. */
static gboolean
is_broken (PsReport *self, gboolean complete)
{
  gboolean missing = complete && self->n_runs < self->n_expected && !stopped_early (self);
  if (self->broken == NULL && missing && self->deadline_us == 0)
    self->broken = g_strdup_printf ("only %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                                    " runs were made, which is a defect of portsim",
                                    self->n_runs, self->n_expected);
  if (self->broken == NULL && missing && self->n_runs == 0)
    self->broken = g_strdup ("no run was over in its share of --seconds");
  if (self->broken == NULL)
    return FALSE;
  g_autofree char *line = g_strdup_printf ("%s: %s", self->scenario->name, self->broken);
  print_lines (self, line);
  return TRUE;
}

int
ps_report_end (PsReport *self, gboolean complete, const char *go_on, guint test_number)
{
  clear_progress (self);
  gboolean names = self->names_faults && self->n_runs >= PS_REPORT_NAMES_RUNS;
  gboolean told = (self->judges_faults || names) && self->n_failures == 0;
  guint unmet = complete && told ? print_unmet (self) : 0;
  if (!self->digests)
    print_sum (self, complete);
  g_autofree char *rest = !complete && go_on != NULL ? g_strconcat ("go on: ", go_on, NULL) : NULL;
  if (rest != NULL)
    print_lines (self, rest);
  int code = (int)self->worst;
  if (code == PS_VERDICT_PASS && unmet > 0 && self->judges_faults)
    code = PS_VERDICT_LIVENESS;
  if (is_broken (self, complete))
    code = PS_VERDICT_CRASH;
  else if (!complete)
    code = PS_EXIT_INTERRUPTED;
  if (self->tap)
    printf ("%sok %u - %s %s\n", code == 0 ? "" : "not ", test_number, self->what,
            self->scenario->name);
  fflush (stdout);
  return code;
}
