/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/shrink-cause.h"
#include <string.h>

/* NULL: it is not an expectation that failed. */
static const PsExpect *
find_failed (const PsScenario *scenario, const PsRunResult *failure)
{
  for (guint i = 0; i < scenario->expects->len; i++) {
    const PsExpect *expect = g_ptr_array_index (scenario->expects, i);
    g_autofree char *name = g_strdup_printf ("expectation \"%s\"", expect->name);
    if (g_strcmp0 (name, failure->check) == 0)
      return expect;
  }
  return NULL;
}

/* Everything takes place as before, but faults do nothing. */
static gboolean
passes_without_faults (const PsScenario *scenario, const PsRunOptions *options,
                       const PsRunResult *failure)
{
  PsRunOptions faultless = *options;
  faultless.faultless = TRUE;
  g_autoptr (PsRunResult) result = ps_run (scenario, &faultless);
  return g_strcmp0 (result->check, failure->check) != 0;
}

PsShrinkCause
ps_shrink_cause (const PsScenario *scenario, const PsRunOptions *options,
                 const PsRunResult *failure)
{
  if (failure->verdict != PS_VERDICT_LIVENESS || find_failed (scenario, failure) == NULL)
    return PS_SHRINK_CAUSE_ANY;
  return passes_without_faults (scenario, options, failure) ? PS_SHRINK_CAUSE_FAULTS
                                                            : PS_SHRINK_CAUSE_OTHER;
}

static gboolean
took_effect (const PsScenario *scenario, const PsRunResult *result, const char *verb)
{
  for (guint i = 0; i < scenario->steps->len; i++) {
    const PsStep *step = g_ptr_array_index (scenario->steps, i);
    if (result->met[i] == '1' && strcmp (step->verb->name, verb) == 0)
      return TRUE;
  }
  return FALSE;
}

/* The step that the failed expectation waits for; without one there is nothing to ask. */
static gboolean
was_anchored (const PsScenario *scenario, const PsRunResult *failure)
{
  const PsExpect *expect = find_failed (scenario, failure);
  return expect == NULL || expect->of == PS_STEP_NONE || failure->met[expect->of] == '1';
}

gboolean
ps_shrink_keeps_cause (PsShrinkCause cause, const PsScenario *larger,
                       const PsRunResult *its_failure, const PsScenario *smaller,
                       const PsRunOptions *options, const PsRunResult *failure)
{
  static const char *const actors[] = {"daemon.start", "orchagent.start"};
  if (cause == PS_SHRINK_CAUSE_FAULTS)
    return passes_without_faults (smaller, options, failure);
  if (cause == PS_SHRINK_CAUSE_ANY)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (actors); i++)
    if (took_effect (larger, its_failure, actors[i]) && !took_effect (smaller, failure, actors[i]))
      return FALSE;
  return was_anchored (smaller, failure) || !was_anchored (larger, its_failure);
}
