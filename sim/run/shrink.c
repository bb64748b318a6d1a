/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/shrink.h"
#include "sim/run/pool.h"
#include "sim/run/shrink-cause.h"
#include "sim/run/shrink-edit.h"
#include "sim/run/shrink-pass.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define ROUNDS_MAX 20

typedef struct {
  const PsShrinkOptions *options;
  PsShrunk *out;
  PsScenario *best;     /* owned, like the following */
  PsRunResult *failure; /* of the best */
  PsShrinkCause cause;
  gint64 begun_us;
  const char *doing;
} Shrinker;

/* Looks for the first of many candidates that fails as it should. */
typedef struct {
  Shrinker *shrinker;
  const PsShrinkPass *pass;
  guint level;
  guint64 first, n;
  guint8 *told;        /* owned; jobs that are over */
  guint64 found;       /* n: none */
  guint64 n_before;    /* all jobs below are over */
  PsRunResult *result; /* owned, nullable: of the found one */
} Search;

static volatile sig_atomic_t interrupted;

static void
on_signal (int number)
{
  interrupted = 1;
}

/* On the monotonic clock; 0: none. */
static gint64
deadline_us (const Shrinker *self)
{
  return self->options->seconds > 0 ? self->begun_us + self->options->seconds * G_USEC_PER_SEC : 0;
}

static gboolean
is_over (const Shrinker *self)
{
  gint64 deadline = deadline_us (self);
  return self->out->interrupted || interrupted || self->out->n_runs >= PS_SHRINK_RUNS_MAX ||
         (deadline > 0 && g_get_monotonic_time () > deadline);
}

static void
show_progress (const Shrinker *self)
{
  if (!self->options->progress)
    return;
  gint64 us = MAX (g_get_monotonic_time () - self->begun_us, 1);
  fprintf (stderr,
           "\r%s: %s, %" G_GUINT64_FORMAT " runs, %" G_GUINT64_FORMAT
           " a second, %u steps, %u ports left\033[K",
           self->best->name, self->doing, self->out->n_runs,
           self->out->n_runs * G_USEC_PER_SEC / (guint64)us, self->best->steps->len,
           self->best->setup.n_ports);
}

/* --- the same failure ----------------------------------------------------------------------- */

static gboolean
is_about_row (const PsScenario *scenario, const char *check)
{
  for (guint i = 0; i < scenario->expects->len; i++) {
    const PsExpect *expect = g_ptr_array_index (scenario->expects, i);
    g_autofree char *name = g_strdup_printf ("expectation \"%s\"", expect->name);
    if (strcmp (name, check) == 0)
      return expect->that.kind == PS_PREDICATE_ROW;
  }
  return FALSE;
}

static char *
without_digits (const char *text)
{
  GString *out = g_string_new (NULL);
  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isdigit (*c))
      g_string_append_c (out, *c);
  return g_string_free (out, FALSE);
}

gboolean
ps_shrink_is_same (const PsScenario *scenario, const PsRunResult *one, const PsRunResult *other)
{
  if (one->verdict != other->verdict || g_strcmp0 (one->check, other->check) != 0)
    return FALSE;
  if (one->verdict == PS_VERDICT_PASS)
    return TRUE;
  if (one->verdict != PS_VERDICT_CRASH && !is_about_row (scenario, one->check))
    return TRUE;
  g_autofree char *a = without_digits (one->seen);
  g_autofree char *b = without_digits (other->seen);
  return strcmp (a, b) == 0;
}

/* --- searching ------------------------------------------------------------------------------ */

/* One that fails for a reason of its own has passed. */
static PsRunResult *
run_text (const Shrinker *self, const char *text)
{
  g_autoptr (PsScenario) scenario =
      text != NULL ? ps_scenario_parse (text, strlen (text), self->best->origin, NULL) : NULL;
  if (scenario == NULL)
    return ps_run_result_new (0);
  PsRunOptions options = {.seed = scenario->seed_base, .actor = self->options->run.actor};
  g_autoptr (PsRunResult) result = ps_run (scenario, &options);
  if (self->failure != NULL && ps_shrink_is_same (self->best, self->failure, result) &&
      !ps_shrink_keeps_cause (self->cause, self->best, self->failure, scenario, &options, result))
    return ps_run_result_new (0);
  return g_steal_pointer (&result);
}

static char *
make_candidate (const Search *self, guint64 job)
{
  const Shrinker *shrinker = self->shrinker;
  PsShrinkCase on = {shrinker->best, shrinker->failure, shrinker->options->run.actor};
  return ps_shrink_pass_make (self->pass, &on, self->level, self->first + job);
}

