/* SPDX-License-Identifier: Apache-2.0 */
/* The loader of scenario files: what is wrong is named with its place, whatever is right is read.
 */
#include "base/json-guard.h"
#include "sim/run/runner.h"
#include "sim/run/scenario.h"
#include "tests/support/json-judge.h"
#include <string.h>

#define PORTS_MAX 1024 /* of a scenario that a quick test can run */

/* A right file around the parts that a test changes. */
static char *
make_text (const char *setup, const char *steps, const char *rest)
{
  return g_strdup_printf (
      "{\"scenario\": 2, \"name\": \"n\", \"why\": \"w\", \"duration\": \"10s\","
      " \"setup\": %s, \"steps\": %s%s}",
      setup != NULL ? setup : "{\"ports\": 4, \"links\": [\"eth0\"]}",
      steps != NULL ? steps
                    : "[{\"id\": \"a\", \"at\": \"0s\", "
                      "\"do\": \"daemon.start\"}]",
      rest != NULL ? rest : "");
}

static void
assert_refused_size (const char *text, gsize size, const char *const *wanted)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PsScenario) scenario = ps_scenario_parse (text, size, "file", &error);
  g_assert_null (scenario);
  g_assert_nonnull (error);
  g_assert_true (g_str_has_prefix (error->message, "file:"));
  g_assert_null (strchr (error->message, '\n'));
  for (guint i = 0; wanted[i] != NULL; i++)
    if (strstr (error->message, wanted[i]) == NULL)
      g_error ("\"%s\" does not say \"%s\"", error->message, wanted[i]);
}

#define assert_refused(text, ...)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const char *const wanted_[] = {__VA_ARGS__, NULL};                                             \
    assert_refused_size (text, strlen (text), wanted_);                                            \
  }                                                                                                \
  G_STMT_END

static void
assert_step_refused (const char *step, const char *pointer, const char *what)
{
  g_autofree char *steps = g_strdup_printf ("[%s]", step);
  g_autofree char *text = make_text (NULL, steps, NULL);
  g_autofree char *place = g_strdup_printf (" %s: ", pointer);
  assert_refused (text, place, what);
}

static PsScenario *
load (const char *setup, const char *steps, const char *rest)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = make_text (setup, steps, rest);
  PsScenario *scenario = ps_scenario_parse (text, strlen (text), "file", &error);
  g_assert_no_error (error);
  return scenario;
}

/* What is not JSON is refused with its line, and depth and size before the reader sees the text. */
static void
test_text (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  for (guint i = 0; i < 100000; i++)
    g_string_append_c (deep, '[');
  g_autofree char *large = g_strnfill (PS_JSON_SIZE_MAX + 1, ' ');
  assert_refused ("", "file:1: not JSON: a value is missing");
  assert_refused ("{\n\"scenario\": 2,\n oops}", "file:3: not JSON: the name of a member");
  assert_refused ("{\"scenario\": 2", "file:1: not JSON: a comma or the closing bracket");
  assert_refused ("{\"scenario\": 0x2}", "file:1: not JSON: a word that JSON does not have");
  assert_refused ("{\n\"scenario\": 2,\n}", "file:3: not JSON: the name of a member");
  assert_refused ("[1, 2]", "must be an object");
  assert_refused (deep->str, "nested more than 64 levels deep");
  assert_refused (large, "larger than 1 MiB");
  assert_refused ("{\"name\": \"\xff\"}", "not a text in UTF-8");
  const char *const wanted[] = {"not a text in UTF-8", NULL};
  assert_refused_size ("{}\0{}", 5, wanted);
}

/* Every prefix of a right file and every file with one byte changed ends in a value or an error. */
static void
test_damaged (void)
{
  g_autofree char *text = make_text (NULL, NULL, NULL);
  gsize size = strlen (text);
  for (gsize i = 0; i < size; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (PsScenario) scenario = ps_scenario_parse (text, i, "file", &error);
    g_assert_null (scenario);
    g_assert_nonnull (error);
  }
  for (gsize i = 0; i < size * 255; i++) {
    g_autofree char *changed = g_strdup (text);
    g_autoptr (GError) error = NULL;
    changed[i / 255] ^= (char)(i % 255 + 1);
    g_autoptr (PsScenario) scenario = ps_scenario_parse (changed, size, "file", &error);
    g_assert_true ((scenario == NULL) == (error != NULL));
  }
}

