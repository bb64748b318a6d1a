/* SPDX-License-Identifier: Apache-2.0 */
/* PortConfigDone's count after ports came and went, and what is taken for the whole of CONFIG_DB.
 */
#include "core/schema.h"
#include "start/marker-count.h"
#include "start/markers.h"
#include "tests/support/engine-world.h"
#include <string.h>

#define MARKER "PORT_TABLE:PortConfigDone"

/* Long enough for every look after a change. */
#define LOOKS_MS ((PS_MARKER_COUNT_LOOKS + 2) * PS_MARKER_COUNT_PAUSE_US / 1000)

static PsSimRedisDb *
db (PsEngineWorld *w, PsDb which)
{
  return ps_memory_store_db (w->store, which);
}

static void
boot (PsEngineWorld *w, guint n)
{
  ps_engine_world_configure_ports (w, n);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  for (guint32 i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_script_source_link (w->source, name, 10 + i, UP);
  }
  ps_engine_world_consume (w);
  ps_engine_world_consume (w); /* PortInitDone, too */
  ps_memory_store_clear_log (w->store);
}

/* One port becomes four, as portmgrd and orchagent do it: rows first, netdevs later. */
static void
break_out (PsEngineWorld *w)
{
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "PORT|Ethernet0");
  ps_memory_db_delete (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet0");
  ps_script_source_remove (w->source, 10);
  for (guint32 i = 100; i < 104; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_engine_world_configure (w, name);
    ps_engine_world_make_live (w, name);
    ps_script_source_link (w->source, name, i, UP);
  }
}

static void
expect_count (PsEngineWorld *w, const char *count, guint n_writes)
{
  g_assert_cmpstr (ps_memory_db_get (db (w, PS_DB_APPL), MARKER, "count"), ==, count);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, MARKER), ==, n_writes);
}

/* After a breakout the count is that of the live rows, by one write past orchagent, which would
 * take a second PortConfigDone for nothing; then nothing more is written (swss#2989, swss#4337). */
static void
test_breakout (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  expect_count (w, "2", 0);
  break_out (w);
  ps_engine_world_run_ms (w, LOOKS_MS);
  expect_count (w, "5", 1);
  ps_engine_world_run_ms (w, 3 * w->config->audit_interval_us / 1000);
  expect_count (w, "5", 1);
  g_assert_cmpuint (ps_memory_store_n_pending (w->store), ==, 0);
  g_assert_nonnull (strstr (w->lines->str, "count is 2 with 5 ports live"));
}

/* A breakout that showed nowhere (no netdev came) is found by the next audit. */
static void
test_audit (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  ps_engine_world_run_ms (w, LOOKS_MS);
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "PORT|Ethernet1");
  ps_memory_db_set (db (w, PS_DB_APPL), MARKER, "count", "1");
  ps_memory_db_delete (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet1");
  ps_memory_db_set (db (w, PS_DB_APPL), MARKER, "count", "7");
  ps_engine_world_run_ms (w, w->config->audit_interval_us / 1000 + LOOKS_MS);
  expect_count (w, "1", 1);
}

/* A warm start finds the wrong count of an earlier run and puts it right (swss#4715). */
static void
test_warm (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = db (w, PS_DB_STATE);
  ps_memory_db_set (state, "WARM_RESTART_ENABLE_TABLE|system", "enable", "true");
  ps_memory_db_set (state, "WARM_RESTART_TABLE|portsyncd", "restore_count", "4");
  ps_engine_world_configure_ports (w, 3);
  for (guint i = 0; i < 3; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_engine_world_make_live (w, name);
  }
  ps_memory_db_set (db (w, PS_DB_APPL), MARKER, "count", data);
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:PortInitDone", "lanes", "0");
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, LOOKS_MS);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_WARM);
  expect_count (w, "3", strcmp (data, "3") == 0 ? 0 : 1);
}

/* Without the marker none is made. */
static void
test_no_marker (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  break_out (w);
  ps_memory_db_delete (db (w, PS_DB_APPL), MARKER);
  ps_engine_world_run_ms (w, w->config->audit_interval_us / 1000 + LOOKS_MS);
  g_assert_false (ps_memory_db_exists (db (w, PS_DB_APPL), MARKER));
}

/* Nor is a count written while the tables differ: the change is not over, or half of it was
 * refused. */