static PsRunResult *
run_candidate (guint64 job, gpointer user_data)
{
  const Search *self = user_data;
  g_autofree char *text = make_candidate (self, job);
  return run_text (self->shrinker, text);
}

/* The lowest that fails is taken, however many processes there are: the result is the same. */
static gboolean
on_candidate (guint64 job, PsRunResult *result, gpointer user_data)
{
  Search *self = user_data;
  Shrinker *shrinker = self->shrinker;
  shrinker->out->n_runs++;
  show_progress (shrinker);
  self->told[job] = 1;
  if (job < self->found && ps_shrink_is_same (shrinker->best, shrinker->failure, result)) {
    g_clear_pointer (&self->result, ps_run_result_free);
    self->found = job;
    self->result = g_steal_pointer (&result);
  }
  if (result != NULL)
    ps_run_result_free (result);
  while (self->n_before < self->n && self->told[self->n_before])
    self->n_before++;
  return self->n_before <= self->found && shrinker->out->n_runs < PS_SHRINK_RUNS_MAX;
}

static gboolean
adopt (Shrinker *self, char *text, PsRunResult *result)
{
  PsScenario *made = ps_scenario_parse (text, strlen (text), self->best->origin, NULL);
  g_assert (made != NULL);
  ps_scenario_free (self->best);
  ps_run_result_free (self->failure);
  self->best = made;
  self->failure = result;
  g_free (text);
  return TRUE;
}

static void
run_pool (Shrinker *self, const PsPool *pool)
{
  g_autoptr (GError) error = NULL;
  PsPoolEnd end = ps_pool_run (pool, &error);
  self->out->interrupted |= end != PS_POOL_DONE;
  self->out->broken |= end == PS_POOL_FAILED;
  if (error != NULL)
    fprintf (stderr, "portsim: %s\n", error->message);
}

/* The first candidate from *at on that fails; *at is then its number. */
static gboolean
search (Shrinker *self, const PsShrinkPass *pass, guint level, guint64 *at, guint64 n)
{
  Search search = {.shrinker = self, .pass = pass, .level = level, .first = *at, .n = n - *at};
  search.found = search.n;
  search.told = g_malloc0 (search.n);
  self->doing = ps_shrink_pass_name (pass);
  PsPool pool = {.n_jobs = search.n,
                 .n_workers = self->options->n_workers,
                 .deadline_us = deadline_us (self),
                 .job_seconds = PS_SHRINK_JOB_SECONDS,
                 .quiet = TRUE,
                 .run = run_candidate,
                 .done = on_candidate,
                 .user_data = &search};
  run_pool (self, &pool);
  g_free (search.told);
  if (search.result == NULL)
    return FALSE;
  *at += search.found;
  return adopt (self, make_candidate (&search, search.found), search.result);
}

/* Goes on behind the last success, and from the start again until a whole round brings nothing. */
static gboolean
shrink_level (Shrinker *self, const PsShrinkPass *pass, guint level, gboolean *out_exists)
{
  gboolean any = FALSE, progress = FALSE;
  guint64 at = 0, n = 0;
  while (!is_over (self)) {
    PsShrinkCase on = {self->best, self->failure, self->options->run.actor};
    *out_exists = ps_shrink_pass_count (pass, &on, level, &n);
    if (!*out_exists || (at >= n && !progress))
      return any;
    if (at >= n) {
      at = 0;
      progress = FALSE;
    } else if (search (self, pass, level, &at, n)) {
      any = progress = TRUE;
    } else {
      at = n;
    }
  }
  *out_exists = FALSE;
  return any;
}

static gboolean
shrink_by (Shrinker *self, const PsShrinkPass *pass)
{
  gboolean any = FALSE, exists = TRUE;
  for (guint level = 0; exists; level++)
    any |= shrink_level (self, pass, level, &exists);
  return any;
}

static gboolean
shrink_by_all (Shrinker *self, const PsShrinkPass *const *passes)
{
  gboolean any = FALSE;
  for (guint i = 0; passes[i] != NULL; i++)
    any |= shrink_by (self, passes[i]);
  return any;
}

static void
reduce (Shrinker *self)
{
  gboolean any = TRUE;
  for (guint round = 0; any && round < ROUNDS_MAX && !is_over (self); round++) {
    any = shrink_by_all (self, ps_shrink_deletions ());
    any |= shrink_by_all (self, ps_shrink_constants ());
  }
}

