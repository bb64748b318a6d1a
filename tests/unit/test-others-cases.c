/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of sonic-swss' own unit tests of portsyncd, and of its system tests that portsyncd has
 * a part in (docs/sonic-protocol.md 7), told again: the same switch, the same events, the same
 * outcome. */
#include "core/schema.h"
#include "tests/support/engine-world.h"
#include <string.h>

#define IFINDEX 142 /* as theirs */

static PsSimRedisDb *
db (PsEngineWorld *w, PsDb which)
{
  return ps_memory_store_db (w->store, which);
}

/* Their fixture: Ethernet0 and Ethernet4 in CONFIG_DB and, popped, in APPL_DB. */
static void
boot (PsEngineWorld *w)
{
  ps_engine_world_configure (w, "Ethernet0");
  ps_engine_world_configure (w, "Ethernet4");
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
}

static const char *
state_of (PsEngineWorld *w, const char *name, const char *field)
{
  g_autofree char *key = g_strdup_printf ("PORT_TABLE|%s", name);
  return ps_memory_db_get (db (w, PS_DB_STATE), key, field);
}

/* portsyncd_ut test_cacheOldIfaces: lo and Ethernet0 are there before us; Ethernet0 is taken down
 * and remembered, lo is not. */
static void
test_cache_old_ifaces (PsEngineWorld *w, gconstpointer data)
{
  gsize n = 0;
  ps_script_source_link (w->source, "lo", 1, UP);
  ps_script_source_link (w->source, "Ethernet0", IFINDEX, UP);
  boot (w);
  const guint32 *downed = ps_script_source_downed (w->source, &n);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (downed[0], ==, IFINDEX);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 1);
}

/* portsyncd_ut test_onMsgNewLink: a NEWLINK of a port makes its row. */
static void
test_on_msg_new_link (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  ps_script_source_link (w->source, "Ethernet0", IFINDEX, UP);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_assert_row (w, "Ethernet4", "-");
  g_assert_null (state_of (w, "Ethernet0", "speed"));
  g_assert_cmpuint (ps_engine_find_port (w->engine, "Ethernet0")->device.ifindex, ==, IFINDEX);
}

/* portsyncd_ut test_onMsgDelLink: a DELLINK without master removes it. */
static void
test_on_msg_del_link (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  ps_script_source_link (w->source, "Ethernet0", IFINDEX, UP);
  ps_engine_world_run_ms (w, 0);
  ps_script_source_remove (w->source, IFINDEX);
  ps_engine_world_run_ms (w, 0);
  g_assert_false (ps_memory_db_exists (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet0"));
}

/* portsyncd_ut test_onMsgIgnoreOldNetDev: a NEWLINK with an ifindex that was there before us makes
 * no row. */
static void
test_on_msg_ignore_old_net_dev (PsEngineWorld *w, gconstpointer data)
{
  ps_script_source_link (w->source, "Ethernet0", IFINDEX, UP);
  boot (w);
  ps_script_source_link (w->source, "Ethernet0", IFINDEX, 0);
  ps_engine_world_run_ms (w, 1000);
  g_assert_false (ps_memory_db_exists (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet0"));
}

/* test_warm_reboot.py test_PortSyncdWarmRestart: portsyncd alone is killed and started warm:
 * nothing is written for ports that did not change, host_tx_ready stays, a port that went down
 * meanwhile is shown, the count of restores rises. */
static void
test_portsyncd_warm_restart (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = db (w, PS_DB_STATE);
  ps_memory_db_set (state, "WARM_RESTART_ENABLE_TABLE|swss", "enable", "true");
  ps_memory_db_set (state, "WARM_RESTART_TABLE|portsyncd", "restore_count", "0");
  ps_engine_world_configure (w, "Ethernet16");
  boot (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet4", 11, UP);
  ps_script_source_link (w->source, "Ethernet16", 12, UP);
  ps_engine_world_consume (w);
  ps_memory_db_set (state, "PORT_TABLE|Ethernet0", "host_tx_ready", "true");
  ps_memory_db_set (state, "PORT_TABLE|Ethernet16", "host_tx_ready", "false");
  const char *count = ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "restore_count");
  guint64 before = g_ascii_strtoull (count, NULL, 10);
  ps_engine_world_kill (w);
  ps_script_source_link (w->source, "Ethernet16", 12, NO_LINK);
  ps_memory_store_clear_log (w->store);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_WARM);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_assert_row (w, "Ethernet16", "ok down up 9100");
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0"), ==,
                    0);
  g_assert_cmpstr (state_of (w, "Ethernet0", "host_tx_ready"), ==, "true");
  g_assert_cmpstr (state_of (w, "Ethernet16", "host_tx_ready"), ==, "false");
  count = ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "restore_count");
  g_assert_cmpuint (g_ascii_strtoull (count, NULL, 10), ==, before + 1);
  g_assert_cmpstr (ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "state"), ==,
                   "reconciled");
  g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 0);
}

/* test_portchannel.py test_portchannel_member_netdev_oper_status: members of a team come up and are
 * shown, also with a master; the team itself has no row in either PORT_TABLE. */
static void
test_portchannel_member_oper_status (PsEngineWorld *w, gconstpointer data)
{
  PsLinkEvent member = {.fields = PS_LINK_HAS_MTU | PS_LINK_HAS_MASTER,
                        .ifindex = 10,
                        .mtu = 9100,
                        .master = 50,
                        .flags = NO_LINK,
                        .name = "Ethernet0"};
  PsLinkEvent team = {.fields = PS_LINK_HAS_KIND,
                      .ifindex = 50,
                      .flags = UP,
                      .name = "PortChannel111",
                      .kind = "team"};
  boot (w);
  ps_script_source_put (w->source, &team);
  ps_script_source_put (w->source, &member);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  member.flags = UP;
  ps_script_source_put (w->source, &member);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  g_assert_false (ps_memory_db_exists (db (w, PS_DB_APPL), "PORT_TABLE:PortChannel111"));
  g_assert_false (ps_memory_db_exists (db (w, PS_DB_STATE), "PORT_TABLE|PortChannel111"));
}

