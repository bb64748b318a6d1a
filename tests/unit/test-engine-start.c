/* SPDX-License-Identifier: Apache-2.0 */
/* How the engine starts: cold, resume, warm; markers; old devices; the life record. */
#include "tests/support/engine-world.h"
#include <string.h>

#define STATE_WRITES(w, name) ps_memory_store_n_writes ((w)->store, PS_DB_STATE, "PORT_TABLE|" name)

#define MARKER_WRITES(w, name) ps_memory_store_n_writes ((w)->store, PS_DB_APPL, "PORT_TABLE:" name)

static PsSimRedisDb *
appl (PsEngineWorld *w)
{
  return ps_memory_store_db (w->store, PS_DB_APPL);
}

static PsSimRedisDb *
state (PsEngineWorld *w)
{
  return ps_memory_store_db (w->store, PS_DB_STATE);
}

static PsStartMode
mode (PsEngineWorld *w)
{
  PsEngineStatus status = ps_engine_status (w->engine);
  g_assert_true (status.started);
  return status.start.mode;
}

/* Cold: every row, then PortConfigDone with the exact count, then, once every port is published,
 * PortInitDone, once. Without a further kernel event after the last port. */
static void
test_cold (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 4);
  ps_engine_world_start (w);
  g_assert_cmpint (mode (w), ==, PS_START_COLD);
  const GPtrArray *log = ps_memory_store_log (w->store);
  g_assert_cmpuint (log->len, >=, 5);
  guint done = 0;
  for (guint i = 0; i < log->len; i++)
    if (strstr (log->pdata[i], "APPL PRODUCE PORT_TABLE:PortConfigDone count=4") != NULL)
      done = i;
  g_assert_cmpuint (done, >=, 4);
  ps_engine_world_consume (w);
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 0);
  ps_engine_world_links_up (w, 3, 10);
  ps_engine_world_run_ms (w, 60 * 1000);
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 0);
  ps_engine_world_links_up (w, 4, 10);
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
  ps_engine_world_consume (w);
  g_assert_cmpstr (ps_memory_db_get (appl (w), "PORT_TABLE:PortInitDone", "lanes"), ==, "0");
  ps_script_source_remove (w->source, 10);
  ps_engine_world_links_up (w, 4, 50);
  ps_engine_world_run_ms (w, 60 * 1000);
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
  g_assert_cmpuint (MARKER_WRITES (w, "PortConfigDone"), ==, 1);
  g_assert_cmpstr (ps_memory_db_get (state (w), "WARM_RESTART_TABLE|portsyncd", "restore_count"),
                   ==, "0");
}

static void
bounce_redis (PsEngineWorld *w, const char *lost_row, const char *lost_marker)
{
  ps_memory_store_set_online (w->store, FALSE);
  if (lost_row != NULL)
    ps_memory_db_delete (state (w), lost_row);
  if (lost_marker != NULL)
    ps_memory_db_delete (appl (w), lost_marker);
  ps_engine_world_run_ms (w, 500);
  ps_memory_store_set_online (w->store, TRUE);
}

/* Redis comes back with older data, without PortInitDone: it is announced again, and not before
 * every port is published in what came back. Not if it stands there, not if a client removed it
 * while we were connected, and not without PortConfigDone. */
static void
test_older_data (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 2, 10);
  ps_engine_world_consume (w);
  bounce_redis (w, "PORT_TABLE|Ethernet0", NULL);
  ps_engine_world_run_ms (w, 30 * 1000);
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
  g_assert_true (ps_memory_db_delete (appl (w), "PORT_TABLE:PortInitDone"));
  ps_engine_world_run_ms (w, 30 * 1000);
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet1", PS_REFUSAL_TRANSIENT,
                          "BUSY", 20);
  bounce_redis (w, "PORT_TABLE|Ethernet1", NULL);
  ps_engine_world_run_ms (w, 10 * 1000);
  ps_assert_row (w, "Ethernet1", "-");
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
  ps_engine_world_run_ms (w, 120 * 1000);
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 2);
  ps_engine_world_consume (w);
  ps_memory_db_delete (appl (w), "PORT_TABLE:PortConfigDone");
  bounce_redis (w, NULL, "PORT_TABLE:PortInitDone");
  ps_engine_world_run_ms (w, 30 * 1000);
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 2);
  g_assert_cmpuint (MARKER_WRITES (w, "PortConfigDone"), ==, 1);
}

