/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/campaign.h"
#include "sim/run/interrupt.h"
#include "sim/run/pool.h"
#include "sim/run/report.h"
#include "sim/run/runner.h"
#include "sim/run/stepper.h"
#include <stdio.h>
#include <unistd.h>

typedef struct {
  const PsScenario *scenario;
  const PsSimOptions *options;
  PsRunOptions run; /* what all have in common */
  guint64 first, stride;
  gint64 deadline_us; /* on the monotonic clock; 0: none */
  gboolean explores;  /* jobs are crash points, not seeds */
  PsReport *report;   /* owned */
  GPtrArray *waiting; /* outcomes that came before their turn, by job; nullable entries */
  guint64 next;
  const char *const *failures; /* names, one of which must fail; NULL-terminated */
} Campaign;

static PsRunOptions
options_of (const Campaign *self, guint64 job)
{
  PsRunOptions run = self->run;
  guint64 number = self->first + job * self->stride;
  if (self->explores) {
    run.crash_at = number / 2 + 1;
    run.crash_after = number % 2 != 0;
  } else {
    run.seed = number;
  }
  return run;
}

static PsRunResult *
run_once (const Campaign *self, const PsRunOptions *run)
{
  PsRunResult *result = ps_run (self->scenario, run);
  if (self->options->expect_failure)
    ps_run_result_invert (result, self->failures);
  return result;
}

static PsRunResult *
run_job (guint64 job, gpointer user_data)
{
  Campaign *self = user_data;
  PsRunOptions run = options_of (self, job);
  return run_once (self, &run);
}

static void
report (Campaign *self, guint64 job, PsRunResult *result)
{
  PsRunOptions run = options_of (self, job);
  result->seed = run.seed;
  g_autoptr (GString) arguments = g_string_new (NULL);
  g_string_printf (arguments, "--seed %" G_GUINT64_FORMAT, run.seed);
  if (run.actor == PS_SIM_ACTOR_UPSTREAM)
    g_string_append (arguments, " --actor=upstream");
  if (run.swarm)
    g_string_append (arguments, " --swarm");
  if (run.crash_at > 0)
    g_string_append_printf (arguments, " --crash-at %" G_GUINT64_FORMAT "%s", run.crash_at,
                            run.crash_after ? " --crash-after" : "");
  ps_report_take (self->report, result, arguments->str);
}

/* Told in the order of jobs, up to the failure that ends the campaign, so that a report is the same
 * whatever the number of processes. */
static gboolean
on_done (guint64 job, PsRunResult *result, gpointer user_data)
{
  Campaign *self = user_data;
  g_assert (job >= self->next);
  if (job - self->next >= self->waiting->len)
    g_ptr_array_set_size (self->waiting, (gint)(job - self->next) + 1);
  g_ptr_array_index (self->waiting, job - self->next) = result;
  while (self->waiting->len > 0 && g_ptr_array_index (self->waiting, 0) != NULL &&
         !ps_report_is_full (self->report)) {
    PsRunResult *turn = g_ptr_array_remove_index (self->waiting, 0);
    report (self, self->next++, turn);
    ps_run_result_free (turn);
  }
  return !ps_report_is_full (self->report);
}

/* What still waits when a deadline ended the campaign: jobs between them were not over. */
static void
report_rest (Campaign *self)
{
  for (guint i = 0; i < self->waiting->len; i++) {
    PsRunResult *result = g_ptr_array_index (self->waiting, i);
    if (result == NULL)
      continue;
    if (!ps_report_is_full (self->report))
      report (self, self->next + i, result);
    ps_run_result_free (result);
  }
}