/* Executions one by one, if that does not make many steps of few. */
static void
reduce_concrete (Shrinker *self)
{
  g_autofree char *before = ps_scenario_to_text (self->best);
  g_autoptr (GByteArray) bytes = ps_run_result_to_bytes (self->failure);
  guint n_before = self->best->steps->len;
  guint64 at = 0;
  if (self->failure->verdict == PS_VERDICT_CRASH || is_over (self) ||
      !search (self, ps_shrink_concretion (), 0, &at, 1))
    return;
  reduce (self);
  if (self->best->steps->len <= 2 * n_before + 4)
    return;
  PsRunResult *failure = ps_run_result_from_bytes (bytes->data, bytes->len);
  adopt (self, g_steal_pointer (&before), failure);
}

/* --- beginning ------------------------------------------------------------------------------ */

typedef struct {
  const PsScenario *scenario;
  Shrinker *shrinker;
  guint8 *told; /* owned */
  guint64 n, n_before;
  PsRunResult *found; /* owned, nullable */
  guint64 found_job;
} SeedSearch;

static PsRunResult *
run_seed (guint64 job, gpointer user_data)
{
  const SeedSearch *self = user_data;
  PsRunOptions options = self->shrinker->options->run;
  options.seed += job;
  return ps_run (self->scenario, &options);
}

static gboolean
on_seed (guint64 job, PsRunResult *result, gpointer user_data)
{
  SeedSearch *self = user_data;
  self->shrinker->out->n_runs++;
  self->told[job] = 1;
  if (result->verdict != PS_VERDICT_PASS && (self->found == NULL || job < self->found_job)) {
    g_clear_pointer (&self->found, ps_run_result_free);
    self->found = g_steal_pointer (&result);
    self->found_job = job;
  }
  if (result != NULL)
    ps_run_result_free (result);
  while (self->n_before < self->n && self->told[self->n_before])
    self->n_before++;
  return self->found == NULL || self->n_before <= self->found_job;
}

/* The first seed that fails, as its result; NULL: none. */
static PsRunResult *
find_failure (Shrinker *self, const PsScenario *scenario)
{
  const PsShrinkOptions *options = self->options;
  SeedSearch seeds = {.scenario = scenario, .shrinker = self, .n = options->n_seeds};
  seeds.told = g_malloc0 (seeds.n);
  PsPool pool = {.n_jobs = seeds.n,
                 .n_workers = options->n_workers,
                 .seed_of_0 = options->run.seed,
                 .quiet = TRUE,
                 .run = run_seed,
                 .done = on_seed,
                 .user_data = &seeds};
  run_pool (self, &pool);
  g_free (seeds.told);
  return seeds.found;
}

static PsStep *
make_crash_step (const PsRunOptions *options)
{
  PsStep *step = g_new0 (PsStep, 1);
  const char *const *names = ps_verb_names ();
  guint verb = 0;
  while (strcmp (names[verb], "daemon.crash") != 0)
    verb++;
  step->id = g_strdup ("crash-point");
  step->verb = &ps_verbs ()[verb];
  step->when = PS_WHEN_AT;
  step->after = PS_STEP_NONE;
  step->chance = PS_MILLION;
  step->arguments[0].draw.low = (gint64)options->crash_at;
  step->arguments[1].draw.low = options->crash_after;
  step->arguments[2].draw.low = PS_RUN_CRASH_PAUSE_US;
  return step;
}

/* What the options of the failing run did, as a scenario of one seed that needs no options. */
static char *
make_plain (const PsScenario *scenario, const PsRunOptions *options, guint64 seed)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();
  g_autoptr (GPtrArray) expects = g_ptr_array_new ();
  g_autofree PsStep *weighed = g_new (PsStep, scenario->steps->len);
  g_autoptr (PsStep) crash = options->crash_at > 0 ? make_crash_step (options) : NULL;
  if (crash != NULL)
    g_ptr_array_add (steps, crash);
  for (guint i = 0; i < scenario->steps->len; i++) {
    weighed[i] = *(const PsStep *)g_ptr_array_index (scenario->steps, i);
    if (!options->swarm || ps_run_swarm_step (&weighed[i], seed, &weighed[i]))
      g_ptr_array_add (steps, &weighed[i]);
  }
  for (guint i = 0; i < scenario->expects->len; i++) {
    PsExpect *expect = g_ptr_array_index (scenario->expects, i);
    gboolean safety = expect->when == PS_EXPECT_ALWAYS || expect->when == PS_EXPECT_NEVER;
    if (!options->swarm || safety)
      g_ptr_array_add (expects, expect);
  }
  PsScenario plain = *scenario;
  plain.steps = steps;
  plain.expects = expects;
  plain.seed_base = seed;
  plain.n_seeds = 1;
  ps_scenario_remove_orphans (&plain); /* of what swarm left out */
  return ps_scenario_to_text (&plain);
}

typedef struct {
  const Shrinker *shrinker;
  const char *text;
  PsRunResult *result; /* owned, nullable */
} Single;

