/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/concrete.h"
#include <string.h>

typedef struct {
  const PsScenario *scenario;
  const PsRunOptions *options;
  guint only;
  GHashTable *indexes; /* owned; name of a link: its index + 1 */
  GPtrArray *made;     /* owned; PsStep of each execution, in order */
  GArray *counts;      /* owned; of guint: executions of each step */
  GArray *sources;     /* owned; of guint: the step of each execution */
} Recorder;

static const PsStep *
nth_step (const Recorder *self, guint i)
{
  return g_ptr_array_index (self->scenario->steps, i);
}

/* --- one execution -------------------------------------------------------------------------- */

static gboolean
has_id (const Recorder *self, const char *id)
{
  for (guint i = 0; i < self->scenario->steps->len; i++)
    if (strcmp (nth_step (self, i)->id, id) == 0)
      return TRUE;
  return FALSE;
}

static char *
make_id (const Recorder *self, const PsStep *step, guint nth)
{
  if (nth == 1)
    return g_strdup (step->id);
  g_autofree char *id = g_strdup_printf ("%s#%u", step->id, nth);
  while (has_id (self, id)) {
    g_autofree char *taken = g_steal_pointer (&id);
    id = g_strconcat (taken, "#", NULL);
  }
  return g_steal_pointer (&id);
}

static void
take_links (const Recorder *self, const PsVerbCall *call, const PsSelector *from, PsSelector *out)
{
  out->kind = from->kind == PS_SELECT_ALL ? PS_SELECT_ALL : PS_SELECT_NAMES;
  out->glob = g_strdup (from->glob);
  out->indexes = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < call->n_links; i++) {
    guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->indexes, call->links[i])) - 1;
    g_array_append_val (out->indexes, index);
  }
}

static PsStep *
make_step (const Recorder *self, const PsExecution *execution, guint nth)
{
  const PsStep *step = nth_step (self, execution->step);
  PsStep *made = g_new0 (PsStep, 1);
  made->id = make_id (self, step, nth);
  made->why = nth == 1 ? g_strdup (step->why) : NULL;
  made->verb = step->verb;
  made->when = PS_WHEN_AT;
  made->at.low = execution->at_us;
  made->after = PS_STEP_NONE;
  made->chance = PS_MILLION;
  made->ends = step->ends;
  made->lasting.low = execution->lasting_us;
  if (step->verb->links_max > 0)
    take_links (self, execution->call, &step->links, &made->links);
  for (guint i = 0; step->verb->params[i].name != NULL; i++) {
    made->arguments[i].draw.low = execution->call->values[i];
    made->arguments[i].text = g_strdup (execution->call->texts[i]);
  }
  return made;
}

static void
on_executed (const PsExecution *execution, gpointer user_data)
{
  Recorder *self = user_data;
  guint *count = &g_array_index (self->counts, guint, execution->step);
  /* More than the list can hold stays as it is: there is no use in keeping it. */
  if (++*count > PS_SCENARIO_STEPS_MAX)
    return;
  g_ptr_array_add (self->made, make_step (self, execution, *count));
  g_array_append_val (self->sources, execution->step);
}

/* --- the whole ------------------------------------------------------------------------------ */

static guint
count_of (const Recorder *self, guint step)
{
  return g_array_index (self->counts, guint, step);
}

/* Takes out those that come about as often as the most frequent: steps that go together, like the
 * removal and the return of a device, stay in their order at one instant. */
static guint
leave_most_frequent (const Recorder *self, gboolean *chosen)
{
  guint most = 0, left = 0;
  for (guint i = 0; i < self->scenario->steps->len; i++)
    if (chosen[i])
      most = MAX (most, count_of (self, i));
  for (guint i = 0; i < self->scenario->steps->len; i++)
    if (chosen[i] && count_of (self, i) >= most / 2 + 1) {
      chosen[i] = FALSE;
      left += count_of (self, i) - 1;
    }
  return left;
}

/* TRUE for the steps that are told one by one: all, but the most frequent if there are too many. */
static gboolean *
choose (const Recorder *self)
{
  guint n = self->scenario->steps->len, total = 0;
  gboolean *chosen = g_new0 (gboolean, n);
  for (guint i = 0; i < n; i++) {
    chosen[i] = self->only == PS_STEP_NONE || self->only == i;
    total += chosen[i] ? count_of (self, i) : 1;
  }
  while (total > PS_SCENARIO_STEPS_MAX)
    total -= leave_most_frequent (self, chosen);
  return chosen;
}

static void
put_steps (const Recorder *self, const gboolean *chosen, GPtrArray *out)
{
  for (guint i = 0; i < self->scenario->steps->len; i++)
    if (!chosen[i] && count_of (self, i) > 0)
      g_ptr_array_add (out, g_ptr_array_index (self->scenario->steps, i));
  for (guint i = 0; i < self->made->len; i++)
    if (chosen[g_array_index (self->sources, guint, i)])
      g_ptr_array_add (out, g_ptr_array_index (self->made, i));
}

static gboolean
keeps_expect (const Recorder *self, const PsExpect *expect)
{
  gboolean safety = expect->when == PS_EXPECT_ALWAYS || expect->when == PS_EXPECT_NEVER;
  if (self->options->swarm && !safety)
    return FALSE;
  return expect->of == PS_STEP_NONE || count_of (self, expect->of) > 0;
}

static char *
put_all (const Recorder *self)
{
  g_autofree gboolean *chosen = choose (self);
  g_autoptr (GPtrArray) steps = g_ptr_array_new ();
  g_autoptr (GPtrArray) expects = g_ptr_array_new ();
  put_steps (self, chosen, steps);
  for (guint i = 0; i < self->scenario->expects->len; i++)
    if (keeps_expect (self, g_ptr_array_index (self->scenario->expects, i)))
      g_ptr_array_add (expects, g_ptr_array_index (self->scenario->expects, i));
  PsScenario made = *self->scenario;
  made.steps = steps;
  made.expects = expects;
  made.seed_base = self->options->seed;
  made.n_seeds = 1;
  return ps_scenario_to_text (&made);
}

static void
recorder_init (Recorder *self)
{
  self->indexes = g_hash_table_new (g_str_hash, g_str_equal);
  self->made = g_ptr_array_new_with_free_func ((GDestroyNotify)ps_step_free);
  self->counts = g_array_new (FALSE, TRUE, sizeof (guint));
  self->sources = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_set_size (self->counts, self->scenario->steps->len);
  for (guint i = 0; i < self->scenario->links->len; i++)
    g_hash_table_insert (self->indexes, g_ptr_array_index (self->scenario->links, i),
                         GUINT_TO_POINTER (i + 1));
}

static void
recorder_clear (Recorder *self)
{
  g_hash_table_unref (self->indexes);
  g_ptr_array_unref (self->made);
  g_array_unref (self->counts);
  g_array_unref (self->sources);
}

char *
ps_concrete (const PsScenario *scenario, const PsRunOptions *options, guint only, GError **error)
{
  Recorder self = {.scenario = scenario, .options = options, .only = only};
  PsRunOptions recorded = *options;
  recorder_init (&self);
  recorded.executed = on_executed;
  recorded.executed_data = &self;
  ps_run_result_free (ps_run (scenario, &recorded)); /* Only what was recorded counts. */
  g_autofree char *text = put_all (&self);
  recorder_clear (&self);
  g_autoptr (PsScenario) made = ps_scenario_parse (text, strlen (text), scenario->origin, error);
  return made != NULL ? g_steal_pointer (&text) : NULL;
}
