/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/shrink-pass.h"
#include "sim/run/concrete.h"
#include "sim/run/shrink-edit.h"
#include <string.h>

/* A walk goes through all candidates of a level and carries out the one whose turn it is. */
typedef struct {
  PsScenario *scenario; /* a copy, to be changed */
  const PsRunResult *failure;
  PsSimActor actor;
  guint level;
  guint64 wanted, at;
  char *text; /* owned, nullable: the candidate, if it is not the changed copy */
} Walk;

struct _PsShrinkPass {
  const char *name;
  /* FALSE: no such level. */
  gboolean (*walk) (Walk *walk);
};

static gboolean
is_turn (Walk *walk)
{
  return walk->at++ == walk->wanted;
}

static PsStep *
nth_step (const Walk *walk, guint i)
{
  return g_ptr_array_index (walk->scenario->steps, i);
}

/* --- what deletes --------------------------------------------------------------------------- */

/* Halves, quarters and so on down to single ones. */
static gboolean
walk_steps (Walk *walk)
{
  guint n = walk->scenario->steps->len;
  if (walk->level > 0 && n >> walk->level == 0)
    return FALSE;
  guint size = MAX (n >> (walk->level + 1), 1);
  for (guint i = 0; i < n; i += size)
    if (is_turn (walk)) {
      ps_scenario_remove_steps (walk->scenario, i, size);
      return TRUE;
    }
  return TRUE;
}

static gboolean
is_of_failure (const Walk *walk, const PsExpect *expect)
{
  g_autofree char *check = g_strdup_printf ("expectation \"%s\"", expect->name);
  return g_strcmp0 (walk->failure->check, check) == 0;
}

/* All but the one that fails; then each. */
static gboolean
walk_expects (Walk *walk)
{
  GPtrArray *expects = walk->scenario->expects;
  if (walk->level > 1)
    return FALSE;
  if (walk->level == 0 && expects->len > 0 && is_turn (walk)) {
    for (guint i = expects->len; i-- > 0;)
      if (!is_of_failure (walk, g_ptr_array_index (expects, i)))
        g_ptr_array_remove_index (expects, i);
    return TRUE;
  }
  for (guint i = 0; walk->level == 1 && i < expects->len; i++)
    if (is_turn (walk)) {
      g_ptr_array_remove_index (expects, i);
      return TRUE;
    }
  return TRUE;
}

static gboolean
walk_without (Walk *walk)
{
  GPtrArray *without = walk->scenario->without;
  for (guint i = 0; i < without->len; i++)
    if (is_turn (walk)) {
      g_ptr_array_remove_index (without, i);
      return TRUE;
    }
  return walk->level == 0;
}

static gboolean
walk_ports (Walk *walk)
{
  guint n = walk->scenario->setup.n_ports;
  const guint wanted[] = {1, 2, 4, 8, n / 4, n / 2, n - n / 4, n - 1};
  if (walk->level > 0)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    if (wanted[i] > 0 && wanted[i] < n && is_turn (walk)) {
      ps_scenario_keep_ports (walk->scenario, wanted[i]);
      return TRUE;
    }
  for (guint i = n; i < walk->scenario->links->len; i++)
    if (is_turn (walk)) {
      ps_scenario_remove_link (walk->scenario, i);
      return TRUE;
    }
  return TRUE;
}

static gboolean
walk_names (Walk *walk)
{
  if (walk->level > 0)
    return FALSE;
  if (is_turn (walk))
    walk->text = ps_scenario_renumber (walk->scenario);
  return TRUE;
}

/* Up to the failure, then ever shorter; then everything twice as early. */
static gboolean
walk_duration (Walk *walk)
{
  gint64 now = walk->scenario->duration_us, ms = 1000;
  gint64 failed = walk->failure->time_us - PS_VIRTUAL_CLOCK_START_US;
  const gint64 wanted[] = {(failed / G_USEC_PER_SEC + 1) * G_USEC_PER_SEC,
                           (failed / ms + 1) * ms,
                           now / 4 / ms * ms,
                           now / 2 / ms * ms,
                           now * 3 / 4 / ms * ms,
                           now * 9 / 10 / ms * ms};
  if (walk->level > 1)
    return FALSE;
  for (guint i = 0; walk->level == 0 && i < G_N_ELEMENTS (wanted); i++)
    if (wanted[i] > 0 && wanted[i] < now && is_turn (walk)) {
      ps_scenario_cut (walk->scenario, wanted[i]);
      return TRUE;
    }
  if (walk->level == 1 && now >= 2 * ms && is_turn (walk))
    ps_scenario_halve_times (walk->scenario);
  return TRUE;
}