/* With more ports than the smallest consumer takes at once, the marker waits until they were
 * taken: pops are random and could take it before a port (docs/sonic-protocol.md 2.7). */
static void
test_many_ports_before_marker (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 128);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpuint (ps_memory_store_n_pending (w->store), ==, 128);
  g_ptr_array_unref (ps_memory_store_pop (w->store, 127));
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpuint (MARKER_WRITES (w, "PortConfigDone"), ==, 0);
  g_ptr_array_unref (ps_memory_store_pop (w->store, 1));
  ps_engine_world_run_ms (w, 200);
  g_assert_cmpuint (MARKER_WRITES (w, "PortConfigDone"), ==, 1);
}

/* Zero ports are normal: PortConfigDone 0 and PortInitDone after the first complete listing. */
static void
test_zero_ports (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1000);
  ps_engine_world_consume (w);
  g_assert_cmpstr (ps_memory_db_get (appl (w), "PORT_TABLE:PortConfigDone", "count"), ==, "0");
  g_assert_cmpstr (ps_memory_db_get (appl (w), "PORT_TABLE:PortInitDone", "lanes"), ==, "0");
}

/* A CONFIG_DB that is not loaded yet is waited for: its ports are not missed (swss#4715). */
static void
test_config_loaded_late (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  ps_memory_db_delete (config, "CONFIG_DB_INITIALIZED");
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpuint (MARKER_WRITES (w, "PortConfigDone"), ==, 0);
  ps_engine_world_configure_ports (w, 2);
  ps_memory_db_set_string (config, "CONFIG_DB_INITIALIZED", "1");
  ps_engine_world_run_ms (w, 2000);
  ps_engine_world_consume (w);
  g_assert_cmpstr (ps_memory_db_get (appl (w), "PORT_TABLE:PortConfigDone", "count"), ==, "2");
}

/* A row of only NULL=NULL would reach orchagent as a deletion: it is neither set nor counted. List
 * fields lose their mark. Names that cannot be keys are left out by name. */
static void
test_odd_rows (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  ps_memory_db_set (config, "PORT|Ethernet0", "adv_speeds@", "100,200");
  ps_memory_db_set (config, "PORT|Ethernet4", "NULL", "NULL");
  ps_memory_db_set (config, "PORT|Ethernet8\n", "lanes", "1");
  ps_memory_db_set (config, "PORT|Ethernet\xff", "lanes", "1");
  ps_memory_db_set (config, "PORT|a:b", "lanes", "1");
  ps_memory_db_set (config, "PORT|Ethernet1/1", "lanes", "1");
  ps_memory_db_set (config, "PORT|Ethernet12345678", "lanes", "1");
  ps_memory_db_set (config, "PORT|PortInitDone", "lanes", "1");
  ps_memory_db_set (config, "PORT|PortConfigDone", "lanes", "1");
  ps_memory_db_set (config, "PORT|Eth1", "lanes", "1");
  ps_memory_db_spoil (config, "PORT|Ethernet12");
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  g_assert_cmpstr (ps_memory_db_get (appl (w), "PORT_TABLE:PortConfigDone", "count"), ==, "2");
  g_assert_cmpstr (ps_memory_db_get (appl (w), "PORT_TABLE:Ethernet0", "adv_speeds"), ==,
                   "100,200");
  g_assert_cmpstr (ps_memory_db_get (appl (w), "PORT_TABLE:Eth1", "lanes"), ==, "1");
  g_assert_false (ps_memory_db_exists (appl (w), "PORT_TABLE:Ethernet1/1"));
  g_assert_false (ps_memory_db_exists (appl (w), "PORT_TABLE:Ethernet12345678"));
  g_assert_false (ps_memory_db_exists (appl (w), "PORT_TABLE:PortInitDone"));
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 1);
  g_assert_false (ps_memory_db_exists (appl (w), "PORT_TABLE:Ethernet4"));
  g_assert_nonnull (strstr (w->lines->str,
                            "unprintable byte: Ethernet1/1, Ethernet8\\x0a, Ethernet\\xff, a:b\n"));
  g_assert_nonnull (strstr (w->lines->str, "at most 15 bytes: Ethernet12345678\n"));
  g_assert_nonnull (strstr (w->lines->str, "of our markers: PortConfigDone, PortInitDone\n"));
  g_assert_nonnull (strstr (w->lines->str, "or hold a dot: Eth1\n"));
  g_assert_nonnull (strstr (w->lines->str, "Cannot read CONFIG_DB PORT|Ethernet12"));
}

