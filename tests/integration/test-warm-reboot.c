/* SPDX-License-Identifier: Apache-2.0 */
/* Warm starts that find other netdevs than the last process left: after a restart of swss'
 * container, and after a reboot. */
#include "start/life-record.h"
#include "tests/support/warm-rig.h"
#include <glib/gstdio.h>
#include <string.h>

/* --- another container ------------------------------------------------------------------------ */

static PsLifeRecord *
read_life (PsWarmRig *w)
{
  const char *path = ps_daemon_life_file (w->rig->daemon), *reason = NULL;
  g_autofree char *text = NULL;
  gsize size = 0;
  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  PsLifeRecord *life = ps_life_record_parse (text, size, &reason);
  g_assert_nonnull (life);
  return life;
}

/* As after a restart of swss' container: PID 1 started at another time than the record says. */
static void
change_init (PsWarmRig *w)
{
  const char *path = ps_daemon_life_file (w->rig->daemon), *rest;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PsLifeRecord) life = read_life (w);
  g_autofree char *was = NULL;
  ps_life_record_put_header (text, &life->identity);
  g_assert_true (g_file_get_contents (path, &was, NULL, NULL));
  g_assert_true (g_str_has_prefix (was, text->str));
  rest = was + text->len;
  life->identity.init_start++;
  g_string_truncate (text, 0);
  ps_life_record_put_header (text, &life->identity);
  g_string_append (text, rest);
  g_assert_true (g_file_set_contents (path, text->str, (gssize)text->len, NULL));
}

static void
flap (PsWarmRig *w, guint port, guint times)
{
  PsName peer = ps_peer_name (ps_port_name (port).text);
  for (guint i = 0; i < times; i++) {
    ps_netdevs_set_up (w->rig->netdevs, peer.text, FALSE);
    ps_netdevs_set_up (w->rig->netdevs, peer.text, TRUE);
  }
  ps_netdevs_commit (w->rig->netdevs);
  ps_rig_settle_links (w->rig);
}

/* What is found when swss is back: Ethernet0 lost its carrier, Ethernet4 is gone, Ethernet8 has
 * another name, Ethernet12 is another device with the same fields, Ethernet16 and Ethernet20
 * changed their devices, Ethernet24 flapped and is as it was. */
static void
change_links (PsWarmRig *w)
{
  PsNetdevs *netdevs = w->rig->netdevs;
  ps_warm_rig_unplug (w, 0);
  flap (w, 6, 2);
  ps_netdevs_delete (netdevs, "Ethernet4");
  ps_netdevs_rename (netdevs, "Ethernet8", "aside");
  ps_netdevs_delete (netdevs, "Ethernet12");
  ps_netdevs_rename (netdevs, "Ethernet16", "swap");
  ps_netdevs_rename (netdevs, "Ethernet20", "Ethernet16");
  ps_netdevs_rename (netdevs, "swap", "Ethernet20");
  ps_netdevs_commit (netdevs);
  ps_rig_make_veths (w->rig, 3, 1);
  ps_rig_settle_links (w->rig);
}

/* orchagent makes the two that are missing. */
static void
make_missing (PsWarmRig *w)
{
  ps_netdevs_delete (w->rig->netdevs, "aside"); /* and with it the peer's name */
  ps_netdevs_commit (w->rig->netdevs);
  ps_rig_make_veths (w->rig, 1, 2);
}

/* swss warm restarted, and the record is of another PID 1: each change is told once and as what it
 * is, a device in the place of another by DEL, then HSET; of Ethernet24 and Ethernet28 nothing. */
static void
test_container (PsWarmRig *w, gconstpointer data)
{
  change_init (w);
  change_links (w);
  ps_daemon_start (w->rig->daemon);
  ps_rig_settle (w->rig);
  ps_rig_wait_polls (w->rig, 2);
  ps_warm_rig_assert_history (w, "Ethernet0", "hset");
  ps_warm_rig_assert_history (w, "Ethernet4", "del");
  ps_warm_rig_assert_history (w, "Ethernet8", "del");
  ps_warm_rig_assert_history (w, "Ethernet12", "del hset");
  ps_warm_rig_assert_history (w, "Ethernet16", "del hset");
  ps_warm_rig_assert_history (w, "Ethernet20", "del hset");
  g_assert_cmpuint (ps_rig_n_events (w->rig, NULL, NULL), ==, 9);
  g_assert_cmpuint (ps_orchagent_n_popped (w->rig->orchagent), ==, 0);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "restored");
  make_missing (w);
  ps_rig_wait_popped (w->rig, "PortInitDone");
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "reconciled");
  ps_warm_rig_assert_only_init_done (w);
  ps_rig_assert_line_once (w->rig, "warm start: ");
  ps_rig_finish (w->rig);
}

