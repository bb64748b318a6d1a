/* SPDX-License-Identifier: Apache-2.0 */
/* The engine once it runs: links to rows, Redis that goes and comes, and what must not happen. */
#include "engine/drain.h"
#include "tests/support/engine-world.h"
#include <string.h>

#define STATE_WRITES(w, name) ps_memory_store_n_writes ((w)->store, PS_DB_STATE, "PORT_TABLE|" name)

/* A new netdev is published once, a change once, the same again never, its end deletes the row. */
static void
test_life_of_a_port (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 1);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 60 * 1000);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 2);
  ps_script_source_remove (w->source, 10);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "-");
  g_assert_nonnull (strstr (w->lines->str, "NOTICE Publish Ethernet0(ok:up) to state db\n"));
  g_assert_nonnull (strstr (w->lines->str, "NOTICE Publish Ethernet0(ok:down) to state db\n"));
  g_assert_nonnull (strstr (w->lines->str, "NOTICE Delete Ethernet0(ok) from state db\n"));
}

/* The four fields go out in one additive write in upstream's order; others' fields stay. */
static void
test_one_additive_write (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = ps_memory_store_db (w->store, PS_DB_STATE);
  ps_engine_world_boot (w, 1);
  ps_memory_db_set (state, "PORT_TABLE|Ethernet0", "host_tx_ready", "true");
  ps_memory_store_clear_log (w->store);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_run_ms (w, 0);
  const GPtrArray *log = ps_memory_store_log (w->store);
  g_assert_cmpuint (log->len, >=, 1);
  g_assert_cmpstr (log->pdata[0], ==,
                   "STATE PUT PORT_TABLE|Ethernet0 state=ok netdev_oper_status=up admin_status=up "
                   "mtu=9100");
  g_assert_cmpstr (ps_memory_db_get (state, "PORT_TABLE|Ethernet0", "host_tx_ready"), ==, "true");
}

/* Changes that come while a batch is in flight go out as one more version, the last. */
static void
test_coalesces (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_store_hold (w->store, TRUE);
  for (guint i = 0; i < 1000; i++) {
    ps_script_source_link (w->source, "Ethernet0", 10, i % 2 == 0 ? NO_LINK : UP);
    ps_engine_world_run_ms (w, 0);
  }
  ps_script_source_link (w->source, "Ethernet0", 10, 0);
  ps_engine_world_run_ms (w, 0);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 2);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 0);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 3);
  ps_assert_row (w, "Ethernet0", "ok down down 9100");
  g_assert_cmpuint (ps_flap_downs (&ps_engine_find_port (w->engine, "Ethernet0")->device.flap), ==,
                    501);
}

/* A device without live row is held and published the moment the row is seen, without a further
 * kernel event (upstream loses it). */
static void
test_late_row (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 1);
  ps_script_source_link (w->source, "Ethernet9", 19, UP);
  ps_engine_world_run_ms (w, 50);
  ps_assert_row (w, "Ethernet9", "-");
  g_assert_nonnull (strstr (w->lines->str, "NOTICE Cannot find Ethernet9 in port table\n"));
  ps_engine_world_make_live (w, "Ethernet9");
  ps_engine_world_run_ms (w, 150);
  ps_assert_row (w, "Ethernet9", "ok up up 9100");
}

/* A live row that goes while the device stays: nothing is written, nothing is deleted. */
static void
test_live_row_vanishes (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_db_delete (ps_memory_store_db (w->store, PS_DB_APPL), "PORT_TABLE:Ethernet0");
  ps_engine_world_run_ms (w, 11 * 1000);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 1);
}

/* A rename deletes the old row and publishes the new name; a swap does both ways. */
static void
test_rename_and_swap (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 2);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet1", 11, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_script_source_rename (w->source, 10, "tmp0");
  ps_script_source_rename (w->source, 11, "Ethernet0");
  ps_script_source_rename (w->source, 10, "Ethernet1");
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
  ps_script_source_rename (w->source, 10, "elsewhere");
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet1", "-");
}

/* A new device of the same name sends DEL, then HSET, also when all fields are equal, and also
 * when its DELLINK came in the same batch. */
static void
test_new_device_same_name (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_store_clear_log (w->store);
  ps_script_source_remove (w->source, 10);
  ps_script_source_link (w->source, "Ethernet0", 30, UP);
  ps_engine_world_run_ms (w, 0);
  const GPtrArray *log = ps_memory_store_log (w->store);
  g_assert_cmpuint (log->len, ==, 2);
  g_assert_cmpstr (log->pdata[0], ==, "STATE DELETE PORT_TABLE|Ethernet0");
  g_assert_true (g_str_has_prefix (log->pdata[1], "STATE PUT PORT_TABLE|Ethernet0 state=ok"));
}

