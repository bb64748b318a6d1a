/* SPDX-License-Identifier: Apache-2.0 */
/* The loader of scenario files: what it takes keeps its own limits, refers to nothing that is not
 * there, draws within its bounds, and can be written and read again as the same. */
#include "base/json-guard.h"
#include "sim/run/scenario.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

#define DRAWS 3 /* of each number: the stream is different for each */

static void
check_draw (const PsDraw *draw, PsRng *rng)
{
  for (guint i = 0; i < DRAWS; i++) {
    gint64 value = ps_draw_take (draw, rng);
    if (draw->kind == PS_DRAW_FIXED)
      g_assert_cmpint (value, ==, draw->low);
    else if (draw->kind == PS_DRAW_UNIFORM)
      g_assert_true (value >= draw->low && value <= draw->high);
    else if (draw->kind == PS_DRAW_EXP)
      g_assert_true (value >= 0 && value <= draw->high);
  }
}

static void
check_links (const PsSelector *selector, guint n_links, PsRng *rng)
{
  if (selector->indexes == NULL)
    return;
  g_autoptr (GArray) taken = ps_selector_take (selector, n_links, rng);
  g_assert_cmpuint (taken->len, >, 0);
  for (guint i = 0; i < taken->len; i++)
    g_assert_cmpuint (g_array_index (taken, guint, i), <, n_links);
}

/* Steps that wait for each other would never come. */
static void
check_chain (const PsScenario *scenario, const PsStep *step)
{
  guint n = 0;
  for (; step->after != PS_STEP_NONE; n++) {
    g_assert_cmpuint (n, <, scenario->steps->len);
    step = g_ptr_array_index (scenario->steps, step->after);
  }
}

static void
check_step (const PsScenario *scenario, const PsStep *step, PsRng *rng)
{
  g_assert_true (step->id != NULL && step->verb != NULL);
  g_assert_true (step->after == PS_STEP_NONE || step->after < scenario->steps->len);
  g_assert_true ((step->after == PS_STEP_NONE) == (step->after_id == NULL));
  check_chain (scenario, step);
  g_assert_true (step->chance <= PS_MILLION);
  g_assert_true (step->until_us <= scenario->duration_us);
  check_draw (&step->at, rng);
  check_draw (&step->jitter, rng);
  check_draw (&step->lasting, rng);
  check_links (&step->links, scenario->links->len, rng);
  for (guint i = 0; step->verb->params[i].name != NULL; i++)
    check_draw (&step->arguments[i].draw, rng);
}

static void
check_scenario (const PsScenario *scenario)
{
  PsRng rng;
  ps_rng_seed (&rng, scenario->seed_base);
  g_assert_true (scenario->name != NULL && scenario->why != NULL);
  g_assert_true (scenario->n_seeds > 0 && scenario->n_seeds <= PS_SCENARIO_SEEDS_MAX);
  g_assert_cmpint (scenario->duration_us, >, 0);
  g_assert_true (scenario->steps->len > 0 && scenario->steps->len <= PS_SCENARIO_STEPS_MAX);
  g_assert_cmpuint (scenario->expects->len, <=, PS_SCENARIO_EXPECTS_MAX);
  g_assert_cmpuint (scenario->links->len, >=, scenario->setup.n_ports);
  for (guint i = 0; i < scenario->steps->len; i++)
    check_step (scenario, g_ptr_array_index (scenario->steps, i), &rng);
  for (guint i = 0; i < scenario->expects->len; i++) {
    const PsExpect *expect = g_ptr_array_index (scenario->expects, i);
    g_assert_true (expect->of == PS_STEP_NONE || expect->of < scenario->steps->len);
    g_assert_cmpint (expect->that.low, <=, expect->that.high);
  }
}

static void
check_again (const PsScenario *scenario)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ps_scenario_to_text (scenario);
  if (strlen (text) > PS_JSON_SIZE_MAX) /* A pattern is written as all the names that it fits. */
    return;
  g_autoptr (PsScenario) again = ps_scenario_parse (text, strlen (text), "fuzz", &error);
  g_assert_no_error (error);
  g_autofree char *second = ps_scenario_to_text (again);
  g_assert_cmpstr (second, ==, text);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PsScenario) scenario = ps_scenario_parse ((const char *)data, size, "fuzz", &error);
  ps_fuzz_check_error (scenario, error);
  if (scenario == NULL)
    return 0;
  check_scenario (scenario);
  check_again (scenario);
  return 0;
}
