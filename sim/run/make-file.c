/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/make-file.h"
#include "sim/run/concrete.h"
#include "sim/run/interrupt.h"
#include "sim/run/shrink.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the file ------------------------------------------------------------------------------- */

static int
complain (GError *error)
{
  fprintf (stderr, "portsim: %s\n", error->message);
  g_error_free (error);
  return PS_EXIT_USAGE;
}

static gboolean
fail_file (GError **error, const char *file, int code)
{
  g_set_error (error, G_FILE_ERROR, (gint)g_file_error_from_errno (code), "-o %s: %s", file,
               g_strerror (code));
  return FALSE;
}

/* Before any work: what cannot be written is known at once. */
static gboolean
check_target (const char *file, GError **error)
{
  struct stat about;
  if (file == NULL)
    return TRUE;
  if (stat (file, &about) == 0) {
    if (S_ISDIR (about.st_mode))
      return fail_file (error, file, EISDIR);
    return access (file, W_OK) == 0 || fail_file (error, file, errno);
  }
  g_autofree char *folder = g_path_get_dirname (file);
  if (stat (folder, &about) != 0 || access (folder, W_OK | X_OK) != 0)
    return fail_file (error, file, errno);
  return S_ISDIR (about.st_mode) || fail_file (error, file, ENOTDIR);
}

/* A pipe or a device, or a link that leads nowhere yet: it stays what it is. */
static gboolean
write_into (const char *text, const char *file, GError **error)
{
  FILE *to = fopen (file, "we");
  if (to == NULL)
    return fail_file (error, file, errno);
  gboolean ok = fputs (text, to) >= 0;
  int code = errno;
  if (fclose (to) != 0) {
    code = ok ? errno : code;
    ok = FALSE;
  }
  return ok || fail_file (error, file, code);
}

/* A regular file is there as a whole or as it was, also at the end of a symbolic link. */
static gboolean
write_whole (const char *text, const char *file, GError **error)
{
  struct stat about;
  g_autofree char *real = realpath (file, NULL);
  if (real != NULL && stat (real, &about) == 0 && S_ISREG (about.st_mode))
    return g_file_set_contents (real, text, -1, error);
  if (real == NULL && lstat (file, &about) != 0)
    return g_file_set_contents (file, text, -1, error);
  return write_into (text, file, error);
}

/* FALSE: it is on standard output instead, lest the work be lost. */
static gboolean
write_file (const char *text, const char *file)
{
  GError *error = NULL;
  if (file == NULL)
    return fputs (text, stdout) >= 0 && fflush (stdout) == 0;
  if (write_whole (text, file, &error))
    return TRUE;
  complain (error);
  fputs (text, stdout);
  return FALSE;
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
             const PsSimOptions *options, gboolean is_there)
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
  if (is_there)
    fprintf (to, "repeat: portsim run %s%s\n", options->out,
             options->actor == PS_SIM_ACTOR_UPSTREAM ? " --actor=upstream" : "");
}

static int
finish_shrink (const PsScenario *scenario, const PsSimOptions *options, const PsShrunk *shrunk)
{
  gboolean written = write_file (shrunk->text, options->out);
  gboolean is_there = written && options->out != NULL;
  tell_shrunk (is_there ? stdout : stderr, scenario, shrunk, options, is_there);
  if (!written)
    return PS_EXIT_USAGE;
  if (shrunk->interrupted)
    return shrunk->broken ? PS_VERDICT_CRASH : PS_EXIT_INTERRUPTED;
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
  if (!check_target (options->out, &error))
    return complain (error);
  gboolean ok = ps_shrink (scenario, &how, &shrunk, &error);
  if (how.progress)
    fputs ("\r\033[K", stderr);
  if (!ok)
    return complain (error);
  int code = shrunk.broken ? PS_VERDICT_CRASH : shrunk.interrupted ? PS_EXIT_INTERRUPTED : 0;
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
                      .stop = ps_interrupt_came,
                      .swarm = options->swarm};
  if (!check_target (options->out, &error))
    return complain (error);
  PsInterrupt before;
  ps_interrupt_begin (&before);
  g_autofree char *text = ps_concrete (scenario, &run, PS_STEP_NONE, &error);
  ps_interrupt_end (&before);
  if (ps_interrupt_came ()) {
    g_clear_error (&error);
    fprintf (stderr, "portsim: interrupted: seed %" G_GUINT64_FORMAT " is not explained\n",
             run.seed);
    return PS_EXIT_INTERRUPTED;
  }
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