static void
walk_number (Walk *walk, gsize *number)
{
  if (*number != 0 && is_turn (walk))
    *number = 0;
}

static void
walk_time (Walk *walk, gint64 *us)
{
  if (*us != 0 && is_turn (walk))
    *us = 0;
}

/* Each option of the set-up to what it is without being said. */
static gboolean
walk_setup (Walk *walk)
{
  PsSetup *setup = &walk->scenario->setup;
  PsSimOrchagentOptions *orchagent = &setup->world.orchagent;
  if (walk->level > 0)
    return FALSE;
  if (setup->dpu && is_turn (walk))
    setup->dpu = FALSE;
  walk_number (walk, &setup->world.receive_buffer_bytes);
  walk_time (walk, &setup->world.audit_interval_us);
  walk_time (walk, &setup->world.reply_deadline_us);
  if (setup->world.adopt && is_turn (walk))
    setup->world.adopt = FALSE;
  walk_time (walk, &setup->world.latency_us);
  if (setup->world.redis != PS_SIM_REDIS_7_0 && is_turn (walk))
    setup->world.redis = PS_SIM_REDIS_7_0;
  for (guint i = 0; i < PS_N_DBS; i++)
    if (setup->world.own_server[i] && is_turn (walk))
      setup->world.own_server[i] = FALSE;
  if (orchagent->batch != 0 && is_turn (walk))
    orchagent->batch = 0;
  walk_time (walk, &orchagent->start_delay_us);
  walk_time (walk, &orchagent->pop_delay_us);
  walk_time (walk, &orchagent->device_delay_us);
  if (orchagent->kind != NULL && is_turn (walk))
    orchagent->kind = NULL;
  return TRUE;
}

/* --- what makes constants ------------------------------------------------------------------- */

static void
fix (PsDraw *draw, gint64 value)
{
  ps_draw_clear (draw);
  *draw = (PsDraw){.kind = PS_DRAW_FIXED, .low = value};
}

/* One that is drawn becomes its lowest value or its mean. */
static void
walk_draw (Walk *walk, PsDraw *draw)
{
  gint64 value =
      draw->kind == PS_DRAW_CHOICE ? g_array_index (draw->choices, gint64, 0) : draw->low;
  if (draw->kind != PS_DRAW_FIXED && is_turn (walk))
    fix (draw, value);
}

/* Smaller, in steps of ten and of two, down to min. */
static void
walk_size (Walk *walk, PsDraw *draw, gint64 min)
{
  if (draw->kind != PS_DRAW_FIXED)
    return;
  const gint64 wanted[] = {min, draw->low / 10, draw->low / 2};
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    if (wanted[i] >= min && wanted[i] < draw->low && is_turn (walk)) {
      draw->low = wanted[i];
      return;
    }
}

static void
walk_arguments (Walk *walk, PsStep *step)
{
  for (guint i = 0; step->verb->params[i].name != NULL; i++) {
    const PsVerbParam *param = &step->verb->params[i];
    if (param->type != PS_PARAM_COUNT && param->type != PS_PARAM_DURATION)
      continue;
    walk_draw (walk, &step->arguments[i].draw);
    walk_size (walk, &step->arguments[i].draw, param->min);
  }
}

static void
walk_times (Walk *walk, PsStep *step)
{
  const guint64 wanted[] = {1, 2, 4, 16, 64, step->times / 2, step->times - 1};
  if (step->when != PS_WHEN_EVERY)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    if (wanted[i] > 0 && wanted[i] < step->times && wanted[i] <= 1000000 && is_turn (walk)) {
      step->times = wanted[i];
      return;
    }
}

