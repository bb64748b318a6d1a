/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/cases.h"
#include "tests/bench/process.h"
#include "tests/bench/table.h"
#include "tests/bench/world.h"
#include <string.h>

#define FULL_REPS   5
#define QUICK_REPS  3
#define CALLGRIND_N 20000

typedef struct {
  const char *name;
  void (*fn) (const PsBenchOptions *options);
} Case;

/* Those with thousands of links come last: they leave the kernel with much to clean up. */
static const Case cases[] = {
    {"core", ps_case_core},   {"mirror", ps_case_mirror}, {"steady", ps_case_steady},
    {"storm", ps_case_storm}, {"boot", ps_case_boot},     {"links", ps_case_links},
    {"warm", ps_case_warm},   {"resync", ps_case_resync}, {"sim", ps_case_sim},
};

static int core_only;
static gboolean quick;
static char **names;

static const GOptionEntry entries[] = {
    {"quick", 0, 0, G_OPTION_ARG_NONE, &quick, "Fewer and smaller; hold only what is stable", NULL},
    {"core-only", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_INT, &core_only, NULL, NULL},
    {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &names, NULL, "[CASE]..."},
    {NULL}};

static gboolean
is_wanted (const Case *c)
{
  return names == NULL || g_strv_contains ((const char *const *)names, c->name);
}

static gboolean
is_case (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (strcmp (cases[i].name, name) == 0)
      return TRUE;
  return FALSE;
}

/* Instructions of a run that absorbs so many events; -1 without valgrind. */
static double
instructions (guint n)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *number = g_strdup_printf ("--core-only=%u", n);
  g_autofree char *text = NULL;
  const char *argv[] = {
      "valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", self, number, NULL};
  int status = -1;
  if (!g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
                     NULL, NULL, NULL, &text, &status, NULL) ||
      status != 0)
    return -1;
  const char *at = strstr (text, "Collected : ");
  return at != NULL ? (double)g_ascii_strtoull (at + strlen ("Collected : "), NULL, 10) : -1;
}

/* The difference of two runs: what it costs to start falls out. */
static void
count_instructions (void)
{
  double less = instructions (CALLGRIND_N), more = instructions (2 * CALLGRIND_N);
  PsSamples count = {0};
  if (less < 0 || more < 0) {
    g_print ("(no valgrind: instructions an event are not counted)\n");
    return;
  }
  ps_samples_add (&count, (more - less) / CALLGRIND_N);
  ps_table_row (&(PsFigure){"  instructions of it (callgrind)", "", &count, NULL, PS_BAR_NONE, 0,
                            PS_BAR_NONE, 0, NULL});
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_option_context_set_summary (
      context,
      "Measures the daemon beside a bare program that does the same work, and holds it\n"
      "against the bars. Cases: core mirror steady storm boot links warm resync sim. Needs root.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!is_case (names[i])) {
      g_printerr ("no case is called \"%s\"; see --help\n", names[i]);
      return 2;
    }
  setvbuf (stdout, NULL, _IOLBF, 0);
  ps_world_prepare ();
  if (core_only > 0) {
    ps_case_core_only ((guint)core_only);
    return 0;
  }
  const PsBenchOptions options = {quick, quick ? QUICK_REPS : FULL_REPS};
  ps_table_begin (quick);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    if (!is_wanted (&cases[i]))
      continue;
    cases[i].fn (&options);
    if (!quick && cases[i].fn == ps_case_core)
      count_instructions ();
  }
  guint n = ps_table_n_missed ();
  g_print ("%u bars missed\n", n);
  return n > 0 ? 1 : 0;
}
