/* SPDX-License-Identifier: Apache-2.0 */
/* --print-start-mode: it says what the next start then does, and changes nothing by asking. */
#include "tests/support/monitor.h"
#include "tests/support/rig.h"
#include <string.h>
#include <sys/wait.h>

#define N_PORTS 4

typedef struct {
  int code;
  char *out, *err;     /* owned */
  char *mode, *ground; /* owned; the two lines of out, "" if there are fewer */
} Answer;

static void
clear_answer (Answer *answer)
{
  g_free (answer->out);
  g_free (answer->err);
  g_free (answer->mode);
  g_free (answer->ground);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, clear_answer)

static Answer
ask (PsRig *rig)
{
  Answer answer = {0};
  g_autoptr (GError) error = NULL;
  int status = 0;
  ps_daemon_save_config (rig->daemon);
  const char *argv[] = {g_getenv ("PORTSYNCD"), "--print-start-mode", "--config",
                        ps_daemon_config_file (rig->daemon), NULL};
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, &answer.out, &answer.err,
                &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status));
  answer.code = WEXITSTATUS (status);
  g_auto (GStrv) lines = g_strsplit (answer.out, "\n", -1);
  guint n = g_strv_length (lines);
  answer.mode = g_strdup (n > 1 ? lines[0] : "");
  answer.ground = g_strdup (n > 2 ? lines[1] : "");
  return answer;
}

/* No client wrote anything to Redis since the monitor began, the daemon neither. */
static void
assert_only_read (PsMonitor *monitor, PsRig *rig)
{
  /* What each connection of ours begins with. A script that is loaded is not run. */
  static const char *const greetings[] = {"PING", "SELECT", "SCRIPT", NULL};
  GPtrArray *commands = ps_monitor_commands (monitor, rig->db);
  g_assert_cmpuint (commands->len, >, 0);
  for (guint i = 0; i < commands->len; i++) {
    const PsMonitorCommand *command = commands->pdata[i];
    if (!g_strv_contains (greetings, command->words[0]) && !ps_monitor_only_reads (command))
      g_error ("asking wrote: %s %s", command->words[0], command->words[1]);
  }
}

/* Asks, with all eyes on what that must not change, and is told this mode. */
static Answer
assert_mode (PsRig *rig, const char *mode)
{
  const char *life = ps_daemon_life_file (rig->daemon);
  g_autofree char *before = NULL, *after = NULL;
  PsMonitor *monitor = ps_monitor_new (ps_redis_server_socket (rig->redis));
  gboolean has_life = g_file_get_contents (life, &before, NULL, NULL);
  Answer answer = ask (rig);
  g_assert_cmpstr (answer.err, ==, "");
  g_assert_cmpint (answer.code, ==, 0);
  g_assert_cmpstr (answer.mode, ==, mode);
  g_autofree char *both = g_strdup_printf ("%s\n%s\n", answer.mode, answer.ground);
  g_assert_cmpstr (answer.out, ==, both);
  g_autofree char *start = g_strdup_printf ("%s start: ", mode);
  g_assert_true (g_str_has_prefix (answer.ground, start));
  assert_only_read (monitor, rig);
  ps_monitor_free (monitor);
  g_assert_true (g_file_get_contents (life, &after, NULL, NULL) == has_life);
  g_assert_cmpstr (before, ==, after);
  return answer;
}

/* The next start decides the same, on the same grounds. */
static void
assert_holds (PsRig *rig, const Answer *answer)
{
  ps_syslog_sink_clear (rig->syslog);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, answer->ground);
  ps_rig_assert_line_once (rig, " start: ");
}

static PsRig *
booted (void)
{
  PsRigSetup setup = {.n_ports = N_PORTS, .batch = 1024, .makes_netdevs = TRUE};
  PsRig *rig = ps_rig_new (&setup);
  ps_rig_boot (rig);
  ps_rig_settle_and_clear (rig);
  return rig;
}

/* A switch on which it never ran, nor orchagent: not even the run directory is made. */
static void
test_cold (void)
{
  PsRigSetup setup = {.n_ports = N_PORTS};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  g_auto (Answer) answer = assert_mode (rig, "cold");
  g_assert_false (g_file_test (ps_daemon_run_dir (rig->daemon), G_FILE_TEST_EXISTS));
  assert_holds (rig, &answer);
  ps_rig_wait_key (rig, PS_DB_APPL, "_PORT_TABLE:PortConfigDone");
  ps_rig_finish (rig);
}