static gboolean
walk_draws (Walk *walk)
{
  if (walk->level > 0)
    return FALSE;
  for (guint i = 0; i < walk->scenario->steps->len; i++) {
    PsStep *step = nth_step (walk, i);
    if (step->chance != PS_MILLION && is_turn (walk))
      step->chance = PS_MILLION;
    walk_times (walk, step);
    if (step->when == PS_WHEN_EVERY)
      walk_size (walk, &step->jitter, 0);
    walk_draw (walk, &step->at);
    walk_draw (walk, &step->jitter);
    walk_draw (walk, &step->lasting);
    walk_size (walk, &step->lasting, 0);
    walk_arguments (walk, step);
  }
  return TRUE;
}

/* Keeps `n` of the chosen links from `first` on, or all but those. */
static void
keep_links (PsSelector *selector, guint first, guint n, gboolean all_but)
{
  GArray *indexes = selector->indexes;
  g_clear_pointer (&selector->glob, g_free);
  if (all_but) {
    g_array_remove_range (indexes, first, MIN (n, indexes->len - first));
    return;
  }
  g_array_remove_range (indexes, 0, first);
  g_array_set_size (indexes, MIN (n, indexes->len));
}

/* "*" as the names that it stands for. */
static void
name_all (Walk *walk, PsSelector *selector)
{
  selector->kind = PS_SELECT_NAMES;
  for (guint i = 0; i < walk->scenario->links->len; i++)
    g_array_append_val (selector->indexes, i);
}

static void
walk_selector (Walk *walk, PsSelector *selector)
{
  guint n_all = walk->scenario->links->len;
  if (selector->kind == PS_SELECT_SAMPLE) {
    PsDraw size = {.kind = PS_DRAW_FIXED, .low = selector->sample};
    walk_size (walk, &size, 1);
    selector->sample = (guint)size.low;
    return;
  }
  gboolean was_all = selector->kind == PS_SELECT_ALL && n_all <= PS_SHRINK_NAMES_MAX;
  if (was_all)
    name_all (walk, selector);
  guint n = selector->kind == PS_SELECT_NAMES ? selector->indexes->len : 0;
  guint size = MAX (n >> (walk->level + 1), 1);
  for (guint i = 0; n > 1 && i < n; i += size)
    if (is_turn (walk)) {
      keep_links (selector, i, size, walk->level > 0);
      return;
    }
  if (was_all)
    selector->kind = PS_SELECT_ALL; /* It was no link's turn here. */
}

/* One half or the other; then without a quarter, and so on. */
static gboolean
walk_links (Walk *walk)
{
  for (guint i = 0; i < walk->scenario->steps->len; i++)
    if (nth_step (walk, i)->verb->links_max > nth_step (walk, i)->verb->links_min)
      walk_selector (walk, &nth_step (walk, i)->links);
  return walk->level < 5;
}

static void
walk_round (Walk *walk, PsDraw *draw)
{
  const gint64 units[] = {G_USEC_PER_SEC, G_USEC_PER_SEC / 10, G_USEC_PER_SEC / 100, 1000};
  if (draw->kind != PS_DRAW_FIXED)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (draw->low % units[i] == 0)
      return;
    else if (is_turn (walk)) {
      draw->low = draw->low / units[i] * units[i];
      return;
    }
}

/* Times that one can read. */
static gboolean
walk_rounding (Walk *walk)
{
  for (guint i = 0; i < walk->scenario->steps->len && walk->level == 0; i++) {
    PsStep *step = nth_step (walk, i);
    if (step->when == PS_WHEN_AT || step->when == PS_WHEN_AFTER)
      walk_round (walk, &step->at);
    if (step->ends)
      walk_round (walk, &step->lasting);
  }
  return walk->level == 0;
}

/* --- executions one by one ------------------------------------------------------------------ */

static gboolean
is_drawn_once (const PsStep *step)
{
  gboolean drawn = step->at.kind != PS_DRAW_FIXED || step->lasting.kind != PS_DRAW_FIXED ||
                   step->when == PS_WHEN_AFTER || step->chance != PS_MILLION ||
                   step->links.kind == PS_SELECT_SAMPLE;
  for (guint i = 0; step->verb->params[i].name != NULL; i++)
    drawn |= step->arguments[i].draw.kind != PS_DRAW_FIXED;
  return drawn && (step->when == PS_WHEN_AT || step->when == PS_WHEN_AFTER);
}

