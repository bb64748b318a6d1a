/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of small scenarios: the same seed the same to the bit, failures told as what they are, a
 * crash that ends nothing but itself. */
#include "sim/run/campaign.h"
#include "sim/run/pool.h"
#include "sim/run/runner.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define STEPS                                                                                      \
  "\"steps\": [{\"id\": \"swss\", \"at\": \"0s\", \"do\": \"orchagent.start\"},"                   \
  " {\"id\": \"boot\", \"at\": \"10ms\", \"do\": \"daemon.start\"},"                               \
  " {\"id\": \"up\", \"at\": \"1s\", \"do\": \"link.admin\", \"links\": \"*\", \"up\": true},"     \
  " {\"id\": \"flap\", \"every\": {\"exp\": \"20ms\"}, \"from\": \"1s\", \"until\": \"3s\","       \
  " \"do\": \"link.flap\", \"links\": {\"sample\": 2}, \"for\": {\"exp\": \"30ms\"}}%s]"

/* steps and rest begin with a comma, or are empty. */
static PsScenario *
make (const char *steps, const char *rest)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strdup_printf (
      "{\"scenario\": 2, \"name\": \"small\", \"why\": \"w\", \"duration\": \"4s\","
      " \"setup\": {\"ports\": 8}, " STEPS "%s}",
      steps, rest);
  PsScenario *scenario = ps_scenario_parse (text, strlen (text), "small.json", &error);
  g_assert_no_error (error);
  return scenario;
}

static PsRunResult *
run (const PsScenario *scenario, guint64 seed)
{
  PsRunOptions options = {.seed = seed};
  return ps_run (scenario, &options);
}

/* A seed decides everything; another one something else. */
static void
test_repeats (void)
{
  g_autoptr (PsScenario) scenario = make ("", "");
  g_autoptr (PsRunResult) one = run (scenario, 5);
  g_autoptr (PsRunResult) again = run (scenario, 5);
  g_autoptr (PsRunResult) other = run (scenario, 6);
  g_assert_cmpint (one->verdict, ==, PS_VERDICT_PASS);
  g_assert_cmpuint (one->digest, ==, again->digest);
  g_assert_cmpuint (one->events, ==, again->events);
  g_assert_cmpuint (one->digest, !=, other->digest);
  g_assert_cmpuint (one->messages, >, 50);
  g_assert_cmpstr (one->met, ==, "1111");
}

/* A step more leaves the draws of the others alone. */
static void
test_streams (void)
{
  g_autoptr (PsScenario) plain = make ("", "");
  g_autoptr (PsScenario) more = make (
      ", {\"id\": \"z\", \"at\": {\"uniform\": [\"0s\", \"3s\"]}, \"do\": \"redis.snapshot\"}", "");
  g_autoptr (PsRunResult) one = run (plain, 5);
  g_autoptr (PsRunResult) other = run (more, 5);
  g_assert_cmpuint (one->messages, ==, other->messages);
}

/* An expectation that fails says what was expected and seen, where, and which verdict it is. */
static void
test_failures (void)
{
  g_autoptr (PsScenario) always =
      make ("", ", \"expect\": [{\"name\": \"few\", \"always\": {\"counter\": \"kernel.sent\","
                " \"le\": 10}}]");
  g_autoptr (PsScenario) within = make (
      "", ", \"expect\": [{\"name\": \"soon\", \"within\": \"100ms\", \"of\": \"up\", \"that\":"
          " {\"row\": \"NO_TABLE|x\", \"db\": \"STATE_DB\", \"exists\": true}}]");
  g_autoptr (PsScenario) never =
      make ("", ", \"expect\": [{\"name\": \"no row\", \"never\": {\"writes\": \"HSET\", \"db\":"
                " \"STATE_DB\", \"key\": \"PORT_TABLE|Ethernet3\", \"ge\": 1}}]");
  g_autoptr (PsRunResult) few = run (always, 1);
  g_autoptr (PsRunResult) soon = run (within, 1);
  g_autoptr (PsRunResult) none = run (never, 1);
  g_assert_cmpint (few->verdict, ==, PS_VERDICT_SAFETY);
  g_assert_cmpstr (few->check, ==, "expectation \"few\"");
  g_assert_cmpstr (few->expected, ==, "kernel.sent: from 0 to 10");
  g_assert_cmpuint (strtoul (few->seen, NULL, 10), >, 10);
  g_assert_cmpuint (strlen (few->last_events), >, 0);
  g_assert_cmpint (soon->verdict, ==, PS_VERDICT_LIVENESS);
  g_assert_cmpint (soon->time_us, >=, PS_VIRTUAL_CLOCK_START_US + 1100000);
  g_assert_cmpstr (soon->seen, ==, "no such row");
  g_assert_cmpint (none->verdict, ==, PS_VERDICT_SAFETY);
  g_assert_cmpstr (none->seen, ==, "1");
}