static const PsFlap *
flap_of (PsLifeRecord *life, const char *port)
{
  const PsLifePort *found = g_hash_table_lookup (life->ports, port);
  g_assert_nonnull (found);
  return &found->flap;
}

/* Carrier counts outlive the container: what happened while the daemon was away is counted, once; a
 * device in the place of another starts anew, on top of what was counted before it. */
static void
test_container_flaps (PsWarmRig *w, gconstpointer data)
{
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_popped (w->rig, "PortInitDone");
  flap (w, 3, 3);
  flap (w, 6, 5);
  ps_rig_settle (w->rig);
  ps_daemon_terminate (w->rig->daemon);
  g_autoptr (PsLifeRecord) before = read_life (w);
  change_init (w);
  ps_orchagent_clear (w->rig->orchagent);
  change_links (w);
  make_missing (w);
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_popped (w->rig, "PortInitDone");
  ps_rig_finish (w->rig);
  g_autoptr (PsLifeRecord) after = read_life (w);
  const PsFlap *same = flap_of (after, "Ethernet24"), *other = flap_of (after, "Ethernet12");
  g_assert_cmpmem (&same->base, sizeof (PsCarrier), &flap_of (before, "Ethernet24")->base,
                   sizeof (PsCarrier));
  g_assert_cmpuint (ps_flap_downs (same), ==, ps_flap_downs (flap_of (before, "Ethernet24")) + 2);
  g_assert_cmpuint (ps_flap_downs (flap_of (before, "Ethernet24")), >=, 5);
  g_assert_cmpuint (other->ifindex, !=, flap_of (before, "Ethernet12")->ifindex);
  g_assert_cmpuint (ps_flap_downs (flap_of (before, "Ethernet12")), >=, 3);
  g_assert_cmpuint (other->downs, ==, ps_flap_downs (flap_of (before, "Ethernet12")));
  g_assert_cmpuint (ps_flap_downs (other), ==, other->downs);
}

/* --- another boot ----------------------------------------------------------------------------- */

/* /run is empty after a reboot. */
static void
remove_run_dir (PsRig *rig)
{
  static const char *const files[] = {"default/life", "default/lock", "default"};
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (ps_daemon_run_dir (rig->daemon), files[i], NULL);
    g_assert_cmpint (g_remove (path), ==, 0);
  }
  g_assert_cmpint (g_rmdir (ps_daemon_run_dir (rig->daemon)), ==, 0);
}

/* What the reboot script leaves of the ports' rows (docs/sonic-protocol.md 4.2), and intfmgrd's
 * row, which is there again before the port. */
static void
prune (PsWarmRig *w)
{
  static const char *const kept[] = {"host_tx_ready", "NPU_SI_SETTINGS_SYNC_STATUS",
                                     "CMIS_REINIT_REQUIRED", NULL};
  GHashTableIter iter, fields;
  gpointer key, row, field;
  g_hash_table_iter_init (&iter, w->before);
  while (g_hash_table_iter_next (&iter, &key, &row)) {
    g_hash_table_iter_init (&fields, row);
    while (g_hash_table_iter_next (&fields, &field, NULL))
      if (!g_strv_contains (kept, field))
        ps_db_do (w->rig->db, PS_DB_STATE, "HDEL PORT_TABLE|%s %s", key, field);
  }
  ps_db_do (w->rig->db, PS_DB_STATE, "HSET PORT_TABLE|Ethernet0.10 state ok");
}

