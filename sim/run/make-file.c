/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/make-file.h"
#include "sim/run/concrete.h"
#include "sim/run/shrink.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXIT_INTERRUPTED 130 /* as shells tell SIGINT */

static gboolean
write_file (const char *text, const char *file)
{
  GError *error = NULL;
  if (file == NULL)
    return fputs (text, stdout) >= 0 && fflush (stdout) == 0;
  if (g_file_set_contents (file, text, -1, &error))
    return TRUE;
  fprintf (stderr, "portsim: %s\n", error->message);
  g_error_free (error);
  return FALSE;
}

static int
complain (GError *error)
{
  fprintf (stderr, "portsim: %s\n", error->message);
  g_error_free (error);
  return PS_EXIT_USAGE;
}

/* --- shrink --------------------------------------------------------------------------------- */

static void
tell_nothing (const PsScenario *scenario, const PsShrinkOptions *options, gboolean interrupted)
{
  printf ("%s: %s of %" G_GUINT64_FORMAT " seeds from %" G_GUINT64_FORMAT
          " on fails: there is nothing to shrink\n",
          scenario->name, interrupted ? "interrupted; so far none" : "none", options->n_seeds,
          options->run.seed);
}

static void
tell_shrunk (FILE *to, const PsScenario *scenario, const PsShrunk *shrunk,
             const PsSimOptions *options)
{
  const PsRunResult *failure = shrunk->failure;
  guint64 tenths = (guint64)shrunk->real_us / (G_USEC_PER_SEC / 10);
  fprintf (to, "%s, seed %" G_GUINT64_FORMAT ": %s, %s\n", scenario->name, failure->seed,
           ps_verdict_name (failure->verdict), failure->check);
  fprintf (to,
           "%sshrunk %u steps -> %u, %u ports -> %u (%" G_GUINT64_FORMAT " runs, %" G_GUINT64_FORMAT
           ".%u s)\n",
           shrunk->interrupted ? "interrupted: " : "", shrunk->steps_before, shrunk->steps_after,
           shrunk->ports_before, shrunk->ports_after, shrunk->n_runs, tenths / 10,
           (guint)(tenths % 10));
  if (!shrunk->verified)
    fprintf (to, "but read back and run once more, it does not fail the same way%s%s\n",
             shrunk->shrunk != NULL && shrunk->shrunk->check != NULL ? ": " : "",
             shrunk->shrunk != NULL && shrunk->shrunk->check != NULL ? shrunk->shrunk->check : "");
  if (options->out != NULL)
    fprintf (to, "repeat: portsim run %s%s\n", options->out,
             options->actor == PS_SIM_ACTOR_UPSTREAM ? " --actor=upstream" : "");
}

static int
finish_shrink (const PsScenario *scenario, const PsSimOptions *options, const PsShrunk *shrunk)
{
  tell_shrunk (options->out != NULL ? stdout : stderr, scenario, shrunk, options);
  if (!write_file (shrunk->text, options->out))
    return PS_EXIT_USAGE;
  if (shrunk->interrupted)
    return EXIT_INTERRUPTED;
  return shrunk->verified ? 0 : PS_VERDICT_NONDETERMINISM;
}

int
ps_shrink_command (const PsScenario *scenario, const PsSimOptions *options)
{
  GError *error = NULL;
  PsShrunk shrunk;
  PsShrinkOptions how = {
      .run = {.seed = options->has_seed ? options->seed : scenario->seed_base,
              .actor = options->actor,
              .swarm = options->swarm,
              .crash_at = options->crash_at,
              .crash_after = options->crash_after},
      .n_seeds = options->n_seeds > 0 ? options->n_seeds
                 : options->has_seed  ? 1
                                      : scenario->n_seeds,
      .n_workers = options->workers,
      .seconds = options->seconds,
      .progress = isatty (STDERR_FILENO),
  };
  gboolean ok = ps_shrink (scenario, &how, &shrunk, &error);
  if (how.progress)
    fputs ("\r\033[K", stderr);
  if (!ok)
    return complain (error);
  int code = shrunk.interrupted ? EXIT_INTERRUPTED : 0;
  if (shrunk.text != NULL)
    code = finish_shrink (scenario, options, &shrunk);
  else
    tell_nothing (scenario, &how, shrunk.interrupted);
  ps_shrunk_clear (&shrunk);
  return code;
}

/* --- explain -------------------------------------------------------------------------------- */

int
ps_explain_command (const PsScenario *scenario, const PsSimOptions *options)
{
  GError *error = NULL;
  PsRunOptions run = {.seed = options->has_seed ? options->seed : scenario->seed_base,
                      .actor = options->actor,
                      .until_us = options->until_us,
                      .swarm = options->swarm};
  g_autofree char *text = ps_concrete (scenario, &run, PS_STEP_NONE, &error);
  if (text == NULL)
    return complain (error);
  g_autoptr (PsScenario) made = ps_scenario_parse (text, strlen (text), scenario->origin, &error);
  if (made == NULL)
    return complain (error);
  g_autofree char *why = g_strdup_printf ("Seed %" G_GUINT64_FORMAT " of %s, as it is played: %s",
                                          run.seed, scenario->origin, scenario->why);
  g_autofree char *valid = g_utf8_make_valid (why, -1);
  PsScenario named = *made;
  named.why = valid;
  g_autofree char *explained = ps_scenario_to_text (&named);
  return write_file (explained, options->out) ? 0 : PS_EXIT_USAGE;
}