/* A run in part ends where it was told to, and nothing is judged that belongs to the end. */
static void
test_partial (void)
{
  g_autoptr (PsScenario) scenario = make ("", "");
  PsRunOptions options = {.seed = 1, .until_us = 2 * G_USEC_PER_SEC};
  g_autoptr (PsRunResult) result = ps_run (scenario, &options);
  g_assert_cmpint (result->time_us, ==, PS_VIRTUAL_CLOCK_START_US + 2 * G_USEC_PER_SEC);
  g_assert_cmpint (result->verdict, ==, PS_VERDICT_PASS);
}

/* A crash at a command is a crash at that command: the run up to it is the same, then it differs,
 * and it ends well whether the command counted or not. */
static void
test_crash_points (void)
{
  g_autoptr (PsScenario) scenario = make ("", "");
  g_autoptr (PsRunResult) plain = run (scenario, 1);
  for (guint i = 0; i < 2; i++) {
    PsRunOptions options = {.seed = 1, .crash_at = 5, .crash_after = i == 1};
    g_autoptr (PsRunResult) result = ps_run (scenario, &options);
    g_assert_cmpint (result->verdict, ==, PS_VERDICT_PASS);
    g_assert_cmpuint (result->digest, !=, plain->digest);
  }
}

/* A result comes through a pipe as it was; what is cut off or longer is none. */
static void
test_bytes (void)
{
  g_autoptr (PsRunResult) result = ps_run_result_new (77);
  result->verdict = PS_VERDICT_LIVENESS;
  result->digest = G_MAXUINT64;
  result->check = g_strdup ("check");
  result->met = g_strdup ("");
  g_autoptr (GByteArray) bytes = ps_run_result_to_bytes (result);
  g_autoptr (PsRunResult) back = ps_run_result_from_bytes (bytes->data, bytes->len);
  g_assert_cmpuint (back->seed, ==, 77);
  g_assert_cmpuint (back->digest, ==, G_MAXUINT64);
  g_assert_cmpint (back->verdict, ==, PS_VERDICT_LIVENESS);
  g_assert_cmpstr (back->check, ==, "check");
  g_assert_cmpstr (back->met, ==, "");
  g_assert_null (back->seen);
  for (guint i = 0; i < bytes->len; i++)
    g_assert_null (ps_run_result_from_bytes (bytes->data, i));
  g_byte_array_append (bytes, (const guint8 *)"x", 1);
  g_assert_null (ps_run_result_from_bytes (bytes->data, bytes->len));
}

typedef struct {
  guint n_done, n_crashed;
} Tally;

static PsRunResult *
run_or_die (guint64 job, gpointer user_data)
{
  if (job == 3)
    raise (SIGKILL);
  if (job == 5)
    _Exit (9);
  return ps_run_result_new (100 + job);
}

static gboolean
count (guint64 job, PsRunResult *result, gpointer user_data)
{
  Tally *tally = user_data;
  tally->n_done++;
  g_assert_cmpuint (result->seed, ==, 100 + job);
  if (result->verdict == PS_VERDICT_CRASH) {
    tally->n_crashed++;
    g_assert_cmpstr (result->seen, ==, job == 3 ? "signal 9 (Killed)" : "exit with code 9");
  }
  ps_run_result_free (result);
  return TRUE;
}

/* Of eight jobs two end their process: they are told as crashes, with their seeds, and the others
 * are done, whatever the number of processes. */
