/* SPDX-License-Identifier: Apache-2.0 */
/* portsim: from the command line to an exit code. */
#include "sim/run/campaign.h"
#include "sim/run/load.h"
#include "sim/run/make-file.h"
#include "sim/run/options.h"
#include "sim/run/run-result.h"
#include "sim/run/twice.h"
#include <locale.h>
#include <stdio.h>

static int
complain (GError *error)
{
  fprintf (stderr, "portsim: %s\n", error->message);
  g_error_free (error);
  return PS_EXIT_USAGE;
}

static int
check (const PsSimOptions *options)
{
  int code = 0;
  for (guint i = 0; i < options->files->len; i++) {
    const char *file = g_ptr_array_index (options->files, i);
    g_autoptr (GPtrArray) faults = g_ptr_array_new_with_free_func (g_free);
    g_autoptr (PsScenario) scenario = ps_scenario_load_all (file, faults);
    for (guint j = 0; j < faults->len; j++)
      fprintf (stderr, "portsim: %s\n", (char *)g_ptr_array_index (faults, j));
    if (scenario == NULL)
      code = PS_EXIT_USAGE;
    else
      printf ("%s: right: %u steps, %u expectations, %u seeds\n", file, scenario->steps->len,
              scenario->expects->len, scenario->n_seeds);
  }
  return code;
}

static int
run (const PsSimOptions *options)
{
  GError *error = NULL;
  g_autoptr (PsScenario) scenario =
      ps_scenario_load (g_ptr_array_index (options->files, 0), &error);
  if (scenario == NULL)
    return complain (error);
  if (options->expect_failure && scenario->upstream_fails->len == 0) {
    g_set_error (&error, PS_SIM_OPTIONS_ERROR, 0,
                 "%s: --expect-failure needs a member \"upstream\" that says what fails",
                 scenario->origin);
    return complain (error);
  }
  if (options->command == PS_COMMAND_EXPLORE)
    return ps_campaign_explore (scenario, options);
  if (options->command == PS_COMMAND_SHRINK)
    return ps_shrink_command (scenario, options);
  if (options->command == PS_COMMAND_EXPLAIN)
    return ps_explain_command (scenario, options);
  return ps_campaign_run (scenario, options);
}

/* All files are read before the first is run. Of --seconds each has an equal part, and what those
 * before it left over. */
static int
swarm (const PsSimOptions *options)
{
  g_autoptr (GPtrArray) scenarios =
      g_ptr_array_new_with_free_func ((GDestroyNotify)ps_scenario_free);
  for (guint i = 0; i < options->files->len; i++) {
    GError *error = NULL;
    PsScenario *scenario = ps_scenario_load (g_ptr_array_index (options->files, i), &error);
    if (scenario == NULL)
      return complain (error);
    g_ptr_array_add (scenarios, scenario);
  }
  if (options->tap)
    printf ("TAP version 13\n1..%u\n", scenarios->len);
  fflush (stdout);
  int worst = 0;
  gint64 end_us = g_get_monotonic_time () + options->seconds * G_USEC_PER_SEC;
  for (guint i = 0; i < scenarios->len && worst != PS_EXIT_INTERRUPTED; i++) {
    gint64 now_us = g_get_monotonic_time ();
    gint64 share_us = MAX (end_us - now_us, 0) / (scenarios->len - i);
    int code = ps_campaign_swarm (g_ptr_array_index (scenarios, i), options,
                                  options->seconds > 0 ? now_us + share_us : 0, i + 1);
    worst = worst == 0 || code == PS_EXIT_INTERRUPTED ? code : worst;
  }
  return worst;
}

static int
act (const PsSimOptions *options)
{
  switch (options->command) {
  case PS_COMMAND_RUN:
  case PS_COMMAND_EXPLORE:
  case PS_COMMAND_SHRINK:
  case PS_COMMAND_EXPLAIN:
    return run (options);
  case PS_COMMAND_SWARM:
    return swarm (options);
  case PS_COMMAND_TWICE:
    return ps_twice (options);
  case PS_COMMAND_CHECK:
    return check (options);
  case PS_COMMAND_SCHEMA: {
    g_autofree char *schema = ps_scenario_schema ();
    puts (schema);
    return 0;
  }
  case PS_COMMAND_HELP:
    fputs (ps_sim_options_help (), stdout);
    return 0;
  case PS_COMMAND_VERSION:
    puts ("portsim " PS_VERSION);
    return 0;
  }
  g_assert_not_reached ();
}

int
main (int argc, char **argv)
{
  PsSimOptions options;
  GError *error = NULL;
  setlocale (LC_ALL, ""); /* So that `twice` sees what depends on it. */
  /* What GLib calls critical is a fault of the product, which would go on all the same. */
  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  if (!ps_sim_options_parse (argc, argv, &options, &error))
    return complain (error);
  int code = act (&options);
  ps_sim_options_clear (&options);
  if (fflush (stdout) == 0 && !ferror (stdout))
    return code;
  fputs ("portsim: standard output could not be written: the report is not whole\n", stderr);
  return code != 0 ? code : PS_VERDICT_CRASH;
}
