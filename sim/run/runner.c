/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/runner.h"
#include "sim/run/judge.h"
#include <string.h>
#include <time.h>

#define LAST_EVENTS 16 /* lines of a failure */

typedef struct _Run Run;

/* A step in the course of a run. */
typedef struct {
  Run *run;
  guint index;
  const PsStep *step;
  PsStep weighed; /* what swarm made of it; borrows */
  PsRng rng;
  gboolean excluded; /* by chance, in this seed */
  guint64 n_times;   /* executions so far */
  gboolean applied;  /* one of them changed something */
  gboolean met;      /* the daemon met one of them while it lasted */
  guint64 met_before;
} Course;

/* An execution that will be ended. */
typedef struct {
  Run *run;
  Course *course;
  const PsStep *step;
  gboolean idle;      /* a fault of a run without faults: it is neither done nor ended */
  guint64 met_before; /* how often the daemon had met such a fault when it began */
  PsVerbCall call;
  GPtrArray *links; /* owned, of borrowed names */
  PsTimerId timer;
  GList node; /* in the run's effects; its data is the effect */
} Effect;

struct _Run {
  const PsScenario *scenario;
  const PsRunOptions *options;
  PsSimWorld *world; /* owned, like the following */
  PsCheck *check;
  PsJudge *judge;
  Course *courses;
  GQueue effects;       /* of owned Effect, by its node, in the order of execution */
  gint64 end_us;        /* on the clock */
  gboolean stopped;     /* from outside: nothing is judged */
  guint64 n_explorable; /* commands of the daemon before all was healed */
};

/* --- executing ------------------------------------------------------------------------------ */

static void
effect_free (Effect *effect)
{
  g_queue_unlink (&effect->run->effects, &effect->node);
  g_ptr_array_unref (effect->links);
  g_free (effect);
}

static char *
describe (const PsStep *step, const GPtrArray *links)
{
  GString *text = g_string_new (NULL);
  g_string_printf (text, "\"%s\": %s", step->id, step->verb->name);
  for (guint i = 0; i < links->len && i < 8; i++)
    g_string_append_printf (text, " %s", (char *)g_ptr_array_index (links, i));
  if (links->len > 8)
    g_string_append_printf (text, " and %u more", links->len - 8);
  return g_string_free (text, FALSE);
}

/* Returns the number of the event. */
static guint64
tell (Run *run, const char *what, const PsStep *step, const GPtrArray *links)
{
  g_autofree char *detail = run->options->trace != NULL ? describe (step, links) : NULL;
  return ps_check_tell (run->check, what, step->id, links->len, detail);
}

static guint64
count_met (Run *run, const PsStep *step)
{
  PsVerbCall call = {.world = run->world};
  if (step->verb->met == NULL)
    return 0;
  for (guint i = 0; step->verb->params[i].name != NULL; i++) {
    call.values[i] =
        step->arguments[i].draw.kind == PS_DRAW_FIXED ? step->arguments[i].draw.low : 0;
    call.texts[i] = step->arguments[i].text;
  }
  return step->verb->met (&call);
}

/* What is met later was another fault of the kind. */
static void
on_effect_over (gpointer user_data)
{
  Effect *effect = user_data;
  Run *run = effect->run;
  effect->timer = 0;
  tell (run, "end of", effect->step, effect->links);
  if (!effect->idle)
    effect->step->verb->heal (&effect->call);
  effect->course->met |= count_met (run, effect->step) > effect->met_before;
  effect_free (effect);
}

static Effect *
effect_new (Course *course)
{
  const PsStep *step = course->step;
  const GPtrArray *names = course->run->scenario->links;
  Effect *effect = g_new0 (Effect, 1);
  effect->run = course->run;
  effect->course = course;
  effect->node.data = effect;
  effect->step = step;
  effect->idle = course->run->options->faultless && step->verb->is_fault;
  effect->links = g_ptr_array_new ();
  effect->call.world = course->run->world;
  for (guint i = 0; step->verb->params[i].name != NULL; i++) {
    effect->call.values[i] = ps_draw_take (&step->arguments[i].draw, &course->rng);
    effect->call.texts[i] = step->arguments[i].text;
  }
  if (step->verb->links_max > 0) {
    g_autoptr (GArray) chosen = ps_selector_take (&step->links, names->len, &course->rng);
    for (guint i = 0; i < chosen->len; i++)
      g_ptr_array_add (effect->links, g_ptr_array_index (names, g_array_index (chosen, guint, i)));
  }
  effect->call.links = (const char *const *)effect->links->pdata;
  effect->call.n_links = effect->links->len;
  return effect;
}

/* ring: a step that is carried out wakes those that come after it */
static void on_due (gpointer user_data);

