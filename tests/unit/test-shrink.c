/* SPDX-License-Identifier: Apache-2.0 */
/* Shrinking: a failure that needs little becomes a scenario with little in it, which fails the same
 * way by itself. */
#include "sim/run/shrink.h"
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static PsScenario *
load_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  PsScenario *scenario = ps_scenario_parse (text, strlen (text), "file.json", &error);
  g_assert_no_error (error);
  return scenario;
}

static PsScenario *
load (const char *name)
{
  g_autofree char *path =
      g_test_build_filename (G_TEST_DIST, "tests", "sim", "fixtures", name, NULL);
  g_autofree char *text = NULL;
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return load_text (text);
}

static void
shrink (const PsScenario *scenario, PsShrinkOptions options, PsShrunk *out)
{
  g_autoptr (GError) error = NULL;
  options.n_seeds = MAX (options.n_seeds, 1);
  g_assert_true (ps_shrink (scenario, &options, out, &error));
  g_assert_no_error (error);
}

/* The seed that the file itself says. */
static void
assert_fails_alone (const PsShrunk *shrunk, const char *check)
{
  g_autoptr (PsScenario) scenario = load_text (shrunk->text);
  PsRunOptions options = {.seed = scenario->seed_base};
  g_assert_cmpuint (scenario->n_seeds, ==, 1);
  g_autoptr (PsRunResult) result = ps_run (scenario, &options);
  g_assert_cmpstr (result->check, ==, check);
  g_assert_true (shrunk->verified);
}

/* Of eleven steps and 64 ports three and one are left, all of it constant; the same is found
 * however many processes look for it, and the file says where it comes from. */
static void
test_small (void)
{
  g_autoptr (PsScenario) scenario = load ("fails-safety.json");
  PsShrunk one, two;
  PsShrinkOptions options = {.run = {.seed = 1}, .n_seeds = 5, .n_workers = 1};
  shrink (scenario, options, &one);
  options.n_workers = 2;
  shrink (scenario, options, &two);
  g_assert_cmpstr (one.text, ==, two.text);
  g_assert_cmpuint (one.steps_before, ==, 11);
  g_assert_cmpuint (one.ports_before, ==, 64);
  g_assert_cmpuint (one.steps_after, <=, 3);
  g_assert_cmpuint (one.ports_after, ==, 1);
  g_assert_null (strstr (one.text, "uniform"));
  g_assert_null (strstr (one.text, "every"));
  g_assert_null (strstr (one.text, "it was cut"));
  g_assert_nonnull (strstr (one.text, "\"Shrunk from file.json, seed 1: SAFETY, "));
  assert_fails_alone (&one, "expectation \"never jumbo\"");
  ps_shrunk_clear (&one);
  ps_shrunk_clear (&two);
}

/* What was left out by swarm is left out of the file, which fails without that option. */
static void
test_swarm (void)
{
  g_autoptr (PsScenario) scenario = load ("fails-safety.json");
  PsShrunk shrunk;
  shrink (scenario, (PsShrinkOptions){.run = {.seed = 1, .swarm = TRUE}, .n_seeds = 20}, &shrunk);
  g_assert_cmpuint (shrunk.steps_after, <=, 3);
  assert_fails_alone (&shrunk, "expectation \"never jumbo\"");
  ps_shrunk_clear (&shrunk);
}

/* A crash point becomes a step, since without it nothing fails this way. */
static void
test_crash_point (void)
{
  g_autoptr (PsScenario) scenario = load ("fails-liveness.json");
  PsShrunk shrunk;
  PsRunOptions run = {.seed = 7, .crash_at = 30, .crash_after = TRUE};
  shrink (scenario, (PsShrinkOptions){.run = run}, &shrunk);
  g_assert_nonnull (strstr (shrunk.text, "\"daemon.crash\""));
  g_assert_cmpuint (shrunk.steps_after, ==, 2);
  assert_fails_alone (&shrunk, "expectation \"one start\"");
  ps_shrunk_clear (&shrunk);
}

/* Liveness shrinks as well, and stays that expectation with that value: a port that is down, and
 * not one that never was. */
static void
test_liveness (void)
{
  g_autoptr (PsScenario) scenario = load ("fails-liveness.json");
  PsShrunk shrunk;
  shrink (scenario, (PsShrinkOptions){.run = {.seed = 7}}, &shrunk);
  g_assert_cmpint (shrunk.shrunk->verdict, ==, PS_VERDICT_LIVENESS);
  g_assert_cmpstr (shrunk.shrunk->seen, ==, "\"down\"");
  assert_fails_alone (&shrunk, "expectation \"up at last\"");
  ps_shrunk_clear (&shrunk);
}