/* The command for what comes after the last that was told in order; a shard has none. */
static char *
make_go_on (const Campaign *self, const char *what, guint64 n_left)
{
  PsRunOptions next = options_of (self, self->next);
  if (self->stride != 1 || n_left == 0)
    return NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_string_printf (text, "portsim %s %s --seed %" G_GUINT64_FORMAT, what, self->scenario->origin,
                   next.seed);
  if (self->explores)
    g_string_append_printf (text, " --crash-at %" G_GUINT64_FORMAT, next.crash_at);
  else if (self->options->n_seeds == 0 && self->deadline_us > 0)
    g_string_append_printf (
        text, " --seconds %" G_GINT64_FORMAT,
        MAX ((self->deadline_us - g_get_monotonic_time ()) / G_USEC_PER_SEC, 1));
  else
    g_string_append_printf (text, " --seeds %" G_GUINT64_FORMAT, n_left);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static int
conduct (Campaign *self, const char *what, guint64 n_jobs, guint number)
{
  self->report = ps_report_new (self->scenario, what);
  self->report->tap = self->options->tap;
  self->report->digests = self->options->digests;
  /* Fewer seeds than the file's show less than the file claims. */
  self->report->judges_faults = self->run.until_us == 0 && !self->run.swarm && !self->explores &&
                                !self->options->digests && !self->options->expect_failure &&
                                self->run.actor == PS_SIM_ACTOR_DAEMON &&
                                n_jobs >= self->scenario->n_seeds;
  self->report->names_faults = self->run.swarm && self->options->n_shards == 1;
  self->report->n_expected = n_jobs;
  self->report->deadline_us = self->deadline_us;
  self->waiting = g_ptr_array_new ();
  PsPool pool = {
      .n_jobs = n_jobs,
      .n_workers = (guint)MIN (
          self->options->workers > 0 ? self->options->workers : g_get_num_processors (), n_jobs),
      .deadline_us = self->deadline_us,
      .seed_of_0 = self->first,
      .run = run_job,
      .done = on_done,
      .user_data = self,
  };
  g_autoptr (GError) error = NULL;
  PsPoolEnd end = ps_pool_run (&pool, &error);
  gboolean complete = end == PS_POOL_DONE;
  g_autofree char *go_on = complete ? NULL : make_go_on (self, what, n_jobs - self->next);
  report_rest (self);
  if (end == PS_POOL_FAILED)
    self->report->broken = g_strdup (error->message);
  int code = ps_report_end (self->report, complete, go_on, number);
  ps_report_free (self->report);
  g_ptr_array_unref (self->waiting);
  return code;
}

static void
print_trace (const char *line, gpointer user_data)
{
  puts (line);
}

/* NULL-terminated, of borrowed names. */
static GPtrArray *
names_of_failures (const PsScenario *scenario)
{
  GPtrArray *names = g_ptr_array_new ();
  for (guint i = 0; i < scenario->upstream_fails->len; i++)
    g_ptr_array_add (names, g_ptr_array_index (scenario->upstream_fails, i));
  g_ptr_array_add (names, NULL);
  return names;
}

static int
tell_interrupted (const PsRunResult *result)
{
  printf ("# interrupted: seed %" G_GUINT64_FORMAT " at %" G_GINT64_FORMAT
          ".%06ds, event %" G_GUINT64_FORMAT "; nothing more is judged\n",
          result->seed, result->time_us / G_USEC_PER_SEC, (int)(result->time_us % G_USEC_PER_SEC),
          result->events);
  return PS_EXIT_INTERRUPTED;
}

/* In this process: its lines go straight to the terminal. */
static int
run_here (Campaign *self, const char *what)
{
  self->run.trace_bytes = self->options->bytes;
  g_autoptr (PsStepper) stepper = ps_stepper_new (stdin, stdout, isatty (STDIN_FILENO));
  if (self->options->step)
    ps_stepper_attach (stepper, &self->run);
  else
    self->run.trace = print_trace;
  g_autoptr (PsReport) outcome = ps_report_new (self->scenario, what);
  self->report = outcome;
  outcome->tap = self->options->tap;
  PsInterrupt before;
  ps_interrupt_begin (&before);
  self->run.stop = ps_interrupt_came;
  g_autoptr (PsRunResult) result = run_once (self, &self->run);
  ps_interrupt_end (&before);
  if (ps_interrupt_came ())
    return tell_interrupted (result);
  if (ps_stepper_has_quit (stepper)) {
    puts ("ended here; nothing more is judged");
    return PS_VERDICT_PASS;
  }
  report (self, 0, result);
  return ps_report_end (outcome, TRUE, NULL, 1);
}

static guint64
shard_length (guint64 n, const PsSimOptions *options)
{
  return n < options->shard ? 0 : (n - options->shard) / options->n_shards + 1;
}

int
ps_campaign_run (const PsScenario *scenario, const PsSimOptions *options)
{
  g_autoptr (GPtrArray) failures = names_of_failures (scenario);
  Campaign self = {.scenario = scenario,
                   .options = options,
                   .stride = 1,
                   .failures = (const char *const *)failures->pdata};
  const char *what = options->expect_failure ? "expected failure" : "run";
  guint64 n = options->n_seeds > 0 ? options->n_seeds : scenario->n_seeds;
  self.first = options->has_seed ? options->seed : scenario->seed_base;
  if ((options->has_seed && options->n_seeds == 0) || options->verbose || options->step)
    n = 1;
  self.run.actor = options->actor;
  self.run.until_us = options->until_us;
  self.run.swarm = options->swarm;
  self.run.crash_at = options->crash_at;
  self.run.crash_after = options->crash_after;
  if (options->tap)
    puts ("TAP version 13\n1..1");
  fflush (stdout);
  if (!options->verbose && !options->step)
    return conduct (&self, what, n, 1);
  self.run.seed = self.first;
  return run_here (&self, what);
}

int
ps_campaign_swarm (const PsScenario *scenario, const PsSimOptions *options, gint64 deadline_us,
                   guint number)
{
  Campaign self = {
      .scenario = scenario, .options = options, .run = {.swarm = TRUE}, .deadline_us = deadline_us};
  guint64 n = options->n_seeds > 0 ? options->n_seeds : scenario->n_seeds;
  if (options->n_seeds == 0 && options->seconds > 0)
    n = PS_SCENARIO_SEEDS_MAX;
  self.first = (options->has_seed ? options->seed : scenario->seed_base) + options->shard - 1;
  self.stride = options->n_shards;
  return conduct (&self, "swarm", shard_length (n, options), number);
}

/* What fails without any crash is told as such: the crash points behind it show nothing. */
static int
tell_plain (Campaign *self, const PsRunResult *plain, char *broken)
{
  self->explores = FALSE;
  self->first = self->run.seed;
  self->report = ps_report_new (self->scenario, "explore");
  self->report->tap = self->options->tap;
  g_autoptr (PsRunResult) copy = ps_run_result_new (plain->seed);
  if (broken != NULL) {
    copy->verdict = PS_VERDICT_LIVENESS;
    copy->check = g_strdup ("crash point");
    copy->expected = g_strdup ("a command of the daemon to crash at");
    copy->seen = broken;
  }
  report (self, 0, broken != NULL ? copy : (PsRunResult *)plain);
  int code = ps_report_end (self->report, TRUE, NULL, 1);
  ps_report_free (self->report);
  return code;
}

int
ps_campaign_explore (const PsScenario *scenario, const PsSimOptions *options)
{
  Campaign self = {.scenario = scenario, .options = options, .explores = TRUE};
  if (options->seconds > 0)
    self.deadline_us = g_get_monotonic_time () + options->seconds * G_USEC_PER_SEC;
  self.run.seed = options->has_seed ? options->seed : scenario->seed_base;
  if (options->tap)
    puts ("TAP version 13\n1..1");
  fflush (stdout);
  g_autoptr (PsRunResult) plain = ps_run (scenario, &self.run);
  guint64 n = 2 * plain->commands;
  guint64 before = options->crash_at > 0 ? 2 * (options->crash_at - 1) : 0;
  if (plain->verdict != PS_VERDICT_PASS)
    return tell_plain (&self, plain, NULL);
  if (n == 0 || plain->commands < options->crash_at)
    return tell_plain (
        &self, plain,
        g_strdup_printf ("the daemon sent only %" G_GUINT64_FORMAT " commands", plain->commands));
  self.first = before + options->shard - 1;
  self.stride = options->n_shards;
  if (!options->tap)
    printf ("%s, seed %" G_GUINT64_FORMAT ": %" G_GUINT64_FORMAT " commands, a crash before and "
            "after each\n",
            scenario->name, self.run.seed, plain->commands);
  fflush (stdout);
  return conduct (&self, "explore", shard_length (n - before, options), 1);
}