/* The end of the scenario, or of the step's own span: nothing begins later. */
static void
arm (Course *course, gint64 due_us)
{
  const Run *run = course->run;
  gint64 until = PS_VIRTUAL_CLOCK_START_US + course->step->until_us;
  if (due_us < MIN (until, run->end_us))
    ps_clock_arm (PS_CLOCK (ps_sim_world_clock (run->world)), due_us, on_due, course);
}

static void
wake_followers (Run *run, guint index)
{
  ps_judge_step_began (run->judge, index);
  for (guint i = 0; i < run->scenario->steps->len; i++) {
    Course *course = &run->courses[i];
    if (course->step->after == index && !course->excluded)
      arm (course,
           ps_sim_world_now_us (run->world) + ps_draw_take (&course->step->at, &course->rng));
  }
}

static void
tell_execution (const Course *course, const Effect *effect, gint64 lasting_us)
{
  const PsRunOptions *options = course->run->options;
  PsExecution execution = {
      .step = course->index,
      .at_us = ps_sim_world_now_us (course->run->world) - PS_VIRTUAL_CLOCK_START_US,
      .call = &effect->call,
      .lasting_us = lasting_us,
  };
  if (options->executed != NULL)
    options->executed (&execution, options->executed_data);
}

static void
execute (Course *course)
{
  Run *run = course->run;
  const PsStep *step = course->step;
  Effect *effect = effect_new (course);
  gint64 lasting = step->ends ? ps_draw_take (&step->lasting, &course->rng) : 0;
  /* A step comes because the scenario says so, or because another one came. */
  if (step->when != PS_WHEN_AFTER)
    ps_sim_clock_set_cause (ps_sim_world_clock (run->world), 0);
  guint64 event = tell (run, "step", step, effect->links);
  tell_execution (course, effect, lasting);
  effect->met_before = count_met (run, step);
  if (course->n_times == 0)
    course->met_before = effect->met_before;
  if (!effect->idle)
    course->applied |= step->verb->apply (&effect->call);
  ps_sim_clock_set_cause (ps_sim_world_clock (run->world), event);
  g_queue_push_tail_link (&run->effects, &effect->node);
  if (step->ends)
    effect->timer =
        ps_clock_arm (PS_CLOCK (ps_sim_world_clock (run->world)),
                      ps_sim_world_now_us (run->world) + lasting, on_effect_over, effect);
  else if (step->verb->heal == NULL || !step->verb->is_fault)
    effect_free (effect);
  if (course->n_times++ == 0)
    wake_followers (run, course->index);
}

/* --- when ----------------------------------------------------------------------------------- */

/* The gap to the next execution of a ramp: exponential, by the rate of this instant. */
static gint64
take_ramp_gap (Course *course)
{
  const PsStep *step = course->step;
  gint64 now = ps_sim_world_now_us (course->run->world) - PS_VIRTUAL_CLOCK_START_US;
  gint64 span = step->until_us - step->from_us;
  gint64 passed = CLAMP (now - step->from_us, 0, span);
  /* The rate counts in whole executions a second: both factors fit easily. */
  gint64 rate =
      step->rate_from + (step->rate_to - step->rate_from) * (passed / 1000) / MAX (span / 1000, 1);
  PsDraw gap = {.kind = PS_DRAW_EXP, .low = G_USEC_PER_SEC / rate, .high = PS_DURATION_MAX_US};
  return MAX (ps_draw_take (&gap, &course->rng), 1);
}

static void
arm_again (Course *course)
{
  const PsStep *step = course->step;
  gint64 now = ps_sim_world_now_us (course->run->world);
  if (course->n_times >= step->times)
    return;
  if (step->when == PS_WHEN_EVERY)
    arm (course, now + MAX (ps_draw_take (&step->at, &course->rng), 1) +
                     ps_draw_take (&step->jitter, &course->rng));
  else if (step->when == PS_WHEN_RAMP)
    arm (course, now + take_ramp_gap (course));
}

static void
on_due (gpointer user_data)
{
  Course *course = user_data;
  execute (course);
  arm_again (course);
}

/* Gaps in quarters of what they were; a choice stays as it is. */
static void
scale_gap (PsDraw *gap, guint quarters)
{
  if (gap->kind == PS_DRAW_CHOICE)
    return;
  gap->low = MAX (gap->low * quarters / 4, 1);
  if (gap->kind == PS_DRAW_UNIFORM)
    gap->high = MAX (gap->high * quarters / 4, gap->low);
}

static void
scale_rate (PsStep *step, guint quarters)
{
  step->rate_from = MAX (step->rate_from * quarters / 4, 1);
  step->rate_to = MAX (step->rate_to * quarters / 4, 1);
}

