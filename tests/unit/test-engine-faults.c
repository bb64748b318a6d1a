/* SPDX-License-Identifier: Apache-2.0 */
/* What a review of the engine found, one test each: refusals at every point, old devices that are
 * hard to tell, counts that must outlive their device, and a log that must not flood. */
#include "core/schema.h"
#include "engine/drain.h"
#include "tests/support/engine-world.h"
#include <string.h>

#define BUSY     "BUSY Redis is busy running a script"
#define FOR_EVER 1000000

static guint
n_produced (PsEngineWorld *w, const char *marker)
{
  g_autofree char *key = g_strdup_printf ("PORT_TABLE:%s", marker);
  return ps_memory_store_n_writes (w->store, PS_DB_APPL, key);
}

static gboolean
is_old (PsEngineWorld *w, guint32 ifindex)
{
  gsize n;
  const guint32 *downed = ps_script_source_downed (w->source, &n);
  for (gsize i = 0; i < n; i++)
    if (downed[i] == ifindex)
      return TRUE;
  return FALSE;
}

/* A listing of STATE_DB that Redis refuses does not stop the mirror until the next audit: it is
 * tried again each second, said once, and then everything is written. */
static void
test_refused_listing (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 2);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_engine_world_run_ms (w, 0);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet1", PS_REFUSAL_TRANSIENT, BUSY,
                          20);
  ps_memory_db_delete (ps_memory_store_db (w->store, PS_DB_STATE), "PORT_TABLE|Ethernet0");
  ps_engine_world_run_ms (w, 10 * 1000);
  ps_assert_row (w, "Ethernet0", "-");
  g_assert_cmpuint (ps_engine_world_n_lines (w, "STATE_DB refused to list"), ==, 1);
  ps_engine_world_run_ms (w, 15 * 1000);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
}

/* A row of ours that holds another type is not taken for absent: when its device goes, it goes. */
static void
test_unreadable_row (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = ps_memory_store_db (w->store, PS_DB_STATE);
  ps_engine_world_boot_one (w);
  ps_memory_db_delete (state, "PORT_TABLE|Ethernet0");
  ps_memory_db_spoil (state, "PORT_TABLE|Ethernet0");
  ps_engine_world_kill (w);
  ps_script_source_remove (w->source, 10);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 2000);
  g_assert_false (ps_memory_db_exists (state, "PORT_TABLE|Ethernet0"));
}

/* Redis that answers but refuses what the start must know is asked again at the pace of the
 * refusal, not without pause; nothing is decided on half an answer: a warm start stays one. */
static void
test_refused_evidence (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = ps_memory_store_db (w->store, PS_DB_STATE);
  ps_memory_db_set (state, "WARM_RESTART_ENABLE_TABLE|system", "enable", "true");
  ps_memory_db_set (state, "WARM_RESTART_TABLE|portsyncd", "restore_count", "4");
  ps_memory_store_refuse (w->store, PS_DB_STATE, "WARM_RESTART_ENABLE_TABLE|system",
                          PS_REFUSAL_TRANSIENT, BUSY, 6);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 3500);
  g_assert_false (ps_engine_status (w->engine).started);
  g_assert_cmpuint (ps_memory_store_counters (w->store).reads, <, 40);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "how to start"), ==, 1);
  ps_engine_world_run_ms (w, 3000);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_WARM);
  g_assert_false (is_old (w, 10));
}

/* … also when it goes away in the middle of that, or SIGTERM comes. */
static void
test_refused_evidence_and_out (PsEngineWorld *w, gconstpointer data)
{
  ps_memory_store_refuse (w->store, PS_DB_STATE, "*", PS_REFUSAL_TRANSIENT, BUSY, FOR_EVER);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 500);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 3000);
  g_assert_false (ps_engine_status (w->engine).started);
  ps_engine_drain (w->engine);
  ps_engine_world_run_ms (w, PS_DRAIN_MAX_US / 1000);
  g_assert_true (w->drained);
  g_assert_cmpuint (w->life->len, ==, 0);
}

