/* SPDX-License-Identifier: Apache-2.0 */
/* Warm starts: how the state moves and ends, what is known of devices, what comes first. */
#include "start/marker-count.h"
#include "tests/support/engine-world.h"
#include <string.h>

#define WARM_ROW "WARM_RESTART_TABLE|portsyncd"

static PsSimRedisDb *
db (PsEngineWorld *w, PsDb which)
{
  return ps_memory_store_db (w->store, which);
}

static const char *
warm_state (PsEngineWorld *w)
{
  return ps_memory_db_get (db (w, PS_DB_STATE), WARM_ROW, "state");
}

static void
boot (PsEngineWorld *w, guint n)
{
  ps_engine_world_configure_ports (w, n);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, n, 10);
  ps_engine_world_consume (w);
  ps_engine_world_consume (w); /* PortInitDone, too */
}

static void
set_flag (PsEngineWorld *w, gboolean on)
{
  ps_memory_db_set (db (w, PS_DB_STATE), "WARM_RESTART_ENABLE_TABLE|swss", "enable",
                    on ? "true" : "false");
}

/* The container was started anew: same kernel, same run directory. */
static void
restart_container (PsEngineWorld *w)
{
  ps_engine_world_kill (w);
  w->identity->init_start++;
  ps_memory_store_clear_log (w->store);
}

static void
assert_mode (PsEngineWorld *w, PsStartMode mode)
{
  PsEngineStatus status = ps_engine_status (w->engine);
  g_assert_true (status.started);
  g_assert_cmpstr (ps_start_mode_name (status.start.mode), ==, ps_start_mode_name (mode));
}

static guint
n_lines (PsEngineWorld *w, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (w->lines->str, text, -1);
  return g_strv_length (parts) - 1;
}

static guint
n_state_writes (PsEngineWorld *w, const char *name)
{
  g_autofree char *key = g_strdup_printf ("PORT_TABLE|%s", name);
  return ps_memory_store_n_writes (w->store, PS_DB_STATE, key);
}

/* Of ports from Ethernet2 on: ten names at most, then a number. */
static char *
missing_names (guint n)
{
  GString *text = g_string_new ("; missing: ");
  for (guint i = 2; i < 2 + MIN (n, 10); i++)
    g_string_append_printf (text, "%sEthernet%u", i > 2 ? ", " : "", i);
  if (n > 10)
    g_string_append_printf (text, " and %u more", n - 10);
  return g_string_free (g_string_append_c (text, '\n'), FALSE);
}

/* Reconciled waits for every configured port; when the time is up it is forced, and the missing
 * are named; PortInitDone goes on waiting. */
static void
test_forced (PsEngineWorld *w, gconstpointer data)
{
  guint n_missing = GPOINTER_TO_UINT (data);
  boot (w, 2);
  set_flag (w, TRUE);
  for (guint i = 2; i < 2 + n_missing; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_engine_world_configure (w, name);
    ps_engine_world_make_live (w, name);
  }
  ps_memory_db_delete (db (w, PS_DB_APPL), "PORT_TABLE:PortInitDone");
  restart_container (w);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, w->config->eoiu_timeout_us / 1000 - 1000);
  g_assert_cmpstr (warm_state (w), ==, "restored");
  g_assert_cmpuint (n_lines (w, "so it counts as reconciled"), ==, 0);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
  g_autofree char *names = missing_names (n_missing);
  g_autofree char *forced = g_strconcat ("after 30 s, so it counts as reconciled", names, NULL);
  g_autofree char *waits = g_strdup_printf ("still waits for %u ports%s", n_missing, names);
  g_assert_cmpuint (n_lines (w, forced), ==, 1);
  g_assert_cmpuint (n_lines (w, waits), ==, 1);
  g_assert_false (ps_memory_db_exists (db (w, PS_DB_APPL), "_PORT_TABLE:PortInitDone"));
  ps_engine_world_links_up (w, 2 + n_missing, 10);
  ps_engine_world_run_ms (w, 1000);
  g_assert_true (ps_memory_db_exists (db (w, PS_DB_APPL), "_PORT_TABLE:PortInitDone"));
}

/* What the warning says of a short time, and of a CONFIG_DB that was read and may not be all. */
static void
test_forced_text (PsEngineWorld *w, gconstpointer data)
{
  w->config->eoiu_timeout_us = 500 * 1000;
  boot (w, 1);
  set_flag (w, TRUE);
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "CONFIG_DB_INITIALIZED");
  ps_memory_db_delete (db (w, PS_DB_CONFIG), "PORT|Ethernet0");
  restart_container (w);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 600);
  g_assert_cmpuint (n_lines (w, "not all is back after 0.5 s, so it counts as reconciled; the "
                                "configuration is not known\n"),
                    ==, 1);
}