static void
test_crashes (void)
{
  for (guint workers = 1; workers <= 4; workers++) {
    Tally tally = {0};
    PsPool pool = {.n_jobs = 8,
                   .n_workers = workers,
                   .seed_of_0 = 100,
                   .run = run_or_die,
                   .done = count,
                   .user_data = &tally};
    g_assert_cmpint (ps_pool_run (&pool, NULL), ==, PS_POOL_DONE);
    g_assert_cmpuint (tally.n_done, ==, 8);
    g_assert_cmpuint (tally.n_crashed, ==, 2);
  }
}

/* Ends this process with the exit code of `portsim run`. */
static void
run_and_exit (const PsScenario *scenario)
{
  const char *argv[] = {"portsim", "run", "small.json", "-j", "2"};
  PsSimOptions options;
  g_assert_true (ps_sim_options_parse (5, (char **)argv, &options, NULL));
  exit (ps_campaign_run (scenario, &options));
}

/* A fault that could not take effect fails the scenario, by name: SETLINK is never sent here. */
static void
test_unmet (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsScenario) scenario =
        make (", {\"id\": \"refusal\", \"at\": \"2s\", \"do\": \"netlink.refuse_admin\","
              " \"error\": \"EPERM\", \"for\": \"1s\"}",
              "");
    run_and_exit (scenario);
  }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("*fault \"refusal\" (netlink.refuse_admin) took effect in none of 1*");
}

/* One refusal is no witness for another: that of a command which is never sent is named, though the
 * other one took effect. */
static void
test_unmet_beside_met (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsScenario) scenario =
        make (", {\"id\": \"never\", \"at\": \"0s\", \"do\": \"redis.refuse\","
              " \"commands\": \"FLUSHALL\", \"error\": \"OOM\", \"count\": 1},"
              " {\"id\": \"once\", \"at\": \"0s\", \"do\": \"redis.refuse\","
              " \"commands\": \"HSET\", \"error\": \"OOM\", \"count\": 1}",
              "");
    run_and_exit (scenario);
  }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("*fault \"never\" (redis.refuse) took effect in none of 1*");
  g_test_trap_assert_stdout_unmatched ("*fault \"once\"*");
}

/* A step about devices that are not there shows nothing, either. */
static void
test_unmet_link (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsScenario) scenario =
        make (", {\"id\": \"early\", \"at\": \"5ms\", \"do\": \"link.mtu\", \"links\": \"*\","
              " \"mtu\": 9000}",
              "");
    run_and_exit (scenario);
  }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("*the step \"early\" (link.mtu) took effect in none of 1*");
  g_test_trap_assert_stdout_unmatched ("*the step \"up\"*");
}

/* A fault that is over is not met any more: what a later one of its kind does is that one's. */
static void
test_unmet_before_met (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsScenario) scenario =
        make (", {\"id\": \"early\", \"at\": \"0s\", \"do\": \"redis.refuse_connect\","
              " \"for\": \"5ms\"},"
              " {\"id\": \"late\", \"at\": \"6ms\", \"do\": \"redis.refuse_connect\","
              " \"for\": \"50ms\"}",
              "");
    run_and_exit (scenario);
  }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("*fault \"early\" (redis.refuse_connect) took effect in none of 1*");
  g_test_trap_assert_stdout_unmatched ("*fault \"late\"*");
}

/* What has to come within a time is waited for so long, also when the steps are over before. */
static void
test_within (void)
{
  static const char rest[] = ", \"expect\": [{\"name\": \"audit\", \"within\": \"%s\","
                             " \"of\": \"up\", \"that\": {\"counter\": \"kernel.dumps\","
                             " \"ge\": 2}}]";
  g_autofree char *long_enough = g_strdup_printf (rest, "400s");
  g_autofree char *too_short = g_strdup_printf (rest, "100s");
  g_autoptr (PsScenario) right = make ("", long_enough);
  g_autoptr (PsScenario) wrong = make ("", too_short);
  g_autoptr (PsRunResult) comes = run (right, 1);
  g_autoptr (PsRunResult) late = run (wrong, 1);
  g_assert_cmpint (comes->verdict, ==, PS_VERDICT_PASS);
  g_assert_cmpint (late->verdict, ==, PS_VERDICT_LIVENESS);
  g_assert_cmpint (late->time_us, >, PS_VIRTUAL_CLOCK_START_US + 101 * G_USEC_PER_SEC);
}

