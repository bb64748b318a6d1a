/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a soak for as long as asked, and ends with its figures or with what went wrong. */
#include "tests/soak/soak.h"
#include "tests/support/sanitized.h"
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_EVERY_S   60
#define ACTIONS_MIN    20 /* between two quiet points */
#define ACTIONS_MAX    100
#define CALM_FIRST     4   /* quiet points without a death of the daemon; then half as many */
#define CALM_MAX       512 /* with deaths, and each time twice as long, so that there are */
#define RESTART_ONE_IN 3   /* processes that live long and such that do not */
#define LOG_TAIL_BYTES 6000

typedef struct {
  int minutes, seconds, n_ports;
  gint64 seed;
  char *log, *daemon;
} Options;

static volatile sig_atomic_t interrupted;

/* For the report of a failure, which may come from any depth. */
static struct {
  PsSoak *soak;
  PsJournal *journal;
  guint64 seed;
  guint n_ports;
  gboolean failing;
} now;

/* --- failure -------------------------------------------------------------------------------- */

/* To the terminal and into the log. */
static void G_GNUC_PRINTF (1, 2) tell (const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "%s\n", text);
  if (now.journal != NULL)
    ps_journal_add (now.journal, text);
}

static void
tell_file (const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autofree char *text = NULL;
  gsize size = 0;
  if (!g_file_get_contents (path, &text, &size, NULL))
    return;
  tell ("--- the end of %s\n%s", name, text + (size > LOG_TAIL_BYTES ? size - LOG_TAIL_BYTES : 0));
}

static void
tell_sides (PsSoak *soak)
{
  g_autoptr (GPtrArray) ports =
      ps_soak_redis_answers (soak) ? ps_state_read (soak->rig->db, soak->rig->old) : NULL;
  tell ("--- port, ifindex, kernel, STATE_DB%s", ports != NULL ? "" : ": Redis does not answer");
  for (guint i = 0; ports != NULL && i < ports->len; i++) {
    const PsPortState *port = g_ptr_array_index (ports, i);
    tell ("%s%-12s %4d  %-18s  %s", g_strcmp0 (port->kernel, port->state) == 0 ? "  " : "! ",
          port->name, port->ifindex, port->kernel != NULL ? port->kernel : "-",
          port->state != NULL ? port->state : "-");
  }
}

/* Everything that was started has asked the kernel to die with us. */
static void
fail (const char *message)
{
  if (now.failing)
    _exit (1);
  now.failing = TRUE;
  tell ("soak: FAILED: %s", message);
  if (now.journal != NULL) {
    g_autofree char *tail = ps_journal_tail (now.journal);
    fprintf (stderr, "--- the last actions; all of them are in %s\n%s",
             ps_journal_path (now.journal), tail);
  }
  if (now.soak != NULL && now.soak->rig != NULL) {
    tell_file (now.soak->rig->dir, "portsyncd.out");
    tell_file (now.soak->rig->dir, "syslog");
    tell_sides (now.soak);
  }
  tell ("soak: FAILED: %s", message);
  tell ("soak: again: tools/dev soak --seed %" G_GUINT64_FORMAT " --ports %u", now.seed,
        now.n_ports);
  _exit (1);
}

static void
on_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL)) != 0)
    fail (message);
  tell ("%s", message);
}

static void
on_abort (int signal_number)
{
  fail ("an assertion, told above");
}

static void
on_signal (int signal_number)
{
  if (interrupted)
    _exit (130);
  interrupted = 1;
}

/* --- the run -------------------------------------------------------------------------------- */

static gboolean
is_over (double end_s)
{
  return interrupted || ps_journal_seconds (now.journal) >= end_s;
}

static void
round_of (PsSoak *soak, double end_s)
{
  for (guint n = ACTIONS_MIN + ps_soak_draw (soak, ACTIONS_MAX - ACTIONS_MIN + 1); n > 0; n--) {
    if (is_over (end_s))
      break;
    ps_soak_act (soak);
  }
  ps_soak_quiet (soak);
  guint restart = ps_soak_draw (soak, 2 * RESTART_ONE_IN);
  if (soak->violent && restart == 0)
    ps_soak_restart_warm (soak);
  else if (soak->violent && restart == 1)
    ps_soak_restart_quietly (soak);
}

static void
tell_minute (PsSoak *soak, double *next_s)
{
  double now_s = ps_journal_seconds (now.journal);
  if (now_s < *next_s)
    return;
  *next_s += LINE_EVERY_S;
  g_autofree char *line = ps_figures_line (soak->figures, now_s);
  printf ("%s\n", line);
  fflush (stdout);
  ps_journal_add (now.journal, line);
}

static void
run (PsSoak *soak, double end_s)
{
  double next_s = LINE_EVERY_S;
  for (guint calm = CALM_FIRST; !is_over (end_s); calm = MIN (2 * calm, CALM_MAX)) {
    for (guint i = 0; i < calm + calm / 2 && !is_over (end_s); i++) {
      soak->violent = i >= calm;
      round_of (soak, end_s);
      tell_minute (soak, &next_s);
    }
  }
}