/* When all is back it does not wait for the time, and says nothing of it. */
static void
test_not_forced (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  set_flag (w, TRUE);
  restart_container (w);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
  ps_engine_world_run_ms (w, 2 * w->config->eoiu_timeout_us / 1000);
  g_assert_cmpuint (n_lines (w, "so it counts as reconciled"), ==, 0);
}

/* What a warm start left unfinished is ended by the next start, of whatever mode: at rest the state
 * is reconciled or disabled. */
static void
test_left_unfinished (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  ps_memory_db_set (db (w, PS_DB_STATE), WARM_ROW, "state", data);
  ps_engine_world_kill (w);
  ps_memory_store_clear_log (w->store);
  ps_engine_world_start (w);
  assert_mode (w, PS_START_RESUME);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
  const GPtrArray *log = ps_memory_store_log (w->store);
  gboolean was_initialized = strcmp (data, "initialized") == 0;
  guint n_restored = 0;
  for (guint i = 0; i < log->len; i++)
    n_restored += strstr (log->pdata[i], "state=restored") != NULL;
  g_assert_cmpuint (n_restored, ==, was_initialized ? 1 : 0);
}

static void
test_unfinished_then_cold (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  ps_memory_db_set (db (w, PS_DB_STATE), WARM_ROW, "state", data);
  restart_container (w);
  ps_engine_world_start (w);
  assert_mode (w, PS_START_COLD);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpstr (warm_state (w), ==, "disabled");
  ps_script_source_remove (w->source, 10);
  ps_script_source_remove (w->source, 11);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 2, 100);
  ps_engine_world_consume (w);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
}

/* A cold start ends reconciled, as a warm one does, so that SONiC's comparison of the two finds no
 * difference: not before PortInitDone, though, however long that takes. */
static void
test_cold_ends (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 2);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_engine_world_links_up (w, 1, 10);
  ps_engine_world_run_ms (w, 3 * w->config->eoiu_timeout_us / 1000);
  g_assert_null (warm_state (w));
  ps_engine_world_links_up (w, 2, 10);
  ps_engine_world_run_ms (w, 100);
  g_assert_true (ps_engine_status (w->engine).init_done);
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
  g_assert_cmpstr (ps_memory_db_get (db (w, PS_DB_STATE), WARM_ROW, "restore_count"), ==, "0");
}

/* A resume writes reconciled over whatever stands, once, and nothing if that stands. */
static void
test_at_rest (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
  if (data != NULL)
    ps_memory_db_set (db (w, PS_DB_STATE), WARM_ROW, "state", data);
  ps_engine_world_kill (w);
  ps_memory_store_clear_log (w->store);
  ps_engine_world_start (w);
  assert_mode (w, PS_START_RESUME);
  ps_engine_world_run_ms (w, 2 * w->config->eoiu_timeout_us / 1000);
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_STATE, WARM_ROW), ==,
                    data == NULL ? 0 : 1);
}

/* Killed in the middle, warm again: it begins anew, counts, and ends. */
static void
test_warm_again (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  set_flag (w, TRUE);
  ps_memory_db_set (db (w, PS_DB_STATE), WARM_ROW, "state", data);
  restart_container (w);
  ps_engine_world_start (w);
  assert_mode (w, PS_START_WARM);
  ps_engine_world_run_ms (w, 1000);
  const GPtrArray *log = ps_memory_store_log (w->store);
  g_assert_cmpstr (log->pdata[0], ==,
                   "STATE PUT WARM_RESTART_TABLE|portsyncd restore_count=1 state=initialized");
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
}

/* The record of another PID 1 still knows the kernel's devices: one that was made anew meanwhile is
 * deleted and written, though its row is equal; the others are not touched. */
static void
test_recreated (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 3);
  set_flag (w, TRUE);
  restart_container (w);
  ps_script_source_remove (w->source, 11);
  ps_script_source_link (w->source, "Ethernet1", 20, UP);
  ps_engine_world_start (w);
  assert_mode (w, PS_START_WARM);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpuint (n_state_writes (w, "Ethernet1"), ==, 2);
  g_assert_cmpuint (n_state_writes (w, "Ethernet0"), ==, 0);
  g_assert_cmpuint (n_state_writes (w, "Ethernet2"), ==, 0);
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
}