static void
test_unequal (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  break_out (w);
  ps_memory_db_delete (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet103");
  ps_engine_world_run_ms (w, w->config->audit_interval_us / 1000 + LOOKS_MS);
  expect_count (w, "2", 0);
  ps_engine_world_make_live (w, "Ethernet103");
  ps_engine_world_run_ms (w, LOOKS_MS);
  expect_count (w, "5", 1);
}

/* While a row is to come or to go, by the queue that data names: later. */
static void
test_staged (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  break_out (w);
  ps_memory_db_add (db (w, PS_DB_APPL), data, "Ethernet104");
  ps_engine_world_run_ms (w, LOOKS_MS);
  expect_count (w, "2", 0);
  ps_memory_db_delete (db (w, PS_DB_APPL), data);
  ps_engine_world_run_ms (w, w->config->audit_interval_us / 1000 + LOOKS_MS);
  expect_count (w, "5", 1);
}

/* What is queued for ports that are live changes no count, and may never be taken: it is put right
 * all the same. */
static void
test_staged_attributes (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  break_out (w);
  ps_memory_db_add (db (w, PS_DB_APPL), "PORT_TABLE_KEY_SET", "Ethernet100");
  ps_engine_world_run_ms (w, LOOKS_MS);
  expect_count (w, "5", 1);
}

/* A row that is no port's stops orchagent's next warm start: said once, by name; not touched, and
 * the count is not bent to it (sonic-buildimage#21688). */
static void
test_foreign (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:PortChannel1", "oper_status", "up");
  ps_engine_world_run_ms (w, 3 * w->config->audit_interval_us / 1000);
  expect_count (w, "2", 0);
  g_auto (GStrv) parts = g_strsplit (w->lines->str, "PORT_TABLE:PortChannel1 is no configured", -1);
  g_assert_cmpuint (g_strv_length (parts) - 1, ==, 1);
  g_assert_true (ps_memory_db_exists (db (w, PS_DB_APPL), "PORT_TABLE:PortChannel1"));
}

/* A server that refuses the script says so, and is asked again at the next audit. */
static void
test_refused (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  break_out (w);
  ps_memory_store_refuse (w->store, PS_DB_APPL, MARKER, PS_REFUSAL_PERMISSION, "NOPERM", 1000);
  ps_engine_world_run_ms (w, LOOKS_MS);
  expect_count (w, "2", 0);
  ps_memory_store_relent (w->store);
  ps_engine_world_run_ms (w, w->config->audit_interval_us / 1000 + LOOKS_MS);
  expect_count (w, "5", 1);
}

/* --- how much of CONFIG_DB is all of it --------------------------------------------------------
 */

static guint
n_config_done (PsEngineWorld *w)
{
  return ps_memory_store_n_writes (w->store, PS_DB_APPL, MARKER);
}

/* What the key CONFIG_DB_INITIALIZED holds while CONFIG_DB is not loaded. */
static const char absent[] = "absent", hash[] = "a hash";

static void
set_not_loaded (PsEngineWorld *w, const char *how)
{
  PsSimRedisDb *config = db (w, PS_DB_CONFIG);
  ps_memory_db_delete (config, PS_CONFIG_DB_INITIALIZED);
  if (how == hash)
    ps_memory_db_set (config, PS_CONFIG_DB_INITIALIZED, "NULL", "NULL");
  else if (how != absent)
    ps_memory_db_set_string (config, PS_CONFIG_DB_INITIALIZED, how);
}

static void
set_loaded (PsEngineWorld *w)
{
  ps_memory_db_set_string (db (w, PS_DB_CONFIG), PS_CONFIG_DB_INITIALIZED, "1");
}

/* Ports that come while CONFIG_DB is being loaded are counted in full: PortConfigDone waits for the
 * key, also if some ports are there, and they are neither counted nor copied before. */
static void
test_partly_loaded (PsEngineWorld *w, gconstpointer data)
{
  set_not_loaded (w, data);
  ps_engine_world_start (w);
  for (guint i = 1; i <= 12; i++) {
    ps_engine_world_configure_ports (w, i);
    ps_engine_world_run_ms (w, 2000);
    g_assert_cmpuint (n_config_done (w), ==, 0);
    g_assert_false (ps_memory_db_exists (db (w, PS_DB_APPL), "_PORT_TABLE:Ethernet0"));
  }
  set_loaded (w);
  ps_engine_world_run_ms (w, 1500);
  ps_engine_world_consume (w);
  expect_count (w, "12", 1);
}

/* Where the key is never set nothing is announced, and the log says once a minute what is
 * waited for, what the key holds and how to set it. */
static void
test_never_loaded (PsEngineWorld *w, gconstpointer data)
{
  static const char line[] = "CONFIG_DB is not loaded yet, its key CONFIG_DB_INITIALIZED ";
  const char *told = data == absent ? "is missing" : data == hash ? "is no string" : "is \"";
  set_not_loaded (w, data);
  ps_engine_world_configure_ports (w, 3);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 150 * 1000);
  g_assert_cmpuint (n_config_done (w), ==, 0);
  g_auto (GStrv) parts = g_strsplit (w->lines->str, line, -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 1 + 3);
  g_assert_true (g_str_has_prefix (parts[1], told));
  g_assert_nonnull (strstr (parts[1], "SET CONFIG_DB_INITIALIZED 1"));
}