/* A member that stands twice, at any depth, is an error and not a last word. */
static void
test_members (void)
{
  g_autofree char *twice = make_text ("{\"ports\": 4, \"ports\": 5}", NULL, NULL);
  g_autofree char *unknown = make_text (NULL, NULL, ", \"expext\": []");
  g_autofree char *setup = make_text ("{\"ports\": 4, \"adapt\": true}", NULL, NULL);
  assert_refused (twice, "file:1: an object names a member twice: \"ports\"");
  assert_refused (unknown, "/expext", "did you mean \"expect\"?");
  assert_refused (setup, "/setup/adapt", "did you mean \"adopt\"?");
  g_autofree char *kind = make_text ("{\"ports\": 4, \"redis\": \"redis-8\"}", NULL, NULL);
  g_autofree char *own =
      make_text ("{\"ports\": 4, \"own_server\": [\"STATE_DB\", \"CONFG_DB\"]}", NULL, NULL);
  g_autofree char *again =
      make_text ("{\"ports\": 4, \"own_server\": [\"STATE_DB\", \"STATE_DB\"]}", NULL, NULL);
  assert_refused (kind, "/setup/redis", "did you mean \"redis-8.0\"?");
  assert_refused (own, "/setup/own_server/1", "did you mean \"CONFIG_DB\"?");
  assert_refused (again, "/setup/own_server/1", "STATE_DB has a server of its own already");
  assert_refused ("{\"scenario\": 1}", "/scenario: must be from 2 to 2, not 1");
  assert_refused ("{}", "/: lacks \"scenario\"");
}

/* Verbs, parameters and their types: the place, and the nearest known word. */
static void
test_verbs (void)
{
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"daemon.strat\"}", "/steps/0/do",
                       "unknown verb \"daemon.strat\"; did you mean \"daemon.start\"?");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\"}", "/steps/0", "lacks \"do\"");
  assert_step_refused ("{\"at\": \"0s\", \"do\": \"daemon.start\"}", "/steps/0", "lacks \"id\"");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"redis.stop\", \"for\": \"1s\", "
                       "\"db\": \"STAT_DB\"}",
                       "/steps/0/db", "did you mean \"STATE_DB\"?");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"daemon.start\", \"nit\": 1}",
                       "/steps/0/nit", "unknown member \"nit\"");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"link.mtu\", \"links\": \"*\"}",
                       "/steps/0", "\"link.mtu\" lacks \"mtu\" (bytes)");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"link.mtu\", \"links\": \"*\","
                       " \"mtu\": 67}",
                       "/steps/0/mtu", "must be from 68 to 65535, not 67");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"link.admin\", \"links\": \"*\","
                       " \"up\": 1}",
                       "/steps/0/up", "must be true or false");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"redis.flushdb\","
                       " \"db\": \"STATEDB\"}",
                       "/steps/0/db", "did you mean \"STATE_DB\"?");
  assert_step_refused (
      "{\"id\": \"a\", \"at\": \"0s\", \"do\": \"daemon.start\", \"links\": \"*\"}",
      "/steps/0/links", "is not about links");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"daemon.start\", \"for\": \"1s\"}",
                       "/steps/0/for", "has no end");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"redis.stop\"}", "/steps/0",
                       "lacks \"for\"");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"daemon.start\", \"p\": 1.5}",
                       "/steps/0/p", "above 0, at most 1");
  assert_step_refused ("7", "/steps/0", "must be an object");
}

