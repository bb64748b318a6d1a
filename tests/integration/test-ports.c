/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to ports at run time, and what each event must and must not write. */
#include "tests/support/kernel-dump.h"
#include "tests/support/rig.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define ROW(port)  "PORT_TABLE|" port
#define LIVE(port) "PORT_TABLE:" port

static PsRig *
booted (guint n_ports)
{
  PsRigSetup setup = {.n_ports = n_ports, .batch = 1024, .makes_netdevs = TRUE};
  PsRig *rig = ps_rig_new (&setup);
  ps_rig_boot (rig);
  ps_rig_settle_and_clear (rig);
  return rig;
}

/* Everything the kernel said before this call has been dealt with when it returns: events are
 * applied in order, and the last port's is the last. */
static void
pass_barrier (PsRig *rig)
{
  static guint mtu = 2000;
  g_autofree char *text = g_strdup_printf ("%u", ++mtu);
  PsName last = ps_port_name (rig->setup.n_ports - 1);
  g_autofree char *row = g_strdup_printf ("PORT_TABLE|%s", last.text);
  ps_netdevs_set_mtu (rig->netdevs, last.text, mtu);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, row, "mtu", text);
}

/* Carrier, admin state and mtu arrive in the row, in one HSET each time something changes. */
static void
test_changes (void)
{
  g_autoptr (PsRig) rig = booted (2);
  ps_netdevs_set_up (rig->netdevs, "p0", FALSE);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet0"), "netdev_oper_status", "down");
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet0"), "admin_status", "up");
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 9000);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet0"), "mtu", "9000");
  ps_netdevs_set_up (rig->netdevs, "Ethernet0", FALSE);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet0"), "admin_status", "down");
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "hset"), ==, 3);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "del"), ==, 0);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet4", NULL), ==, 0);
  ps_rig_finish (rig);
}

/* Messages that change nothing we show do not rewrite the row (docs/predecessor.md 3.18). */
static void
test_identical_rows (void)
{
  g_autoptr (PsRig) rig = booted (2);
  for (guint i = 0; i < 20; i++) {
    g_autofree char *alias = g_strdup_printf ("alias %u", i);
    ps_netdevs_set_alias (rig->netdevs, "Ethernet0", alias);
  }
  ps_netdevs_commit (rig->netdevs);
  pass_barrier (rig);
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", NULL), ==, 0);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet4", "hset"), ==, 1);
  ps_rig_finish (rig);
}

/* A port that joins and leaves a bridge keeps its row: the bridge's DELLINK is not the port's. */
static void
test_bridge (void)
{
  g_autoptr (PsRig) rig = booted (2);
  ps_netdevs_add (rig->netdevs, "br0", "bridge", 0);
  ps_netdevs_set_up (rig->netdevs, "br0", TRUE);
  ps_netdevs_set_master (rig->netdevs, "Ethernet0", "br0");
  ps_netdevs_set_up (rig->netdevs, "p0", FALSE);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet0"), "netdev_oper_status", "down");
  ps_netdevs_set_up (rig->netdevs, "p0", TRUE);
  ps_netdevs_set_master (rig->netdevs, "Ethernet0", NULL);
  ps_netdevs_commit (rig->netdevs);
  pass_barrier (rig);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "del"), ==, 0);
  ps_rig_settle (rig);
  ps_netdevs_set_master (rig->netdevs, "Ethernet0", "br0");
  ps_netdevs_delete (rig->netdevs, "Ethernet0"); /* as a member */
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_no_key (rig, PS_DB_STATE, ROW ("Ethernet0"));
  ps_rig_finish (rig);
}

/* A renamed port's old row goes, its new one comes, if the new name is a port's. */
static void
test_rename (void)
{
  g_autoptr (PsRig) rig = booted (2);
  ps_netdevs_rename (rig->netdevs, "Ethernet0", "aside");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_no_key (rig, PS_DB_STATE, ROW ("Ethernet0"));
  ps_rig_make_live (rig, 5, 1);
  ps_netdevs_rename (rig->netdevs, "aside", "Ethernet20");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_key (rig, PS_DB_STATE, ROW ("Ethernet20"));
  ps_netdevs_rename (rig->netdevs, "Ethernet20", "Ethernet0");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_key (rig, PS_DB_STATE, ROW ("Ethernet0"));
  ps_rig_wait_no_key (rig, PS_DB_STATE, ROW ("Ethernet20"));
  ps_rig_finish (rig);
}

