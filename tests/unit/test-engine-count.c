/* SPDX-License-Identifier: Apache-2.0 */
/* PortConfigDone's count after ports came and went, and what is taken for the whole of CONFIG_DB.
 */
#include "core/count.h"
#include "core/markers.h"
#include "core/schema.h"
#include "tests/support/engine-world.h"
#include <string.h>

#define MARKER "PORT_TABLE:PortConfigDone"

/* Long enough for every look after a change. */
#define LOOKS_MS ((PS_COUNT_LOOKS + 2) * PS_COUNT_QUIET_US / 1000)

static PsMemoryDb *
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

/* A breakout that nobody could see (no netdev came) is found by the next audit. */
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
  PsMemoryDb *state = db (w, PS_DB_STATE);
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

static void
set_loaded (PsEngineWorld *w, gboolean loaded)
{
  if (loaded)
    ps_memory_db_set (db (w, PS_DB_CONFIG), PS_CONFIG_DB_INITIALIZED, "NULL", "NULL");
  else
    ps_memory_db_delete (db (w, PS_DB_CONFIG), PS_CONFIG_DB_INITIALIZED);
}

/* Ports that come while CONFIG_DB is being loaded are counted in full: PortConfigDone waits for the
 * key, also if some ports are there. */
static void
test_partly_loaded (PsEngineWorld *w, gconstpointer data)
{
  set_loaded (w, FALSE);
  ps_engine_world_start (w);
  for (guint i = 1; i <= 12; i++) {
    ps_engine_world_configure_ports (w, i);
    ps_engine_world_run_ms (w, 2000);
    g_assert_cmpuint (n_config_done (w), ==, 0);
  }
  set_loaded (w, TRUE);
  ps_engine_world_run_ms (w, 1500);
  ps_engine_world_consume (w);
  expect_count (w, "12", 1);
}

/* Where nobody ever sets the key, ports whose number does not change for a while are all. */
static void
test_never_loaded (PsEngineWorld *w, gconstpointer data)
{
  set_loaded (w, FALSE);
  ps_engine_world_configure_ports (w, 3);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, PS_MARKERS_CONFIG_STEADY_US / 1000 - 100);
  g_assert_cmpuint (n_config_done (w), ==, 0);
  ps_engine_world_run_ms (w, 1200);
  ps_engine_world_consume (w);
  expect_count (w, "3", 1);
  g_assert_nonnull (strstr (w->lines->str, "does not say that it is loaded; going on with them"));
}

/* A number of ports that changes for ever does not hold up the boot for ever. */
static void
test_loads_for_ever (PsEngineWorld *w, gconstpointer data)
{
  set_loaded (w, FALSE);
  ps_engine_world_start (w);
  for (guint i = 1; i <= 20; i++) {
    ps_engine_world_configure_ports (w, i);
    ps_engine_world_run_ms (w, 2000);
  }
  g_assert_cmpuint (n_config_done (w), ==, 1);
}

/* Redis goes in the middle of the wait: begun anew, with what is there then. */
static void
test_partly_loaded_and_away (PsEngineWorld *w, gconstpointer data)
{
  set_loaded (w, FALSE);
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 500);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 1000);
  ps_engine_world_configure_ports (w, 4);
  set_loaded (w, TRUE);
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
  set_loaded (w, FALSE);
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "PORT|Ethernet2");
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "PORT|Ethernet3");
  ps_engine_world_run_ms (w, 65 * 1000);
  expect_pending (w, 4);
  ps_engine_world_configure (w, "Ethernet2");
  set_loaded (w, TRUE);
  ps_engine_world_run_ms (w, 15 * 1000);
  expect_pending (w, 3);
  g_assert_nonnull (strstr (w->lines->str, "Ethernet3 left CONFIG_DB"));
  g_assert_null (strstr (w->lines->str, "Ethernet2 left CONFIG_DB"));
}

/* Where the key never is, a port is gone when two readings in a row miss it. */
static void
test_pruned_without_key (PsEngineWorld *w, gconstpointer data)
{
  set_loaded (w, FALSE);
  ps_engine_world_configure_ports (w, 3);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 5000);
  ps_engine_world_consume (w);
  expect_pending (w, 3);
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "PORT|Ethernet2");
  ps_engine_world_run_ms (w, 10 * 1000);
  expect_pending (w, 3);
  ps_engine_world_run_ms (w, 11 * 1000);
  expect_pending (w, 2);
  g_assert_nonnull (strstr (w->lines->str, "Ethernet2 left CONFIG_DB"));
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
  add ("partly-loaded", NULL, test_partly_loaded);
  add ("never-loaded", NULL, test_never_loaded);
  add ("loads-for-ever", NULL, test_loads_for_ever);
  add ("partly-loaded-and-away", NULL, test_partly_loaded_and_away);
  add ("partly-reloaded", NULL, test_partly_reloaded);
  add ("pruned-without-key", NULL, test_pruned_without_key);
  return g_test_run ();
}
