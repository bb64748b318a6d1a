/* SPDX-License-Identifier: Apache-2.0 */
/* The databases may be on different servers: what the engine does while one of them is away, and
 * which knowledge it keeps (docs/decisions/0019). */
#include "tests/support/engine-world.h"
#include <string.h>

static PsSimRedisDb *
db (PsEngineWorld *w, PsDb which)
{
  return ps_memory_store_db (w->store, which);
}

static void
set_online (PsEngineWorld *w, PsDb which, gboolean online)
{
  ps_memory_store_set_db_online (w->store, which, online);
  ps_engine_world_run_ms (w, 0);
}

/* Three ports, of which the last has no device; PortInitDone waits for it. */
static void
boot (PsEngineWorld *w)
{
  ps_engine_world_configure_ports (w, 3);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 2, 10);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
}

/* While APPL_DB is away, ports whose live rows were seen are mirrored on, gone ones deleted; a
 * device that comes waits for its live row; nothing is taken for gone. */
static void
test_appl_away (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  set_online (w, PS_DB_APPL, FALSE);
  g_assert_cmpstr (ps_engine_status (w->engine).away, ==, "APPL_DB");
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_script_source_remove (w->source, 11);
  ps_script_source_link (w->source, "Ethernet2", 12, UP);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  ps_assert_row (w, "Ethernet1", "-");
  ps_engine_world_run_ms (w, 2 * w->config->audit_interval_us / 1000);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  ps_assert_row (w, "Ethernet2", "-");
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortInitDone"), ==,
                    0);
  g_assert_false (ps_engine_status (w->engine).online);
  g_assert_true (ps_engine_status (w->engine).reconciled);
  set_online (w, PS_DB_APPL, TRUE);
  ps_engine_world_run_ms (w, 200);
  ps_assert_row (w, "Ethernet2", "ok up up 9100");
  g_assert_null (ps_engine_status (w->engine).away);
}

/* While CONFIG_DB is away all goes on, and no port is taken for gone from it. */
static void
test_config_away (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  set_online (w, PS_DB_CONFIG, FALSE);
  ps_sim_redis_db_clear (db (w, PS_DB_CONFIG));
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 60 * 1000);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 1);
  ps_script_source_link (w->source, "Ethernet2", 12, UP);
  ps_engine_world_run_ms (w, 200);
  ps_assert_row (w, "Ethernet2", "ok up up 9100");
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortInitDone"), ==,
                    1);
  ps_memory_db_set (db (w, PS_DB_CONFIG), "LOGGER|portsyncd", "LOGLEVEL", "ERROR");
  set_online (w, PS_DB_CONFIG, TRUE);
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_ERROR);
}

/* While STATE_DB is away rows wait, the last state of each port is written when it is back, and
 * APPL_DB hears nothing. */
static void
test_state_away (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  set_online (w, PS_DB_STATE, FALSE);
  ps_memory_store_clear_log (w->store);
  for (guint i = 0; i < 5; i++) {
    ps_script_source_link (w->source, "Ethernet0", 10, i % 2 ? UP : NO_LINK);
    ps_engine_world_run_ms (w, 1000);
  }
  g_assert_cmpuint (ps_engine_status (w->engine).n_waiting, >=, 1);
  g_assert_false (ps_engine_status (w->engine).reconciled);
  g_assert_cmpuint (ps_memory_store_log (w->store)->len, ==, 0);
  set_online (w, PS_DB_STATE, TRUE);
  ps_engine_world_run_ms (w, 200);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  g_assert_cmpuint (ps_memory_store_log (w->store)->len, ==, 1);
}

/* STATE_DB is back before APPL_DB: rows that stand are kept up, what the server lost is not written
 * on hearsay, since APPL_DB may have lost it, too. */
static void
test_state_back_first (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 0);
  ps_memory_db_delete (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet1");
  if (data != NULL)
    ps_memory_db_delete (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet1");
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  set_online (w, PS_DB_STATE, TRUE);
  ps_engine_world_run_ms (w, 5000);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  ps_assert_row (w, "Ethernet1", "-");
  set_online (w, PS_DB_APPL, TRUE);
  ps_engine_world_run_ms (w, 200);
  ps_assert_row (w, "Ethernet1", data != NULL ? "-" : "ok up up 9100");
}

/* The start is decided when all three answer, on what they hold then. */
static void
test_start_needs_all (PsEngineWorld *w, gconstpointer data)
{
  PsDb away = (PsDb)GPOINTER_TO_INT (data);
  ps_engine_world_configure_ports (w, 1);
  ps_memory_store_set_db_online (w->store, away, FALSE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 20 * 1000);
  g_assert_false (ps_engine_status (w->engine).started);
  g_assert_cmpuint (ps_memory_store_log (w->store)->len, ==, 0);
  set_online (w, away, TRUE);
  g_assert_true (ps_engine_status (w->engine).started);
  ps_engine_world_consume (w);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 1);
}