/* Two ports that swap names end with each other's state. */
static void
test_swap (void)
{
  g_autoptr (PsRig) rig = booted (3);
  ps_netdevs_set_mtu (rig->netdevs, "Ethernet0", 1400);
  ps_netdevs_set_up (rig->netdevs, "p4", FALSE);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_settle_and_clear (rig);
  ps_netdevs_rename (rig->netdevs, "Ethernet0", "aside");
  ps_netdevs_rename (rig->netdevs, "Ethernet4", "Ethernet0");
  ps_netdevs_rename (rig->netdevs, "aside", "Ethernet4");
  ps_netdevs_commit (rig->netdevs);
  pass_barrier (rig);
  ps_rig_settle (rig);
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet4"), "mtu", "1400");
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet0"), "netdev_oper_status", "down");
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "del"), >=, 1);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet4", "del"), >=, 1);
  ps_rig_finish (rig);
}

/* The number of a deleted device may be given to another at once, under another name, while we do
 * not look: the old row goes, and flaps are counted from the new device's own start. */
static void
test_ifindex_reuse (void)
{
  g_autoptr (PsRig) rig = booted (3);
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_add_veth (rig->netdevs, "Ethernet0", "p0", 5000);
  ps_netdevs_set_up (rig->netdevs, "Ethernet0", TRUE);
  for (guint i = 0; i < 10; i++)
    ps_netdevs_set_up (rig->netdevs, "p0", i % 2 == 0);
  ps_netdevs_delete (rig->netdevs, "Ethernet4");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_settle (rig);
  ps_daemon_signal (rig->daemon, SIGSTOP);
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_add_veth (rig->netdevs, "Ethernet4", "p4", 5000);
  ps_netdevs_commit (rig->netdevs);
  ps_daemon_signal (rig->daemon, SIGCONT);
  ps_rig_wait_no_key (rig, PS_DB_STATE, ROW ("Ethernet0"));
  ps_rig_wait_key (rig, PS_DB_STATE, ROW ("Ethernet4"));
  ps_rig_finish (rig);
}

/* To readers a port that leaves the namespace is gone; it may come back. */
static void
test_netns_move (void)
{
  g_autoptr (PsRig) rig = booted (2);
  int own = ps_netns_open_own (), other = ps_netns_open_other ();
  ps_netdevs_move (rig->netdevs, "Ethernet0", other);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_no_key (rig, PS_DB_STATE, ROW ("Ethernet0"));
  pass_barrier (rig);
  ps_netns_enter (other);
  g_autoptr (PsNetdevs) theirs = ps_netdevs_new ();
  ps_netdevs_move (theirs, "Ethernet0", own);
  ps_netdevs_commit (theirs);
  ps_netns_enter (own);
  ps_rig_wait_key (rig, PS_DB_STATE, ROW ("Ethernet0"));
  ps_rig_finish (rig);
  close (own);
  close (other);
}

/* Sub-interfaces are intfmgrd's: their rows are neither written nor deleted. */
static void
test_subinterface (void)
{
  g_autoptr (PsRig) rig = booted (2);
  ps_db_do (rig->db, PS_DB_STATE, "HSET " ROW ("Ethernet0.10") " state ok");
  ps_db_do (rig->db, PS_DB_APPL, "HSET " LIVE ("Ethernet0.10") " x y");
  ps_rig_settle_and_clear (rig);
  ps_netdevs_add (rig->netdevs, "Ethernet0.10", "ifb", 0);
  ps_netdevs_set_up (rig->netdevs, "Ethernet0.10", TRUE);
  ps_netdevs_delete (rig->netdevs, "Ethernet0.10");
  ps_netdevs_commit (rig->netdevs);
  pass_barrier (rig);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0.10", NULL), ==, 0);
  ps_rig_finish (rig);
}