/* Durations have a unit and are never negative, draws are in order. */
static void
test_durations (void)
{
  static const char *const wrong[][2] = {
      {"\"-1s\"", "a duration is never negative"},
      {"\"1\"", "is no duration"},
      {"\"1 s\"", "is no duration"},
      {"\"1.5s\"", "is no duration"},
      {"\"99999999999999999999s\"", "is no duration"},
      {"1", "must be a text"},
      {"null", "must be a text"},
      {"\"11s\"", "must be from 0us to 10000000us"},
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *step =
        g_strdup_printf ("{\"id\": \"a\", \"at\": %s, \"do\": \"daemon.start\"}", wrong[i][0]);
    assert_step_refused (step, "/steps/0/at", wrong[i][1]);
  }
  assert_step_refused ("{\"id\": \"a\", \"at\": {\"uniform\": [\"2s\", \"1s\"]},"
                       " \"do\": \"daemon.start\"}",
                       "/steps/0/at/uniform", "the lowest comes first");
  assert_step_refused ("{\"id\": \"a\", \"at\": {\"unifrom\": [\"1s\", \"2s\"]},"
                       " \"do\": \"daemon.start\"}",
                       "/steps/0/at/unifrom", "did you mean \"uniform\"?");
  assert_step_refused ("{\"id\": \"a\", \"at\": {\"choice\": []}, \"do\": \"daemon.start\"}",
                       "/steps/0/at/choice", "must have 1 to 64 elements");
  assert_step_refused ("{\"id\": \"a\", \"every\": \"0s\", \"do\": \"daemon.start\"}",
                       "/steps/0/every", "must be from 1us");
}

/* A step has one kind of time, with its own members only. */
static void
test_times (void)
{
  assert_step_refused ("{\"id\": \"a\", \"do\": \"daemon.start\"}", "/steps/0", "must have one of");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"every\": \"1s\","
                       " \"do\": \"daemon.start\"}",
                       "/steps/0", "must have one of");
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"until\": \"1s\","
                       " \"do\": \"daemon.start\"}",
                       "/steps/0/until", "does not go with \"at\"");
  assert_step_refused ("{\"id\": \"a\", \"every\": \"1s\", \"from\": \"5s\", \"until\": \"5s\","
                       " \"do\": \"daemon.start\"}",
                       "/steps/0/from", "is before");
  assert_step_refused ("{\"id\": \"a\", \"every\": \"1s\", \"until\": \"11s\","
                       " \"do\": \"daemon.start\"}",
                       "/steps/0/until", "not after the end");
  assert_step_refused ("{\"id\": \"a\", \"ramp\": {\"from\": 0, \"to\": 5},"
                       " \"do\": \"daemon.start\"}",
                       "/steps/0/ramp/from", "must be from 1 to 1000000");
}

/* Names of steps are unique, what refers to one finds it, and none waits for itself. */
static void
test_ids (void)
{
  g_autofree char *twice = make_text (NULL,
                                      "[{\"id\": \"a\", \"at\": \"0s\", \"do\": "
                                      "\"daemon.start\"}, {\"id\": \"a\", \"at\": \"1s\", "
                                      "\"do\": \"daemon.kill\"}]",
                                      NULL);
  g_autofree char *dangling = make_text (NULL,
                                         "[{\"id\": \"boot\", \"at\": \"0s\", \"do\": "
                                         "\"daemon.start\"}, {\"id\": \"b\", \"after\": "
                                         "\"bot\", \"do\": \"daemon.kill\"}]",
                                         NULL);
  g_autofree char *ring = make_text (NULL,
                                     "[{\"id\": \"a\", \"after\": \"b\", \"do\": "
                                     "\"daemon.start\"}, {\"id\": \"b\", \"after\": \"a\", "
                                     "\"do\": \"daemon.kill\"}]",
                                     NULL);
  g_autofree char *of = make_text (NULL, NULL,
                                   ", \"expect\": [{\"name\": \"e\", \"within\": \"1s\", \"of\": "
                                   "\"x\", \"that\": {\"counter\": \"kernel.sent\", \"ge\": 1}}]");
  assert_refused (twice, "/steps/1/id: step 0 is called \"a\", too");
  assert_refused (dangling, "/steps/1/after: no step \"bot\"; did you mean \"boot\"?");
  assert_refused (ring, "/steps/0/after: waits for itself");
  assert_refused (of, "/expect/0/of: no step \"x\"");
}