/* CONFIG_DB is loaded late, and says only then that this is a DPU. */
static void
test_loaded_late (void)
{
  PsRigSetup setup = {.n_ports = N_PORTS};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_db_do (rig->db, PS_DB_CONFIG, "SET CONFIG_DB_INITIALIZED 0");
  g_auto (Answer) early = assert_mode (rig, "cold");
  g_assert_nonnull (strstr (early.ground, "switch_type dpu=unknown"));
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, "CONFIG_DB is not loaded yet");
  ps_db_do (rig->db, PS_DB_CONFIG, "HSET DEVICE_METADATA|localhost switch_type dpu");
  ps_db_do (rig->db, PS_DB_CONFIG, "SET CONFIG_DB_INITIALIZED 1");
  ps_rig_wait_line (rig, "switch_type dpu=yes");
  ps_rig_assert_line_once (rig, " start: ");
  ps_rig_wait_key (rig, PS_DB_APPL, "_PORT_TABLE:PortConfigDone");
  ps_rig_finish (rig);
}

/* Beside a daemon, which goes on and is not disturbed, and after its death. */
static void
test_resume (void)
{
  g_autoptr (PsRig) rig = booted ();
  int pid = ps_daemon_pid (rig->daemon);
  g_auto (Answer) beside = assert_mode (rig, "resume");
  g_assert_true (ps_daemon_is_running (rig->daemon));
  g_assert_cmpint (ps_daemon_pid (rig->daemon), ==, pid);
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 1400);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_settle (rig);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 1);
  ps_daemon_kill (rig->daemon);
  g_auto (Answer) answer = assert_mode (rig, "resume");
  g_assert_cmpstr (answer.ground, ==, beside.ground);
  assert_holds (rig, &answer);
  ps_rig_finish (rig);
}

/* With the flag, beside a daemon and after its death; the count is not raised by asking. */
static void
test_warm (void)
{
  g_autoptr (PsRig) rig = booted ();
  ps_db_do (rig->db, PS_DB_STATE, "HSET WARM_RESTART_ENABLE_TABLE|swss enable true");
  g_auto (Answer) beside = assert_mode (rig, "warm");
  g_assert_nonnull (strstr (beside.ground, "swss=yes restore_count=0"));
  ps_daemon_kill (rig->daemon);
  g_auto (Answer) answer = assert_mode (rig, "warm");
  g_assert_cmpstr (answer.ground, ==, beside.ground);
  assert_holds (rig, &answer);
  ps_rig_wait_field (rig, PS_DB_STATE, "WARM_RESTART_TABLE|portsyncd", "restore_count", "1");
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
  ps_rig_finish (rig);
}

/* One line says that it is Redis, and nothing that could be taken for a mode. */
static void
assert_no_answer (PsRig *rig)
{
  gint64 start_us = g_get_monotonic_time ();
  g_auto (Answer) answer = ask (rig);
  guint took_ms = (guint)((g_get_monotonic_time () - start_us) / 1000);
  g_assert_cmpint (answer.code, ==, 1);
  g_assert_cmpstr (answer.out, ==, "");
  g_assert_true (g_str_has_prefix (answer.err, "portsyncd: Redis does not say how to start: "));
  g_assert_true (strchr (answer.err, '\n') == answer.err + strlen (answer.err) - 1);
  g_assert_cmpuint (took_ms, <, 2500); /* and so not after the default, which is 3 s */
}

/* Redis is away, or hangs, also for a daemon that runs: an error within reply_deadline, and the
 * daemon goes on. */
static void
test_no_redis (void)
{
  g_autoptr (PsRig) rig = booted ();
  ps_daemon_set (rig->daemon, "database", "reply_deadline", "500ms");
  ps_redis_server_pause (rig->redis);
  assert_no_answer (rig);
  ps_redis_server_resume (rig->redis);
  ps_db_do (rig->db, 0, "SAVE");
  ps_redis_server_kill (rig->redis);
  assert_no_answer (rig);
  ps_redis_server_start (rig->redis);
  ps_rig_redis_is_back (rig);
  g_auto (Answer) answer = ask (rig);
  g_assert_cmpstr (answer.mode, ==, "resume");
  ps_rig_finish (rig);
}

/* Redis answers, and refuses: that is said, and at once. */
static void
test_refused (void)
{
  g_autoptr (PsRig) rig = booted ();
  ps_db_do (rig->db, 0, "ACL SETUSER asker on nopass ~* +@all -hgetall");
  ps_daemon_set (rig->daemon, "database", "user", "asker");
  g_auto (Answer) answer = ask (rig);
  g_assert_cmpint (answer.code, ==, 1);
  g_assert_cmpstr (answer.out, ==, "");
  g_assert_cmpstr (answer.err, ==,
                   "portsyncd: Redis does not say how to start: it does not let us read that\n");
  ps_rig_finish (rig);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/start-mode/cold", test_cold);
  g_test_add_func ("/start-mode/loaded-late", test_loaded_late);
  g_test_add_func ("/start-mode/resume", test_resume);
  g_test_add_func ("/start-mode/warm", test_warm);
  g_test_add_func ("/start-mode/no-redis", test_no_redis);
  g_test_add_func ("/start-mode/refused", test_refused);
  return g_test_run ();
}