/* A port whose staged row can never be written is left out by name, neither counted nor awaited;
 * the others are announced. */
static void
test_unstageable_row (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 3);
  ps_memory_db_spoil (appl (w), "_PORT_TABLE:Ethernet1");
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  g_assert_cmpstr (ps_memory_db_get (appl (w), "PORT_TABLE:PortConfigDone", "count"), ==, "2");
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 2);
  g_assert_nonnull (strstr (w->lines->str, "refused the row PORT_TABLE:Ethernet1"));
}

/* Old devices are taken down in one pass, ignored (also when they change), and forgotten with
 * their DELLINK; the new ones of the same names are mirrored. */
static void
test_old_devices (PsEngineWorld *w, gconstpointer data)
{
  gsize n = 0;
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_links_up (w, 2, 10);
  ps_script_source_link (w->source, "eth0", 2, UP);
  ps_engine_world_start (w);
  g_assert_cmpint (mode (w), ==, PS_START_COLD);
  const guint32 *downed = ps_script_source_downed (w->source, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_cmpuint (downed[0], ==, 10);
  g_assert_cmpuint (downed[1], ==, 11);
  g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 1);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 2, 10);
  ps_assert_row (w, "Ethernet0", "-");
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 0);
  ps_script_source_remove (w->source, 10);
  ps_script_source_remove (w->source, 11);
  ps_engine_world_run_ms (w, 100);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 0);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 0);
  ps_engine_world_links_up (w, 2, 100);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
}

/* No permission to take links down: a warning that says what is lost, and on. */
static void
test_no_permission (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 1);
  ps_engine_world_links_up (w, 1, 10);
  ps_script_source_refuse_admin_down (w->source, 1 /* EPERM */);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 100);
  g_assert_nonnull (strstr (w->lines->str, "WARN 1 of 1 old links stay up"));
  ps_engine_world_consume (w);
  g_assert_cmpuint (MARKER_WRITES (w, "PortConfigDone"), ==, 1);
}

/* A device that is registered while the first listing runs is new, whatever the listing says. */
static void
test_born_during_listing (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_links_up (w, 1, 10);
  ps_script_source_hold_snapshots (w->source, TRUE);
  ps_engine_world_start (w);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_engine_world_run_ms (w, 10);
  ps_script_source_interrupt_snapshots (w->source, 1);
  ps_script_source_hold_snapshots (w->source, FALSE);
  ps_engine_world_run_ms (w, 1000);
  ps_engine_world_consume (w);
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
  ps_assert_row (w, "Ethernet0", "-");
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 1);
}

/* A DPU's devices are made by its driver before we start: they are current. So with `adopt`. */
static void
test_dpu_and_adopt (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  if (data != NULL)
    ps_memory_db_set (config, "DEVICE_METADATA|localhost", "switch_type", data);
  else
    w->config->old_interfaces = PS_OLD_ADOPT;
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_links_up (w, 2, 10);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
  g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 0);
}