/* A selector that can never take what it asks for is an error of the file. */
static void
test_selectors (void)
{
  static const char *const wrong[][3] = {
      {"\"Ethernet4\"", "", "the set-up has no link \"Ethernet4\"; did you mean \"Ethernet0\"?"},
      {"[\"Ethernet1\", \"Ethernet1\"]", "/1", "stands there twice"},
      {"[]", "", "must have 1 to 5 elements"},
      {"{\"glob\": \"PortChannel*\"}", "/glob", "no link of the set-up fits"},
      {"{\"sample\": 6}", "/sample", "the set-up has only 5 links"},
      {"{\"sample\": 0}", "/sample", "must be from 1"},
      {"{\"sample\": 1, \"glob\": \"*\"}", "", "must have one member"},
      {"{}", "", "must have one member"},
      {"7", "", "must be a text"},
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *step = g_strdup_printf (
        "{\"id\": \"a\", \"at\": \"0s\", \"do\": \"link.remove\", \"links\": %s}", wrong[i][0]);
    g_autofree char *pointer = g_strconcat ("/steps/0/links", wrong[i][1], NULL);
    assert_step_refused (step, pointer, wrong[i][2]);
  }
  assert_step_refused ("{\"id\": \"a\", \"at\": \"0s\", \"do\": \"link.swap\","
                       " \"links\": {\"sample\": 3}}",
                       "/steps/0/links", "takes exactly 2, not 3");
  g_autofree char *none = make_text ("{\"ports\": 0}",
                                     "[{\"id\": \"a\", \"at\": \"0s\", \"do\": \"link.remove\", "
                                     "\"links\": \"*\"}]",
                                     NULL);
  assert_refused (none, "/steps/0/links: the set-up has no link to select");
}

/* Expectations and switched-off checks are as strict. */
static void
test_expectations (void)
{
  static const char *const wrong[][2] = {
      {"{\"name\": \"e\"}", "/expect/0: must have one of"},
      {"{\"name\": \"e\", \"always\": {\"counter\": \"kernel.send\", \"ge\": 1}}",
       "/expect/0/always/counter: unknown counter \"kernel.send\"; did you mean \"kernel.sent\"?"},
      {"{\"name\": \"e\", \"always\": {\"counter\": \"kernel.sent\"}}",
       "/expect/0/always: must have \"is\""},
      {"{\"name\": \"e\", \"always\": {\"counter\": \"kernel.sent\", \"ge\": 5, \"le\": 4}}",
       "\"ge\" is above \"le\""},
      {"{\"name\": \"e\", \"at_end\": {\"row\": \"k\", \"db\": \"STATE_DB\"}}",
       "/expect/0/at_end: must have \"field\""},
      {"{\"name\": \"e\", \"within\": \"-1s\", \"of\": \"a\", \"that\": {}}",
       "/expect/0/within: \"-1s\": a duration is never negative"},
      {"{\"name\": \"e\", \"never\": {\"exists\": true}}", "/expect/0/never: must have one of"},
  };
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *rest = g_strdup_printf (", \"expect\": [%s]", wrong[i][0]);
    g_autofree char *text = make_text (NULL, NULL, rest);
    assert_refused (text, wrong[i][1]);
  }
  g_autofree char *check =
      make_text (NULL, NULL, ", \"without\": [{\"check\": \"nothing\", \"reason\": \"r\"}]");
  g_autofree char *reason =
      g_strdup_printf (", \"without\": [{\"check\": \"%s\"}]", ps_check_names ()[0]);
  g_autofree char *unreasoned = make_text (NULL, NULL, reason);
  assert_refused (check, "/without/0/check: unknown check \"nothing\"");
  assert_refused (unreasoned, "/without/0: lacks \"reason\"");
}

