/* SPDX-License-Identifier: Apache-2.0 */
/* What portsim has for SONiC's daemon in the place of ours: options, the file's word on what fails,
 * the folder of scenarios. */
#include "sim/run/options.h"
#include "sim/run/run-result.h"
#include "sim/run/scenario.h"
#include <string.h>

static void
assert_inverted (PsVerdict verdict, const char *check, PsVerdict expected)
{
  static const char *const names[] = {"quiet", "soon", NULL};
  g_autoptr (PsRunResult) result = ps_run_result_new (1);
  result->verdict = verdict;
  result->check = g_strdup (check);
  result->expected = g_strdup ("this");
  result->seen = g_strdup ("that");
  ps_run_result_invert (result, names);
  g_assert_cmpint (result->verdict, ==, expected);
}

/* A failure that is expected passes only by its own name. */
static void
test_invert (void)
{
  assert_inverted (PS_VERDICT_LIVENESS, "quiet", PS_VERDICT_PASS);
  assert_inverted (PS_VERDICT_SAFETY, "expectation \"soon\"", PS_VERDICT_PASS);
  assert_inverted (PS_VERDICT_SAFETY, "alive", PS_VERDICT_LIVENESS);
  assert_inverted (PS_VERDICT_PASS, NULL, PS_VERDICT_LIVENESS);
}

static gboolean
parses (const char *const *arguments, guint n, PsSimOptions *out)
{
  GError *error = NULL;
  if (ps_sim_options_parse ((int)n, (char **)arguments, out, &error))
    return TRUE;
  g_assert_null (strchr (error->message, '\n'));
  g_error_free (error);
  return FALSE;
}

/* The actor is chosen in either spelling; an unknown one, and a failure expected of ours, are
 * refused. */
static void
test_options (void)
{
  const char *with_equals[] = {"portsim", "run", "--actor=upstream", "--expect-failure", "f"};
  const char *with_space[] = {"portsim", "run", "--actor", "daemon", "f"};
  const char *unknown[] = {"portsim", "run", "--actor=sonic", "f"};
  const char *ours[] = {"portsim", "run", "--expect-failure", "f"};
  const char *flag[] = {"portsim", "run", "--tap=yes", "f"};
  const char *other[] = {"portsim", "swarm", "--actor=upstream", "f"};
  PsSimOptions options;
  g_assert_true (parses (with_equals, G_N_ELEMENTS (with_equals), &options));
  g_assert_cmpint (options.actor, ==, PS_SIM_ACTOR_UPSTREAM);
  g_assert_true (options.expect_failure);
  ps_sim_options_clear (&options);
  g_assert_true (parses (with_space, G_N_ELEMENTS (with_space), &options));
  g_assert_cmpint (options.actor, ==, PS_SIM_ACTOR_DAEMON);
  ps_sim_options_clear (&options);
  g_assert_false (parses (unknown, G_N_ELEMENTS (unknown), &options));
  g_assert_false (parses (ours, G_N_ELEMENTS (ours), &options));
  g_assert_false (parses (flag, G_N_ELEMENTS (flag), &options));
  g_assert_false (parses (other, G_N_ELEMENTS (other), &options));
}

/* The member "upstream" names checks and expectations of the file, and nothing else. */
static void
test_member (void)
{
  static const char text[] =
      "{\"scenario\": 2, \"name\": \"n\", \"why\": \"w\", \"duration\": \"1s\","
      " \"setup\": {\"ports\": 1}, \"steps\": [{\"id\": \"a\", \"at\": \"0s\","
      " \"do\": \"daemon.start\"}], \"expect\": [{\"name\": \"soon\", \"always\":"
      " {\"counter\": \"kernel.sent\", \"ge\": 0}}], \"upstream\": {\"fails\": [%s]}}";
  g_autoptr (GError) error = NULL;
  g_autofree char *good = g_strdup_printf (text, "\"soon\", \"state-oracle\"");
  g_autoptr (PsScenario) scenario = ps_scenario_parse (good, strlen (good), "f", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (scenario->upstream_fails->len, ==, 2);
  g_autofree char *bad = g_strdup_printf (text, "\"state-oracel\"");
  g_assert_null (ps_scenario_parse (bad, strlen (bad), "f", &error));
  g_assert_nonnull (strstr (error->message, "/upstream/fails/0"));
  g_assert_nonnull (strstr (error->message, "state-oracle"));
  g_clear_error (&error);
  g_autofree char *none = g_strdup_printf (text, "");
  g_assert_null (ps_scenario_parse (none, strlen (none), "f", &error));
  g_assert_nonnull (error);
}

/* Every file of the folder is run by the suite, so that none is there for show. */
static void
test_all_listed (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "scenarios", "upstream", NULL);
  g_autofree char *list = g_test_build_filename (G_TEST_DIST, "tests", "sim", "meson.build", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;
  guint n = 0;
  g_assert_nonnull (dir);
  g_assert_true (g_file_get_contents (list, &text, NULL, NULL));
  while ((file = g_dir_read_name (dir)) != NULL) {
    g_autofree char *quoted = g_strdup_printf ("'%.*s'", (int)strcspn (file, "."), file);
    if (strstr (text, quoted) == NULL)
      g_error ("%s is not in tests/sim/meson.build", file);
    n++;
  }
  g_assert_cmpuint (n, >=, 20);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenario-upstream/invert", test_invert);
  g_test_add_func ("/scenario-upstream/options", test_options);
  g_test_add_func ("/scenario-upstream/member", test_member);
  g_test_add_func ("/scenario-upstream/all-listed", test_all_listed);
  return g_test_run ();
}