static void
conclude (PsSoak *soak)
{
  g_autofree char *excess = NULL, *report = NULL;
  ps_soak_restart_quietly (soak);
  report = ps_figures_report (soak->figures, ps_journal_seconds (now.journal));
  printf ("%s", report);
  fflush (stdout);
  ps_journal_add (now.journal, report);
#ifndef PS_SANITIZED /* A sanitizer's memory is not the daemon's. */
  excess = ps_figures_judge (soak->figures, soak->n_devices);
#endif
  if (excess != NULL)
    fail (excess);
}

/* --- command line --------------------------------------------------------------------------- */

static gboolean
refuse (const char *text)
{
  fprintf (stderr, "soak: %s, see --help\n", text);
  return FALSE;
}

static gboolean
check (Options *options)
{
  if (options->minutes < 0 || options->seconds < 0 || options->minutes > 100000 ||
      options->minutes * 60 + options->seconds == 0)
    return refuse ("--minutes N or --seconds N says how long, at least a second");
  if (options->n_ports < 2 || options->n_ports > PS_SOAK_PORTS_MAX)
    return refuse ("--ports takes 2 to 1024");
  if (options->daemon != NULL)
    g_setenv ("PORTSYNCD", options->daemon, TRUE);
  const char *daemon = g_getenv ("PORTSYNCD");
  if (daemon == NULL || !g_file_test (daemon, G_FILE_TEST_IS_EXECUTABLE))
    return refuse ("no portsyncd: --daemon FILE or the environment's PORTSYNCD names it");
  if (geteuid () != 0)
    return refuse ("needs root, for namespaces of its own");
  return TRUE;
}

static gboolean
parse (int argc, char **argv, Options *options)
{
  const GOptionEntry entries[] = {
      {"minutes", 'm', 0, G_OPTION_ARG_INT, &options->minutes, "How long", "N"},
      {"seconds", 's', 0, G_OPTION_ARG_INT, &options->seconds, "How long, added to that", "N"},
      {"seed", 0, 0, G_OPTION_ARG_INT64, &options->seed,
       "Decides which actions are drawn (default: by chance; it is printed)", "S"},
      {"ports", 'p', 0, G_OPTION_ARG_INT, &options->n_ports,
       "Ports, each of which may be broken out into two (default: 32)", "P"},
      {"log", 0, 0, G_OPTION_ARG_FILENAME, &options->log,
       "Where every action is noted (default: soak-SEED.log here)", "FILE"},
      {"daemon", 'd', 0, G_OPTION_ARG_FILENAME, &options->daemon,
       "The portsyncd to soak (default: the environment's PORTSYNCD)", "FILE"},
      {0},
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- random actions on ports, Redis and portsyncd, and what comes of it");
  g_option_context_set_summary (
      context, "Works in namespaces of its own, on veth, tap and ifb netdevs and a private Redis,\n"
               "and leaves nothing behind. Exit status: 0 if the kernel and STATE_DB agreed at\n"
               "every quiet point and memory and descriptors did not grow, 1 if not, 2 for a\n"
               "wrong command line. Ctrl-C ends it early, with the report.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return refuse (error->message);
  if (argc > 1)
    return refuse ("takes options only");
  return check (options);
}

static void
catch_signals (void)
{
  struct sigaction leave = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
  sigaction (SIGINT, &leave, NULL);
  sigaction (SIGTERM, &leave, NULL);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGABRT, on_abort);
  g_log_set_default_handler (on_log, NULL);
}

static int
soak (const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = options->log != NULL
                              ? g_strdup (options->log)
                              : g_strdup_printf ("soak-%" G_GUINT64_FORMAT ".log", now.seed);
  now.journal = ps_journal_new (path, &error);
  if (now.journal == NULL) {
    fprintf (stderr, "soak: %s\n", error->message);
    return 2;
  }
  printf ("soak: --seed %" G_GUINT64_FORMAT " --ports %u, every action in %s\n", now.seed,
          now.n_ports, path);
  fflush (stdout);
  now.soak = ps_soak_new (now.seed, now.n_ports, now.journal);
  ps_soak_restart_swss (now.soak);
  run (now.soak, options->minutes * 60.0 + options->seconds);
  conclude (now.soak);
  g_clear_pointer (&now.soak, ps_soak_free);
  g_clear_pointer (&now.journal, ps_journal_free);
  return 0;
}

int
main (int argc, char **argv)
{
  Options options = {.n_ports = 32, .seed = -1};
  if (!parse (argc, argv, &options))
    return 2;
  now.seed = options.seed >= 0 ? (guint64)options.seed : g_random_int ();
  now.n_ports = (guint)options.n_ports;
  catch_signals ();
  ps_netns_isolate ();
  int code = soak (&options);
  g_free (options.log);
  g_free (options.daemon);
  return code;
}
