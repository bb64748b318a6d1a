/* SPDX-License-Identifier: Apache-2.0 */
/* Edges of the engine that a one-line change of the core would cross unseen: markers whose fate is
 * unknown, data that is gone in the middle of the copy, and the small print of rows and records. */
#include "core/schema.h"
#include "tests/support/engine-world.h"
#include <string.h>

#define BUSY "BUSY Redis is busy running a script"

static PsSimRedisDb *
db (PsEngineWorld *w, PsDb which)
{
  return ps_memory_store_db (w->store, which);
}

static guint
n_produced (PsEngineWorld *w, const char *key)
{
  g_autofree char *whole = g_strdup_printf ("PORT_TABLE:%s", key);
  return ps_memory_store_n_writes (w->store, PS_DB_APPL, whole);
}

/* Until the key has been produced, and not a step further: its acknowledgement is on its way. */
static void
run_until_produced (PsEngineWorld *w, const char *key)
{
  for (guint i = 0; n_produced (w, key) == 0; i++) {
    g_assert_cmpuint (i, <, 1000);
    g_assert_true (ps_virtual_clock_step (w->clock));
  }
}

static void
blink (PsEngineWorld *w, gboolean lose_appl)
{
  ps_memory_store_set_online (w->store, FALSE);
  if (lose_appl)
    ps_sim_redis_db_clear (db (w, PS_DB_APPL));
  ps_engine_world_run_ms (w, 10);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 2000);
}

/* --- markers --------------------------------------------------------------------------------- */

/* PortInitDone was done, and its acknowledgement lost: it is looked up, not sent twice. */
static void
test_init_done_once (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 1);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  run_until_produced (w, PS_KEY_INIT_DONE);
  blink (w, FALSE);
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 1);
  g_assert_true (ps_engine_status (w->engine).init_done);
}

/* The server loses the copied rows while PortConfigDone is on its way: all is copied again. */
static void
test_copy_lost_at_the_marker (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 1);
  ps_engine_world_start (w);
  ps_memory_store_clear_log (w->store);
  ps_engine_world_kill (w);
  g_string_truncate (w->life, 0);
  ps_sim_redis_db_clear (db (w, PS_DB_APPL));
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_start (w);
  ps_memory_store_set_online (w->store, TRUE);
  run_until_produced (w, PS_KEY_CONFIG_DONE);
  blink (w, TRUE);
  g_assert_cmpuint (n_produced (w, PS_KEY_CONFIG_DONE), ==, 2);
  g_assert_true (ps_memory_db_exists (db (w, PS_DB_APPL), "_PORT_TABLE:Ethernet0"));
}

/* … or while many ports wait to be taken, between two looks: an empty set then says nothing. */
static void
test_copy_lost_in_the_queue (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 200);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1050);
  g_assert_cmpuint (n_produced (w, PS_KEY_CONFIG_DONE), ==, 0);
  blink (w, TRUE);
  g_assert_cmpuint (n_produced (w, PS_KEY_CONFIG_DONE), ==, 0);
  ps_engine_world_consume (w);
  g_assert_cmpuint (n_produced (w, PS_KEY_CONFIG_DONE), ==, 1);
  g_assert_true (ps_memory_db_exists (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet199"));
}

/* Ports that were found right before their configuration was read are not awaited again. */
static void
test_published_before_copy (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_engine_world_kill (w);
  ps_memory_store_clear_log (w->store);
  ps_memory_store_refuse (w->store, PS_DB_CONFIG, "PORT|Ethernet0", PS_REFUSAL_TRANSIENT, BUSY, 1);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1000);
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 1);
}

/* Without ports PortInitDone waits for the first complete picture. */
static void
test_no_ports_wait_for_eoiu (PsEngineWorld *w, gconstpointer data)
{
  w->config->old_interfaces = PS_OLD_ADOPT;
  ps_script_source_interrupt_snapshots (w->source, 2);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 20);
  g_assert_cmpuint (n_produced (w, PS_KEY_CONFIG_DONE), ==, 1);
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 0);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 1);
}

/* Which ports are not awaited survives the process, and not the life of the switch. */
static void
test_precleared_is_remembered (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 1);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet0", "admin_status", "up");
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 1);
  ps_engine_world_kill (w);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_RESUME);
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 2);
  ps_engine_world_kill (w);
  ps_sim_redis_db_clear (db (w, PS_DB_APPL));
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_COLD);
  g_assert_cmpuint (n_produced (w, PS_KEY_INIT_DONE), ==, 2);
}