#define LATE                                                                                       \
  "{\"scenario\": 2, \"name\": \"n\", \"why\": \"w\", \"duration\": \"60s\","                      \
  " \"setup\": {\"ports\": 8}, \"steps\": ["                                                       \
  "{\"id\": \"swss\", \"at\": \"0s\", \"do\": \"orchagent.start\"},"                               \
  "{\"id\": \"boot\", \"at\": \"10ms\", \"do\": \"daemon.start\"},"                                \
  "{\"id\": \"up\", \"at\": \"5s\", \"do\": \"link.admin\", \"links\": \"*\", \"up\": true},"      \
  "{\"id\": \"noise\", \"every\": \"1s\", \"from\": \"6s\", \"do\": \"link.mtu\","                 \
  " \"links\": {\"sample\": 2}, \"mtu\": 5000},"                                                   \
  "{\"id\": \"hole\", \"at\": \"9s\", \"do\": \"redis.black_hole\", \"for\": \"8s\"},"             \
  "{\"id\": \"plug\", \"after\": \"hole\", \"delay\": \"1s\", \"do\": \"link.carrier\","           \
  " \"links\": \"*\", \"on\": true}], \"expect\": [{\"name\": \"soon\", \"within\": \"2s\","       \
  " \"of\": \"plug\", \"that\": {\"log\": \"%s\", \"ge\": 1}}]}"

static void
assert_keeps (const char *text, const char *const *words)
{
  for (guint i = 0; words[i] != NULL; i++)
    if (strstr (text, words[i]) == NULL)
      g_error ("%s is not in %s", words[i], text);
}

/* That a line does not come in time hangs on more than the step from which the time runs: on the
 * fault that holds it up, and on all that would bring it. */
static void
test_within (void)
{
  static const char *const kept[] = {"orchagent.start",  "daemon.start", "link.admin",
                                     "redis.black_hole", "link.carrier", NULL};
  g_autofree char *text = g_strdup_printf (LATE, "*Ethernet3(ok:up)*");
  g_autoptr (PsScenario) scenario = load_text (text);
  PsShrunk shrunk;
  shrink (scenario, (PsShrinkOptions){.run = {.seed = 1}}, &shrunk);
  assert_keeps (shrunk.text, kept);
  g_assert_null (strstr (shrunk.text, "link.mtu"));
  g_assert_cmpuint (shrunk.ports_after, ==, 1);
  assert_fails_alone (&shrunk, "expectation \"soon\"");
  ps_shrunk_clear (&shrunk);
}

/* What never comes, with or without faults, is still owed by a daemon that runs, and after a step
 * that did something. */
static void
test_within_without_faults (void)
{
  static const char *const kept[] = {"orchagent.start", "daemon.start", "link.carrier", NULL};
  g_autofree char *text = g_strdup_printf (LATE, "*no such line*");
  g_autoptr (PsScenario) scenario = load_text (text);
  PsShrunk shrunk;
  shrink (scenario, (PsShrinkOptions){.run = {.seed = 1}}, &shrunk);
  assert_keeps (shrunk.text, kept);
  g_assert_null (strstr (shrunk.text, "redis.black_hole"));
  assert_fails_alone (&shrunk, "expectation \"soon\"");
  ps_shrunk_clear (&shrunk);
}

/* What waits for a fault that swarm left out is left out with it. */
static void
test_swarm_orphans (void)
{
  g_autoptr (PsScenario) scenario = load_text (
      "{\"scenario\": 2, \"name\": \"n\", \"why\": \"w\", \"duration\": \"20s\","
      " \"setup\": {\"ports\": 4}, \"steps\": ["
      "{\"id\": \"swss\", \"at\": \"0s\", \"do\": \"orchagent.start\"},"
      "{\"id\": \"boot\", \"at\": \"10ms\", \"do\": \"daemon.start\"},"
      "{\"id\": \"hole\", \"at\": \"2s\", \"do\": \"redis.black_hole\", \"for\": \"1s\"},"
      "{\"id\": \"up\", \"after\": \"hole\", \"do\": \"link.admin\", \"links\": \"*\","
      " \"up\": true}], \"expect\": ["
      "{\"name\": \"few\", \"always\": {\"counter\": \"kernel.sent\", \"le\": 2}},"
      "{\"name\": \"none\", \"from\": \"hole\", \"never\": {\"log\": \"x\", \"ge\": 1}}]}");
  gboolean left_out = FALSE;
  for (guint64 seed = 1; seed <= 8; seed++) {
    PsStep weighed;
    PsShrunk shrunk;
    left_out |= !ps_run_swarm_step (g_ptr_array_index (scenario->steps, 2), seed, &weighed);
    shrink (scenario, (PsShrinkOptions){.run = {.seed = seed, .swarm = TRUE}}, &shrunk);
    assert_fails_alone (&shrunk, "expectation \"few\"");
    ps_shrunk_clear (&shrunk);
  }
  g_assert_true (left_out);
}

