/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/twice.h"
#include "sim/run/interrupt.h"
#include "sim/run/run-result.h"
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define SELF "/proc/self/exe"

/* In the new process. user_data: not NULL: without randomised addresses. */
static void
set_up (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
  int was = user_data != NULL ? personality (0xffffffff) : -1;
  if (was >= 0)
    personality ((unsigned long)was | ADDR_NO_RANDOMIZE);
}

/* One that is installed, best with another point in numbers than C has; NULL: there is none but C.
 * Static. */
static const char *
find_locale (void)
{
  static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8", "tr_TR.UTF-8",
                                      "en_GB.UTF-8", "en_US.UTF-8", NULL};
  for (guint i = 0; names[i] != NULL; i++) {
    locale_t locale = newlocale (LC_ALL_MASK, names[i], NULL);
    if (locale == NULL)
      continue;
    freelocale (locale);
    return names[i];
  }
  return NULL;
}

static char **
make_environment (gboolean other)
{
  const char *locale = other ? find_locale () : NULL;
  char **env = g_environ_setenv (NULL, "PATH", "/usr/bin:/bin", TRUE);
  env = g_environ_setenv (env, "MALLOC_PERTURB_", other ? "165" : "0", TRUE);
  env = g_environ_setenv (env, "LC_ALL", locale != NULL ? locale : "C", TRUE);
  env = g_environ_setenv (env, "TZ", other ? "Pacific/Chatham" : "UTC", TRUE);
  if (!other)
    return env;
  g_autofree char *large = g_strnfill (60000, 'x');
  return g_environ_setenv (env, "PORTSIM_PADDING", large, TRUE);
}

/* The standard output of a run, NULL if it could not be started. */
static char *
run_self (const char **arguments, gboolean other, int *out_status, GError **error)
{
  g_auto (GStrv) env = make_environment (other);
  g_autofree char *program = g_file_read_link (SELF, error);
  char *text = NULL;
  if (program == NULL)
    return NULL;
  arguments[0] = program;
  if (!g_spawn_sync (NULL, (char **)arguments, env, G_SPAWN_DEFAULT, set_up, other ? env : NULL,
                     &text, NULL, out_status, error))
    return NULL;
  return text;
}

/* "SEED DIGEST", as run --digests tells a run; what else it prints is about failures. */
static gboolean
is_digest_line (const char *line)
{
  gsize n = strspn (line, "0123456789");
  return n > 0 && line[n] == ' ' && strspn (line + n + 1, "0123456789abcdef") == 16 &&
         line[n + 17] == '\0';
}

static guint
count_digests (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint n = 0;
  for (guint i = 0; lines[i] != NULL; i++)
    n += is_digest_line (lines[i]);
  return n;
}

/* The first run of one whose seed has another digest in the other. One of them may have ended
 * earlier: what only one has shows nothing. FALSE: there is none. */
static gboolean
find_digest (const char *one, const char *other, char **out_first, char **out_second)
{
  g_auto (GStrv) a = g_strsplit (one, "\n", -1);
  g_auto (GStrv) b = g_strsplit (other, "\n", -1);
  g_autoptr (GHashTable) lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; b[i] != NULL; i++)
    if (is_digest_line (b[i]))
      g_hash_table_insert (lines, g_strndup (b[i], strcspn (b[i], " ")), b[i]);
  for (guint i = 0; a[i] != NULL; i++) {
    g_autofree char *seed = g_strndup (a[i], strcspn (a[i], " "));
    const char *line = is_digest_line (a[i]) ? g_hash_table_lookup (lines, seed) : NULL;
    if (line == NULL || strcmp (a[i], line) == 0)
      continue;
    *out_first = g_strdup (a[i]);
    *out_second = g_strdup (line);
    return TRUE;
  }
  return FALSE;
}

static char *
get_line (char **lines, guint i)
{
  return i < g_strv_length (lines) ? lines[i] : (char *)"(nothing)";
}

/* FALSE if they are equal. */
static gboolean
find_difference (const char *one, const char *other, char **out_first, char **out_second)
{
  if (strcmp (one, other) == 0)
    return FALSE;
  g_auto (GStrv) a = g_strsplit (one, "\n", -1);
  g_auto (GStrv) b = g_strsplit (other, "\n", -1);
  guint i = 0;
  while (a[i] != NULL && b[i] != NULL && strcmp (a[i], b[i]) == 0)
    i++;
  *out_first = g_strdup (get_line (a, i));
  *out_second = g_strdup (get_line (b, i));
  return TRUE;
}

static int
complain (GError *error)
{
  fprintf (stderr, "portsim: %s\n", error->message);
  g_error_free (error);
  return PS_VERDICT_CRASH;
}