/* From a stream of its own: what a step draws is the same whether swarm tosses for it or not. */
gboolean
ps_run_swarm_step (const PsStep *step, guint64 seed, PsStep *out)
{
  static const guint quarters[] = {1, 2, 4, 8, 16};
  PsRng coin;
  g_autofree char *label = g_strconcat (step->id, "/swarm", NULL);
  ps_draw_seed (&coin, seed, label);
  if (out != step)
    *out = *step;
  if (!step->verb->is_fault)
    return TRUE;
  if (ps_rng_below (&coin, 2) == 0)
    return FALSE;
  guint weight = quarters[ps_rng_below (&coin, G_N_ELEMENTS (quarters))];
  if (step->when == PS_WHEN_EVERY)
    scale_gap (&out->at, weight);
  else if (step->when == PS_WHEN_RAMP)
    scale_rate (out, weight);
  return TRUE;
}

static void
begin (Course *course)
{
  const PsRunOptions *options = course->run->options;
  course->excluded = ps_rng_below (&course->rng, PS_MILLION) >= course->step->chance;
  if (options->swarm) {
    course->excluded |= !ps_run_swarm_step (course->step, options->seed, &course->weighed);
    course->step = &course->weighed;
  }
  const PsStep *step = course->step;
  if (course->excluded || step->when == PS_WHEN_AFTER)
    return;
  gint64 first = step->from_us;
  if (step->when == PS_WHEN_AT)
    first = ps_draw_take (&step->at, &course->rng);
  else if (step->when == PS_WHEN_EVERY)
    first += ps_draw_take (&step->jitter, &course->rng);
  arm (course, PS_VIRTUAL_CLOCK_START_US + first);
}

/* --- the run -------------------------------------------------------------------------------- */

static gboolean
on_stepped (gpointer user_data)
{
  Run *run = user_data;
  const PsRunOptions *options = run->options;
  if ((options->stop != NULL && options->stop ()) ||
      (options->stepped != NULL && !options->stepped (options->trace_data))) {
    run->stopped = TRUE;
    return FALSE;
  }
  return ps_judge_look (run->judge);
}

static void
on_log (PsLogLevel level, const char *text, gpointer user_data)
{
  Run *run = user_data;
  ps_judge_log (run->judge, text);
  g_autofree char *line = run->options->trace != NULL ? g_strconcat ("log: ", text, NULL) : NULL;
  if (line != NULL)
    ps_check_remark (run->check, line);
}

static gboolean
has_verb (const PsScenario *scenario, const char *name)
{
  for (guint i = 0; i < scenario->steps->len; i++)
    if (strcmp (((PsStep *)g_ptr_array_index (scenario->steps, i))->verb->name, name) == 0)
      return TRUE;
  return FALSE;
}

static void
prepare (Run *run)
{
  const PsScenario *scenario = run->scenario;
  PsSimWorldOptions options = scenario->setup.world;
  options.seed = run->options->seed;
  options.may_stop = has_verb (scenario, "daemon.stop");
  options.actor = run->options->actor;
  run->world = ps_sim_world_new (&options);
  run->check = ps_check_new (run->world);
  run->judge = ps_judge_new (scenario, run->world, run->check);
  if (run->options->swarm)
    ps_judge_safety_only (run->judge);
  for (guint i = 0; i < scenario->without->len; i++)
    ps_check_switch_off (run->check,
                         ((PsWithout *)g_ptr_array_index (scenario->without, i))->check);
  if (scenario->expects->len > 0 || run->options->stepped != NULL || run->options->stop != NULL)
    ps_check_set_stepped (run->check, on_stepped, run);
  ps_check_set_log (run->check, on_log, run);
  ps_check_set_trace (run->check, run->options->trace, run->options->trace_data);
  ps_check_set_trace_bytes (run->check, run->options->trace_bytes);
  if (run->options->crash_at > 0)
    ps_sim_world_crash_at (run->world, run->options->crash_at, run->options->crash_after,
                           PS_RUN_CRASH_PAUSE_US);
  ps_sim_world_configure_ports (run->world, scenario->setup.n_ports);
  if (scenario->setup.dpu)
    ps_sim_world_set_dpu (run->world);
  run->courses = g_new0 (Course, scenario->steps->len);
  run->end_us = PS_VIRTUAL_CLOCK_START_US + scenario->duration_us;
  for (guint i = 0; i < scenario->steps->len; i++) {
    Course *course = &run->courses[i];
    *course = (Course){.run = run, .index = i, .step = g_ptr_array_index (scenario->steps, i)};
    ps_draw_seed (&course->rng, run->options->seed, course->step->id);
  }
  if (run->options->prepared != NULL)
    run->options->prepared (run->world, run->options->trace_data);
  for (guint i = 0; i < scenario->steps->len; i++)
    begin (&run->courses[i]);
}