/* What is read is what was written. */
static void
test_right (void)
{
  g_autoptr (PsScenario) scenario = load (
      "{\"ports\": 3, \"links\": [\"eth0\"], \"receive_buffer\": 8192, \"adopt\": true}",
      "[{\"id\": \"a\", \"every\": \"5ms\", \"from\": \"1s\", \"until\": \"2s\", \"times\": 7,"
      " \"do\": \"link.flap\", \"links\": [\"eth0\", \"Ethernet2\"], \"for\": \"3us\", \"p\": "
      "0.25},"
      " {\"id\": \"b\", \"after\": \"a\", \"do\": \"redis.refuse\", \"commands\": \"HSET\","
      " \"error\": \"OOM\", \"count\": 2}]",
      ", \"seeds\": {\"base\": 40, \"count\": 2}");
  const PsStep *a = g_ptr_array_index (scenario->steps, 0);
  const PsStep *b = g_ptr_array_index (scenario->steps, 1);
  g_assert_cmpuint (scenario->links->len, ==, 4);
  g_assert_cmpuint (scenario->setup.world.receive_buffer_bytes, ==, 8192);
  g_assert_true (scenario->setup.world.adopt);
  g_assert_cmpuint (scenario->seed_base, ==, 40);
  g_assert_cmpint (scenario->duration_us, ==, 10 * G_USEC_PER_SEC);
  g_assert_cmpint (a->at.low, ==, 5000);
  g_assert_cmpint (a->from_us, ==, G_USEC_PER_SEC);
  g_assert_cmpuint (a->times, ==, 7);
  g_assert_cmpuint (a->chance, ==, PS_MILLION / 4);
  g_assert_cmpint (a->lasting.low, ==, 3);
  g_assert_cmpuint (g_array_index (a->links.indexes, guint, 0), ==, 3);
  g_assert_cmpuint (g_array_index (a->links.indexes, guint, 1), ==, 2);
  g_assert_cmpuint (b->after, ==, 0);
  g_assert_cmpstr (b->arguments[1].text, ==, "OOM");
  g_assert_cmpint (b->arguments[2].draw.low, ==, 2);
}

/* Draws stay in their range, an exponential one has its mean, and one stream repeats itself. */
static void
test_draws (void)
{
  PsDraw exp = {.kind = PS_DRAW_EXP, .low = 100000, .high = G_MAXINT64};
  PsDraw uniform = {.kind = PS_DRAW_UNIFORM, .low = 3, .high = 5};
  PsRng one, other;
  gint64 sum = 0;
  guint seen[6] = {0};
  ps_draw_seed (&one, 7, "label");
  ps_draw_seed (&other, 7, "another");
  g_assert_cmpuint (ps_rng_next (&one), !=, ps_rng_next (&other));
  for (guint i = 0; i < 100000; i++) {
    sum += ps_draw_take (&exp, &one);
    seen[ps_draw_take (&uniform, &one)]++;
  }
  g_assert_cmpint (sum / 100000, >, 97000);
  g_assert_cmpint (sum / 100000, <, 103000);
  for (guint i = 0; i < 6; i++)
    g_assert_true ((seen[i] > 30000) == (i >= 3));
}

/* A sample has so many different links, in the order of their indexes. */
static void
test_samples (void)
{
  PsSelector selector = {.kind = PS_SELECT_SAMPLE, .sample = 5};
  PsRng rng;
  guint seen[8] = {0};
  ps_draw_seed (&rng, 1, "samples");
  for (guint i = 0; i < 8000; i++) {
    g_autoptr (GArray) taken = ps_selector_take (&selector, 8, &rng);
    g_assert_cmpuint (taken->len, ==, 5);
    for (guint j = 0; j < 5; j++) {
      seen[g_array_index (taken, guint, j)]++;
      g_assert_true (j == 0 ||
                     g_array_index (taken, guint, j - 1) < g_array_index (taken, guint, j));
    }
  }
  for (guint i = 0; i < 8; i++)
    g_assert_cmpuint (seen[i], >, 4700);
}

/* The schema is JSON and names every verb with its parameters. */
static void
test_schema (void)
{
  g_autofree char *schema = ps_scenario_schema ();
  g_autoptr (GError) error = NULL;
  g_autoptr (PsJson) node = ps_document_parse (schema, strlen (schema), "schema", &error);
  g_assert_no_error (error);
  g_assert_nonnull (node);
  for (const PsVerb *verb = ps_verbs (); verb->name != NULL; verb++) {
    g_autofree char *title = g_strdup_printf ("\"title\" : \"%s\"", verb->name);
    g_assert_nonnull (strstr (schema, title));
    g_assert_nonnull (verb->apply);
    g_assert_true (!verb->must_end || verb->heal != NULL);
  }
}

static PsScenario *
read_back (const char *text)
{
  g_autoptr (GError) error = NULL;
  PsScenario *scenario = ps_scenario_parse (text, strlen (text), "written", &error);
  g_assert_no_error (error);
  return scenario;
}

static guint64
digest_of (const PsScenario *scenario)
{
  PsRunOptions options = {.seed = 3, .until_us = 12 * G_USEC_PER_SEC};
  g_autoptr (PsRunResult) result = ps_run (scenario, &options);
  return result->digest;
}