/* A swarm of many seeds names such a fault, too; but it passes, for chance may have left it out. */
static void
test_unmet_in_swarm (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsScenario) scenario =
        make (", {\"id\": \"refusal\", \"at\": \"2s\", \"do\": \"netlink.refuse_admin\","
              " \"error\": \"EPERM\", \"for\": \"1s\"}",
              "");
    const char *argv[] = {"portsim", "swarm", "small.json", "-j", "2", "--seeds", "20"};
    PsSimOptions options;
    g_assert_true (ps_sim_options_parse (7, (char **)argv, &options, NULL));
    int code = ps_campaign_swarm (scenario, &options, 0, 1);
    g_clear_pointer (&scenario, ps_scenario_free);
    exit (code);
  }
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout (
      "*fault \"refusal\" (netlink.refuse_admin) took effect in none of 20*");
}

/* The report of a failure has everything that is needed to see it again. */
static void
test_report (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsScenario) scenario =
        make ("", ", \"expect\": [{\"name\": \"few\", \"always\": {\"counter\": \"kernel.sent\","
                  " \"le\": 10}}], \"seeds\": {\"base\": 41, \"count\": 2}");
    run_and_exit (scenario);
  }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout (
      "small, seed 41: SAFETY, expectation \"few\"\nat *expected *kernel.sent*"
      "last events:\n*repeat: portsim run small.json --seed 41\n*"
      "repeat: portsim run small.json --seed 42\n*2 failed*");
}

/* Ends this process with the exit code of `portsim explore`. */
static void
explore_and_exit (const PsScenario *scenario, const char *crash_at)
{
  const char *argv[] = {"portsim", "explore", "small.json", "-j", "2", "--crash-at", crash_at};
  PsSimOptions options;
  g_assert_true (ps_sim_options_parse (crash_at != NULL ? 7 : 5, (char **)argv, &options, NULL));
  exit (ps_campaign_explore (scenario, &options));
}

/* A scenario that fails without any crash fails when it is explored, too, for the same reason. */
static void
test_explore_plain_failure (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsScenario) scenario =
        make ("", ", \"expect\": [{\"name\": \"few\", \"always\": {\"counter\": \"kernel.sent\","
                  " \"le\": 10}}]");
    explore_and_exit (scenario, NULL);
  }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("small, seed 1: SAFETY, expectation \"few\"*1 failed*");
}

/* Crash points beyond the last command show nothing, and are no success: explored or run. */
static void
test_crash_beyond (void)
{
  g_autoptr (PsScenario) scenario = make ("", "");
  if (g_test_subprocess ())
    explore_and_exit (scenario, "99999999");
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("*LIVENESS, crash point*the daemon sent only * commands*");
  PsRunOptions run = {.seed = 1, .crash_at = 99999999};
  g_autoptr (PsRunResult) beyond = ps_run (scenario, &run);
  g_assert_cmpint (beyond->verdict, ==, PS_VERDICT_LIVENESS);
  run.crash_at = 1;
  g_autoptr (PsRunResult) first = ps_run (scenario, &run);
  g_assert_cmpint (first->verdict, ==, PS_VERDICT_PASS);
}

/* Without descriptors for pipes a campaign is no success: it says so and ends with the code of a
 * crash, at once; and this process is not what it kills. */
static void
test_no_pipes (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsScenario) scenario = make ("", ", \"seeds\": {\"base\": 1, \"count\": 4}");
    struct rlimit none = {3, 3};
    setrlimit (RLIMIT_NOFILE, &none);
    run_and_exit (scenario);
  }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("*run of 0 runs*no pipe to a process that runs: *");
}

/* A job whose process ends as if in order, without a result, is told as a crash. */
static PsRunResult *
leave_early (guint64 job, gpointer user_data)
{
  if (job == 1)
    _Exit (0);
  return ps_run_result_new (job);
}