/* What older releases of SONiC set when it is loaded. */
static void
test_loaded_true (PsEngineWorld *w, gconstpointer data)
{
  ps_memory_db_set_string (db (w, PS_DB_CONFIG), PS_CONFIG_DB_INITIALIZED, "True");
  ps_engine_world_configure_ports (w, 3);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  expect_count (w, "3", 1);
}

/* Redis goes in the middle of the wait: begun anew, with what is there then. */
static void
test_partly_loaded_and_away (PsEngineWorld *w, gconstpointer data)
{
  set_not_loaded (w, absent);
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 500);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 1000);
  ps_engine_world_configure_ports (w, 4);
  set_loaded (w);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 500);
  ps_engine_world_consume (w);
  expect_count (w, "4", 1);
}

static void
expect_pending (PsEngineWorld *w, guint n)
{
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, n);
}

/* A CONFIG_DB that is reloaded, and half there, takes no port from those that PortInitDone waits
 * for; when it is loaded again, those that are really gone are. */
static void
test_partly_reloaded (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 4);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  expect_pending (w, 4);
  set_not_loaded (w, data);
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "PORT|Ethernet2");
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "PORT|Ethernet3");
  ps_engine_world_run_ms (w, 65 * 1000);
  expect_pending (w, 4);
  ps_engine_world_configure (w, "Ethernet2");
  set_loaded (w);
  ps_engine_world_run_ms (w, 15 * 1000);
  expect_pending (w, 3);
  g_assert_nonnull (strstr (w->lines->str, "Ethernet3 left CONFIG_DB"));
  g_assert_null (strstr (w->lines->str, "Ethernet2 left CONFIG_DB"));
}

/* A client empties APPL_DB while the ports are queued, and no connection is lost: orchagent did not
 * take what the empty queue held. */
static void
test_queue_flushed (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 600);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1050);
  ps_sim_redis_db_clear (db (w, PS_DB_APPL));
  ps_engine_world_run_ms (w, 500);
  g_assert_cmpuint (n_config_done (w), ==, 0);
  g_assert_nonnull (strstr (w->lines->str, "APPL_DB has lost ports that were just copied to it"));
  ps_engine_world_run_ms (w, 1000);
  ps_engine_world_consume (w);
  g_assert_cmpuint (n_config_done (w), ==, 1);
  g_assert_true (ps_memory_db_exists (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet599"));
}

static void
add (const char *name, gconstpointer data, void (*fn) (PsEngineWorld *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/engine-count/%s", name);
  g_test_add (path, PsEngineWorld, data, ps_engine_world_set_up, fn, ps_engine_world_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("breakout", NULL, test_breakout);
  add ("audit", NULL, test_audit);
  add ("warm/too-few", "0", test_warm);
  add ("warm/no-number", "many", test_warm);
  add ("warm/right", "3", test_warm);
  add ("no-marker", NULL, test_no_marker);
  add ("unequal", NULL, test_unequal);
  add ("staged", PS_KEY_SET, test_staged);
  add ("staged-deletion", "PORT_TABLE_DEL_SET", test_staged);
  add ("staged-attributes", NULL, test_staged_attributes);
  add ("foreign", NULL, test_foreign);
  add ("refused", NULL, test_refused);
  add ("partly-loaded/0", "0", test_partly_loaded);
  add ("partly-loaded/empty", "", test_partly_loaded);
  add ("partly-loaded/absent", absent, test_partly_loaded);
  add ("partly-loaded/hash", hash, test_partly_loaded);
  add ("never-loaded/0", "0", test_never_loaded);
  add ("never-loaded/empty", "", test_never_loaded);
  add ("never-loaded/absent", absent, test_never_loaded);
  add ("never-loaded/hash", hash, test_never_loaded);
  add ("loaded-true", NULL, test_loaded_true);
  add ("queue-flushed", NULL, test_queue_flushed);
  add ("partly-loaded-and-away", NULL, test_partly_loaded_and_away);
  add ("partly-reloaded/0", "0", test_partly_reloaded);
  add ("partly-reloaded/absent", absent, test_partly_reloaded);
  return g_test_run ();
}