static void
assert_round_trip (const PsScenario *scenario)
{
  g_autofree char *text = ps_scenario_to_text (scenario);
  g_autoptr (PsScenario) back = read_back (text);
  g_autofree char *again = ps_scenario_to_text (back);
  g_assert_cmpstr (text, ==, again);
  if (scenario->setup.n_ports <= PORTS_MAX)
    g_assert_cmpuint (digest_of (scenario), ==, digest_of (back));
}

/* Every scenario of the library, written and read back, is the same run to the bit. */
static void
test_written_files (void)
{
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "scenarios", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);
    g_autofree char *text = NULL;
    if (!g_str_has_suffix (name, ".json") || !g_file_get_contents (path, &text, NULL, NULL))
      continue;
    g_autoptr (PsScenario) scenario = read_back (text);
    assert_round_trip (scenario);
    n++;
  }
  g_assert_cmpuint (n, >=, 12);
}

#define WRITTEN_STEPS                                                                              \
  "    { \"id\": \"a\", \"why\": \"\\\"w\\\"\", \"every\": \"5ms\", \"from\": \"1s\", \"until\": " \
  "\"2s\", "                                                                                       \
  "\"times\": 7, \"jitter\": { \"exp\": \"2ms\" }, \"do\": \"link.flap\", "                        \
  "\"links\": [\"eth0\", \"Ethernet2\"], \"for\": { \"choice\": [\"3us\", \"1m\"] }, "             \
  "\"p\": 0.25 },\n"                                                                               \
  "    { \"id\": \"b\", \"after\": \"a\", \"delay\": { \"uniform\": [\"0s\", \"1s\"] }, "          \
  "\"do\": \"redis.refuse\", \"commands\": \"HSET\", \"error\": \"OOM\", "                         \
  "\"count\": { \"uniform\": [2, 4] } },\n"                                                        \
  "    { \"id\": \"c\", \"ramp\": { \"from\": 1, \"to\": 50 }, \"do\": \"link.add\", "             \
  "\"links\": { \"glob\": \"Ether*\" }, \"kind\": \"dummy\" },\n"                                  \
  "    { \"id\": \"d\", \"at\": \"0s\", \"do\": \"link.remove\", \"links\": { \"sample\": 2 } }"

/* Every member of the format, as it is written: the text of the value is the text it was read from.
 */
static void
test_written_members (void)
{
  const char *text =
      "{\n  \"scenario\": 2,\n  \"name\": \"n\",\n  \"why\": \"w\",\n  \"tags\": [\"x\", \"y\"],\n"
      "  \"seeds\": { \"base\": 9223372036854775807, \"count\": 2 },\n  \"duration\": \"10s\",\n"
      "  \"setup\": { \"ports\": 3, \"links\": [\"eth0\"], \"receive_buffer\": 8192, "
      "\"audit\": \"1m\", \"reply_deadline\": \"2s\", \"adopt\": true, \"latency\": \"1ms\", "
      "\"redis\": \"valkey-8.1\", \"own_server\": [\"CONFIG_DB\", \"STATE_DB\"], \"dpu\": true, "
      "\"orchagent\": { \"batch\": 4, \"start_delay\": \"1s\", \"pop_delay\": \"2ms\", "
      "\"device_delay\": \"3us\", \"netdevs\": false, \"kind\": \"physical\" } },\n"
      "  \"steps\": [\n" WRITTEN_STEPS "\n  ],\n  \"expect\": [\n"
      "    { \"name\": \"e\", \"why\": \"w\", \"within\": \"1500us\", \"of\": \"a\", "
      "\"that\": { \"row\": \"k\", \"db\": \"STATE_DB\", \"field\": \"f\", \"is\": \"v\" } },\n"
      "    { \"name\": \"f\", \"from\": \"b\", \"never\": { \"row\": \"k\", \"db\": \"APPL_DB\", "
      "\"exists\": false } },\n"
      "    { \"name\": \"g\", \"always\": { \"counter\": \"kernel.sent\", \"ge\": 0 } },\n"
      "    { \"name\": \"h\", \"eventually\": { \"writes\": \"DEL\", \"db\": \"CONFIG_DB\", "
      "\"key\": \"*\", \"ge\": 1, \"le\": 5 } },\n"
      "    { \"name\": \"i\", \"at_end\": { \"log\": \"*\", \"is\": 3 } },\n"
      "    { \"name\": \"j\", \"at_end\": { \"log\": \"x\", \"le\": 3 } }\n  ],\n"
      "  \"without\": [\n    { \"check\": \"quiet\", \"reason\": \"r\" }\n  ],\n"
      "  \"upstream\": { \"fails\": [\"state-oracle\", \"e\"] }\n}\n";
  g_autoptr (PsScenario) scenario = read_back (text);
  g_autofree char *written = ps_scenario_to_text (scenario);
  g_assert_cmpstr (written, ==, text);
}