static void
set_carrier (PsEngineWorld *w, guint32 ifindex, guint32 n)
{
  PsLinkEvent link = *ps_script_source_peek (w->source, ifindex);
  link.fields |= PS_LINK_HAS_CARRIER;
  link.carrier = (PsCarrier){.changes = 2 * n, .ups = n, .downs = n};
  ps_script_source_put (w->source, &link);
  ps_engine_world_run_ms (w, 100);
}

static guint64
n_ups (PsEngineWorld *w)
{
  return ps_flap_ups (&ps_engine_find_port (w->engine, "Ethernet0")->device.flap);
}

/* A flap while the daemon was away is counted, once, also over the restart of the container. */
static void
test_flaps (PsEngineWorld *w, gconstpointer data)
{
  gboolean warm = GPOINTER_TO_INT (data);
  boot (w, 1);
  set_carrier (w, 10, 2);
  guint64 ups = n_ups (w);
  set_flag (w, warm);
  for (guint i = 1; i <= 2; i++) {
    ps_engine_world_kill (w);
    w->identity->init_start += warm ? 1 : 0;
    set_carrier (w, 10, 2 + 3 * i);
    ps_engine_world_start (w);
    ps_engine_world_run_ms (w, 1000);
    assert_mode (w, warm ? PS_START_WARM : PS_START_RESUME);
    g_assert_cmpuint (n_ups (w), ==, ups + 3 * i);
  }
}

/* Another boot or network namespace has other devices: nothing of the record is used. */
static void
test_other_kernel (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 1);
  set_flag (w, TRUE);
  restart_container (w);
  char **which = g_strcmp0 (data, "boot") == 0 ? &w->identity->boot_id : &w->identity->netns;
  g_free (*which);
  *which = g_strdup ("another");
  ps_script_source_remove (w->source, 10);
  ps_script_source_link (w->source, "Ethernet0", 20, UP);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpuint (n_state_writes (w, "Ethernet0"), ==, 0);
}

/* The old set belongs to a cold start of the PID 1 that made it. */
static void
test_old_set_ends (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 1);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 1);
  set_flag (w, TRUE);
  restart_container (w);
  ps_engine_world_start (w);
  assert_mode (w, PS_START_WARM);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 0);
}

static void
assert_count_first (PsEngineWorld *w)
{
  const GPtrArray *log = ps_memory_store_log (w->store);
  const char *first = NULL;
  g_assert_cmpstr (ps_memory_db_get (db (w, PS_DB_APPL), "PORT_TABLE:PortConfigDone", "count"), ==,
                   "3");
  for (guint i = 0; i < log->len && first == NULL; i++)
    first = g_str_has_prefix (log->pdata[i], "APPL ") ? log->pdata[i] : NULL;
  g_assert_nonnull (first);
  g_assert_nonnull (strstr (first, "PortConfigDone"));
}

/* orchagent compares the count as soon as it starts: it is right before anything else of ours goes
 * to APPL_DB, and at once, also when Redis drops before the decision. */
static void
test_count_first (PsEngineWorld *w, gconstpointer data)
{
  gboolean drops = GPOINTER_TO_INT (data);
  boot (w, 3);
  set_flag (w, TRUE);
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:PortConfigDone", "count", "32");
  restart_container (w);
  if (drops)
    ps_memory_store_lose (w->store, 6, FALSE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 0);
  if (drops) {
    ps_memory_store_set_online (w->store, FALSE);
    ps_engine_world_run_ms (w, 100);
    ps_memory_store_set_online (w->store, TRUE);
    ps_memory_store_lose (w->store, 0, FALSE);
  }
  ps_engine_world_run_ms (w, 1500);
  assert_count_first (w);
}

/* Redis drops when the start is decided and the first n answers after that are lost: that was no
 * look, and what waits for it waits for the next one, at once when Redis is back. */
static void
test_count_dropped (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 3);
  set_flag (w, TRUE);
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:PortConfigDone", "count", "32");
  restart_container (w);
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_start (w); /* How to start was asked. */
  ps_memory_store_hold (w->store, FALSE);
  ps_memory_store_lose (w->store, GPOINTER_TO_UINT (data), FALSE);
  ps_engine_world_run_ms (w, 0);
  assert_mode (w, PS_START_WARM);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_lose (w->store, 0, FALSE);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 100);
  assert_count_first (w);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortInitDone"), ==,
                    1);
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
}