static gboolean
count_early (guint64 job, PsRunResult *result, gpointer user_data)
{
  Tally *tally = user_data;
  tally->n_done++;
  g_assert_cmpint (result->verdict == PS_VERDICT_CRASH, ==, job == 1);
  ps_run_result_free (result);
  return TRUE;
}

static void
test_leaves_early (void)
{
  Tally tally = {0};
  PsPool pool = {
      .n_jobs = 3, .n_workers = 1, .run = leave_early, .done = count_early, .user_data = &tally};
  g_assert_cmpint (ps_pool_run (&pool, NULL), ==, PS_POOL_DONE);
  g_assert_cmpuint (tally.n_done, ==, 3);
}

static PsRunResult *
never_end (guint64 job, gpointer user_data)
{
  while (job == 1)
    pause ();
  return ps_run_result_new (job);
}

static gboolean
count_all (guint64 job, PsRunResult *result, gpointer user_data)
{
  ((Tally *)user_data)->n_done++;
  g_assert_cmpuint (job, ==, 0);
  ps_run_result_free (result);
  return TRUE;
}

/* At the deadline it is over, whatever still runs; that is not told, and no crash. */
static void
test_deadline (void)
{
  Tally tally = {0};
  PsPool pool = {.n_jobs = 2,
                 .n_workers = 2,
                 .deadline_us = g_get_monotonic_time () + G_USEC_PER_SEC,
                 .run = never_end,
                 .done = count_all,
                 .user_data = &tally};
  g_assert_cmpint (ps_pool_run (&pool, NULL), ==, PS_POOL_DONE);
  g_assert_cmpint (g_get_monotonic_time (), >=, pool.deadline_us);
  g_assert_cmpuint (tally.n_done, ==, 1);
}

/* A campaign of which no run was over in time is no success. */
static void
test_no_time (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (PsScenario) scenario = make ("", "");
    const char *argv[] = {"portsim", "swarm", "small.json", "--seconds", "1"};
    PsSimOptions options;
    g_assert_true (ps_sim_options_parse (5, (char **)argv, &options, NULL));
    exit (ps_campaign_swarm (scenario, &options, 1, 1));
  }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("*swarm of 0 runs*no run was over in its share of --seconds*");
}

/* A name cannot forge lines or directives of TAP. */
static void
test_names (void)
{
  static const char *const wrong[] = {"a\\nok 2", "a # SKIP", "a\\u2028b", "a\\u001b[2J", NULL};
  for (guint i = 0; wrong[i] != NULL; i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *text =
        g_strdup_printf ("{\"scenario\": 2, \"name\": \"%s\", \"why\": \"w\"}", wrong[i]);
    g_assert_null (ps_scenario_parse (text, strlen (text), "f", &error));
    g_assert_nonnull (strstr (error->message, "f: /name: must not have"));
  }
}

static void
assert_usage (const char *line, const char *wanted)
{
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  g_autoptr (GError) error = NULL;
  PsSimOptions options;
  g_assert_false (ps_sim_options_parse ((int)g_strv_length (argv), argv, &options, &error));
  if (strstr (error->message, wanted) == NULL)
    g_error ("\"%s\" does not say \"%s\"", error->message, wanted);
}

