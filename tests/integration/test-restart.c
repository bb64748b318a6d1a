/* SPDX-License-Identifier: Apache-2.0 */
/* What a start finds from before: resume when only the daemon died, warm restart, cold. */
#include "tests/support/kernel-dump.h"
#include "tests/support/rig.h"
#include <signal.h>

#define WARM_ROW "WARM_RESTART_TABLE|portsyncd"

static PsRig *
booted (guint n_ports)
{
  PsRigSetup setup = {.n_ports = n_ports, .batch = 1024, .makes_netdevs = TRUE};
  setup.host_tx_ready = TRUE;
  PsRig *rig = ps_rig_new (&setup);
  ps_rig_boot (rig);
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet0", "host_tx_ready", "true");
  return rig;
}

static void
assert_all_up (PsRig *rig)
{
  g_autoptr (GArray) links = ps_kernel_dump ();
  for (guint i = 0; i < rig->setup.n_ports; i++)
    g_assert_cmpuint (ps_kernel_find (links, ps_port_name (i).text)->flags & IFF_UP, ==, IFF_UP);
}

/* Only this process died: nothing is taken down, no row is written again, no other field lost. */
static void
test_resume (void)
{
  g_autoptr (PsRig) rig = booted (8);
  ps_keyspace_sync (rig->keyspace, rig->db);
  ps_keyspace_clear (rig->keyspace);
  for (guint i = 0; i < 3; i++) {
    ps_orchagent_clear (rig->orchagent);
    ps_rig_restart_daemon (rig);
    ps_rig_wait_popped (rig, "PortInitDone");
    ps_rig_wait_polls (rig, 2);
    ps_orchagent_assert_boot (rig->orchagent, 8, 1);
  }
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
  assert_all_up (rig);
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet0", "host_tx_ready", "true");
  ps_rig_finish (rig);
}

/* What happened while it was dead is written, and only that. */
static void
test_resume_after_changes (void)
{
  g_autoptr (PsRig) rig = booted (8);
  ps_daemon_kill (rig->daemon);
  ps_rig_settle_and_clear (rig);
  ps_netdevs_set_up (rig->netdevs, "p0", FALSE);
  ps_netdevs_delete (rig->netdevs, "Ethernet4");
  ps_netdevs_rename (rig->netdevs, "Ethernet8", "aside");
  ps_netdevs_delete (rig->netdevs, "Ethernet12");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_make_veths (rig, 3, 1);
  ps_daemon_start (rig->daemon);
  ps_rig_settle (rig);
  ps_rig_wait_polls (rig, 2);
  g_autofree char *again = ps_keyspace_history (rig->keyspace, "Ethernet12");
  g_assert_true (g_str_has_prefix (again, "del hset"));
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "hset"), ==, 1);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "del"), ==, 0);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet4", "del"), ==, 1);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet8", "del"), ==, 1);
  for (guint i = 4; i < 8; i++)
    g_assert_cmpuint (ps_rig_n_events (rig, ps_port_name (i).text, NULL), ==, 0);
  ps_rig_finish (rig);
}

/* Old devices stay old for the next process, too; and what the first one shows, it keeps. */
static void
test_resume_keeps_old (void)
{
  PsRigSetup setup = {.n_ports = 4, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_rig_make_veths (rig, 0, 2);
  ps_rig_note_old (rig);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  ps_rig_make_veths (rig, 2, 2);
  ps_rig_settle_and_clear (rig);
  ps_rig_restart_daemon (rig);
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "PortInitDone"), ==, 0);
  g_autoptr (GArray) links = ps_kernel_dump ();
  g_assert_cmpuint (ps_kernel_find (links, "Ethernet8")->flags & IFF_UP, ==, IFF_UP);
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_delete (rig->netdevs, "Ethernet4");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_make_veths (rig, 0, 2);
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_rig_finish (rig);
}

/* A restart of all of swss: the record is of this boot, but APPL_DB was flushed. That is cold. */
static void
test_swss_restart (void)
{
  g_autoptr (PsRig) rig = booted (4);
  g_clear_pointer (&rig->orchagent, ps_orchagent_free);
  ps_daemon_kill (rig->daemon);
  ps_db_do (rig->db, PS_DB_APPL, "FLUSHDB");
  ps_db_do (rig->db, PS_DB_STATE, "FLUSHDB");
  ps_rig_note_old (rig);
  ps_rig_settle_and_clear (rig);
  ps_rig_start_orchagent (rig);
  ps_rig_boot (rig);
  ps_orchagent_assert_boot (rig->orchagent, 4, 1);
  ps_rig_finish (rig);
}

/* Warm restart: nothing goes to APPL_DB but PortInitDone, no row is written again, no link taken
 * down, restore_count counts, the state ends at reconciled. */