/* The look at the live rows of old ports is refused: the markers still come. */
static void
test_refused_preclear (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure (w, "Ethernet0");
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_memory_store_refuse (w->store, PS_DB_APPL, "PORT_TABLE:Ethernet0", PS_REFUSAL_TRANSIENT, BUSY,
                          3);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 500);
  g_assert_cmpuint (n_produced (w, PS_KEY_CONFIG_DONE), ==, 0);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpuint (n_produced (w, PS_KEY_CONFIG_DONE), ==, 1);
}

/* An old device that says something while we list is as old as one that is silent. */
static void
test_old_device_speaks (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure (w, "Ethernet0");
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_hold_snapshots (w->source, TRUE);
  ps_engine_world_start (w);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_script_source_link (w->source, "Ethernet1", 11, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_script_source_hold_snapshots (w->source, FALSE);
  ps_engine_world_consume (w);
  g_assert_true (is_old (w, 10));
  g_assert_false (is_old (w, 11));
  ps_assert_row (w, "Ethernet0", "-");
}

/* The first complete listing freezes the old set: what a later one shows, while Redis is still
 * awaited, is new. */
static void
test_old_set_is_frozen (PsEngineWorld *w, gconstpointer data)
{
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_start (w);
  ps_script_source_set_silent (w->source, TRUE);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_lost (w->source);
  ps_engine_world_run_ms (w, 1000);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 1000);
  g_assert_true (is_old (w, 10));
  g_assert_false (is_old (w, 11));
}

/* What Redis said before it went away decides nothing: a start waits for new evidence. */
static void
test_stale_evidence (PsEngineWorld *w, gconstpointer data)
{
  ps_script_source_hold_snapshots (w->source, TRUE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 100);
  ps_script_source_hold_snapshots (w->source, FALSE);
  ps_engine_world_run_ms (w, 100);
  g_assert_false (ps_engine_status (w->engine).started);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 100);
  g_assert_true (ps_engine_status (w->engine).started);
}

/* While Redis is awaited: who takes the ifindex of a listed device whose end was lost is new, and
 * who gave up a port's name is no port. */
static void
test_listed_and_changed (PsEngineWorld *w, gconstpointer data)
{
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_script_source_link (w->source, "Ethernet2", 12, UP);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_start (w);
  ps_script_source_set_silent (w->source, TRUE);
  ps_script_source_remove (w->source, 10);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_rename (w->source, 11, "uplink1");
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 100);
  g_assert_false (is_old (w, 10));
  g_assert_false (is_old (w, 11));
  g_assert_true (is_old (w, 12));
}

/* An old device that had another name while the daemon was restarted is still an old one when it
 * has a port's name again. */
static void
test_old_under_other_name (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure (w, "Ethernet0");
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  g_assert_true (is_old (w, 10));
  ps_engine_world_kill (w);
  ps_script_source_rename (w->source, 10, "uplink0");
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 2000);
  ps_script_source_rename (w->source, 10, "Ethernet0");
  ps_engine_world_run_ms (w, 2000);
  ps_assert_row (w, "Ethernet0", "-");
  ps_script_source_remove (w->source, 10);
  ps_script_source_link (w->source, "Ethernet0", 11, UP);
  ps_engine_world_run_ms (w, 2000);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
}

/* Later, too: an old device whose end was lost, and a new one with its ifindex, which is mirrored
 * from its first word on. */
static void
test_old_ifindex_again (PsEngineWorld *w, gconstpointer data)
{
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_boot (w, 1);
  g_assert_true (is_old (w, 10));
  ps_script_source_set_silent (w->source, TRUE);
  ps_script_source_remove (w->source, 10);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
}