/* Another system: no netdev, no record of ours; what is left is in Redis. */
static void
reboot (PsWarmRig *w)
{
  remove_run_dir (w->rig);
  for (guint i = 0; i < PS_WARM_N_PORTS; i++)
    ps_netdevs_delete (w->rig->netdevs, ps_port_name (i).text);
  ps_netdevs_commit (w->rig->netdevs);
  ps_warm_rig_set_flag (w, "swss", "false");
  ps_warm_rig_set_flag (w, "system", "true");
  prune (w);
  ps_warm_rig_begin (w);
}

/* Its four fields beside the three that were kept, which are as they were. */
static void
assert_back (PsWarmRig *w, guint port)
{
  PsName name = ps_port_name (port);
  GHashTableIter fields;
  gpointer field, value;
  g_hash_table_iter_init (&fields, g_hash_table_lookup (w->before, name.text));
  while (g_hash_table_iter_next (&fields, &field, &value)) {
    g_autofree char *key = g_strdup_printf ("PORT_TABLE|%s", name.text);
    g_autofree char *is = ps_db_hget (w->rig->db, PS_DB_STATE, key, field);
    g_assert_cmpstr (is, ==, value);
  }
  g_assert_cmpint (ps_db_integer (w->rig->db, PS_DB_STATE, "HLEN PORT_TABLE|%s", name.text), ==, 7);
  g_assert_cmpuint (ps_rig_n_events (w->rig, name.text, "hset"), >=, 1);
}

/* Every row came before PortInitDone and before the end of the warm start. */
static void
assert_order (PsWarmRig *w)
{
  GPtrArray *commands = ps_monitor_commands (w->monitor, w->rig->db);
  guint init = ps_monitor_find (commands, 0, PS_DB_APPL, "HSET", "_PORT_TABLE:PortInitDone");
  guint end = ps_monitor_find_value (commands, PS_DB_STATE, PS_WARM_ROW, "state", "reconciled");
  g_assert_cmpuint (init, <, commands->len);
  g_assert_cmpuint (end, <, commands->len);
  for (guint i = 0; i < PS_WARM_N_PORTS; i++) {
    g_autofree char *key = g_strdup_printf ("PORT_TABLE|%s", ps_port_name (i).text);
    guint row = ps_monitor_find (commands, 0, PS_DB_STATE, "HSET", key);
    g_assert_cmpuint (row, <, init);
    g_assert_cmpuint (row, <, end);
  }
}

/* A reboot of the system with the flag set, which a fast reboot sets, too: the netdevs come one by
 * one and are other ones; each row comes back with its netdev and keeps what the script kept, none
 * is deleted, and PortInitDone and the end wait for the last. */
static void
test_reboot (PsWarmRig *w, gconstpointer fast)
{
  if (fast != NULL)
    ps_db_do (w->rig->db, PS_DB_STATE, "HSET FAST_RESTART_ENABLE_TABLE|system enable true");
  reboot (w);
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "restored");
  ps_rig_wait_polls (w->rig, 2);
  g_assert_cmpuint (ps_rig_n_events (w->rig, NULL, NULL), ==, 0);
  for (guint i = 0; i < PS_WARM_N_PORTS; i++) {
    ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "restored");
    g_assert_cmpuint (ps_orchagent_n_popped (w->rig->orchagent), ==, 0);
    ps_rig_make_veths (w->rig, i, 1);
    ps_rig_settle (w->rig);
    assert_back (w, i);
  }
  ps_rig_wait_popped (w->rig, "PortInitDone");
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "reconciled");
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "restore_count", "1");
  ps_rig_wait_polls (w->rig, 2);
  ps_warm_rig_assert_only_init_done (w);
  ps_warm_rig_assert_states (w, "initialized restored reconciled");
  assert_order (w);
  g_assert_cmpuint (ps_rig_n_events (w->rig, NULL, "del"), ==, 0);
  g_assert_cmpuint (ps_rig_n_events (w->rig, "Ethernet0.10", NULL), ==, 0);
  ps_rig_finish (w->rig);
}

#define ADD(name, data, fn)                                                                        \
  g_test_add ("/warm-reboot/" name, PsWarmRig, data, ps_warm_rig_set_up, fn, ps_warm_rig_tear_down)

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  ADD ("container", NULL, test_container);
  ADD ("container-flaps", NULL, test_container_flaps);
  ADD ("system", NULL, test_reboot);
  ADD ("fast", "fast", test_reboot);
  return g_test_run ();
}