static void
heal (Run *run)
{
  PsClock *clock = PS_CLOCK (ps_sim_world_clock (run->world));
  ps_sim_clock_set_cause (ps_sim_world_clock (run->world), 0);
  ps_check_tell (run->check, "heal", "", 0, "everything");
  while (run->effects.head != NULL) {
    Effect *effect = run->effects.head->data;
    ps_clock_clear (clock, &effect->timer);
    on_effect_over (effect);
  }
  ps_verbs_heal_world (run->world);
}

/* FALSE: a check or an expectation failed, or the run was only asked for in part. */
static gboolean
run_all (Run *run)
{
  gint64 until = run->options->until_us;
  gboolean whole = until == 0 || until >= run->scenario->duration_us;
  if (!ps_sim_world_run_until (run->world, whole ? run->end_us : PS_VIRTUAL_CLOCK_START_US + until))
    return FALSE;
  if (!whole)
    return FALSE;
  run->n_explorable = ps_sim_world_n_commands (run->world);
  heal (run);
  return ps_check_settle (run->check) &&
         ps_sim_world_run_until (run->world, ps_judge_deadline_us (run->judge)) &&
         ps_judge_end (run->judge) && ps_check_stop (run->check);
}

static char *
join_last_events (Run *run)
{
  g_autoptr (GPtrArray) lines = ps_history_lines (ps_check_history (run->check));
  GString *text = g_string_new (NULL);
  for (guint i = lines->len > LAST_EVENTS ? lines->len - LAST_EVENTS : 0; i < lines->len; i++)
    g_string_append_printf (text, "%s\n", (char *)g_ptr_array_index (lines, i));
  return g_string_free (text, FALSE);
}

static char *
list_met (Run *run)
{
  guint n = run->scenario->steps->len;
  char *met = g_malloc0 (n + 1);
  for (guint i = 0; i < n; i++) {
    const Course *course = &run->courses[i];
    const PsVerb *verb = course->step->verb;
    gboolean did = verb->met == NULL ? course->applied : course->met;
    if (verb->met != NULL && verb->heal == NULL) /* It lasts until it is met. */
      did = course->n_times > 0 && count_met (run, course->step) > course->met_before;
    met[i] = did ? '1' : '0';
  }
  return met;
}

/* A crash that never was shows nothing. */
static void
judge_crash_point (Run *run, PsRunResult *result)
{
  guint64 wanted = run->options->crash_at, n = ps_sim_world_n_commands (run->world);
  if (n >= wanted || run->stopped || run->options->until_us > 0)
    return;
  result->verdict = PS_VERDICT_LIVENESS;
  result->check = g_strdup ("crash point");
  result->expected = g_strdup_printf ("a crash at command %" G_GUINT64_FORMAT, wanted);
  result->seen = g_strdup_printf ("the daemon sent only %" G_GUINT64_FORMAT " commands", n);
}

static void
tell_outcome (Run *run, PsRunResult *result)
{
  const PsCheckFailure *failure = ps_check_failure (run->check);
  result->digest = ps_history_digest (ps_check_history (run->check));
  result->events = ps_history_n_events (ps_check_history (run->check));
  result->commands = run->n_explorable;
  result->messages = ps_sim_kernel_counters (ps_sim_world_kernel (run->world))->sent;
  result->time_us = ps_sim_world_now_us (run->world);
  result->met = list_met (run);
  if (failure != NULL) {
    result->verdict = failure->kind == PS_CHECK_SAFETY ? PS_VERDICT_SAFETY : PS_VERDICT_LIVENESS;
    result->check = g_strdup (failure->name);
    result->expected = g_strdup (failure->expected);
    result->seen = g_strdup (failure->seen);
    result->time_us = failure->time_us;
  } else {
    ps_judge_tell (run->judge, result);
  }
  if (result->verdict == PS_VERDICT_PASS)
    judge_crash_point (run, result);
  if (result->verdict != PS_VERDICT_PASS)
    result->last_events = join_last_events (run);
}

static gint64
cpu_us (void)
{
  struct timespec now;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

PsRunResult *
ps_run (const PsScenario *scenario, const PsRunOptions *options)
{
  Run run = {.scenario = scenario, .options = options};
  PsRunResult *result = ps_run_result_new (options->seed);
  gint64 begun_us = cpu_us ();
  prepare (&run);
  run_all (&run);
  tell_outcome (&run, result);
  result->real_us = cpu_us () - begun_us;
  ps_judge_free (run.judge);
  ps_check_free (run.check);
  while (run.effects.head != NULL)
    effect_free (run.effects.head->data);
  ps_sim_world_free (run.world);
  g_free (run.courses);
  return result;
}