static char *
read_document (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* The scenario of the how-to is right, and passes with its first seeds. */
static void
test_documented_example (void)
{
  g_autofree char *document = read_document ("docs/simulator.md");
  const char *start = strstr (document, "```json\n");
  g_assert_nonnull (start);
  start += strlen ("```json\n");
  const char *end = strstr (start, "```");
  g_autofree char *text = g_strndup (start, (gsize)(end - start));
  g_autoptr (PsScenario) scenario = read_back (text);
  for (guint64 seed = 1; seed <= 3; seed++) {
    PsRunOptions options = {.seed = seed};
    g_autoptr (PsRunResult) result = ps_run (scenario, &options);
    g_assert_cmpstr (result->check, ==, NULL);
    g_assert_cmpstr (result->met, ==, "11111");
  }
}

/* Adds the names of all members, but those that a verb takes. */
static void
collect_members (const PsJson *value, GHashTable *names)
{
  gboolean is_step = ps_json_member (value, "do") != NULL;
  for (const PsJson *at = value->first; at != NULL; at = at->next) {
    if (at->name != NULL && (!is_step || g_strv_contains (ps_step_members (), at->name)))
      g_hash_table_add (names, g_strdup (at->name));
    collect_members (at, names);
  }
}

static void
assert_documented (const char *document, const char *name)
{
  g_autofree char *plain = g_strdup_printf ("`%s`", name);
  g_autofree char *quoted = g_strdup_printf ("\"%s\":", name);
  if (strstr (document, plain) == NULL && strstr (document, quoted) == NULL)
    g_error ("docs/simulator.md says nothing about \"%s\"", name);
}

/* Every member that a file of the library has, and every one that a step may have, stands in the
 * how-to. */
static void
test_documented_members (void)
{
  g_autofree char *document = read_document ("docs/simulator.md");
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "scenarios", NULL);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *file;
  while ((file = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, file, NULL);
    g_autofree char *text = NULL;
    if (!g_str_has_suffix (file, ".json") || !g_file_get_contents (path, &text, NULL, NULL))
      continue;
    g_autoptr (PsJson) node = ps_document_parse (text, strlen (text), file, NULL);
    ps_json_judge (node, text, strlen (text));
    collect_members (node, names);
  }
  for (guint i = 0; ps_step_members ()[i] != NULL; i++)
    g_hash_table_add (names, g_strdup (ps_step_members ()[i]));
  GHashTableIter iter;
  gpointer name;
  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    assert_documented (document, name);
  g_assert_cmpuint (g_hash_table_size (names), >, 40);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenario/text", test_text);
  g_test_add_func ("/scenario/damaged", test_damaged);
  g_test_add_func ("/scenario/members", test_members);
  g_test_add_func ("/scenario/verbs", test_verbs);
  g_test_add_func ("/scenario/durations", test_durations);
  g_test_add_func ("/scenario/times", test_times);
  g_test_add_func ("/scenario/ids", test_ids);
  g_test_add_func ("/scenario/selectors", test_selectors);
  g_test_add_func ("/scenario/expectations", test_expectations);
  g_test_add_func ("/scenario/right", test_right);
  g_test_add_func ("/scenario/draws", test_draws);
  g_test_add_func ("/scenario/samples", test_samples);
  g_test_add_func ("/scenario/schema", test_schema);
  g_test_add_func ("/scenario/documented-example", test_documented_example);
  g_test_add_func ("/scenario/documented-members", test_documented_members);
  g_test_add_func ("/scenario/written-members", test_written_members);
  g_test_add_func ("/scenario/written-files", test_written_files);
  return g_test_run ();
}