/* A resume whose first listing is interrupted keeps the stored old set. */
static void
test_resume_interrupted (PsEngineWorld *w, gconstpointer data)
{
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_boot (w, 1);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 1);
  ps_engine_world_kill (w);
  const PsLinkEvent old = *ps_script_source_peek (w->source, 10);
  ps_script_source_remove (w->source, 10); /* The interrupted answer misses it. */
  ps_script_source_interrupt_snapshots (w->source, 1);
  ps_script_source_link (w->source, "Ethernet9", 19, UP);
  ps_script_source_hold_snapshots (w->source, TRUE);
  ps_engine_world_start (w);
  ps_script_source_set_silent (w->source, TRUE);
  ps_script_source_put (w->source, &old);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_hold_snapshots (w->source, FALSE);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_RESUME);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 1);
  ps_assert_row (w, "Ethernet0", "-");
}

static guint64
downs (PsEngineWorld *w, const char *name)
{
  const PsPort *port = ps_engine_find_port (w->engine, name);
  return port != NULL ? ps_flap_downs (&port->device.flap) : 0;
}

static void
flap (PsEngineWorld *w, guint32 ifindex, guint n)
{
  for (guint i = 0; i < n; i++) {
    const PsLinkEvent link = *ps_script_source_peek (w->source, ifindex);
    ps_script_source_link (w->source, link.name, ifindex, NO_LINK);
    ps_script_source_link (w->source, link.name, ifindex, UP);
  }
  ps_engine_world_run_ms (w, 0);
}

/* Flaps of a device that is gone outlive the process, killed or not, and go on with the next. */
static void
test_flaps_of_the_gone (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  flap (w, 10, 3);
  ps_script_source_remove (w->source, 10);
  ps_engine_world_run_ms (w, 0);
  ps_engine_world_kill (w);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpuint (downs (w, "Ethernet0"), ==, 3);
  ps_engine_world_kill (w);
  ps_script_source_link (w->source, "Ethernet0", 11, UP);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1000);
  flap (w, 11, 2);
  g_assert_cmpuint (downs (w, "Ethernet0"), ==, 5);
}

/* Flaps whose messages were lost are in the counters of the device's last word. */
static void
test_last_words_count (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_engine_world_run_ms (w, 0);
  ps_script_source_set_silent (w->source, TRUE);
  flap (w, 10, 4);
  flap (w, 11, 2);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_remove (w->source, 10);
  ps_script_source_rename (w->source, 11, "Ethernet2");
  ps_engine_world_run_ms (w, 0);
  g_assert_cmpuint (downs (w, "Ethernet0"), ==, 4);
  g_assert_cmpuint (downs (w, "Ethernet1"), ==, 2);
  g_assert_cmpuint (downs (w, "Ethernet2"), ==, 0);
}

/* What a device does under another name is not counted for the one that it comes back to. */
static void
test_away_and_back (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  flap (w, 10, 1);
  ps_script_source_rename (w->source, 10, "uplink0");
  flap (w, 10, 5);
  ps_script_source_rename (w->source, 10, "Ethernet0");
  flap (w, 10, 2);
  g_assert_cmpuint (downs (w, "Ethernet0"), ==, 3);
}

/* An audit notes what was counted: a kill and a new device afterwards do not take it away. */
static void
test_audit_notes_flaps (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  flap (w, 10, 3);
  ps_engine_world_run_ms (w, w->config->audit_interval_us / 1000);
  ps_engine_world_kill (w);
  ps_script_source_remove (w->source, 10);
  ps_script_source_link (w->source, "Ethernet0", 11, UP);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpuint (downs (w, "Ethernet0"), ==, 3);
}

/* A port that left the configuration with its device: the next device of the name is not mirrored
 * before its live row was seen again. */