/* It runs in this process, which a crash would end. */
static void
make_concrete (Walk *walk, guint only)
{
  PsRunOptions options = {.seed = walk->scenario->seed_base, .actor = walk->actor};
  walk->text = ps_concrete (walk->scenario, &options, only, NULL);
}

/* What takes place once gets the values that this seed drew for it. */
static gboolean
walk_once (Walk *walk)
{
  if (walk->level > 0 || walk->failure->verdict == PS_VERDICT_CRASH)
    return FALSE;
  for (guint i = 0; i < walk->scenario->steps->len; i++)
    if (is_drawn_once (nth_step (walk, i)) && is_turn (walk)) {
      make_concrete (walk, i);
      return TRUE;
    }
  return TRUE;
}

static gboolean
walk_concretion (Walk *walk)
{
  if (walk->level > 0 || walk->failure->verdict == PS_VERDICT_CRASH)
    return FALSE;
  if (is_turn (walk))
    make_concrete (walk, PS_STEP_NONE);
  return TRUE;
}

/* --- public --------------------------------------------------------------------------------- */

static const PsShrinkPass pass_duration = {"duration", walk_duration};
static const PsShrinkPass pass_expects = {"expectations", walk_expects};
static const PsShrinkPass pass_without = {"switched-off checks", walk_without};
static const PsShrinkPass pass_steps = {"steps", walk_steps};
static const PsShrinkPass pass_ports = {"ports", walk_ports};
static const PsShrinkPass pass_names = {"names", walk_names};
static const PsShrinkPass pass_setup = {"set-up", walk_setup};
static const PsShrinkPass pass_draws = {"draws", walk_draws};
static const PsShrinkPass pass_once = {"draws of one execution", walk_once};
static const PsShrinkPass pass_links = {"links", walk_links};
static const PsShrinkPass pass_rounding = {"rounding", walk_rounding};
static const PsShrinkPass pass_concretion = {"executions", walk_concretion};

const PsShrinkPass *const *
ps_shrink_deletions (void)
{
  static const PsShrinkPass *const passes[] = {
      &pass_duration, &pass_expects, &pass_without, &pass_steps, &pass_ports, &pass_setup, NULL};
  return passes;
}

const PsShrinkPass *const *
ps_shrink_constants (void)
{
  static const PsShrinkPass *const passes[] = {&pass_draws, &pass_once,     &pass_links,
                                               &pass_names, &pass_rounding, NULL};
  return passes;
}

const PsShrinkPass *
ps_shrink_concretion (void)
{
  return &pass_concretion;
}

static PsScenario *
copy (const PsScenario *scenario)
{
  g_autofree char *text = ps_scenario_to_text (scenario);
  return ps_scenario_parse (text, strlen (text), scenario->origin, NULL);
}

gboolean
ps_shrink_pass_count (const PsShrinkPass *self, const PsShrinkCase *on, guint level,
                      guint64 *out_count)
{
  g_autoptr (PsScenario) scenario = copy (on->scenario);
  Walk walk = {scenario, on->failure, on->actor, level, G_MAXUINT64, 0, NULL};
  gboolean some = scenario != NULL && self->walk (&walk);
  *out_count = walk.at;
  return some;
}

char *
ps_shrink_pass_make (const PsShrinkPass *self, const PsShrinkCase *on, guint level, guint64 nth)
{
  g_autoptr (PsScenario) scenario = copy (on->scenario);
  Walk walk = {scenario, on->failure, on->actor, level, nth, 0, NULL};
  if (scenario == NULL || !self->walk (&walk) || walk.at <= nth)
    return NULL;
  g_autofree char *was = ps_scenario_to_text (on->scenario);
  char *text = walk.text != NULL ? walk.text : ps_scenario_to_text (scenario);
  if (strcmp (text, was) == 0)
    g_clear_pointer (&text, g_free);
  return text;
}

const char *
ps_shrink_pass_name (const PsShrinkPass *self)
{
  return self->name;
}