/* PortInitDone does not wait for a port that orchagent used before our first SET while its old
 * device is there; a live row without admin_status, or a prompt consumer, is no such evidence. */
static void
test_preclear (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 3);
  ps_engine_world_links_up (w, 2, 10); /* Ethernet0 and Ethernet1; Ethernet2 has no device */
  ps_memory_db_set (appl (w), "PORT_TABLE:Ethernet0", "admin_status", "up");
  ps_memory_db_set (appl (w), "PORT_TABLE:Ethernet1", "lanes", "5");
  ps_memory_db_set (appl (w), "PORT_TABLE:Ethernet2", "admin_status", "up");
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 100);
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 2);
}

/* A port that leaves CONFIG_DB before its device came is not awaited any more; a CONFIG_DB that is
 * being reloaded (no ports at all) prunes nothing. */
static void
test_prune (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 1, 10);
  ps_memory_db_delete (config, "PORT|Ethernet0");
  ps_memory_db_delete (config, "PORT|Ethernet1");
  ps_engine_world_run_ms (w, 25 * 1000);
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 1);
  ps_engine_world_configure (w, "Ethernet0");
  ps_engine_world_run_ms (w, 15 * 1000);
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 0);
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
}

/* Only this process died: nothing is taken down, no equal row is rewritten, the configuration and
 * the markers are produced again, and a change during the absence is published. */
static void
test_resume (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 3);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 3, 10);
  ps_engine_world_consume (w);
  ps_engine_world_kill (w);
  ps_script_source_link (w->source, "Ethernet2", 12, NO_LINK);
  ps_memory_store_clear_log (w->store);
  ps_engine_world_start (w);
  g_assert_cmpint (mode (w), ==, PS_START_RESUME);
  ps_engine_world_consume (w);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 0);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 0);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet1"), ==, 0);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet2"), ==, 1);
  ps_assert_row (w, "Ethernet2", "ok down up 9100");
  g_assert_cmpuint (MARKER_WRITES (w, "PortConfigDone"), ==, 1);
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
  g_assert_cmpuint (ps_flap_downs (&ps_engine_find_port (w->engine, "Ethernet2")->device.flap), ==,
                    1);
}

/* A device that was made anew while we were away sends DEL, then HSET, also with equal fields; one
 * that went loses its row, but only after a complete listing. */
static void
test_resume_new_devices (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 2, 10);
  ps_engine_world_kill (w);
  ps_script_source_remove (w->source, 10);
  ps_script_source_remove (w->source, 11);
  ps_script_source_link (w->source, "Ethernet0", 30, UP);
  ps_memory_store_clear_log (w->store);
  ps_script_source_interrupt_snapshots (w->source, 1);
  ps_engine_world_start (w);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet1"), ==, 0);
  ps_engine_world_run_ms (w, 2000);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_assert_row (w, "Ethernet1", "-");
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 2);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet1"), ==, 1);
}

/* Killed during a cold boot: the old devices stay old, the new ones are not. */
static void
test_resume_of_a_boot (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_links_up (w, 2, 10);
  ps_engine_world_start (w);
  ps_script_source_remove (w->source, 10);
  ps_engine_world_run_ms (w, 10);
  ps_engine_world_kill (w);
  ps_script_source_link (w->source, "Ethernet0", 30, UP);
  ps_engine_world_start (w);
  g_assert_cmpint (mode (w), ==, PS_START_RESUME);
  ps_engine_world_consume (w);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_assert_row (w, "Ethernet1", "-");
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 1);
  g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 0);
}

/* The record of another boot, or one whose markers are gone with APPL_DB, is a cold start. */
static void
test_no_resume (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 1);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 1, 10);
  ps_engine_world_kill (w);
  if (data != NULL) {
    ps_life_identity_free (w->identity);
    w->identity = ps_life_identity_new ("boot-2", 100, "4:1");
  } else {
    ps_sim_redis_db_clear (appl (w));
  }
  ps_engine_world_start (w);
  g_assert_cmpint (mode (w), ==, PS_START_COLD);
  g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 1);
}

