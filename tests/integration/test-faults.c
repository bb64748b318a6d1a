/* SPDX-License-Identifier: Apache-2.0 */
/* Losses, stalls and deaths of the kernel's messages, of Redis, of syslog and of the daemon. */
#include "tests/support/rig.h"
#include <signal.h>

#define N_PORTS 32
#define N_KILLS 100

static PsRig *
booted (const char *key, const char *value)
{
  PsRigSetup setup = {.n_ports = N_PORTS, .batch = 1024, .makes_netdevs = TRUE};
  setup.host_tx_ready = TRUE;
  PsRig *rig = ps_rig_new (&setup);
  if (key != NULL)
    ps_daemon_set (rig->daemon, g_str_has_prefix (key, "reply") ? "database" : "netlink", key,
                   value);
  ps_rig_boot (rig);
  return rig;
}

/* Messages that the kernel had to drop cost nothing but time: also deletions, creations and
 * renames, and every flap is counted. */
static void
test_overrun (void)
{
  g_autoptr (PsRig) rig = booted ("receive_buffer", "16k");
  ps_rig_settle_and_clear (rig);
  ps_daemon_signal (rig->daemon, SIGSTOP);
  PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_ALL, ps_rig_seed (), 0);
  ps_storm_wait (storm, 2000);
  ps_storm_stop (storm);
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_delete (rig->netdevs, "Ethernet4");
  ps_netdevs_rename (rig->netdevs, "Ethernet8", "aside");
  ps_netdevs_rename (rig->netdevs, "Ethernet12", "Ethernet8");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_make_veths (rig, 0, 1);
  g_assert_cmpuint (ps_daemon_netlink_drops (rig->daemon), >, 0);
  ps_daemon_signal (rig->daemon, SIGCONT);
  ps_rig_settle (rig);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "del"), ==, 1); /* It is a new device. */
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet16", "del"), ==, 0);
  ps_rig_finish (rig);
}

/* The same, while the storm goes on and the daemon reads. */
static void
test_overrun_live (void)
{
  g_autoptr (PsRig) rig = booted ("receive_buffer", "16k");
  PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_ALL, ps_rig_seed (), 0);
  for (guint i = 1; i <= 10; i++) {
    ps_daemon_signal (rig->daemon, SIGSTOP);
    ps_storm_wait (storm, i * 1000);
    ps_daemon_signal (rig->daemon, SIGCONT);
    ps_storm_wait (storm, i * 1000 + 500);
  }
  g_assert_cmpuint (ps_daemon_netlink_drops (rig->daemon), >, 0);
  ps_storm_stop (storm);
  ps_rig_finish (rig);
}

/* With buffers so small that a part of a listing may find no room beside live messages, and a
 * listing each second: rows are right in the end, and a loss is told only if the kernel counted
 * one. */
static void
test_small_buffers (void)
{
  static const char *const sizes[] = {"4k", "20k", "64k"};
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    PsRigSetup setup = {.n_ports = N_PORTS, .batch = 1024, .makes_netdevs = TRUE};
    g_autoptr (PsRig) rig = ps_rig_new (&setup);
    ps_daemon_set (rig->daemon, "netlink", "receive_buffer", sizes[i]);
    ps_daemon_set (rig->daemon, "netlink", "audit_interval", "1s");
    ps_rig_boot (rig);
    PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_ALL, ps_rig_seed (), 1000);
    ps_storm_wait (storm, 2500);
    ps_storm_stop (storm);
    ps_rig_settle (rig);
    guint64 n_drops = ps_daemon_netlink_drops (rig->daemon);
    guint n_told = ps_rig_n_lines (rig, "messages were lost");
    g_test_message ("%s: %" G_GUINT64_FORMAT " drops, %u losses told", sizes[i], n_drops, n_told);
    g_assert_true (n_drops > 0 || n_told == 0);
    g_assert_true (n_drops == 0 || n_told > 0);
    ps_rig_finish (rig);
  }
}

/* A daemon that gets no CPU for a while catches up. */
static void
test_daemon_stopped (void)
{
  g_autoptr (PsRig) rig = booted (NULL, NULL);
  PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_ALL, ps_rig_seed (), 0);
  ps_storm_wait (storm, 500);
  ps_daemon_signal (rig->daemon, SIGSTOP);
  ps_storm_wait (storm, 10000);
  ps_daemon_signal (rig->daemon, SIGCONT);
  ps_storm_wait (storm, 12000);
  ps_storm_stop (storm);
  ps_rig_finish (rig);
}

/* A Redis that is silent for less than the deadline: nothing is lost, the connections stay. */
static void
test_redis_stopped (void)
{
  g_autoptr (PsRig) rig = booted ("reply_deadline", "60s");
  gint64 connections = ps_db_info (rig->db, "stats", "total_connections_received:", ":");
  PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_ALL, ps_rig_seed (), 0);
  ps_storm_wait (storm, 500);
  ps_redis_server_pause (rig->redis);
  ps_storm_wait (storm, 10000);
  ps_redis_server_resume (rig->redis);
  ps_storm_wait (storm, 12000);
  ps_storm_stop (storm);
  ps_rig_settle (rig);
  g_assert_cmpint (ps_db_info (rig->db, "stats", "total_connections_received:", ":"), ==,
                   connections);
  ps_rig_finish (rig);
}