static void
test_live_row_is_asked_anew (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *appl = ps_memory_store_db (w->store, PS_DB_APPL);
  ps_engine_world_boot_one (w);
  ps_script_source_remove (w->source, 10);
  ps_engine_world_run_ms (w, 0);
  ps_memory_db_delete (appl, "PORT_TABLE:Ethernet0");
  ps_script_source_link (w->source, "Ethernet0", 11, UP);
  ps_engine_world_run_ms (w, 20 * 1000);
  ps_assert_row (w, "Ethernet0", "-");
  ps_engine_world_make_live (w, "Ethernet0");
  ps_engine_world_run_ms (w, 200);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
}

/* Redis comes back without data: no row is written for a port that is configured no more. */
static void
test_empty_redis_holds (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 100);
  ps_sim_redis_db_clear (ps_memory_store_db (w->store, PS_DB_APPL));
  ps_sim_redis_db_clear (ps_memory_store_db (w->store, PS_DB_STATE));
  ps_memory_store_clear_log (w->store);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 30 * 1000);
  ps_assert_row (w, "Ethernet0", "-");
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 0);
}

/* … and PortInitDone does not follow into it: without PortConfigDone it would be an invention. */
static void
test_no_init_without_config (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *appl = ps_memory_store_db (w->store, PS_DB_APPL);
  ps_engine_world_boot (w, 1);
  ps_memory_store_set_online (w->store, FALSE);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 100);
  ps_sim_redis_db_clear (appl);
  ps_engine_world_make_live (w, "Ethernet0");
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 30 * 1000);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 0);
}

/* The last port came while Redis was away: PortInitDone follows at once when it is back. */
static void
test_init_follows_at_once (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 1);
  ps_memory_store_set_online (w->store, FALSE);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 1100);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 200);
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 1);
}

/* PortInitDone was refused, and before the next try the data is gone with the server: likewise. */
static void
test_init_in_flight_is_lost (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 1);
  ps_memory_store_refuse (w->store, PS_DB_APPL, "PORT_TABLE:" PS_KEY_INIT_DONE,
                          PS_REFUSAL_TRANSIENT, BUSY, 1);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 0);
  g_assert_cmpuint (ps_engine_world_n_lines (w, PS_KEY_INIT_DONE " refused"), ==, 1);
  ps_memory_store_set_online (w->store, FALSE);
  ps_sim_redis_db_clear (ps_memory_store_db (w->store, PS_DB_APPL));
  ps_engine_world_run_ms (w, 10);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 5000);
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 0);
}

/* Redis that refuses every write for an hour costs some lines, not some thousand; afterwards all is
 * written. */
static void
test_refusals_are_quiet (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 100);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "*", PS_REFUSAL_CAPACITY,
                          "OOM command not allowed", FOR_EVER);
  for (guint32 i = 0; i < 100; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_script_source_link (w->source, name, 10 + i, UP);
  }
  ps_log_set_level (w->log, PS_LOG_NOTICE);
  guint before = ps_engine_world_n_lines (w, "\n");
  ps_engine_world_run_ms (w, 3600 * 1000);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "STATE_DB refused to write"), >=, 1);
  g_assert_cmpuint (ps_engine_world_n_lines (w, "\n") - before, <, 300);
}

/* A refused port waits longer each time, whatever the others do. */
static void
test_backoff_is_not_reset (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 2);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0", PS_REFUSAL_WRONGTYPE,
                          "WRONGTYPE", FOR_EVER);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_engine_world_run_ms (w, 0);
  guint before = ps_memory_store_counters (w->store).refused;
  for (guint i = 0; i < 600; i++) {
    ps_script_source_link (w->source, "Ethernet1", 11, i % 2 ? UP : NO_LINK);
    ps_engine_world_run_ms (w, 100);
  }
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
  g_assert_cmpuint (ps_memory_store_counters (w->store).refused - before, <=, 25);
}

/* A warm start ends, with one row that cannot be written, when its time is up: that begins when
 * Redis has said how to start. */