/* The two runs of the seed that differed, once more with all their events. */
static void
show_first_event (const PsSimOptions *options, const char *digest_line)
{
  g_autofree char *seed = g_strndup (digest_line, strcspn (digest_line, " "));
  const char *arguments[] = {NULL,
                             "run",
                             g_ptr_array_index (options->files, 0),
                             "--seed",
                             seed,
                             "-v",
                             options->actor == PS_SIM_ACTOR_UPSTREAM ? "--actor=upstream" : NULL,
                             NULL};
  int status = 0;
  g_autofree char *one = run_self (arguments, FALSE, &status, NULL);
  g_autofree char *other = run_self (arguments, TRUE, &status, NULL);
  g_autofree char *first = NULL, *second = NULL;
  if (one != NULL && other != NULL && find_difference (one, other, &first, &second))
    printf ("# seed %s differs first at\n#   %s\n#   %s\n", seed, first, second);
}

static gboolean
is_interrupted (int status)
{
  return WIFEXITED (status) && WEXITSTATUS (status) == PS_EXIT_INTERRUPTED;
}

/* The process of the runs got the signal from the terminal as this one did, and ended in order. */
static int
tell_interrupted (const char *done)
{
  printf ("# interrupted: %u runs were made, nothing was compared\n",
          done != NULL ? count_digests (done) : 0);
  return PS_EXIT_INTERRUPTED;
}

static void
tell_locale (void)
{
  if (find_locale () == NULL)
    puts ("# no locale but C is installed: both runs have that one");
}

static int
report (const PsSimOptions *options, int code, guint n_runs)
{
  g_autofree char *file = g_strdup (g_ptr_array_index (options->files, 0));
  if (options->tap)
    g_strdelimit (file, "#\n\r", '_'); /* Nothing of it is a line or a directive. */
  if (options->tap)
    puts ("TAP version 13\n1..1");
  tell_locale ();
  if (options->tap)
    printf ("%sok 1 - twice %s\n", code == 0 ? "" : "not ", file);
  else
    printf ("%s: %u runs twice, %s\n", file, n_runs,
            code == 0                           ? "equal to the bit"
            : code == PS_VERDICT_NONDETERMINISM ? "not the same"
                                                : "equal to the bit, but they fail");
  return code;
}

int
ps_twice (const PsSimOptions *options)
{
  g_autofree char *seed = g_strdup_printf ("%" G_GUINT64_FORMAT, options->seed);
  g_autofree char *n = g_strdup_printf ("%" G_GUINT64_FORMAT, options->n_seeds);
  const char *arguments[11] = {NULL, "run", g_ptr_array_index (options->files, 0), "--digests"};
  guint at = 4;
  if (options->has_seed) {
    arguments[at++] = "--seed";
    arguments[at++] = seed;
  }
  if (options->n_seeds > 0) {
    arguments[at++] = "--seeds";
    arguments[at++] = n;
  }
  if (options->actor == PS_SIM_ACTOR_UPSTREAM)
    arguments[at++] = "--actor=upstream";
  if (options->expect_failure)
    arguments[at++] = "--expect-failure";
  GError *error = NULL;
  PsInterrupt before;
  int status = 0, other_status = 0;
  ps_interrupt_begin (&before);
  g_autofree char *one = run_self (arguments, FALSE, &status, &error);
  g_autofree char *other = one != NULL && !ps_interrupt_came ()
                               ? run_self (arguments, TRUE, &other_status, &error)
                               : NULL;
  ps_interrupt_end (&before);
  if (ps_interrupt_came () || is_interrupted (status) || is_interrupted (other_status)) {
    g_clear_error (&error);
    return tell_interrupted (one);
  }
  if (other == NULL)
    return complain (error);
  g_autofree char *first = NULL, *second = NULL;
  guint n_runs = MIN (count_digests (one), count_digests (other));
  if (find_digest (one, other, &first, &second)) {
    printf ("# %s\n# %s\n", first, second);
    show_first_event (options, first);
    return report (options, PS_VERDICT_NONDETERMINISM, n_runs);
  }
  if (find_difference (one, other, &first,
                       &second)) { /* It did the same, and was judged otherwise. */
    printf ("# %s\n# %s\n", first, second);
    return report (options, PS_VERDICT_NONDETERMINISM, n_runs);
  }
  if (g_spawn_check_wait_status (status, &error))
    return report (options, 0, n_runs);
  fputs (one, stderr); /* The same in both, but failures of their own. */
  int code = error->domain == G_SPAWN_EXIT_ERROR ? error->code : PS_VERDICT_CRASH;
  g_error_free (error);
  return report (options, code, n_runs);
}