/* test_sub_port_intf.py: the row of a sub-interface is intfmgrd's, when it comes, changes and goes.
 */
static void
test_sub_port_row (PsEngineWorld *w, gconstpointer data)
{
  PsLinkEvent sub = {.fields = PS_LINK_HAS_KIND,
                     .ifindex = 60,
                     .flags = UP,
                     .name = "Ethernet0.10",
                     .kind = "vlan"};
  boot (w);
  ps_memory_db_set (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet0.10", "state", "ok");
  ps_script_source_put (w->source, &sub);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 1000);
  ps_script_source_remove (w->source, 60);
  ps_engine_world_run_ms (w, 2 * w->config->audit_interval_us / 1000);
  g_autofree char *row = ps_memory_db_row (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet0.10");
  g_assert_cmpstr (row, ==, "state=ok");
}

/* test_port_dpb.py, test_port_add_remove.py: ten times a port goes and comes back, configuration,
 * rows and netdev; each time its row goes and comes, and no marker is announced again. */
static void
test_port_add_remove (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  ps_script_source_link (w->source, "Ethernet4", 11, UP);
  for (guint32 i = 0; i < 10; i++) {
    ps_script_source_link (w->source, "Ethernet0", 100 + i, UP);
    ps_engine_world_consume (w);
    ps_assert_row (w, "Ethernet0", "ok up up 9100");
    ps_memory_db_delete (db (w, PS_DB_CONFIG), "PORT|Ethernet0");
    ps_memory_db_delete (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet0");
    ps_script_source_remove (w->source, 100 + i);
    ps_engine_world_run_ms (w, 1100);
    g_assert_false (ps_memory_db_exists (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet0"));
    ps_engine_world_configure (w, "Ethernet0");
    ps_engine_world_make_live (w, "Ethernet0");
  }
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:" PS_KEY_INIT_DONE),
                    ==, 1);
}

/* test_port.py, test_port_config.py, and swss#2305: what changes in CONFIG_DB at run time is
 * portmgrd's to carry over: we write nothing for it, neither for an old port nor for a new one. */
static void
test_config_at_run_time (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet4", 11, UP);
  ps_engine_world_consume (w);
  ps_engine_world_consume (w);
  ps_memory_store_clear_log (w->store);
  ps_memory_db_set (db (w, PS_DB_CONFIG), "PORT|Ethernet0", "mtu", "1500");
  ps_engine_world_configure (w, "Ethernet8");
  ps_engine_world_run_ms (w, 2 * w->config->audit_interval_us / 1000);
  g_assert_cmpuint (ps_memory_store_log (w->store)->len, ==, 0);
}

/* conftest.py check_swss_ready, test_port_an.py: fields that we know nothing of are carried over
 * unchanged, and both markers become live rows. */
static void
test_swss_ready (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *appl = db (w, PS_DB_APPL);
  ps_memory_db_set (db (w, PS_DB_CONFIG), "PORT|Ethernet0", "autoneg", "on");
  ps_memory_db_set (db (w, PS_DB_CONFIG), "PORT|Ethernet0", "adv_speeds@", "10000,25000");
  boot (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet4", 11, UP);
  ps_engine_world_run_ms (w, 100);
  ps_engine_world_consume (w);
  g_assert_cmpstr (ps_memory_db_get (appl, "PORT_TABLE:PortConfigDone", "count"), ==, "2");
  g_assert_cmpstr (ps_memory_db_get (appl, "PORT_TABLE:PortInitDone", "lanes"), ==, "0");
  g_assert_cmpstr (ps_memory_db_get (appl, "PORT_TABLE:Ethernet0", "autoneg"), ==, "on");
  g_assert_cmpstr (ps_memory_db_get (appl, "PORT_TABLE:Ethernet0", "adv_speeds"), ==,
                   "10000,25000");
}

/* teammgrd's trouble with a netdev that goes down and away at once (swss#2464): readers see it go,
 * and never see it go down first. */
static void
test_down_and_gone (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_clear_log (w->store);
  ps_script_source_link (w->source, "Ethernet0", 10, 0);
  ps_script_source_remove (w->source, 10);
  ps_engine_world_run_ms (w, 1000);
  g_autofree char *log = ps_memory_store_log_text (w->store);
  g_assert_nonnull (strstr (log, "STATE DELETE PORT_TABLE|Ethernet0"));
  g_assert_null (strstr (log, "STATE PUT PORT_TABLE|Ethernet0"));
}

#define ADD(name, fn)                                                                              \
  g_test_add ("/others-cases/" name, PsEngineWorld, NULL, ps_engine_world_set_up, fn,              \
              ps_engine_world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("cache-old-ifaces", test_cache_old_ifaces);
  ADD ("on-msg-new-link", test_on_msg_new_link);
  ADD ("on-msg-del-link", test_on_msg_del_link);
  ADD ("on-msg-ignore-old-net-dev", test_on_msg_ignore_old_net_dev);
  ADD ("portsyncd-warm-restart", test_portsyncd_warm_restart);
  ADD ("portchannel-member-oper-status", test_portchannel_member_oper_status);
  ADD ("sub-port-row", test_sub_port_row);
  ADD ("port-add-remove", test_port_add_remove);
  ADD ("config-at-run-time", test_config_at_run_time);
  ADD ("swss-ready", test_swss_ready);
  ADD ("down-and-gone", test_down_and_gone);
  return g_test_run ();
}
