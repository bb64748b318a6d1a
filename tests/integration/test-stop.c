/* SPDX-License-Identifier: Apache-2.0 */
/* SIGTERM ends the daemon in time and by that signal, in every state; two copies do not run. */
#include "tests/support/rig.h"
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

static PsRig *
booted (guint n_ports)
{
  PsRigSetup setup = {.n_ports = n_ports, .batch = 1024, .makes_netdevs = TRUE};
  PsRig *rig = ps_rig_new (&setup);
  ps_rig_boot (rig);
  return rig;
}

/* Nothing to do. SIGINT does the same. Links and rows are left as they are. */
static void
test_idle (void)
{
  g_autoptr (PsRig) rig = booted (4);
  ps_rig_settle_and_clear (rig);
  ps_daemon_end_by (rig->daemon, SIGINT);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_polls (rig, 1);
  ps_rig_finish (rig);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
}

/* Right after the start, before anything can have happened. */
static void
test_at_once (void)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024, .makes_netdevs = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_key (rig, PS_DB_CONFIG, "LOGGER|portsyncd");
  ps_daemon_terminate (rig->daemon);
  ps_rig_boot (rig);
  ps_rig_finish (rig);
}

/* Redis does not answer, with changes waiting for it. */
static void
test_redis_stopped (void)
{
  g_autoptr (PsRig) rig = booted (4);
  ps_redis_server_pause (rig->redis);
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 1400);
  ps_netdevs_commit (rig->netdevs);
  ps_daemon_terminate (rig->daemon);
  ps_redis_server_resume (rig->redis);
}

/* Redis is gone. */
static void
test_redis_killed (void)
{
  g_autoptr (PsRig) rig = booted (4);
  ps_redis_server_kill (rig->redis);
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 1400);
  ps_netdevs_commit (rig->netdevs);
  ps_daemon_terminate (rig->daemon);
}

/* Redis was never there. */
static void
test_redis_absent (void)
{
  PsRigSetup setup = {.n_ports = 4};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_redis_server_kill (rig->redis);
  ps_rig_make_veths (rig, 0, 4);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, "redis.sock");
  ps_daemon_terminate (rig->daemon);
}

/* orchagent has not popped anything, so the daemon waits for it. */
static void
test_waiting_for_orchagent (void)
{
  PsRigSetup setup = {.n_ports = 200, .batch = 128, .held = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_polls (rig, 2);
  ps_daemon_terminate (rig->daemon);
}

/* What keeps the daemon from starting; arguments for it. */
static const char *const *
broken_start (PsRig *rig, guint kind)
{
  static const char *args[3] = {"--config"};
  static char *file;
  const char *config = kind == 0 ? "[start]\nrun_dir = nowhere\n" : NULL;
  g_free (file);
  file = g_build_filename (rig->dir, config != NULL ? "broken.conf" : "absent.conf", NULL);
  if (config != NULL)
    g_assert_true (g_file_set_contents (file, config, -1, NULL));
  args[1] = kind == 2 ? ps_daemon_config_file (rig->daemon) : file;
  return args;
}

/* The life of a daemon that cannot start, in microseconds. */
static gint64
life_of (PsDaemon *daemon, const char *const *args, int exit_code)
{
  gint64 born_us = g_get_monotonic_time ();
  ps_daemon_start_with (daemon, args);
  int status = ps_daemon_wait (daemon, 5000);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == exit_code);
  return g_get_monotonic_time () - born_us;
}

static gboolean
has_said (gpointer user_data)
{
  g_autofree char *output = ps_daemon_output (user_data);
  return strchr (output, '\n') != NULL;
}

/* A fatal error is told at once, but the process ends no sooner than 1.1 s after its start: less is
 * a failed start to supervisord. SIGTERM does not wait for that. */
static void
test_fatal_early (gconstpointer data)
{
  guint kind = GPOINTER_TO_UINT (data);
  g_autoptr (PsRig) rig = booted (1);
  g_autofree char *dir = g_build_filename (rig->dir, "second", NULL);
  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  g_autoptr (PsDaemon) second = ps_daemon_new (dir);
  const char *const *args = broken_start (rig, kind);
  ps_daemon_start_with (second, args);
  g_assert_true (ps_wait_until (has_said, second, PS_WAIT_MS));
  ps_daemon_terminate (second);
  g_assert_cmpint (life_of (second, args, 1), >=, 1100 * 1000);
}