static void
warm_flags (PsEngineWorld *w, const char *count)
{
  ps_memory_db_set (state (w), "WARM_RESTART_ENABLE_TABLE|swss", "enable", "true");
  if (count != NULL)
    ps_memory_db_set (state (w), "WARM_RESTART_TABLE|portsyncd", "restore_count", count);
}

/* Warm: nothing is copied, taken down or rewritten; restore_count rises by one; the states follow
 * each other; PortInitDone is sent when all are seen. */
static void
test_warm (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 2, 10);
  ps_engine_world_consume (w);
  warm_flags (w, data);
  g_string_truncate (w->life, 0); /* as after a reboot */
  ps_engine_world_kill (w);
  ps_memory_store_clear_log (w->store);
  ps_engine_world_start (w);
  g_assert_cmpint (mode (w), ==, PS_START_WARM);
  ps_engine_world_run_ms (w, 5000);
  const GPtrArray *log = ps_memory_store_log (w->store);
  g_assert_cmpuint (log->len, ==, 4);
  g_assert_cmpstr (log->pdata[0], ==,
                   "STATE PUT WARM_RESTART_TABLE|portsyncd restore_count=1 state=initialized");
  g_assert_cmpuint (MARKER_WRITES (w, "PortInitDone"), ==, 1);
  g_assert_cmpstr (ps_memory_db_get (state (w), "WARM_RESTART_TABLE|portsyncd", "state"), ==,
                   "reconciled");
  g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 0);
}

/* Warm flag without restore_count: not warm, with a warning; warm over a flushed APPL_DB: copies
 * and announces, touches no link. */
static void
test_warm_fallbacks (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 1);
  ps_engine_world_links_up (w, 1, 10);
  warm_flags (w, data);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpuint (MARKER_WRITES (w, "PortConfigDone"), ==, 1);
  if (data != NULL) {
    g_assert_cmpint (mode (w), ==, PS_START_WARM);
    g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 0);
  } else {
    g_assert_cmpint (mode (w), ==, PS_START_COLD);
    g_assert_nonnull (strstr (w->lines->str, "has no restore_count: starting cold"));
    g_assert_cmpstr (ps_memory_db_get (state (w), "WARM_RESTART_TABLE|portsyncd", "restore_count"),
                     ==, "0");
  }
}

/* A stale row whose device is gone is deleted after the first complete listing; rows of
 * sub-interfaces and rows without `state` are left alone. */
static void
test_stale_rows (PsEngineWorld *w, gconstpointer data)
{
  warm_flags (w, "3");
  ps_memory_db_set (state (w), "PORT_TABLE|Ethernet7", "state", "ok");
  ps_memory_db_set (state (w), "PORT_TABLE|Ethernet7.10", "state", "ok");
  ps_memory_db_set (state (w), "PORT_TABLE|Ethernet8", "host_tx_ready", "true");
  ps_engine_world_make_live (w, "PortConfigDone");
  ps_script_source_interrupt_snapshots (w->source, 2);
  ps_engine_world_start (w);
  ps_assert_row (w, "Ethernet7", "ok");
  ps_engine_world_run_ms (w, 2000);
  ps_assert_row (w, "Ethernet7", "-");
  ps_assert_row (w, "Ethernet7.10", "ok");
  g_assert_true (ps_memory_db_exists (state (w), "PORT_TABLE|Ethernet8"));
}

/* Redis goes while the configuration is copied: the copy is done again, the count is exact, and
 * the marker comes after every port. */