typedef struct {
  PsRig *rig;
  guint n_lines;
} Lines;

static gboolean
has_more_lines (gpointer user_data)
{
  const Lines *lines = user_data;
  return ps_syslog_sink_n_lines (lines->rig->syslog) > lines->n_lines;
}

/* One that is silent for longer is given up, said so once, and found again. */
static void
test_redis_hangs (void)
{
  g_autoptr (PsRig) rig = booted ("reply_deadline", "300ms");
  PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_ALL, ps_rig_seed (), 2000);
  ps_redis_server_pause (rig->redis);
  Lines lines = {rig, ps_syslog_sink_n_lines (rig->syslog)};
  g_assert_true (ps_wait_until (has_more_lines, &lines, PS_WAIT_MS));
  ps_storm_wait (storm, ps_storm_n_changes (storm) + 2000);
  g_assert_cmpuint (ps_syslog_sink_n_lines (rig->syslog) - lines.n_lines, <, 20);
  ps_redis_server_resume (rig->redis);
  ps_storm_stop (storm);
  ps_rig_finish (rig);
}

/* Redis dies in the middle of pipelines, again and again, and comes back with what it last saved:
 * rows older than the kernel's state are corrected. */
static void
test_redis_killed (void)
{
  g_autoptr (PsRig) rig = booted (NULL, NULL);
  PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_ALL, ps_rig_seed (), 0);
  ps_db_do (rig->db, 0, "SAVE");
  for (guint i = 1; i <= 5; i++) {
    ps_storm_wait (storm, ps_storm_n_changes (storm) + 1000);
    ps_redis_server_kill (rig->redis);
    ps_storm_wait (storm, ps_storm_n_changes (storm) + 200);
    ps_redis_server_start (rig->redis);
    ps_rig_redis_is_back (rig);
  }
  ps_storm_stop (storm);
  ps_rig_settle (rig);
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "PortInitDone"), ==, 1);
  ps_rig_finish (rig);
}

/* While Redis is gone the daemon neither spins nor floods the log. */
static void
test_redis_absent_is_cheap (void)
{
  g_autoptr (PsRig) rig = booted (NULL, NULL);
  ps_db_do (rig->db, 0, "SAVE");
  ps_redis_server_kill (rig->redis);
  guint cpu_ms = ps_daemon_cpu_ms (rig->daemon), n_lines = ps_syslog_sink_n_lines (rig->syslog);
  PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_ALL, ps_rig_seed (), 20000);
  ps_storm_wait (storm, 2000);
  ps_storm_stop (storm);
  g_assert_cmpuint (ps_daemon_cpu_ms (rig->daemon) - cpu_ms, <, 1000);
  g_assert_cmpuint (ps_syslog_sink_n_lines (rig->syslog) - n_lines, <, 20);
  ps_redis_server_start (rig->redis);
  ps_rig_redis_is_back (rig);
  ps_rig_finish (rig);
}

/* Redis comes back empty: the daemon says that the switch's configuration is gone and invents
 * nothing; with orchagent's rows written again, all ports are shown again. */
static void
test_redis_empty (void)
{
  g_autoptr (PsRig) rig = booted (NULL, NULL);
  ps_redis_server_restart (rig->redis, FALSE);
  ps_rig_redis_is_back (rig);
  ps_rig_wait_line (rig, "APPL_DB has lost PortConfigDone");
  ps_rig_wait_polls (rig, 2);
  g_assert_false (ps_db_exists (rig->db, PS_DB_APPL, "PORT_TABLE:PortConfigDone"));
  g_assert_false (ps_db_exists (rig->db, PS_DB_APPL, "_PORT_TABLE:PortConfigDone"));
  g_assert_false (ps_db_exists (rig->db, PS_DB_APPL, "PORT_TABLE_KEY_SET"));
  ps_rig_make_live (rig, 0, N_PORTS);
  ps_rig_finish (rig);
}

/* FLUSHDB of STATE_DB sends no event; the rows are back within 10 s. */
static void
test_flush (void)
{
  g_autoptr (PsRig) rig = booted (NULL, NULL);
  ps_db_do (rig->db, PS_DB_STATE, "FLUSHDB");
  ps_state_assert_equal (rig->db, rig->old, 10000);
  ps_rig_settle_and_clear (rig);
  ps_db_do (rig->db, PS_DB_STATE, "DEL PORT_TABLE|Ethernet8");
  ps_state_assert_equal (rig->db, rig->old, 10000);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet8", "hset"), >=, 1);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet12", NULL), ==, 0);
  ps_rig_finish (rig);
}