/* Names that are no port's, whatever they look like, get no row, with a live row or without. */
static void
test_lookalikes (void)
{
  static const char *const names[] = {"ethernet0",  "xEthernet0", "PortChannel1",
                                      "Ethernet|0", "eth0",       "Ethernet\x01"};
  g_autoptr (PsRig) rig = booted (2);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    ps_db_do (rig->db, PS_DB_APPL, "HSET PORT_TABLE:%s x y", names[i]);
    ps_netdevs_add (rig->netdevs, names[i], "ifb", 0);
  }
  ps_netdevs_commit (rig->netdevs);
  pass_barrier (rig);
  ps_rig_wait_polls (rig, 2);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_cmpuint (ps_rig_n_events (rig, names[i], NULL), ==, 0);
  ps_rig_finish (rig);
}

/* Recirculation, inband and backplane ports are ports; other tables' rows are not looked at. */
static void
test_special_ports (void)
{
  static const char *const names[] = {"Ethernet-Rec0", "Ethernet-IB0", "Ethernet-BP12"};
  g_autoptr (PsRig) rig = booted (2);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *row = g_strdup_printf ("PORT_TABLE|%s", names[i]);
    ps_db_do (rig->db, PS_DB_APPL, "HSET PORT_TABLE:%s lanes 1", names[i]);
    ps_netdevs_add (rig->netdevs, names[i], "ifb", 0);
    ps_netdevs_commit (rig->netdevs);
    ps_rig_wait_key (rig, PS_DB_STATE, row);
  }
  ps_rig_finish (rig);
}

/* A new device of the same name is told apart by DEL, then HSET, even if every field is equal:
 * teammgrd enslaves on that event (docs/rules.md 2.4). */
static void
test_new_device_of_same_name (void)
{
  g_autoptr (PsRig) rig = booted (2);
  ps_daemon_signal (rig->daemon, SIGSTOP);
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_add_veth (rig->netdevs, "Ethernet0", "p0", 0);
  ps_netdevs_set_up (rig->netdevs, "p0", TRUE);
  ps_netdevs_set_up (rig->netdevs, "Ethernet0", TRUE);
  ps_netdevs_commit (rig->netdevs);
  ps_daemon_signal (rig->daemon, SIGCONT);
  pass_barrier (rig);
  ps_rig_settle (rig);
  ps_keyspace_sync (rig->keyspace, rig->db);
  g_autofree char *history = ps_keyspace_history (rig->keyspace, "Ethernet0");
  g_assert_true (g_str_has_prefix (history, "del hset"));
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "del"), ==, 1);
  ps_rig_finish (rig);
}

/* The row of an unregistered port goes whole, with the fields of other writers. */
static void
test_unregister (void)
{
  g_autoptr (PsRig) rig = booted (2);
  ps_db_do (rig->db, PS_DB_STATE, "HSET " ROW ("Ethernet0") " host_tx_ready true");
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_no_key (rig, PS_DB_STATE, ROW ("Ethernet0"));
  pass_barrier (rig);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "del"), ==, 1);
  ps_rig_finish (rig);
}

/* Ports come and go as portmgrd, orchagent and syncd do it in a breakout. */
static void
test_added_and_removed (void)
{
  g_autoptr (PsRig) rig = booted (2);
  ps_rig_add_config (rig, 4, 1);
  ps_db_do (rig->db, PS_DB_APPL, "HSET _PORT_TABLE:Ethernet16 lanes 16 speed 100000");
  ps_db_do (rig->db, PS_DB_APPL, "SADD PORT_TABLE_KEY_SET Ethernet16");
  ps_db_do (rig->db, PS_DB_APPL, "PUBLISH PORT_TABLE_CHANNEL@0 G");
  ps_rig_wait_key (rig, PS_DB_STATE, ROW ("Ethernet16"));
  ps_rig_settle (rig);
  ps_db_do (rig->db, PS_DB_CONFIG, "DEL PORT|Ethernet16");
  ps_db_do (rig->db, PS_DB_APPL, "SADD PORT_TABLE_DEL_SET Ethernet16");
  ps_db_do (rig->db, PS_DB_APPL, "SADD PORT_TABLE_KEY_SET Ethernet16");
  ps_db_do (rig->db, PS_DB_APPL, "PUBLISH PORT_TABLE_CHANNEL@0 G");
  ps_rig_wait_no_key (rig, PS_DB_STATE, ROW ("Ethernet16"));
  pass_barrier (rig);
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "Ethernet16"), ==, 2);
  g_assert_cmpuint (ps_orchagent_count (rig->orchagent, "PortInitDone"), ==, 1);
  ps_rig_finish (rig);
}