/* Where nothing fails there is no file, and that is no error. */
static void
test_nothing (void)
{
  g_autoptr (PsScenario) scenario =
      load_text ("{\"scenario\": 2, \"name\": \"n\", \"why\": \"w\", \"duration\": \"1s\","
                 " \"setup\": {\"ports\": 1}, \"steps\": [{\"id\": \"a\", \"at\": \"0s\","
                 " \"do\": \"orchagent.start\"}, {\"id\": \"b\", \"at\": \"0s\","
                 " \"do\": \"daemon.start\"}]}");
  PsShrunk shrunk;
  shrink (scenario, (PsShrinkOptions){.run = {.seed = 1}, .n_seeds = 3}, &shrunk);
  g_assert_null (shrunk.text);
  g_assert_null (shrunk.failure);
  g_assert_cmpuint (shrunk.n_runs, ==, 3);
  ps_shrunk_clear (&shrunk);
}

/* Two failures are the same if the check is; an expectation about a row only with the same value,
 * a crash only with the same signal. */
static void
test_same (void)
{
  g_autoptr (PsScenario) scenario = load ("fails-liveness.json");
  g_autoptr (PsRunResult) one = ps_run_result_new (1);
  g_autoptr (PsRunResult) other = ps_run_result_new (1);
  one->verdict = other->verdict = PS_VERDICT_LIVENESS;
  one->check = g_strdup ("expectation \"up at last\"");
  other->check = g_strdup ("expectation \"up at last\"");
  one->seen = g_strdup ("\"down\"");
  other->seen = g_strdup ("no such row");
  g_assert_false (ps_shrink_is_same (scenario, one, other));
  g_free (other->seen);
  other->seen = g_strdup ("\"down\"");
  g_assert_true (ps_shrink_is_same (scenario, one, other));
  other->verdict = PS_VERDICT_SAFETY;
  g_assert_false (ps_shrink_is_same (scenario, one, other));
  one->verdict = other->verdict = PS_VERDICT_CRASH;
  g_assert_true (ps_shrink_is_same (scenario, one, other));
  g_free (other->seen);
  other->seen = g_strdup ("signal 6");
  g_assert_false (ps_shrink_is_same (scenario, one, other));
}

/* The verb of the nth step, in the one table that all scenarios of the process share. */
static PsVerb *
verb_of (const PsScenario *scenario, guint n)
{
  return (PsVerb *)((PsStep *)g_ptr_array_index (scenario->steps, n))->verb;
}

static gboolean
kill_self (const PsVerbCall *call)
{
  raise (SIGKILL);
  return TRUE;
}

/* A run that dies is shrunk like any other failure: to the step that kills it. */
static void
test_crash (void)
{
  g_autoptr (PsScenario) scenario = load ("fails-liveness.json");
  PsVerb *verb = verb_of (scenario, 4), kept = *verb;
  PsShrunk shrunk;
  verb->apply = kill_self;
  shrink (scenario, (PsShrinkOptions){.run = {.seed = 7}}, &shrunk);
  *verb = kept;
  g_assert_cmpint (shrunk.failure->verdict, ==, PS_VERDICT_CRASH);
  g_assert_cmpstr (shrunk.failure->seen, ==, "signal 9 (Killed)");
  g_assert_cmpuint (shrunk.steps_after, ==, 1);
  g_assert_nonnull (strstr (shrunk.text, kept.name));
  g_assert_true (shrunk.verified);
  ps_shrunk_clear (&shrunk);
}

static guint *n_applied; /* shared with the processes that run */

/* In the 20th run, once, the user presses Ctrl-C. */
static gboolean
interrupt_parent (const PsVerbCall *call)
{
  if (++*n_applied == 20)
    kill (getppid (), SIGINT);
  return TRUE;
}

/* Ctrl-C in the midst of it: the best so far is there, said to be so, and fails. */
static void
test_interrupted (void)
{
  g_autoptr (PsScenario) scenario = load ("fails-liveness.json");
  PsVerb *verb = verb_of (scenario, 0), kept = *verb;
  PsShrunk shrunk;
  n_applied =
      mmap (NULL, sizeof *n_applied, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  g_assert_true (n_applied != MAP_FAILED);
  verb->apply = interrupt_parent;
  shrink (scenario, (PsShrinkOptions){.run = {.seed = 7}, .n_workers = 1}, &shrunk);
  *verb = kept;
  g_assert_true (shrunk.interrupted);
  g_assert_cmpuint (shrunk.n_runs, <, 40);
  assert_fails_alone (&shrunk, "expectation \"up at last\"");
  ps_shrunk_clear (&shrunk);
  munmap (n_applied, sizeof *n_applied);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shrink/small", test_small);
  g_test_add_func ("/shrink/swarm", test_swarm);
  g_test_add_func ("/shrink/crash-point", test_crash_point);
  g_test_add_func ("/shrink/liveness", test_liveness);
  g_test_add_func ("/shrink/within", test_within);
  g_test_add_func ("/shrink/within-without-faults", test_within_without_faults);
  g_test_add_func ("/shrink/swarm-orphans", test_swarm_orphans);
  g_test_add_func ("/shrink/nothing", test_nothing);
  g_test_add_func ("/shrink/same", test_same);
  g_test_add_func ("/shrink/crash", test_crash);
  g_test_add_func ("/shrink/interrupted", test_interrupted);
  return g_test_run ();
}
