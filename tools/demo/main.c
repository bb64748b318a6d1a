/* SPDX-License-Identifier: Apache-2.0 */
/* Shows the daemon at work in a network namespace of its own, with a Redis of its own. */
#include "demo/screen.h"
#include "demo/story.h"
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#define FRAME_MS    100
#define STEP_MS     2500
#define STEP_MIN_MS 300
#define END_MS      20000 /* how long both sides may differ at the end */

static volatile sig_atomic_t interrupted;

static void
on_signal (int signal_number)
{
  interrupted = 1;
}

/* What the rig cannot do ends the demonstration with a line. What was started dies with us. */
static void
on_log (const char *domain, GLogLevelFlags level, const char *message, gpointer user_data)
{
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_FLAG_FATAL)) != 0)
    ps_screen_abandon ();
  fprintf (stderr, "portsyncd-demo: %s\n", message);
  if ((level & (G_LOG_LEVEL_ERROR | G_LOG_FLAG_FATAL)) != 0)
    _exit (1);
}

static void
on_abort (int signal_number)
{
  ps_screen_abandon ();
  _exit (1);
}

typedef struct {
  int seconds; /* 0: until Ctrl-C */
  char *daemon;
} Options;

static gboolean
parse (int argc, char **argv, Options *options)
{
  const GOptionEntry entries[] = {
      {"seconds", 's', 0, G_OPTION_ARG_INT, &options->seconds,
       "End after N seconds (default: at Ctrl-C)", "N"},
      {"daemon", 'd', 0, G_OPTION_ARG_FILENAME, &options->daemon,
       "The portsyncd to show (default: the environment's PORTSYNCD)", "FILE"},
      {0},
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- show portsyncd at work; needs root, leaves nothing behind");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    fprintf (stderr, "portsyncd-demo: %s\n", error->message);
    return FALSE;
  }
  if (argc > 1 || options->seconds < 0) {
    fprintf (stderr, "portsyncd-demo: what is \"%s\"? See --help\n",
             argc > 1 ? argv[1] : "--seconds");
    return FALSE;
  }
  if (options->daemon != NULL)
    g_setenv ("PORTSYNCD", options->daemon, TRUE);
  if (g_getenv ("PORTSYNCD") != NULL && g_file_test (g_getenv ("PORTSYNCD"), G_FILE_TEST_EXISTS))
    return TRUE;
  fprintf (stderr, "portsyncd-demo: no portsyncd: give --daemon FILE\n");
  return FALSE;
}

static void
show (PsRig *rig, PsStory *story, PsScreen *screen)
{
  g_autoptr (GPtrArray) ports = NULL;
  if (ps_story_redis_runs (story))
    ports = ps_state_read (rig->db, rig->old);
  g_autofree char *log = ps_syslog_sink_text (rig->syslog); /* The lines about what was read. */
  ps_screen_show (screen, ports, ps_daemon_is_running (rig->daemon), log);
}

/* Everything is shown once in the seconds given, if that leaves time to see it. */
static gint64
step_interval_us (const Options *options)
{
  if (options->seconds == 0)
    return STEP_MS * 1000;
  gint64 all_us = (gint64)options->seconds * G_USEC_PER_SEC / (ps_story_length () + 1);
  return CLAMP (all_us, STEP_MIN_MS * 1000, STEP_MS * 1000);
}

static void
run (PsRig *rig, PsStory *story, PsScreen *screen, const Options *options)
{
  gint64 interval_us = step_interval_us (options), next_us = g_get_monotonic_time ();
  gint64 end_us = next_us + (gint64)options->seconds * G_USEC_PER_SEC;
  while (!interrupted && (options->seconds == 0 || g_get_monotonic_time () < end_us)) {
    if (g_get_monotonic_time () >= next_us) {
      ps_screen_tell (screen, ps_story_next (story));
      next_us += interval_us;
    }
    show (rig, story, screen);
    poll (NULL, 0, FRAME_MS);
  }
}

typedef struct {
  PsRig *rig;
  PsStory *story;
  PsScreen *screen;
} End;

static gboolean
agree (gpointer user_data)
{
  const End *end = user_data;
  g_autofree char *difference = ps_state_difference (end->rig->db, end->rig->old);
  show (end->rig, end->story, end->screen);
  return difference == NULL;
}

static int
conclude (PsRig *rig, gboolean good)
{
  g_autofree char *difference = ps_state_difference (rig->db, rig->old);
  if (good && difference == NULL) {
    printf ("At the end kernel and STATE_DB agree.\n");
    return 0;
  }
  fprintf (stderr, "At the end kernel and STATE_DB differ:\n%s\n",
           difference != NULL ? difference : "(no longer)");
  return 1;
}

int
main (int argc, char **argv)
{
  Options options = {0};
  PsRigSetup setup = {.n_ports = PS_STORY_PORTS, .batch = 1024, .makes_netdevs = TRUE};
  setup.held = TRUE;
  if (!parse (argc, argv, &options))
    return 2;
  if (geteuid () != 0) {
    fprintf (stderr, "portsyncd-demo: needs root, for namespaces of its own\n");
    return 1;
  }
  struct sigaction act = {.sa_handler = on_signal};
  sigaction (SIGINT, &act, NULL);
  sigaction (SIGTERM, &act, NULL);
  signal (SIGPIPE, SIG_IGN);
  signal (SIGABRT, on_abort);
  g_log_set_default_handler (on_log, NULL);
  ps_netns_isolate ();
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_daemon_set (rig->daemon, "netlink", "receive_buffer", PS_STORY_RECEIVE_BUFFER);
  g_autoptr (PsStory) story = ps_story_new (rig);
  g_autoptr (PsScreen) screen = ps_screen_new ();
  run (rig, story, screen, &options);
  ps_screen_tell (screen, "The end: everything that is dead is started");
  ps_story_end (story);
  End end = {rig, story, screen};
  gboolean good = ps_wait_until (agree, &end, END_MS);
  ps_screen_close (screen);
  int code = conclude (rig, good);
  g_free (options.daemon);
  return code;
}