static void
test_warm (gconstpointer flag)
{
  g_autoptr (PsRig) rig = booted (4);
  ps_daemon_terminate (rig->daemon);
  ps_rig_forget_life (rig);
  ps_db_do (rig->db, PS_DB_STATE, "HSET WARM_RESTART_ENABLE_TABLE|%s enable true", flag);
  ps_db_do (rig->db, PS_DB_STATE, "HSET " WARM_ROW " restore_count 6");
  ps_db_do (rig->db, PS_DB_STATE, "HDEL " WARM_ROW " state");
  ps_rig_settle_and_clear (rig);
  ps_orchagent_clear (rig->orchagent);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_rig_wait_field (rig, PS_DB_STATE, WARM_ROW, "state", "reconciled");
  ps_rig_wait_polls (rig, 2);
  ps_rig_wait_field (rig, PS_DB_STATE, WARM_ROW, "restore_count", "7");
  g_assert_cmpuint (ps_orchagent_n_popped (rig->orchagent), ==, 1);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
  assert_all_up (rig);
  ps_rig_finish (rig);
}

/* The flag without a restore_count is a cold start (docs/sonic-protocol.md 3.6). */
static void
test_warm_without_count (void)
{
  g_autoptr (PsRig) rig = booted (4);
  ps_daemon_kill (rig->daemon);
  ps_rig_forget_life (rig);
  ps_db_do (rig->db, PS_DB_STATE, "HSET WARM_RESTART_ENABLE_TABLE|swss enable true");
  ps_db_do (rig->db, PS_DB_STATE, "DEL " WARM_ROW);
  for (guint i = 0; i < 4; i++)
    ps_db_do (rig->db, PS_DB_STATE, "DEL PORT_TABLE|%s", ps_port_name (i).text);
  ps_rig_note_old (rig);
  ps_db_do (rig->db, PS_DB_APPL, "FLUSHDB");
  ps_rig_start_orchagent (rig);
  ps_rig_boot (rig);
  ps_rig_wait_field (rig, PS_DB_STATE, WARM_ROW, "restore_count", "0");
  ps_orchagent_assert_boot (rig->orchagent, 4, 1);
  ps_rig_finish (rig);
}

/* The flag without a live PortConfigDone: configuration and markers are copied, links stay up. */
static void
test_warm_without_markers (void)
{
  g_autoptr (PsRig) rig = booted (4);
  ps_daemon_terminate (rig->daemon);
  ps_rig_forget_life (rig);
  ps_db_do (rig->db, PS_DB_STATE, "HSET WARM_RESTART_ENABLE_TABLE|swss enable true");
  ps_db_do (rig->db, PS_DB_APPL, "DEL PORT_TABLE:PortConfigDone");
  ps_orchagent_clear (rig->orchagent);
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortInitDone");
  ps_orchagent_assert_boot (rig->orchagent, 4, 1);
  assert_all_up (rig);
  ps_rig_finish (rig);
}

/* A count of an earlier run, which orchagent would stop at in its next warm start, is put right by
 * a warm start, and again after a breakout; orchagent is not woken for it. */
static void
test_count (void)
{
  g_autoptr (PsRig) rig = booted (4);
  ps_daemon_terminate (rig->daemon);
  ps_rig_forget_life (rig);
  ps_db_do (rig->db, PS_DB_STATE, "HSET WARM_RESTART_ENABLE_TABLE|swss enable true");
  ps_db_do (rig->db, PS_DB_APPL, "HSET PORT_TABLE:PortConfigDone count 32");
  ps_daemon_start (rig->daemon);
  ps_rig_wait_field (rig, PS_DB_APPL, "PORT_TABLE:PortConfigDone", "count", "4");
  ps_orchagent_clear (rig->orchagent);
  ps_rig_add_config (rig, 4, 2);
  ps_rig_make_live (rig, 4, 2);
  ps_rig_make_veths (rig, 4, 2);
  ps_rig_wait_field (rig, PS_DB_APPL, "PORT_TABLE:PortConfigDone", "count", "6");
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "PortConfigDone"), ==, 0);
  ps_rig_finish (rig);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/restart/resume", test_resume);
  g_test_add_func ("/restart/resume-after-changes", test_resume_after_changes);
  g_test_add_func ("/restart/resume-keeps-old", test_resume_keeps_old);
  g_test_add_func ("/restart/swss-restart", test_swss_restart);
  g_test_add_data_func ("/restart/warm/swss", "swss", test_warm);
  g_test_add_data_func ("/restart/warm/system", "system", test_warm);
  g_test_add_func ("/restart/warm-without-count", test_warm_without_count);
  g_test_add_func ("/restart/count", test_count);
  g_test_add_func ("/restart/warm-without-markers", test_warm_without_markers);
  return g_test_run ();
}