static void
test_warm_ends (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = ps_memory_store_db (w->store, PS_DB_STATE);
  ps_memory_db_set (state, "WARM_RESTART_ENABLE_TABLE|system", "enable", "true");
  ps_memory_db_set (state, "WARM_RESTART_TABLE|portsyncd", "restore_count", "4");
  ps_memory_db_set (ps_memory_store_db (w->store, PS_DB_APPL), "PORT_TABLE:PortConfigDone", "count",
                    "1");
  ps_engine_world_configure (w, "Ethernet0");
  ps_engine_world_make_live (w, "Ethernet0");
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0", PS_REFUSAL_WRONGTYPE,
                          "WRONGTYPE", FOR_EVER);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, w->config->eoiu_timeout_us / 1000 + 1000);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpstr (ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "state"), ==,
                   "restored");
  ps_engine_world_run_ms (w, w->config->eoiu_timeout_us / 1000);
  g_assert_cmpstr (ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "state"), ==,
                   "reconciled");
  g_assert_cmpstr (ps_memory_db_get (state, "WARM_RESTART_TABLE|portsyncd", "restore_count"), ==,
                   "5");
  g_assert_nonnull (strstr (w->lines->str, "rows not written: 1; missing: Ethernet0\n"));
}

/* Devices that come and go without end do not fill the run directory. */
static void
test_life_stays_small (PsEngineWorld *w, gconstpointer data)
{
  gsize largest = 0, last = 0;
  guint n_trims = 0;
  ps_engine_world_boot_one (w);
  for (guint i = 0; i < 30000; i++) {
    ps_script_source_remove (w->source, 10);
    ps_script_source_link (w->source, "Ethernet0", 10, UP);
    ps_engine_world_run_ms (w, 1);
    largest = MAX (largest, w->life->len);
    n_trims += w->life->len <= last;
    last = w->life->len;
    g_string_truncate (w->lines, 0);
    if (i % 1000 == 0)
      ps_memory_store_clear_log (w->store);
  }
  g_assert_cmpuint (largest, >, 1024 * 1024);
  g_assert_cmpuint (largest, <, 1200 * 1024);
  g_assert_cmpuint (n_trims, <, 20);
  ps_engine_world_kill (w);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 100);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_RESUME);
}

#define ADD(name, fn)                                                                              \
  g_test_add ("/engine-faults/" name, PsEngineWorld, NULL, ps_engine_world_set_up, fn,             \
              ps_engine_world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("refused-listing", test_refused_listing);
  ADD ("unreadable-row", test_unreadable_row);
  ADD ("refused-evidence", test_refused_evidence);
  ADD ("refused-evidence-and-out", test_refused_evidence_and_out);
  ADD ("refused-preclear", test_refused_preclear);
  ADD ("old-device-speaks", test_old_device_speaks);
  ADD ("old-set-is-frozen", test_old_set_is_frozen);
  ADD ("stale-evidence", test_stale_evidence);
  ADD ("listed-and-changed", test_listed_and_changed);
  ADD ("old-under-other-name", test_old_under_other_name);
  ADD ("old-ifindex-again", test_old_ifindex_again);
  ADD ("resume-interrupted", test_resume_interrupted);
  ADD ("away-and-back", test_away_and_back);
  ADD ("init-follows-at-once", test_init_follows_at_once);
  ADD ("flaps-of-the-gone", test_flaps_of_the_gone);
  ADD ("last-words-count", test_last_words_count);
  ADD ("audit-notes-flaps", test_audit_notes_flaps);
  ADD ("live-row-is-asked-anew", test_live_row_is_asked_anew);
  ADD ("empty-redis-holds", test_empty_redis_holds);
  ADD ("no-init-without-config", test_no_init_without_config);
  ADD ("init-in-flight-is-lost", test_init_in_flight_is_lost);
  ADD ("refusals-are-quiet", test_refusals_are_quiet);
  ADD ("backoff-is-not-reset", test_backoff_is_not_reset);
  ADD ("warm-ends", test_warm_ends);
  ADD ("life-stays-small", test_life_stays_small);
  return g_test_run ();
}