/* A CONFIG_DB that does not say that it is loaded is waited for, though what it says of the switch
 * is enough for the start; then a database goes. Without CONFIG_DB or APPL_DB nothing is copied,
 * and with them all is. */
static void
test_copy_waits (PsEngineWorld *w, gconstpointer data)
{
  PsDb away = (PsDb)GPOINTER_TO_INT (data);
  guint n = away == PS_DB_STATE ? 1 : 0;
  ps_engine_world_configure_ports (w, 2);
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "CONFIG_DB_INITIALIZED");
  ps_memory_db_set (db (w, PS_DB_CONFIG), "DEVICE_METADATA|localhost", "switch_type", "voq");
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1500);
  set_online (w, away, FALSE);
  ps_memory_db_set_string (db (w, PS_DB_CONFIG), "CONFIG_DB_INITIALIZED", "1");
  ps_engine_world_run_ms (w, 10 * 1000);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:Ethernet0"), ==, n);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, n);
  set_online (w, away, TRUE);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:Ethernet0"), ==, 1);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 1);
}

/* A cold start waits for its record; a database goes, then the record is written. The copy needs
 * CONFIG_DB and APPL_DB: STATE_DB alone holds up no marker. */
static void
test_copy_after_record (PsEngineWorld *w, gconstpointer data)
{
  PsDb away = (PsDb)GPOINTER_TO_INT (data);
  guint n = away == PS_DB_STATE ? 1 : 0;
  ps_engine_world_configure_ports (w, 2);
  w->disk_stands = TRUE;
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 100);
  g_assert_true (ps_engine_status (w->engine).started);
  set_online (w, away, FALSE);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:Ethernet0"), ==, 0);
  ps_engine_world_disk_goes_on (w);
  ps_engine_world_consume (w);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, n);
  set_online (w, away, TRUE);
  ps_engine_world_consume (w);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 1);
}

/* CONFIG_DB comes late, and with it the word that this is a DPU, or that it is none: no link goes
 * before, the wait is told once a minute, and counts as life. The links that go are those of the
 * first listing. */
static void
test_loaded_late (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  ps_memory_db_delete (config, "CONFIG_DB_INITIALIZED");
  ps_engine_world_links_up (w, 2, 10);
  ps_engine_world_start (w);
  for (guint i = 0; i < 90; i++) {
    guint64 progress = ps_engine_status (w->engine).progress;
    ps_engine_world_run_ms (w, 1000);
    g_assert_cmpuint (ps_engine_status (w->engine).progress, >, progress);
  }
  g_assert_false (ps_engine_status (w->engine).started);
  g_assert_cmpuint (ps_script_source_n_admin_down_calls (w->source), ==, 0);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "CONFIG_DB is not loaded yet"), ==, 2);
  ps_script_source_link (w->source, "Ethernet2", 12, UP);
  if (data != NULL)
    ps_memory_db_set (config, "DEVICE_METADATA|localhost", "switch_type", data);
  ps_memory_db_set_string (config, "CONFIG_DB_INITIALIZED", "1");
  ps_engine_world_configure_ports (w, 3);
  ps_engine_world_run_ms (w, 1100);
  ps_engine_world_consume (w);
  ps_assert_row (w, "Ethernet0", data != NULL ? "ok up up 9100" : "-");
  ps_assert_row (w, "Ethernet2", "ok up up 9100");
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, data != NULL ? 0 : 2);
}

/* CONFIG_DB goes when it was copied: PortConfigDone does not wait for it. */
static void
test_config_gone_after_copy (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 200);
  ps_engine_world_start (w);
  g_assert_cmpuint (ps_memory_store_n_pending (w->store), ==, 200);
  set_online (w, PS_DB_CONFIG, FALSE);
  ps_engine_world_consume (w);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone"),
                    ==, 1);
}