/* --- starts ---------------------------------------------------------------------------------- */

/* That the configuration was copied once is not forgotten by a resume that dies half way. */
static void
test_copied_is_remembered (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_engine_world_kill (w);
  ps_memory_store_refuse (w->store, PS_DB_CONFIG, "PORT|Ethernet0", PS_REFUSAL_TRANSIENT, BUSY, 1);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 50);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_RESUME);
  ps_engine_world_kill (w);
  ps_sim_redis_db_clear (db (w, PS_DB_APPL));
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 50);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_COLD);
}

/* A kernel that never gives a complete listing delays a cold start until the timer, no longer. */
static void
test_cold_without_listing (PsEngineWorld *w, gconstpointer data)
{
  gint64 limit_ms = w->config->eoiu_timeout_us / 1000;
  ps_script_source_interrupt_snapshots (w->source, 1000);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, limit_ms - 10);
  g_assert_false (ps_engine_status (w->engine).started);
  ps_engine_world_run_ms (w, 20);
  g_assert_true (ps_engine_status (w->engine).started);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 1);
}

/* A change of a port's flags is not news for the life record. */
static void
test_life_is_not_chatty (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  gsize before = w->life->len;
  for (guint i = 0; i < 10; i++) {
    ps_script_source_link (w->source, "Ethernet0", 10, i % 2 ? UP : NO_LINK);
    ps_engine_world_run_ms (w, 10);
  }
  g_assert_cmpuint (w->life->len, ==, before);
}

/* After a reboot the record is new: what a warm start finds right goes there in one piece, not with
 * a call of the kernel for each port; and all of it goes there. */
static void
test_life_in_one_piece (PsEngineWorld *w, gconstpointer data)
{
  guint n = GPOINTER_TO_UINT (data);
  ps_engine_world_boot_one (w);
  for (guint i = 1; i < n; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_engine_world_make_live (w, name);
    ps_script_source_link (w->source, name, 10 + i, UP);
  }
  ps_engine_world_run_ms (w, 1000);
  ps_engine_world_kill (w);
  g_string_truncate (w->life, 0);
  w->n_appended = 0;
  ps_memory_db_set (db (w, PS_DB_STATE), "WARM_RESTART_ENABLE_TABLE|swss", "enable", "true");
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 0); /* How to start was asked. */
  if (n > PS_STORE_EXISTS_MAX)
    ps_memory_store_lose (w->store, 2, FALSE); /* the names of APPL_DB: rows are looked for later */
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 3000);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_WARM);
  g_assert_cmpuint (w->n_appended, >=, 1);
  g_assert_cmpuint (w->n_appended, <=, 3);
  const char *reason = NULL;
  g_autoptr (PsLifeRecord) life = ps_life_record_parse (w->life->str, w->life->len, &reason);
  g_assert_cmpuint (g_hash_table_size (life->ports), ==, n);
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init (&iter, life->ports);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_assert_cmpuint (((const PsLifePort *)value)->row_ifindex, >=, 10);
}

/* --- rows ------------------------------------------------------------------------------------ */

