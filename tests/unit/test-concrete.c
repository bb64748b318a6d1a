/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario as one seed plays it: fixed times and values, and the same run. */
#include "sim/run/concrete.h"
#include <string.h>

/* Of a scenario that a quick test can run. */
#define PORTS_MAX    256
#define DURATION_MAX (G_GINT64_CONSTANT (600) * G_USEC_PER_SEC)

static PsScenario *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  PsScenario *scenario = ps_scenario_parse (text, strlen (text), "file.json", &error);
  g_assert_no_error (error);
  return scenario;
}

static PsScenario *
concrete (const PsScenario *scenario, const PsRunOptions *options, guint only)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = ps_concrete (scenario, options, only, &error);
  g_assert_no_error (error);
  return parse (text);
}

/* Of these it is known that no step falls on the microsecond of another event. */
static const char *const exact[] = {"boot-cold",   "boot-slow-orchagent", "flushdb",
                                    "old-devices", "redis-black-hole",    "redis-drop-mid-pipeline",
                                    "rename-swap", "resume-after-kill",   NULL};

static void
assert_same_run (const char *name, const PsScenario *scenario)
{
  PsRunOptions options = {.seed = scenario->seed_base + 1};
  g_autoptr (PsScenario) made = concrete (scenario, &options, PS_STEP_NONE);
  g_autoptr (PsRunResult) one = ps_run (scenario, &options);
  g_autoptr (PsRunResult) other = ps_run (made, &options);
  g_assert_cmpuint (made->seed_base, ==, options.seed);
  g_assert_cmpuint (made->n_seeds, ==, 1);
  g_assert_cmpint (one->verdict, ==, other->verdict);
  g_assert_cmpstr (one->check, ==, other->check);
  if (g_strv_contains (exact, name))
    g_assert_cmpuint (one->digest, ==, other->digest);
}

/* Every scenario of the library comes to the same verdict, and most to the same run to the bit. */
static void
test_library (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "scenarios", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n_exact = 0;
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autofree char *text = NULL;
    if (!g_str_has_suffix (name, ".json") || !g_file_get_contents (path, &text, NULL, NULL))
      continue;
    g_autofree char *stem = g_strndup (name, strlen (name) - strlen (".json"));
    g_autoptr (PsScenario) scenario = parse (text);
    if (scenario->setup.n_ports <= PORTS_MAX && scenario->duration_us <= DURATION_MAX)
      assert_same_run (stem, scenario);
    n_exact += g_strv_contains (exact, stem);
  }
  g_assert_cmpuint (n_exact, ==, g_strv_length ((char **)exact));
}

#define SMALL                                                                                      \
  "{\"scenario\": 2, \"name\": \"n\", \"why\": \"w\", \"duration\": \"2s\","                       \
  " \"setup\": {\"ports\": 4}, \"steps\": ["                                                       \
  "{\"id\": \"swss\", \"at\": \"0s\", \"do\": \"orchagent.start\"},"                               \
  "{\"id\": \"boot\", \"at\": {\"uniform\": [\"0ms\", \"9ms\"]}, \"do\": \"daemon.start\"},"       \
  "{\"id\": \"flap\", \"every\": {\"exp\": \"100ms\"}, \"from\": \"1s\", \"do\": \"link.flap\","   \
  " \"links\": {\"sample\": 1}, \"for\": {\"exp\": \"9ms\"}},"                                     \
  "{\"id\": \"never\", \"at\": \"1s\", \"p\": 0.000001, \"do\": \"redis.snapshot\"},"              \
  "{\"id\": \"next\", \"after\": \"flap\", \"delay\": \"7ms\", \"do\": \"redis.flushdb\","         \
  " \"db\": \"STATE_DB\"}],"                                                                       \
  "\"expect\": [{\"name\": \"of never\", \"within\": \"1s\", \"of\": \"never\", \"that\":"         \
  " {\"counter\": \"kernel.sent\", \"ge\": 99999}},"                                               \
  " {\"name\": \"of flap\", \"from\": \"flap\", \"always\": {\"counter\": \"daemon.starts\","      \
  " \"is\": 1}}]}"

/* Nothing is left to chance: each execution is a step at its time, the first under its old name;
 * what never came is gone, with what was expected of it. */