/* SIGTERM waits for STATE_DB's answers alone. */
static void
test_drain (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  set_online (w, PS_DB_APPL, FALSE);
  set_online (w, PS_DB_CONFIG, FALSE);
  ps_engine_drain (w->engine);
  ps_engine_world_run_ms (w, 0);
  g_assert_true (w->drained);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "Leaving with"), ==, 0);
}

/* A warm start is not over while live rows cannot be asked for. */
static void
test_warm_without_appl (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = db (w, PS_DB_STATE);
  ps_memory_db_set (state, "WARM_RESTART_ENABLE_TABLE|swss", "enable", "true");
  ps_memory_db_set (state, "WARM_RESTART_TABLE|portsyncd", "restore_count", "0");
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:PortConfigDone", "count", "1");
  ps_engine_world_make_live (w, "Ethernet7");
  ps_script_source_link (w->source, "Ethernet7", 10, UP);
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_start (w);
  ps_memory_store_hold (w->store, FALSE);
  while (!ps_engine_status (w->engine).started)
    g_assert_true (ps_virtual_clock_step (w->clock));
  ps_memory_store_set_db_online (w->store, PS_DB_APPL, FALSE);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpstr (ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "state"), !=,
                   "reconciled");
  set_online (w, PS_DB_APPL, TRUE);
  ps_engine_world_run_ms (w, 1000);
  ps_assert_row (w, "Ethernet7", "ok up up 9100");
  g_assert_cmpstr (ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "state"), ==,
                   "reconciled");
}

/* After eoiu_timeout the log says what PortInitDone waits for: the ports by name, or the database
 * that is away, and nothing when it was announced. */
static void
test_still_waits (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  if (data != NULL)
    set_online (w, PS_DB_APPL, FALSE);
  ps_engine_world_run_ms (w, w->config->eoiu_timeout_us / 1000);
  g_assert_cmpuint (
      ps_engine_world_n_lines (w, "PortInitDone still waits: APPL_DB is not connected\n"), ==,
      data != NULL);
  g_assert_cmpuint (
      ps_engine_world_n_lines (w, "PortInitDone still waits for 1 ports; missing: Ethernet2"), ==,
      data == NULL);
}

static void
test_waits_no_more (PsEngineWorld *w, gconstpointer data)
{
  boot (w);
  ps_script_source_link (w->source, "Ethernet2", 12, UP);
  ps_engine_world_run_ms (w, 200);
  g_assert_true (ps_engine_status (w->engine).init_done);
  set_online (w, PS_DB_APPL, FALSE);
  ps_engine_world_run_ms (w, w->config->eoiu_timeout_us / 1000);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "still waits"), ==, 0);
}

static void
add (const char *name, gconstpointer data, void (*fn) (PsEngineWorld *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/engine-databases/%s", name);
  g_test_add (path, PsEngineWorld, data, ps_engine_world_set_up, fn, ps_engine_world_tear_down);
}

int
main (int argc, char **argv)
{
  static const char *const names[] = {"config", "appl", "state"};
  g_test_init (&argc, &argv, NULL);
  add ("appl-away", NULL, test_appl_away);
  add ("config-away", NULL, test_config_away);
  add ("state-away", NULL, test_state_away);
  add ("state-back-first/kept", NULL, test_state_back_first);
  add ("state-back-first/lost", "lost", test_state_back_first);
  for (guint i = 0; i < PS_N_DBS; i++) {
    g_autofree char *start = g_strdup_printf ("start-needs-all/%s", names[i]);
    g_autofree char *copy = g_strdup_printf ("copy-waits/%s", names[i]);
    add (start, GINT_TO_POINTER (i), test_start_needs_all);
    add (copy, GINT_TO_POINTER (i), test_copy_waits);
    g_autofree char *record = g_strdup_printf ("copy-after-record/%s", names[i]);
    add (record, GINT_TO_POINTER (i), test_copy_after_record);
  }
  add ("config-gone-after-copy", NULL, test_config_gone_after_copy);
  add ("loaded-late/dpu", "dpu", test_loaded_late);
  add ("loaded-late/switch", NULL, test_loaded_late);
  add ("drain", NULL, test_drain);
  add ("warm-without-appl", NULL, test_warm_without_appl);
  add ("still-waits/ports", NULL, test_still_waits);
  add ("still-waits/away", "away", test_still_waits);
  add ("waits-no-more", NULL, test_waits_no_more);
  return g_test_run ();
}