/* A device that never had a row of ours, with fields of others: a refused DEL is done again. */
static void
test_refused_delete (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_start (w);
  ps_script_source_link (w->source, "Ethernet7", 17, UP);
  ps_engine_world_run_ms (w, 100);
  ps_memory_db_set (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet7", "host_tx_ready", "true");
  ps_memory_store_refuse (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet7", PS_REFUSAL_TRANSIENT, BUSY,
                          1);
  ps_script_source_remove (w->source, 17);
  ps_engine_world_run_ms (w, 500);
  g_assert_false (ps_memory_db_exists (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet7"));
}

/* A device without row that goes while Redis is away leaves nothing to delete. */
static void
test_nothing_to_delete (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_start (w);
  ps_script_source_link (w->source, "Ethernet7", 17, UP);
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_set_online (w->store, FALSE);
  ps_script_source_remove (w->source, 17);
  ps_engine_world_run_ms (w, 100);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet7"), ==,
                    0);
}

/* One write and then hundreds of DEL and HSET pairs: no batch takes half a pair too many. */
static void
test_odd_batch (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure_ports (w, 301);
  ps_engine_world_start (w);
  ps_engine_world_consume (w);
  for (guint32 i = 1; i <= 300; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_script_source_link (w->source, name, i, UP);
  }
  ps_engine_world_run_ms (w, 1000);
  ps_memory_store_hold (w->store, TRUE);
  ps_script_source_link (w->source, "Ethernet1", 1, NO_LINK);
  ps_engine_world_run_ms (w, 0);
  ps_script_source_link (w->source, "Ethernet2", 2, NO_LINK);
  for (guint32 i = 3; i <= 300; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    ps_script_source_remove (w->source, i);
    ps_script_source_link (w->source, name, 1000 + i, UP);
  }
  ps_engine_world_run_ms (w, 0);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 10);
  g_assert_cmpuint (ps_engine_status (w->engine).n_waiting, ==, 0);
  ps_assert_row (w, "Ethernet300", "ok up up 9100");
}

/* Whatever another writer makes of our fields, the audit restores; and only then it writes. */
static void
test_spoiled_fields (PsEngineWorld *w, gconstpointer data)
{
  static const char *const bad[][2] = {{"state", "down"},      {"netdev_oper_status", "UP"},
                                       {"admin_status", ""},   {"mtu", "09100"},
                                       {"mtu", "99999999999"}, {"mtu", "9100 "}};
  gint64 audit_ms = w->config->audit_interval_us / 1000;
  ps_engine_world_boot_one (w);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    ps_memory_db_set (db (w, PS_DB_STATE), "PORT_TABLE|Ethernet0", bad[i][0], bad[i][1]);
    ps_memory_store_clear_log (w->store);
    ps_engine_world_run_ms (w, 2 * audit_ms);
    ps_assert_row (w, "Ethernet0", "ok up up 9100");
    g_assert_cmpuint (ps_memory_store_n_writes (w->store, PS_DB_STATE, "PORT_TABLE|Ethernet0"), ==,
                      1);
  }
}

/* While messages are lost, a row whose device we do not know stays: the listing decides. */
static void
test_unknown_row_after_loss (PsEngineWorld *w, gconstpointer data)
{
  PsSimRedisDb *state = db (w, PS_DB_STATE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 1000);
  ps_script_source_set_silent (w->source, TRUE);
  ps_script_source_link (w->source, "Ethernet5", 15, UP);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_hold_snapshots (w->source, TRUE);
  ps_script_source_lost (w->source);
  ps_engine_world_run_ms (w, 0);
  g_assert_false (ps_engine_status (w->engine).complete);
  ps_memory_db_set (state, "PORT_TABLE|Ethernet5", "state", "ok");
  blink (w, FALSE);
  g_assert_true (ps_memory_db_exists (state, "PORT_TABLE|Ethernet5"));
  ps_script_source_hold_snapshots (w->source, FALSE);
  ps_engine_world_run_ms (w, 2000);
  g_assert_true (ps_engine_status (w->engine).complete);
  g_assert_true (ps_memory_db_exists (state, "PORT_TABLE|Ethernet5"));
}

/* A new device does not inherit the mtu of the one before it; a known one keeps its own. */
static void
test_mtu_is_of_the_device (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  PsLinkEvent link = *ps_script_source_peek (w->source, 10);
  link.fields &= ~(guint32)PS_LINK_HAS_MTU;
  link.mtu = 1;
  link.flags = NO_LINK;
  ps_script_source_put (w->source, &link);
  ps_engine_world_run_ms (w, 0);
  ps_assert_row (w, "Ethernet0", "ok down up 9100");
  ps_script_source_remove (w->source, 10);
  link.ifindex = 11;
  ps_script_source_put (w->source, &link);
  ps_engine_world_run_ms (w, 1000);
  ps_assert_row (w, "Ethernet0", "ok down up 0");
}

/* --- looking --------------------------------------------------------------------------------- */

/* A second device of the name is looked for at once, also long after the first was given up. */
static void
test_second_look (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_start (w);
  ps_script_source_link (w->source, "Ethernet7", 17, UP);
  ps_engine_world_run_ms (w, 70 * 1000);
  ps_script_source_remove (w->source, 17);
  ps_engine_world_run_ms (w, 450);
  ps_engine_world_make_live (w, "Ethernet7");
  ps_script_source_link (w->source, "Ethernet7", 18, UP);
  ps_engine_world_run_ms (w, 10);
  ps_assert_row (w, "Ethernet7", "ok up up 9100");
}