static PsLinkEvent
link_event (PsLinkEventType type, const char *name, guint32 ifindex, guint32 flags)
{
  PsLinkEvent event = {.type = type, .ifindex = ifindex, .flags = flags, .mtu = 9100};
  event.fields = PS_LINK_HAS_MTU;
  g_strlcpy (event.name, name, sizeof event.name);
  return event;
}

/* Team devices, other names, sub-interfaces and the farewell of a bridge (a DELLINK with a master)
 * change nothing. */
static void
test_look_alikes (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_store_clear_log (w->store);
  PsLinkEvent team = link_event (PS_LINK_UPSERT, "Ethernet5", 50, UP);
  team.fields |= PS_LINK_HAS_KIND;
  strcpy (team.kind, "team");
  ps_engine_world_make_live (w, "Ethernet5");
  ps_script_source_inject (w->source, &team);
  PsLinkEvent farewell = link_event (PS_LINK_REMOVE, "Ethernet0", 10, UP);
  farewell.fields |= PS_LINK_HAS_MASTER;
  farewell.master = 3;
  ps_script_source_inject (w->source, &farewell);
  ps_engine_world_make_live (w, "Ethernet0.10");
  ps_script_source_link (w->source, "Ethernet0.10", 60, UP);
  ps_script_source_link (w->source, "PortChannel1", 61, UP);
  ps_engine_world_run_ms (w, 2000);
  ps_script_source_remove (w->source, 60);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpuint (ps_memory_store_log (w->store)->len, ==, 0);
}

/* After a loss the engine asks for a listing, and only a complete one deletes by absence. */
static void
test_loss (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 2);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_engine_world_run_ms (w, 0);
  ps_script_source_set_silent (w->source, TRUE);
  ps_script_source_remove (w->source, 10);
  ps_script_source_link (w->source, "Ethernet1", 11, NO_LINK);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_hold_snapshots (w->source, TRUE);
  ps_script_source_lost (w->source);
  ps_engine_world_run_ms (w, 10);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
  ps_script_source_hold_snapshots (w->source, FALSE);
  ps_engine_world_run_ms (w, 10);
  ps_assert_row (w, "Ethernet0", "-");
  ps_assert_row (w, "Ethernet1", "ok down up 9100");
}

/* Interrupted listings are asked for again, update what they show, and delete nothing. */
static void
test_interrupted_listing (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 2);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_engine_world_run_ms (w, 0);
  guint before = ps_script_source_n_snapshots (w->source);
  ps_script_source_set_silent (w->source, TRUE);
  ps_script_source_remove (w->source, 10);
  ps_script_source_link (w->source, "Ethernet1", 11, NO_LINK);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_interrupt_snapshots (w->source, 3);
  ps_script_source_lost (w->source);
  while (ps_script_source_n_snapshots (w->source) < before + 3)
    g_assert_true (ps_virtual_clock_step (w->clock));
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpuint (ps_script_source_n_snapshots (w->source), ==, before + 4);
  ps_assert_row (w, "Ethernet0", "-");
  ps_assert_row (w, "Ethernet1", "ok down up 9100");
}

/* A dump's record that is older than an event of the same device is not believed. */
static void
test_stale_record (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_script_source_hold_snapshots (w->source, TRUE);
  ps_script_source_lost (w->source);
  ps_engine_world_run_ms (w, 0);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK); /* the record says UP */
  ps_engine_world_run_ms (w, 0);
  ps_script_source_hold_snapshots (w->source, FALSE);
  ps_engine_world_run_ms (w, 100);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 2);
}

/* … also when the event said that the device is gone: it does not rise from the dead. */
static void
test_stale_record_of_removed (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_script_source_hold_snapshots (w->source, TRUE);
  ps_script_source_lost (w->source);
  ps_engine_world_run_ms (w, 0);
  ps_script_source_remove (w->source, 10);
  ps_engine_world_run_ms (w, 0);
  ps_script_source_hold_snapshots (w->source, FALSE);
  ps_engine_world_run_ms (w, 100);
  ps_assert_row (w, "Ethernet0", "-");
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 2);
}