static void
test_steps (void)
{
  g_autoptr (PsScenario) scenario = parse (SMALL);
  PsRunOptions options = {.seed = 1};
  g_autoptr (PsScenario) made = concrete (scenario, &options, PS_STEP_NONE);
  guint n_flaps = 0;
  for (guint i = 0; i < made->steps->len; i++) {
    const PsStep *step = g_ptr_array_index (made->steps, i);
    g_assert_cmpint (step->when, ==, PS_WHEN_AT);
    g_assert_cmpint (step->at.kind, ==, PS_DRAW_FIXED);
    g_assert_cmpint (step->lasting.kind, ==, PS_DRAW_FIXED);
    g_assert_cmpint (step->links.kind, !=, PS_SELECT_SAMPLE);
    g_assert_cmpstr (step->id, !=, "never");
    n_flaps += g_str_has_prefix (step->id, "flap");
  }
  g_assert_cmpuint (n_flaps, >, 3);
  g_assert_cmpuint (made->expects->len, ==, 1);
  g_assert_cmpstr (((PsExpect *)g_ptr_array_index (made->expects, 0))->of_id, ==, "flap");
}

/* One step alone becomes concrete, and the run is the same. */
static void
test_only (void)
{
  g_autoptr (PsScenario) scenario = parse (SMALL);
  PsRunOptions options = {.seed = 1};
  g_autoptr (PsScenario) made = concrete (scenario, &options, 1);
  g_autoptr (PsRunResult) one = ps_run (scenario, &options);
  g_autoptr (PsRunResult) other = ps_run (made, &options);
  guint n_drawn = 0;
  for (guint i = 0; i < made->steps->len; i++)
    n_drawn += ((PsStep *)g_ptr_array_index (made->steps, i))->at.kind != PS_DRAW_FIXED;
  g_assert_cmpuint (n_drawn, ==, 1);
  g_assert_cmpuint (one->digest, ==, other->digest);
}

/* What swarm leaves out of a seed is not there, and what it does not judge neither; the rest draws
 * what it drew. */
static void
test_swarm (void)
{
  g_autoptr (PsScenario) scenario = parse (SMALL);
  const PsStep *fault = g_ptr_array_index (scenario->steps, 4);
  guint n_left_out = 0;
  for (guint64 seed = 1; seed <= 20; seed++) {
    PsRunOptions options = {.seed = seed, .swarm = TRUE}, plain = {.seed = seed};
    g_autoptr (PsScenario) made = concrete (scenario, &options, PS_STEP_NONE);
    g_autoptr (PsRunResult) one = ps_run (scenario, &options);
    g_autoptr (PsRunResult) other = ps_run (made, &plain);
    g_autofree char *text = ps_scenario_to_text (made);
    g_assert_cmpuint (one->digest, ==, other->digest);
    PsStep weighed;
    gboolean left_out = !ps_run_swarm_step (fault, seed, &weighed);
    g_assert_true ((strstr (text, "flushdb") == NULL) == left_out);
    n_left_out += left_out;
  }
  g_assert_cmpuint (n_left_out, >, 3);
  g_assert_cmpuint (n_left_out, <, 17);
}

/* A fault that comes again and again has another weight in another seed; the rest keeps its pace.
 */
static void
test_weights (void)
{
  g_autoptr (PsScenario) scenario = parse (SMALL);
  PsStep fault = *(const PsStep *)g_ptr_array_index (scenario->steps, 4), out;
  g_autoptr (GHashTable) gaps = g_hash_table_new (NULL, NULL);
  fault.when = PS_WHEN_EVERY;
  fault.at = (PsDraw){.kind = PS_DRAW_UNIFORM, .low = 1000, .high = 4000};
  for (guint64 seed = 1; seed <= 100; seed++) {
    if (!ps_run_swarm_step (&fault, seed, &out))
      continue;
    g_assert_cmpint (out.at.high, ==, 4 * out.at.low);
    g_hash_table_add (gaps, GINT_TO_POINTER ((gint)out.at.low));
  }
  g_assert_cmpuint (g_hash_table_size (gaps), ==, 5);
  g_assert_true (g_hash_table_contains (gaps, GINT_TO_POINTER (250)));
  g_assert_true (g_hash_table_contains (gaps, GINT_TO_POINTER (4000)));
  g_assert_cmpint (fault.at.low, ==, 1000);
  g_assert_true (ps_run_swarm_step (g_ptr_array_index (scenario->steps, 0), 1, &out));
  g_assert_cmpint (out.at.low, ==, ((const PsStep *)scenario->steps->pdata[0])->at.low);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/concrete/library", test_library);
  g_test_add_func ("/concrete/steps", test_steps);
  g_test_add_func ("/concrete/only", test_only);
  g_test_add_func ("/concrete/swarm", test_swarm);
  g_test_add_func ("/concrete/weights", test_weights);
  return g_test_run ();
}