/* A wrong command line is refused in words, and nothing is run. */
static void
test_options (void)
{
  assert_usage ("portsim", "a command is missing");
  assert_usage ("portsim rum f", "did you mean \"run\"?");
  assert_usage ("portsim run", "lacks a scenario file");
  assert_usage ("portsim run f g", "takes one file");
  assert_usage ("portsim run f --sed 1", "did you mean \"--seed\"?");
  assert_usage ("portsim run f --seed", "--seed lacks its value");
  assert_usage ("portsim run f --seed -1", "\"-1\" is not allowed");
  assert_usage ("portsim run f --seed 1x", "\"1x\" is not allowed");
  assert_usage ("portsim run f --shard 1/2", "does not go with \"run\"");
  assert_usage ("portsim swarm f --shard 3/2", "\"3/2\" is not allowed");
  assert_usage ("portsim swarm f --shard 0/2", "\"0/2\" is not allowed");
  assert_usage ("portsim run f --until 0s", "\"0s\" is not allowed");
  assert_usage ("portsim run f --seed -1", "a number from 0 to 18446744073709551615");
  assert_usage ("portsim run f -j 257", "a number from 1 to 256");
  assert_usage ("portsim run f --seed 18446744073709551615 --seeds 2", "go beyond the largest");
  assert_usage ("portsim swarm f --seed 18446744073709551615", "go beyond the largest");
  assert_usage ("portsim run - --step", "is read once");
  assert_usage ("portsim run f --crash-after", "goes with --crash-at");
  assert_usage ("portsim run f -v --seeds 2", "shows one seed");
  assert_usage ("portsim run f --step --seeds 2", "shows one seed");
  assert_usage ("portsim run f --bytes", "goes with -v or --step");
  assert_usage ("portsim run f --step --tap", "does not go with --tap");
  assert_usage ("portsim run f -o x", "does not go with \"run\"");
  assert_usage ("portsim shrink f --until 1s", "does not go with \"shrink\"");
  assert_usage ("portsim shrink f g", "takes one file");
  assert_usage ("portsim schema f", "takes no file");
}

/* Each long option of the help is in the manual page, and the other way round; so are the commands.
 */
static void
test_manual (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "portsim.1", NULL);
  g_autofree char *manual = NULL;
  g_assert_true (g_file_get_contents (path, &manual, NULL, NULL));
  const char *help = ps_sim_options_help ();
  g_autoptr (GRegex) option = g_regex_new ("^  (?:.*, )?--([a-z-]+)", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GRegex) entry = g_regex_new ("^\\.It Fl -([a-z-]+)", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL, other = NULL;
  guint n_options = 0;
  g_regex_match (option, help, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL)) {
    g_autofree char *name = g_match_info_fetch (match, 1);
    g_autofree char *wanted = g_strdup_printf ("\n.It Fl -%s", name);
    if (strstr (manual, wanted) == NULL)
      g_error ("portsim.1 says nothing about --%s", name);
    n_options++;
  }
  g_regex_match (entry, manual, 0, &other);
  for (; g_match_info_matches (other); g_match_info_next (other, NULL)) {
    g_autofree char *name = g_match_info_fetch (other, 1);
    g_autofree char *wanted = g_strdup_printf ("--%s", name);
    g_assert_nonnull (strstr (help, wanted));
  }
  g_assert_cmpuint (n_options, >=, 14);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim-run/repeats", test_repeats);
  g_test_add_func ("/sim-run/streams", test_streams);
  g_test_add_func ("/sim-run/failures", test_failures);
  g_test_add_func ("/sim-run/partial", test_partial);
  g_test_add_func ("/sim-run/crash-points", test_crash_points);
  g_test_add_func ("/sim-run/bytes", test_bytes);
  g_test_add_func ("/sim-run/crashes", test_crashes);
  g_test_add_func ("/sim-run/unmet", test_unmet);
  g_test_add_func ("/sim-run/unmet-beside-met", test_unmet_beside_met);
  g_test_add_func ("/sim-run/unmet-link", test_unmet_link);
  g_test_add_func ("/sim-run/unmet-before-met", test_unmet_before_met);
  g_test_add_func ("/sim-run/unmet-in-swarm", test_unmet_in_swarm);
  g_test_add_func ("/sim-run/within", test_within);
  g_test_add_func ("/sim-run/deadline", test_deadline);
  g_test_add_func ("/sim-run/no-time", test_no_time);
  g_test_add_func ("/sim-run/report", test_report);
  g_test_add_func ("/sim-run/explore-plain-failure", test_explore_plain_failure);
  g_test_add_func ("/sim-run/crash-beyond", test_crash_beyond);
  g_test_add_func ("/sim-run/no-pipes", test_no_pipes);
  g_test_add_func ("/sim-run/leaves-early", test_leaves_early);
  g_test_add_func ("/sim-run/names", test_names);
  g_test_add_func ("/sim-run/options", test_options);
  g_test_add_func ("/sim-run/manual", test_manual);
  return g_test_run ();
}