static void
test_outage_during_copy (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 100);
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_start (w);
  ps_memory_store_hold (w->store, FALSE);
  ps_memory_store_lose (w->store, 3, GPOINTER_TO_INT (data));
  ps_engine_world_run_ms (w, 0);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 5000);
  ps_sim_redis_db_clear (appl (w));
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 10 * 1000);
  ps_engine_world_consume (w);
  g_assert_cmpstr (ps_memory_db_get (appl (w), "PORT_TABLE:PortConfigDone", "count"), ==, "100");
  g_assert_true (ps_memory_db_exists (appl (w), "PORT_TABLE:Ethernet99"));
}

/* Redis that is not there at exec is waited for; the listing of old devices is that of exec. */
static void
test_redis_comes_late (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_links_up (w, 1, 10);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 10 * 1000);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 1000);
  ps_engine_world_consume (w);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 1);
  ps_assert_row (w, "Ethernet0", "-");
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
}

/* Privileges may go once: when old links are down or stay up, and at once if none is to go. */
static void
test_settled (PsEngineWorld *w, gconstpointer data)
{
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_start (w);
  g_assert_cmpuint (w->n_settled, ==, 0);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 1);
  g_assert_cmpuint (w->n_settled, ==, 1);
  ps_engine_world_kill (w);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 400 * 1000);
  g_assert_cmpint (mode (w), ==, PS_START_RESUME);
  g_assert_cmpuint (w->n_settled, ==, 1);
}

/* Who was told that messages were lost is told when all links are listed again, not before. */
static void
test_listed_again (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 100);
  ps_script_source_hold_snapshots (w->source, TRUE);
  ps_script_source_lost (w->source);
  ps_engine_world_run_ms (w, 1000);
  g_assert_nonnull (strstr (w->lines->str, "Link messages were lost"));
  g_assert_null (strstr (w->lines->str, "All links are listed again"));
  ps_script_source_hold_snapshots (w->source, FALSE);
  ps_engine_world_run_ms (w, 100);
  g_assert_nonnull (strstr (w->lines->str, "All links are listed again"));
}

#define ADD(name, data, fn)                                                                        \
  g_test_add ("/engine-start/" name, PsEngineWorld, data, ps_engine_world_set_up, fn,              \
              ps_engine_world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("cold", NULL, test_cold);
  ADD ("older-data", NULL, test_older_data);
  ADD ("many-ports-before-marker", NULL, test_many_ports_before_marker);
  ADD ("zero-ports", NULL, test_zero_ports);
  ADD ("config-loaded-late", NULL, test_config_loaded_late);
  ADD ("odd-rows", NULL, test_odd_rows);
  ADD ("unstageable-row", NULL, test_unstageable_row);
  ADD ("old-devices", NULL, test_old_devices);
  ADD ("no-permission", NULL, test_no_permission);
  ADD ("born-during-listing", NULL, test_born_during_listing);
  ADD ("listed-again", NULL, test_listed_again);
  ADD ("dpu", "dpu", test_dpu_and_adopt);
  ADD ("adopt", NULL, test_dpu_and_adopt);
  ADD ("preclear", NULL, test_preclear);
  ADD ("prune", NULL, test_prune);
  ADD ("resume", NULL, test_resume);
  ADD ("resume-new-devices", NULL, test_resume_new_devices);
  ADD ("resume-of-a-boot", NULL, test_resume_of_a_boot);
  ADD ("no-resume/other-boot", "other", test_no_resume);
  ADD ("no-resume/flushed", NULL, test_no_resume);
  ADD ("warm", "0", test_warm);
  ADD ("warm/bad-count", "many", test_warm);
  ADD ("warm/no-count", NULL, test_warm_fallbacks);
  ADD ("warm/flushed", "4", test_warm_fallbacks);
  ADD ("stale-rows", NULL, test_stale_rows);
  ADD ("outage-during-copy/applied", GINT_TO_POINTER (TRUE), test_outage_during_copy);
  ADD ("outage-during-copy/lost", GINT_TO_POINTER (FALSE), test_outage_during_copy);
  ADD ("settled", NULL, test_settled);
  ADD ("redis-comes-late", NULL, test_redis_comes_late);
  return g_test_run ();
}