/* A syslog without a reader delays nothing; afterwards the number of lines lost is told. */
static void
test_syslog_stalled (void)
{
  g_autoptr (PsRig) rig = booted (NULL, NULL);
  ps_syslog_sink_stall (rig->syslog, TRUE);
  PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_ALL, ps_rig_seed (), 0);
  ps_storm_wait (storm, 800);
  ps_storm_stop (storm);
  ps_rig_settle (rig);
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_no_key (rig, PS_DB_STATE, "PORT_TABLE|Ethernet0");
  ps_syslog_sink_stall (rig->syslog, FALSE);
  ps_netdevs_delete (rig->netdevs, "Ethernet4");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_line (rig, "Delete Ethernet4(ok) from state db");
  ps_rig_finish (rig);
}

/* Killed at random points of a boot, it always ends with the right markers and rows. */
static void
test_killed_in_boot (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)ps_rig_seed ());
  PsRigSetup setup = {.n_ports = 200, .batch = 128, .makes_netdevs = TRUE, .delay_ms = 2};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  for (guint i = 0; i < 15; i++) {
    ps_daemon_start (rig->daemon);
    g_usleep ((gulong)g_rand_int_range (random, 0, 60000));
    ps_daemon_kill (rig->daemon);
  }
  ps_rig_boot (rig);
  ps_orchagent_assert_boot (rig->orchagent, setup.n_ports, 16);
  ps_rig_finish (rig);
}

static void
set_warm (PsRig *rig, const char *value)
{
  ps_db_do (rig->db, PS_DB_STATE, "HSET WARM_RESTART_ENABLE_TABLE|swss enable %s", value);
}

/* Kill number n, counted from 1, and the start after it, until that is decided and written. */
static void
kill_and_start (PsRig *rig, guint n, gboolean warm)
{
  g_autofree char *count = g_strdup_printf ("%u", warm ? n : 0);
  ps_daemon_kill (rig->daemon);
  ps_syslog_sink_clear (rig->syslog);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_line (rig, warm ? "warm start: " : "resume start: ");
  ps_rig_wait_field (rig, PS_DB_STATE, "WARM_RESTART_TABLE|portsyncd", "restore_count", count);
}

static void
wait_ports (PsRig *rig, const char *field, const char *value)
{
  for (guint i = 0; i < N_PORTS; i++) {
    g_autofree char *row = g_strdup_printf ("PORT_TABLE|%s", ps_port_name (i).text);
    ps_rig_wait_field (rig, PS_DB_STATE, row, field, value);
  }
}

/* Killed a hundred times under flaps, at any moment of its start and after, in warm starts for one
 * half and resumed for the other: no row is wrong in the end, none was deleted in between, no
 * client's field is lost, every flap is counted, no port is taken down, no warm start is left
 * unfinished. */
static void
test_killed_under_flaps (void)
{
  g_autoptr (PsRig) rig = booted (NULL, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed ((guint32)ps_rig_seed ());
  wait_ports (rig, "host_tx_ready", "true");
  ps_rig_settle_and_clear (rig);
  set_warm (rig, "true");
  PsStorm *storm = ps_storm_start (N_PORTS, PS_STORM_CARRIER | PS_STORM_MTU, ps_rig_seed (), 500);
  for (guint n = 1; n <= N_KILLS; n++) {
    kill_and_start (rig, n, n <= N_KILLS / 2);
    ps_storm_wait (storm, ps_storm_n_changes (storm) + g_rand_int_range (random, 0, 1000));
    if (n == N_KILLS / 2)
      set_warm (rig, "false");
  }
  ps_storm_stop (storm);
  ps_rig_settle (rig);
  ps_rig_wait_field (rig, PS_DB_STATE, "WARM_RESTART_TABLE|portsyncd", "state", "reconciled");
  wait_ports (rig, "admin_status", "up");
  wait_ports (rig, "host_tx_ready", "true");
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, "del"), ==, 0);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, "hset"), >, N_KILLS);
  ps_rig_finish (rig);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/faults/overrun", test_overrun);
  g_test_add_func ("/faults/overrun-live", test_overrun_live);
  g_test_add_func ("/faults/small-buffers", test_small_buffers);
  g_test_add_func ("/faults/daemon-stopped", test_daemon_stopped);
  g_test_add_func ("/faults/redis-stopped", test_redis_stopped);
  g_test_add_func ("/faults/redis-hangs", test_redis_hangs);
  g_test_add_func ("/faults/redis-killed", test_redis_killed);
  g_test_add_func ("/faults/redis-absent-is-cheap", test_redis_absent_is_cheap);
  g_test_add_func ("/faults/redis-empty", test_redis_empty);
  g_test_add_func ("/faults/flush", test_flush);
  g_test_add_func ("/faults/syslog-stalled", test_syslog_stalled);
  g_test_add_func ("/faults/killed-in-boot", test_killed_in_boot);
  g_test_add_func ("/faults/killed-under-flaps", test_killed_under_flaps);
  return g_test_run ();
}
