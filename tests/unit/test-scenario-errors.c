/* SPDX-License-Identifier: Apache-2.0 */
/* All that is wrong with a scenario file is told at once, and nothing that only follows from it. */
#include "sim/run/scenario.h"
#include <string.h>

/* Every error of a file is told, in its order; what only follows from another one is not. */
static void
test_all (void)
{
  static const char *const wanted[] = {
      "/durtion: unknown member",      "/: lacks \"duration\"",
      "/setup/adapt: unknown member",  "/steps/0/do: unknown verb",
      "/steps/0/at: \"0\" is no",      "/steps/0/p: must be",
      "/steps/1: \"link.mtu\" lacks",  "/steps/1/links: the set-up has",
      "/steps/2/mtu: must be from",    "/steps/2/after: no step",
      "/expect/0/nme: unknown member", "/expect/0: lacks \"name\"",
      "/expect/0/of: no step",         "/without/0/check: unknown",
      "/without/0: lacks \"reason\"",
  };
  static const char text[] =
      "{\"scenario\": 2, \"name\": \"n\", \"why\": \"w\", \"durtion\": \"1s\","
      " \"setup\": {\"ports\": 4, \"adapt\": true}, \"steps\": ["
      "{\"id\": \"a\", \"at\": \"0\", \"do\": \"orchagent.strat\", \"p\": 3},"
      "{\"id\": \"b\", \"after\": \"a\", \"do\": \"link.mtu\", \"links\": \"Ethernet9\"},"
      "{\"id\": \"c\", \"after\": \"bb\", \"do\": \"link.mtu\", \"links\": \"*\", \"mtu\": 1}],"
      " \"expect\": [{\"nme\": \"e\", \"within\": \"1s\", \"of\": \"d\","
      " \"that\": {\"log\": \"x\", \"ge\": 1}}], \"without\": [{\"check\": \"z\"}]}";
  g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
  g_assert_null (ps_scenario_parse_all (text, strlen (text), "file", faults));
  g_assert_cmpuint (faults->len, ==, G_N_ELEMENTS (wanted));
  for (guint i = 0; i < faults->len; i++) {
    const char *fault = g_ptr_array_index (faults, i);
    if (strstr (fault, wanted[i]) == NULL)
      g_error ("\"%s\" is not %s", fault, wanted[i]);
  }
  g_autoptr (GError) error = NULL;
  g_assert_null (ps_scenario_parse (text, strlen (text), "file", &error));
  g_assert_cmpstr (error->message, ==, g_ptr_array_index (faults, 0));
}

/* Of a text that is no JSON, of another format and without a set-up that can be read there is one
 * error: nothing is said about unknown links. */
static void
test_one (void)
{
  static const char *const texts[] = {
      "{",
      "[]",
      "{\"scenario\": 1, \"what\": \"else\"}",
      "{\"scenario\": 2, \"name\": \"n\", \"why\": \"w\", \"duration\": \"1s\","
      " \"setup\": {\"ports\": -1}, \"steps\": [{\"id\": \"a\", \"at\": \"0s\","
      " \"do\": \"link.remove\", \"links\": \"Ethernet3\"}]}",
  };
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
    g_assert_null (ps_scenario_parse_all (texts[i], strlen (texts[i]), "file", faults));
    g_assert_cmpuint (faults->len, ==, 1);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/scenario-errors/all", test_all);
  g_test_add_func ("/scenario-errors/one", test_one);
  return g_test_run ();
}