static PsRunResult *
run_single (guint64 job, gpointer user_data)
{
  const Single *self = user_data;
  return run_text (self->shrinker, self->text);
}

static gboolean
on_single (guint64 job, PsRunResult *result, gpointer user_data)
{
  ((Single *)user_data)->result = result;
  return TRUE;
}

/* One run in a process of its own. NULL if it was interrupted. */
static PsRunResult *
run_alone (Shrinker *self, const char *text)
{
  Single single = {self, text, NULL};
  PsPool pool = {.n_jobs = 1,
                 .n_workers = 1,
                 .quiet = TRUE,
                 .run = run_single,
                 .done = on_single,
                 .user_data = &single};
  self->out->n_runs++;
  run_pool (self, &pool);
  return single.result;
}

static gboolean
begin (Shrinker *self, const PsScenario *scenario, GError **error)
{
  PsShrunk *out = self->out;
  g_autofree char *text = make_plain (scenario, &self->options->run, out->failure->seed);
  self->best = ps_scenario_parse (text, strlen (text), scenario->origin, error);
  if (self->best == NULL)
    return FALSE;
  out->steps_before = self->best->steps->len;
  out->ports_before = self->best->setup.n_ports;
  self->failure = run_alone (self, text);
  if (self->failure == NULL)
    return TRUE;
  if (ps_shrink_is_same (scenario, out->failure, self->failure)) {
    PsRunOptions run = {.seed = self->best->seed_base, .actor = self->options->run.actor};
    self->cause = ps_shrink_cause (self->best, &run, self->failure);
    return TRUE;
  }
  g_set_error (error, PS_DOCUMENT_ERROR, PS_DOCUMENT_ERROR_INVALID,
               "%s: seed %" G_GUINT64_FORMAT
               " fails with %s, but written as a scenario of its own with %s: not shrunk",
               scenario->origin, out->failure->seed, out->failure->check,
               self->failure->check != NULL ? self->failure->check : "nothing");
  return FALSE;
}

/* --- the end -------------------------------------------------------------------------------- */

static char *
make_text (Shrinker *self)
{
  const PsRunResult *failure = self->out->failure;
  PsScenario named = *self->best;
  g_autofree char *why =
      g_strdup_printf ("Shrunk from %s, seed %" G_GUINT64_FORMAT ": %s, %s; expected %s, seen %s.",
                       self->best->origin, failure->seed, ps_verdict_name (failure->verdict),
                       failure->check, failure->expected, failure->seen);
  named.why = g_utf8_make_valid (why, -1);
  char *text = ps_scenario_to_text (&named);
  g_free (named.why);
  return text;
}

static void
finish (Shrinker *self)
{
  PsShrunk *out = self->out;
  out->interrupted |= interrupted != 0;
  out->text = make_text (self);
  out->steps_after = self->best->steps->len;
  out->ports_after = self->best->setup.n_ports;
  gboolean was_interrupted = out->interrupted;
  out->shrunk = run_alone (self, out->text);
  out->interrupted |= was_interrupted;
  out->verified = out->shrunk != NULL && ps_shrink_is_same (self->best, out->failure, out->shrunk);
}

static gboolean
shrink (Shrinker *self, const PsScenario *scenario, GError **error)
{
  self->out->failure = find_failure (self, scenario);
  if (self->out->failure == NULL)
    return TRUE;
  if (!begin (self, scenario, error))
    return FALSE;
  if (self->failure == NULL)
    return TRUE; /* Interrupted before anything was found out. */
  reduce (self);
  reduce_concrete (self);
  finish (self);
  return TRUE;
}

gboolean
ps_shrink (const PsScenario *scenario, const PsShrinkOptions *options, PsShrunk *out,
           GError **error)
{
  struct sigaction action = {.sa_handler = on_signal}, was_int, was_term;
  *out = (PsShrunk){0};
  Shrinker self = {.options = options, .out = out, .begun_us = g_get_monotonic_time ()};
  interrupted = 0;
  sigaction (SIGINT, &action, &was_int);
  sigaction (SIGTERM, &action, &was_term);
  gboolean ok = shrink (&self, scenario, error);
  sigaction (SIGINT, &was_int, NULL);
  sigaction (SIGTERM, &was_term, NULL);
  out->real_us = g_get_monotonic_time () - self.begun_us;
  g_clear_pointer (&self.best, ps_scenario_free);
  g_clear_pointer (&self.failure, ps_run_result_free);
  if (!ok)
    ps_shrunk_clear (out);
  return ok;
}

void
ps_shrunk_clear (PsShrunk *self)
{
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->failure, ps_run_result_free);
  g_clear_pointer (&self->shrunk, ps_run_result_free);
}