/* A row that we are deleting is not missed. */
static void
test_own_delete_is_no_loss (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_store_hold (w->store, TRUE);
  ps_script_source_remove (w->source, 10);
  ps_engine_world_run_ms (w, 1500);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 2000);
  ps_assert_row (w, "Ethernet0", "-");
  g_assert_null (strstr (w->lines->str, "missing from STATE_DB"));
}

/* Redis back: the links are listed again too, since more may have gone wrong. */
static void
test_listing_when_back (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  guint before = ps_script_source_n_snapshots (w->source);
  blink (w, FALSE);
  g_assert_cmpuint (ps_script_source_n_snapshots (w->source), ==, before + 1);
}

/* A reading of STATE_DB that takes longer than the second between two looks: none is asked for on
 * top of it, or it would never end, and the gate of all writes never open. */
static void
test_slow_reading (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 10);
  ps_memory_store_set_online (w->store, TRUE);
  ps_memory_store_hold (w->store, TRUE);
  ps_engine_world_run_ms (w, 3500);
  guint before = ps_memory_store_counters (w->store).reads;
  g_assert_false (ps_engine_status (w->engine).reconciled);
  ps_memory_store_hold (w->store, FALSE);
  ps_engine_world_run_ms (w, 0);
  g_assert_true (ps_engine_status (w->engine).reconciled);
  g_assert_cmpuint (ps_memory_store_counters (w->store).reads, ==, before);
}

/* A row that a netdev has awaited for long is looked at often again after a reconnection: the one
 * that brought Redis back is about to write rows. */
static void
test_awaits_often_after_reconnection (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  ps_script_source_link (w->source, "Ethernet9", 19, UP);
  ps_engine_world_run_ms (w, 70 * 1000);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_run_ms (w, 5250);
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 10);
  ps_engine_world_make_live (w, "Ethernet9");
  ps_engine_world_run_ms (w, 150);
  ps_assert_row (w, "Ethernet9", "ok up up 9100");
}

/* --- devices that look like the one before ---------------------------------------------------- */

static void
flap_ten_times (PsEngineWorld *w)
{
  for (guint i = 0; i < 10; i++) {
    ps_script_source_link (w->source, "Ethernet0", 10, NO_LINK);
    ps_script_source_link (w->source, "Ethernet0", 10, UP);
    ps_engine_world_run_ms (w, 10);
  }
}

static void
replace_device (PsEngineWorld *w)
{
  ps_script_source_remove (w->source, 10);
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
}

/* The row was deleted and then written, or not touched at all. */
static void
expect_replaced (PsEngineWorld *w, gboolean replaced)
{
  const GPtrArray *log = ps_memory_store_log (w->store);
  g_autoptr (GString) seen = g_string_new (NULL);
  for (guint i = 0; i < log->len; i++)
    if (strstr (g_ptr_array_index (log, i), "PORT_TABLE|Ethernet0") != NULL)
      g_string_append_printf (seen, "%.3s ",
                              (const char *)g_ptr_array_index (log, i) + strlen ("STATE "));
  g_assert_cmpstr (seen->str, ==, replaced ? "DEL PUT " : "");
  ps_assert_row (w, "Ethernet0", "ok up up 9100");
}

/* DELLINK and NEWLINK of a device were lost, and the new one has its ifindex and its name: only the
 * carrier counters, which ran backwards, tell. teammgrd needs the deletion (docs/rules.md 2.4). */
static void
test_same_ifindex_again (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  flap_ten_times (w);
  ps_memory_store_clear_log (w->store);
  ps_script_source_set_silent (w->source, TRUE);
  replace_device (w);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_lost (w->source);
  ps_engine_world_run_ms (w, 100);
  expect_replaced (w, TRUE);
  const PsPort *port = ps_engine_find_port (w->engine, "Ethernet0");
  g_assert_cmpuint (ps_flap_downs (&port->device.flap), ==, 10);
}