/* What the audit finds wrong, although nothing said that it was lost, it puts right. */
static void
test_audit (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_script_source_set_silent (w->source, TRUE);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_script_source_set_silent (w->source, FALSE);
  ps_memory_db_set (ps_memory_store_db (w->store, PS_DB_STATE), "PORT_TABLE|Ethernet0", "mtu",
                    "1500");
  ps_engine_world_run_ms (w, 290 * 1000);
  ps_assert_row (w, "Ethernet0", "ok up up 1500");
  ps_engine_world_run_ms (w, 15 * 1000);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
}

/* While Redis is away the last state is kept; one write follows its return, none for equal rows. */
static void
test_outage (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 2);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_engine_world_run_ms (w, 0);
  ps_memory_store_set_online (w->store, FALSE);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 30 * 1000);
  ps_script_source_link (w->source, "Ethernet0", 10, 0);
  ps_engine_world_run_ms (w, 30 * 1000);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 1);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 1000);
  ps_assert_row (w, "Ethernet0", "ok down down 9100");
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 2);
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet1"), ==, 1);
}

/* A write whose fate is unknown is looked up and, if it did happen, not repeated. */
static void
test_unknown_outcome (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_store_hold (w->store, TRUE);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_memory_store_set_online (w->store, FALSE);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 1000);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  g_assert_cmpuint (STATE_WRITES (w, "Ethernet0"), ==, 2);
}

/* FLUSHDB of STATE_DB is noticed by looking and healed within two seconds. */
static void
test_flushed_state (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_sim_redis_db_clear (ps_memory_store_db (w->store, PS_DB_STATE));
  ps_engine_world_run_ms (w, 2000);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
}

/* APPL_DB without our markers is reported once a minute, and no marker is invented. */
static void
test_lost_markers (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_engine_world_run_ms (w, 2000);
  ps_sim_redis_db_clear (ps_memory_store_db (w->store, PS_DB_APPL));
  ps_memory_store_clear_log (w->store);
  ps_engine_world_run_ms (w, 90 * 1000);
  g_assert_cmpuint (ps_memory_store_log (w->store)->len, ==, 0);
  g_auto (GStrv) parts = g_strsplit (w->lines->str, "APPL_DB has lost PortConfigDone", -1);
  g_assert_cmpuint (g_strv_length (parts) - 1, ==, 2);
}

/* One port's refused row does not stop the others; it is tried again, and named. */
static void
test_refused_row (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 2);
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0", PS_REFUSAL_CAPACITY,
                          "OOM command not allowed", 3);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet1", 11, UP);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "-");
  ps_assert_row (w, "Ethernet1", "ok up up 9100");
  g_assert_nonnull (strstr (w->lines->str, "ERROR STATE_DB refused to write PORT_TABLE|Ethernet0"));
  g_assert_null (strstr (w->lines->str, "Publish Ethernet0"));
  ps_engine_world_run_ms (w, 7100);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
}

/* More dirty ports than fit into one batch all arrive, in batches of bounded size. */
static void
test_many_ports (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 1200);
  for (guint i = 0; i < 1200; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_script_source_link (w->source, name, 10 + i, UP);
  }
  ps_engine_world_run_ms (w, 200);
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
  ps_assert_row (w, "Ethernet1199", "ok up up 9100");
  PsEngineStatus status = ps_engine_status (w->engine);
  g_assert_cmpuint (status.n_waiting, ==, 0);
  g_assert_cmpuint (status.n_ports, ==, 1200);
}

/* Ports that went are forgotten: the table follows the switch, not its history. */
static void
test_table_shrinks (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot (w, 1);
  for (guint i = 1; i <= 100; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_script_source_link (w->source, name, 10 + i, IFF_UP);
    ps_engine_world_run_ms (w, 0);
    ps_script_source_remove (w->source, 10 + i);
  }
  ps_engine_world_run_ms (w, 0);
  g_assert_cmpuint (ps_engine_status (w->engine).n_ports, ==, 101);
  ps_engine_world_run_ms (w, 301 * 1000);
  g_assert_cmpuint (ps_engine_status (w->engine).n_ports, ==, 1);
}

/* SIGTERM waits for what is on its way, not for ever, and the record says what was seen. */
static void
test_drain (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_store_hold (w->store, TRUE);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_engine_drain (w->engine);
  ps_engine_world_run_ms (w, 10);
  g_assert_false (w->drained);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 0);
  g_assert_true (w->drained);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  g_assert_nonnull (strstr (w->life->str, "\nseen Ethernet0 10 "));
}