/* A server that refuses the look holds nothing up but the correction. */
static void
test_count_refused (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  set_flag (w, TRUE);
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:PortConfigDone", "count", "32");
  restart_container (w);
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 0); /* How to start was asked. */
  ps_memory_store_refuse (w->store, PS_DB_APPL, "PORT_TABLE:PortConfigDone", PS_REFUSAL_PERMISSION,
                          "NOPERM", 1000);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_APPL, "PORT_TABLE:PortInitDone"), ==,
                    1);
}

/* A switch of many ports at the start of a warm start; one of them changed meanwhile. Its databases
 * have not answered how to start yet. */
static void
begin_with_many (PsEngineWorld *w, guint n)
{
  ps_engine_world_configure_ports (w, n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_engine_world_make_live (w, name);
  }
  boot (w, n);
  set_flag (w, TRUE);
  restart_container (w);
  ps_script_source_link (w->source, "Ethernet1", 11, NO_LINK);
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 0);
}

/* Each table is read once: the names in CONFIG_DB serve the markers and the count; those in APPL_DB
 * are not read. Before all is reconciled only a port that changed is asked for; the others, whose
 * rows stand, are so soon after, a slice at a time. */
static void
test_reads_once (PsEngineWorld *w, gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  begin_with_many (w, n);
  PsMemoryStoreCounters before = ps_memory_store_counters (w->store);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 0);
  assert_mode (w, PS_START_WARM);
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
  ps_assert_row (w, "Ethernet1", "ok down up 9100");
  g_assert_cmpuint (n_state_writes (w, "Ethernet1"), ==, 1);
  g_assert_cmpuint (n_state_writes (w, "Ethernet2"), ==, 0);
  g_autofree char *told = g_strdup_printf ("Read %u rows of STATE_DB, 1 ports differ", n);
  g_assert_cmpuint (n_lines (w, told), ==, 1);
  PsMemoryStoreCounters after = ps_memory_store_counters (w->store);
  g_assert_cmpuint (after.rows - before.rows, <=, 2 * n + 20);
  g_assert_cmpuint (after.gets - before.gets, ==, 2);     /* CONFIG_DB_INITIALIZED, twice */
  g_assert_cmpuint (after.exists - before.exists, ==, 2); /* the markers, Ethernet1 */
  g_assert_false (ps_engine_find_port (w->engine, "Ethernet2")->live.there);
  ps_engine_world_run_ms (w, 100);
  g_assert_true (ps_engine_find_port (w->engine, "Ethernet2")->live.there);
  guint n_slices = (n - 1 + PS_STORE_EXISTS_MAX - 1) / PS_STORE_EXISTS_MAX;
  after = ps_memory_store_counters (w->store);
  g_assert_cmpuint (after.exists - before.exists, ==, 2 + n_slices);
}

/* A row that stands tells nothing of the live one once that was asked for: a change of the port is
 * not written without it. */
static void
test_stood (PsEngineWorld *w, gconstpointer data)
{
  begin_with_many (w, 3);
  ps_memory_db_delete (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet2");
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 0);
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 0);
  ps_script_source_link (w->source, "Ethernet2", 12, NO_LINK);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpuint (n_state_writes (w, "Ethernet2"), ==, 0);
  ps_engine_world_make_live (w, "Ethernet2");
  ps_engine_world_run_ms (w, 2000);
  ps_assert_row (w, "Ethernet2", "ok down up 9100");
}

/* The reading of the rows breaks off, and the live rows are asked for before they are read again:
 * then the answers count. data: the connection broke, too. */
static void
test_stood_too_late (PsEngineWorld *w, gconstpointer data)
{
  begin_with_many (w, 3);
  ps_memory_db_delete (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet2");
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet2", PS_REFUSAL_TRANSIENT,
                          "BUSY", 1);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 0);
  if (data != NULL) {
    ps_memory_store_set_online (w->store, FALSE);
    ps_engine_world_run_ms (w, 0);
    ps_memory_store_set_online (w->store, TRUE);
  }
  ps_engine_world_run_ms (w, 3000);
  g_assert_true (ps_engine_status (w->engine).reconciled);
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 1);
  g_assert_false (ps_engine_find_port (w->engine, "Ethernet2")->live.stood);
}