/* The same while no portsyncd ran. */
static void
test_same_ifindex_next_life (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  flap_ten_times (w);
  ps_engine_drain (w->engine);
  ps_engine_world_run_ms (w, 2000);
  replace_device (w);
  ps_engine_world_kill (w);
  ps_memory_store_clear_log (w->store);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 2000);
  expect_replaced (w, TRUE);
}

/* A device whose counters rose, or stood still, is the same, whatever was lost. */
static void
test_same_device_after_loss (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_boot_one (w);
  flap_ten_times (w);
  ps_memory_store_clear_log (w->store);
  ps_script_source_lost (w->source);
  ps_engine_world_run_ms (w, 1000);
  ps_script_source_set_silent (w->source, TRUE);
  flap_ten_times (w);
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_lost (w->source);
  ps_engine_world_run_ms (w, 1000);
  ps_engine_drain (w->engine);
  ps_engine_world_run_ms (w, 2000);
  ps_engine_world_kill (w);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 2000);
  expect_replaced (w, FALSE);
}

#define ADD_WITH(name, data, fn)                                                                   \
  g_test_add ("/engine-edges/" name, PsEngineWorld, data, ps_engine_world_set_up, fn,              \
              ps_engine_world_tear_down)
#define ADD(name, fn) ADD_WITH (name, NULL, fn)

/* Before the start is decided old devices exchange names, and all but the last message about it is
 * lost without notice: the one whose place was taken is still an old one. */
static void
test_displaced_old_device (PsEngineWorld *w, gconstpointer data)
{
  ps_engine_world_configure (w, "Ethernet0");
  ps_engine_world_configure (w, "Ethernet4");
  ps_script_source_link (w->source, "Ethernet0", 10, UP);
  ps_script_source_link (w->source, "Ethernet4", 11, UP);
  ps_memory_store_set_online (w->store, FALSE);
  ps_engine_world_start (w);
  ps_engine_world_run_ms (w, 100);
  ps_script_source_set_silent (w->source, TRUE);
  ps_script_source_rename (w->source, 10, "swapping");
  ps_script_source_rename (w->source, 11, "Ethernet0");
  ps_script_source_set_silent (w->source, FALSE);
  ps_script_source_rename (w->source, 10, "Ethernet4");
  ps_memory_store_set_online (w->store, TRUE);
  ps_engine_world_run_ms (w, 2000);
  g_assert_cmpint (ps_engine_status (w->engine).start.mode, ==, PS_START_COLD);
  g_assert_cmpuint (ps_engine_status (w->engine).n_old, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("awaits-often-after-reconnection", test_awaits_often_after_reconnection);
  ADD ("init-done-once", test_init_done_once);
  ADD ("copy-lost-at-the-marker", test_copy_lost_at_the_marker);
  ADD ("copy-lost-in-the-queue", test_copy_lost_in_the_queue);
  ADD ("published-before-copy", test_published_before_copy);
  ADD ("no-ports-wait-for-eoiu", test_no_ports_wait_for_eoiu);
  ADD ("precleared-is-remembered", test_precleared_is_remembered);
  ADD ("copied-is-remembered", test_copied_is_remembered);
  ADD ("cold-without-listing", test_cold_without_listing);
  ADD ("life-is-not-chatty", test_life_is_not_chatty);
  ADD_WITH ("life-in-one-piece/few", GUINT_TO_POINTER (100), test_life_in_one_piece);
  ADD_WITH ("life-in-one-piece/many", GUINT_TO_POINTER (600), test_life_in_one_piece);
  ADD ("refused-delete", test_refused_delete);
  ADD ("nothing-to-delete", test_nothing_to_delete);
  ADD ("odd-batch", test_odd_batch);
  ADD ("spoiled-fields", test_spoiled_fields);
  ADD ("unknown-row-after-loss", test_unknown_row_after_loss);
  ADD ("mtu-is-of-the-device", test_mtu_is_of_the_device);
  ADD ("second-look", test_second_look);
  ADD ("own-delete-is-no-loss", test_own_delete_is_no_loss);
  ADD ("same-ifindex-again", test_same_ifindex_again);
  ADD ("same-ifindex-next-life", test_same_ifindex_next_life);
  ADD ("same-device-after-loss", test_same_device_after_loss);
  ADD ("listing-when-back", test_listing_when_back);
  ADD ("slow-reading", test_slow_reading);
  ADD ("displaced-old-device", test_displaced_old_device);
  return g_test_run ();
}