/* A netdev that is there before its live row is shown the moment the row is seen, without another
 * kernel event; one whose live row vanishes keeps what is there. */
static void
test_late_row (void)
{
  g_autoptr (PsRig) rig = booted (2);
  ps_rig_make_veths (rig, 4, 1);
  pass_barrier (rig);
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet16", NULL), ==, 0);
  ps_rig_assert_line_once (rig, "Cannot find Ethernet16 in port table");
  ps_rig_make_live (rig, 4, 1);
  ps_rig_wait_key (rig, PS_DB_STATE, ROW ("Ethernet16"));
  ps_rig_settle_and_clear (rig);
  ps_db_do (rig->db, PS_DB_APPL, "DEL " LIVE ("Ethernet16"));
  pass_barrier (rig);
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet16", NULL), ==, 0);
  g_assert_true (ps_db_exists (rig->db, PS_DB_STATE, ROW ("Ethernet16")));
  ps_rig_make_live (rig, 4, 1);
  ps_rig_finish (rig);
}

/* On a tap the kernel itself reports carrier loss up to a second late and merges flaps: what we
 * show is what it says, and the counters miss none. */
static void
test_tap_carrier (void)
{
  g_autoptr (PsRig) rig = booted (2);
  int tap = ps_tap_new ("Ethernet16");
  ps_rig_make_live (rig, 4, 1);
  ps_netdevs_set_up (rig->netdevs, "Ethernet16", TRUE);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet16"), "netdev_oper_status", "up");
  ps_rig_settle_and_clear (rig);
  for (guint i = 0; i < 20; i++)
    ps_tap_set_carrier (tap, i % 2 == 1);
  ps_tap_set_carrier (tap, FALSE);
  gint64 start_us = g_get_monotonic_time ();
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet16"), "netdev_oper_status", "down");
  g_assert_cmpint (g_get_monotonic_time () - start_us, <, 5 * G_USEC_PER_SEC);
  ps_rig_settle (rig);
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet16", "hset"), <, 20);
  ps_tap_set_carrier (tap, TRUE);
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet16"), "netdev_oper_status", "up");
  ps_rig_finish (rig);
  close (tap);
}

/* Operstate alone, as bonding or 802.1X set it, decides netdev_oper_status (IFF_RUNNING), not the
 * carrier. */
static void
test_dormant (void)
{
  g_autoptr (PsRig) rig = booted (2);
  ps_netdevs_set_operstate (rig->netdevs, "Ethernet0", PS_OPER_DORMANT);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet0"), "netdev_oper_status", "down");
  ps_netdevs_set_operstate (rig->netdevs, "Ethernet0", PS_OPER_UP);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, ROW ("Ethernet0"), "netdev_oper_status", "up");
  g_assert_cmpuint (ps_rig_n_events (rig, "Ethernet0", "hset"), ==, 2);
  ps_rig_finish (rig);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/ports/changes", test_changes);
  g_test_add_func ("/ports/identical-rows", test_identical_rows);
  g_test_add_func ("/ports/bridge", test_bridge);
  g_test_add_func ("/ports/rename", test_rename);
  g_test_add_func ("/ports/swap", test_swap);
  g_test_add_func ("/ports/ifindex-reuse", test_ifindex_reuse);
  g_test_add_func ("/ports/netns-move", test_netns_move);
  g_test_add_func ("/ports/subinterface", test_subinterface);
  g_test_add_func ("/ports/lookalikes", test_lookalikes);
  g_test_add_func ("/ports/special-ports", test_special_ports);
  g_test_add_func ("/ports/new-device-of-same-name", test_new_device_of_same_name);
  g_test_add_func ("/ports/unregister", test_unregister);
  g_test_add_func ("/ports/added-and-removed", test_added_and_removed);
  g_test_add_func ("/ports/late-row", test_late_row);
  g_test_add_func ("/ports/tap-carrier", test_tap_carrier);
  g_test_add_func ("/ports/dormant", test_dormant);
  return g_test_run ();
}