/* The marker is lost on its way: the netdevs do not wait for the next look at the count. */
static void
test_marker_lost (PsEngineWorld *w, gconstpointer data)
{
  begin_with_many (w, PS_STORE_EXISTS_MAX + 10);
  ps_memory_store_lose (w->store, 2, FALSE);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 0);
  g_assert_cmpuint (ps_engine_status (w->engine).n_pending, ==, 0);
  ps_assert_row (w, "Ethernet1", "ok down up 9100");
  g_assert_cmpuint (n_state_writes (w, "Ethernet2"), ==, 0);
}

/* Interrupted listings do not hold up what is seen; only deletions wait for a complete one, and the
 * end of the initial update is reported with its time and what came before it. */
static void
test_interrupted (PsEngineWorld *w, gconstpointer data)
{
  boot (w, 2);
  set_flag (w, TRUE);
  ps_memory_db_set (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet9", "state", "ok");
  ps_memory_db_delete (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet0");
  restart_container (w);
  g_string_truncate (w->lines, 0);
  ps_script_source_interrupt_snapshots (w->source, 5);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 0);
  g_assert_cmpuint (ps_engine_status (w->engine).n_interrupted, ==, 1);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_assert_row (w, "Ethernet9", "ok");
  g_assert_cmpstr (warm_state (w), ==, "restored");
  ps_engine_world_run_ms (w, 20 * 1000);
  PsEngineStatus status = ps_engine_status (w->engine);
  g_assert_true (status.has_eoiu);
  g_assert_cmpuint (status.n_interrupted, ==, 5);
  g_assert_cmpuint (status.n_listings, ==, 1);
  g_assert_cmpint (status.eoiu_us, >, 0);
  g_assert_cmpuint (n_lines (w, "complete (EOIU) after "), ==, 1);
  g_assert_cmpuint (n_lines (w, " ms and 5 interrupted listings\n"), ==, 1);
  ps_assert_row (w, "Ethernet9", "-");
  g_assert_cmpstr (warm_state (w), ==, "reconciled");
}

#define ADD(path, data, f)                                                                         \
  g_test_add ("/engine-warm/" path, PsEngineWorld, data, ps_engine_world_set_up, f,                \
              ps_engine_world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("reads-once/few", GUINT_TO_POINTER (3), test_reads_once);
  ADD ("reads-once/many", GUINT_TO_POINTER (PS_STORE_EXISTS_MAX + 10), test_reads_once);
  ADD ("marker-lost", NULL, test_marker_lost);
  ADD ("stood", NULL, test_stood);
  ADD ("stood-too-late/refused", NULL, test_stood_too_late);
  ADD ("stood-too-late/broken", "broken", test_stood_too_late);
  ADD ("forced/2", GUINT_TO_POINTER (2), test_forced);
  ADD ("forced/12", GUINT_TO_POINTER (12), test_forced);
  ADD ("forced/text", NULL, test_forced_text);
  ADD ("not-forced", NULL, test_not_forced);
  ADD ("left/initialized", "initialized", test_left_unfinished);
  ADD ("left/restored", "restored", test_left_unfinished);
  ADD ("left/initialized-cold", "initialized", test_unfinished_then_cold);
  ADD ("left/restored-cold", "restored", test_unfinished_then_cold);
  ADD ("cold-ends", NULL, test_cold_ends);
  ADD ("at-rest/disabled", "disabled", test_at_rest);
  ADD ("at-rest/odd", "frozen", test_at_rest);
  ADD ("at-rest/none", NULL, test_at_rest);
  ADD ("again/initialized", "initialized", test_warm_again);
  ADD ("again/reconciled", "reconciled", test_warm_again);
  ADD ("recreated", NULL, test_recreated);
  ADD ("flaps/warm", GINT_TO_POINTER (TRUE), test_flaps);
  ADD ("flaps/resume", GINT_TO_POINTER (FALSE), test_flaps);
  ADD ("other-kernel/boot", "boot", test_other_kernel);
  ADD ("other-kernel/netns", "netns", test_other_kernel);
  ADD ("old-set-ends", NULL, test_old_set_ends);
  ADD ("count-first", GINT_TO_POINTER (FALSE), test_count_first);
  ADD ("count-first/redis-drops", GINT_TO_POINTER (TRUE), test_count_first);
  for (guint i = 1; i <= 12; i++) {
    g_autofree char *path = g_strdup_printf ("/engine-warm/count-dropped/%u", i);
    g_test_add (path, PsEngineWorld, GUINT_TO_POINTER (i), ps_engine_world_set_up,
                test_count_dropped, ps_engine_world_tear_down);
  }
  ADD ("count-refused", NULL, test_count_refused);
  ADD ("interrupted", NULL, test_interrupted);
  return g_test_run ();
}