static void
test_drain_hung (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_store_hold (w->store, TRUE);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_engine_drain (w->engine);
  ps_engine_world_run_ms (w, PS_DRAIN_MAX_US / 1000);
  g_assert_true (w->drained);
  ps_memory_store_hold (w->store, FALSE);
}

/* The log level follows CONFIG_DB within a second; nonsense is reported and changes nothing; a row
 * that a client deletes, as a reload of the configuration does, comes back as it was in force. */
static void
test_logger (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  ps_engine_world_boot_one (w);
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_DEBUG);
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGLEVEL", "ERROR");
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_ERROR);
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGLEVEL", "LOUD");
  ps_memory_db_set (config, "LOGGER|portsyncd", "LOGOUTPUT", "STDERR");
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_ERROR);
  g_assert_nonnull (strstr (w->lines->str, "LOGLEVEL LOUD is no level; ERROR stays"));
  g_assert_nonnull (strstr (w->lines->str, "output 2\n"));
  ps_memory_db_delete (config, "LOGGER|portsyncd");
  ps_engine_world_run_ms (w, 5000);
  g_autofree char *row = ps_memory_db_row (config, "LOGGER|portsyncd");
  g_assert_cmpstr (row, ==, "LOGLEVEL=ERROR LOGOUTPUT=STDERR");
  g_assert_cmpint (ps_log_level (w->log), ==, PS_LOG_ERROR);
}

/* At the start a missing row is written with the defaults, and a missing field beside the other. */
static void
test_logger_defaults (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *config = ps_memory_store_db (w->store, PS_DB_CONFIG);
  ps_memory_db_delete (config, "LOGGER|portsyncd");
  if (data != NULL)
    ps_memory_db_set (config, "LOGGER|portsyncd", "LOGLEVEL", data);
  ps_engine_world_boot_one (w);
  g_autofree char *row = ps_memory_db_row (config, "LOGGER|portsyncd");
  g_autofree char *expected = g_strdup_printf ("LOGLEVEL=%s LOGOUTPUT=SYSLOG",
                                               data != NULL ? (const char *)data : "NOTICE");
  g_assert_cmpstr (row, ==, expected);
}

/* After the start, PortInitDone and each audit memory may go back; a change of one port is no
 * burst. */
static void
test_bursts (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  g_assert_cmpuint (w->n_bursts, ==, 2);
  ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpuint (w->n_bursts, ==, 2);
  ps_engine_world_run_ms (w, 300 * 1000);
  g_assert_cmpuint (w->n_bursts, ==, 3);
}

/* A dead source ends the process: the supervisor starts it again, and that is free. */
static void
test_source_fails (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_script_source_fail (w->source, "socket closed");
  ps_engine_world_run_ms (w, 0);
  g_assert_true (w->failed);
}

#define ADD(name, fn)                                                                              \
  g_test_add ("/engine/" name, PsEngineWorld, NULL, ps_engine_world_set_up, fn,                    \
              ps_engine_world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("life-of-a-port", test_life_of_a_port);
  ADD ("one-additive-write", test_one_additive_write);
  ADD ("coalesces", test_coalesces);
  ADD ("late-row", test_late_row);
  ADD ("live-row-vanishes", test_live_row_vanishes);
  ADD ("rename-and-swap", test_rename_and_swap);
  ADD ("new-device-same-name", test_new_device_same_name);
  ADD ("look-alikes", test_look_alikes);
  ADD ("loss", test_loss);
  ADD ("interrupted-listing", test_interrupted_listing);
  ADD ("stale-record", test_stale_record);
  ADD ("stale-record-of-removed", test_stale_record_of_removed);
  ADD ("audit", test_audit);
  ADD ("outage", test_outage);
  ADD ("unknown-outcome", test_unknown_outcome);
  ADD ("flushed-state", test_flushed_state);
  ADD ("lost-markers", test_lost_markers);
  ADD ("refused-row", test_refused_row);
  ADD ("many-ports", test_many_ports);
  ADD ("table-shrinks", test_table_shrinks);
  ADD ("drain", test_drain);
  ADD ("drain-hung", test_drain_hung);
  ADD ("logger", test_logger);
  ADD ("logger-defaults/row", test_logger_defaults);
  g_test_add ("/engine/logger-defaults/field", PsEngineWorld, "INFO", ps_engine_world_set_up,
              test_logger_defaults, ps_engine_world_tear_down);
  ADD ("bursts", test_bursts);
  ADD ("source-fails", test_source_fails);
  return g_test_run ();
}