/* Who asks a question, or asks it wrongly, does not wait. The quickest of several, because the
 * machine may be busy. */
static void
test_answers_at_once (void)
{
  static const char *const wrong[] = {"--chek-config", NULL};
  static const char *const check[] = {"--check-config", "-c", "/nowhere", NULL};
  PsRigSetup setup = {.no_redis = TRUE};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  gint64 wrong_us = G_MAXINT64, check_us = G_MAXINT64;
  for (guint i = 0; i < 5; i++) {
    wrong_us = MIN (wrong_us, life_of (rig->daemon, wrong, 2));
    check_us = MIN (check_us, life_of (rig->daemon, check, 1));
  }
  g_assert_cmpint (MAX (wrong_us, check_us), <, 1000 * 1000);
}

typedef struct {
  PsRig *rig;
  guint n_starts;
} Starts;

/* Before that the signal would hit the loader, not the program. */
static gboolean
has_started (gpointer user_data)
{
  const Starts *starts = user_data;
  return ps_rig_n_lines (starts->rig, " starts") == starts->n_starts;
}

/* In a flood of messages, ten times; the counters of the life record are then those of a moment
 * in the flood, and what is still wrong the next start corrects. */
static void
test_flood (void)
{
  g_autoptr (PsRig) rig = booted (32);
  PsStorm *storm = ps_storm_start (32, PS_STORM_ALL, ps_rig_seed (), 0);
  for (guint i = 1; i <= 10; i++) {
    Starts starts = {rig, i};
    g_assert_true (ps_wait_until (has_started, &starts, PS_WAIT_MS));
    ps_storm_wait (storm, ps_storm_n_changes (storm) + 500);
    ps_daemon_terminate (rig->daemon);
    ps_daemon_start (rig->daemon);
  }
  ps_storm_stop (storm);
  ps_rig_finish (rig);
}

/* A second copy of the same instance ends at once with a clear line and disturbs nothing; when the
 * first has died, even by SIGKILL, its place is free. */
static void
test_second_copy (void)
{
  g_autoptr (PsRig) rig = booted (4);
  g_autofree char *dir = g_build_filename (rig->dir, "second", NULL);
  g_assert_cmpint (g_mkdir_with_parents (dir, 0755), ==, 0);
  ps_rig_settle_and_clear (rig);
  {
    const char *args[] = {"--config", ps_daemon_config_file (rig->daemon), NULL};
    g_autoptr (PsDaemon) second = ps_daemon_new (dir);
    ps_daemon_start_with (second, args);
    int status = ps_daemon_wait (second, 5000);
    g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) != 0);
    g_autofree char *pid = g_strdup_printf ("%d", ps_daemon_pid (rig->daemon));
    g_autofree char *output = ps_daemon_output (second);
    g_assert_nonnull (strstr (output, pid));
  }
  ps_rig_wait_polls (rig, 1);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
  ps_rig_restart_daemon (rig);
  ps_rig_wait_polls (rig, 1);
  ps_rig_finish (rig);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/stop/idle", test_idle);
  g_test_add_func ("/stop/at-once", test_at_once);
  g_test_add_func ("/stop/redis-stopped", test_redis_stopped);
  g_test_add_func ("/stop/redis-killed", test_redis_killed);
  g_test_add_func ("/stop/redis-absent", test_redis_absent);
  g_test_add_func ("/stop/waiting-for-orchagent", test_waiting_for_orchagent);
  g_test_add_func ("/stop/flood", test_flood);
  g_test_add_func ("/stop/second-copy", test_second_copy);
  g_test_add_data_func ("/stop/fatal-early/config", GUINT_TO_POINTER (0), test_fatal_early);
  g_test_add_data_func ("/stop/fatal-early/absent", GUINT_TO_POINTER (1), test_fatal_early);
  g_test_add_data_func ("/stop/fatal-early/lock", GUINT_TO_POINTER (2), test_fatal_early);
  g_test_add_func ("/stop/answers-at-once", test_answers_at_once);
  return g_test_run ();
}
