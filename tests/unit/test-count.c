/* SPDX-License-Identifier: Apache-2.0 */
/* The count's looks alone: names and ports that come, and ports that go, in the middle of one. */
#include "core/schema.h"
#include "start/marker-count.h"
#include "base/virtual-clock.h"
#include "tests/support/memory-store.h"
#include <string.h>

#define MARKER "PORT_TABLE:PortConfigDone"

typedef struct {
  PsVirtualClock *clock;
  PsMemoryStore *store;
  PsLog *log;
  PsRefusals *refusals;
  PsPortTable *table;
  PsNames *names;
  PsMarkerCount *count;
  guint n_looked, n_sound;
  GString *lines;
} World;

static void
on_nothing (PsDb which, guint64 generation, gpointer user_data)
{
}

static void
on_offline (PsDb which, const char *reason, gpointer user_data)
{
}

static const PsStoreSink store_sink = {on_nothing, on_offline};

static void
on_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  World *w = user_data;
  g_string_append_printf (w->lines, "%s\n", text);
}

static void
on_looked (gboolean sound, gpointer user_data)
{
  World *w = user_data;
  w->n_looked++;
  w->n_sound += sound;
}

static void
run_ms (World *w, gint64 ms)
{
  ps_virtual_clock_advance (w->clock, ms * 1000);
}

static PsSimRedisDb *
db (World *w, PsDb which)
{
  return ps_memory_store_db (w->store, which);
}

/* Two ports are live, which the marker does not know. */
static void
set_up (World *w, gconstpointer data)
{
  w->clock = ps_virtual_clock_new ();
  w->store = ps_memory_store_new (PS_CLOCK (w->clock));
  w->lines = g_string_new (NULL);
  w->log = ps_log_new (PS_CLOCK (w->clock), on_line, w);
  w->refusals = ps_refusals_new (PS_CLOCK (w->clock), w->log);
  w->table = ps_port_table_new ();
  w->names = ps_names_new (PS_CLOCK (w->clock), PS_STORE (w->store), w->log);
  w->count = ps_marker_count_new (PS_CLOCK (w->clock), PS_STORE (w->store), w->names, w->log,
                                  w->refusals, w->table, on_looked, w);
  ps_store_start (PS_STORE (w->store), &store_sink, NULL);
  run_ms (w, 0);
  ps_memory_db_set_string (db (w, PS_DB_CONFIG), PS_CONFIG_DB_INITIALIZED, "1");
  ps_memory_db_set (db (w, PS_DB_APPL), MARKER, "count", "32");
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet0", "lanes", "0");
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet4", "lanes", "4");
  ps_memory_db_set (db (w, PS_DB_CONFIG), "PORT|Ethernet0", "lanes", "0");
  ps_memory_db_set (db (w, PS_DB_CONFIG), "PORT|Ethernet4", "lanes", "4");
}

static void
tear_down (World *w, gconstpointer data)
{
  ps_marker_count_free (w->count);
  ps_store_stop (PS_STORE (w->store));
  ps_names_free (w->names);
  g_object_unref (w->store);
  ps_refusals_free (w->refusals);
  ps_port_table_free (w->table);
  ps_log_free (w->log);
  g_string_free (w->lines, TRUE);
  g_object_unref (w->clock);
}

static void
tell (World *w, const char *name)
{
  PsText text = ps_text (name);
  ps_marker_count_tell_configured (w->count, &text);
}

static void
told (World *w, PsConfigReading how)
{
  ps_marker_count_told_configured (w->count, how);
}

static void
assert_count (World *w, const char *expected)
{
  run_ms (w, 0);
  g_assert_cmpstr (ps_memory_db_get (db (w, PS_DB_APPL), MARKER, "count"), ==, expected);
}

/* The look broke off and corrected nothing; the next one is at once. */
static void
assert_next_one_ends_it (World *w)
{
  assert_count (w, "32");
  g_assert_cmpuint (w->n_looked, ==, 1);
  g_assert_cmpuint (w->n_sound, ==, 0);
  ps_marker_count_run (w->count);
  assert_count (w, "2");
  g_assert_cmpuint (w->n_sound, ==, 1);
}

/* A port comes to the table after the one side named it and before the other does: it is the same
 * port on both. */
static void
test_port_between (World *w, gconstpointer data)
{
  ps_marker_count_look (w->count);
  tell (w, "Ethernet0");
  ps_port_table_add (w->table, "Ethernet0");
  ps_port_table_add (w->table, "Ethernet4");
  tell (w, "Ethernet4");
  run_ms (w, 0);
  g_assert_cmpuint (w->n_looked, ==, 0);
  told (w, PS_CONFIG_WHOLE);
  assert_count (w, "2");
  g_assert_cmpuint (w->n_looked, ==, 1);
}

/* If as many are configured as the marker says, only that was read; the names of all rows are so
 * with the next tick, and tell what is wrong with them. data: the marker's count; NULL: there is
 * none. */
static void
test_short (World *w, gconstpointer data)
{
  PsSimRedisDb *appl = db (w, PS_DB_APPL);
  if (data != NULL)
    ps_memory_db_set (appl, MARKER, "count", data);
  else
    ps_memory_db_delete (appl, MARKER);
  ps_memory_db_set (appl, "PORT_TABLE:PortChannel1", "mtu", "9100");
  guint n_reads = ps_memory_store_counters (w->store).reads;
  ps_marker_count_look (w->count);
  tell (w, "Ethernet0");
  tell (w, "Ethernet4");
  told (w, PS_CONFIG_WHOLE);
  run_ms (w, 0);
  g_assert_cmpuint (w->n_sound, ==, 1);
  g_assert_cmpuint (ps_memory_store_counters (w->store).reads, ==, n_reads + 1);
  g_assert_cmpstr (w->lines->str, ==, "");
  ps_marker_count_request (w->count); /* as live rows are seen */
  ps_marker_count_run (w->count);
  run_ms (w, 0);
  g_assert_cmpuint (ps_memory_store_counters (w->store).reads, ==, n_reads + 4);
  g_assert_true ((strstr (w->lines->str, "PortChannel1") != NULL) == (data != NULL));
  g_assert_cmpuint (w->n_looked, ==, 1);
}

/* A look that is to be another one's after a break is as short. */
static void
test_short_again (World *w, gconstpointer data)
{
  ps_memory_db_set (db (w, PS_DB_APPL), MARKER, "count", "2");
  ps_marker_count_look (w->count);
  told (w, PS_CONFIG_FAILED);
  run_ms (w, 0);
  guint n_reads = ps_memory_store_counters (w->store).reads;
  ps_marker_count_run (w->count);
  run_ms (w, 0);
  g_assert_cmpuint (w->n_sound, ==, 1);
  g_assert_cmpuint (ps_memory_store_counters (w->store).reads, ==, n_reads + 2);
}

/* A port is forgotten, or the connection breaks, when the names of the live rows are under way. */
static void
test_second_half (World *w, gconstpointer data)
{
  PsPort *port = ps_port_table_add (w->table, "Ethernet0");
  port->device.presence = PS_PRESENCE_GONE;
  ps_marker_count_look (w->count);
  run_ms (w, 0);
  tell (w, "Ethernet0");
  tell (w, "Ethernet4");
  if (data != NULL)
    ps_memory_store_lose (w->store, 1, FALSE);
  told (w, PS_CONFIG_WHOLE);
  if (data == NULL)
    g_assert_cmpuint (ps_port_table_drop_idle (w->table), ==, 1);
  assert_next_one_ends_it (w);
}

/* A port that the table forgets takes its marks with it: both sides would lack it, agree, and be
 * wrong. That was no look, the next one is at once. */
static void
test_port_forgotten (World *w, gconstpointer data)
{
  PsPort *port = ps_port_table_add (w->table, "Ethernet0");
  port->device.presence = PS_PRESENCE_GONE;
  ps_marker_count_look (w->count);
  tell (w, "Ethernet0");
  tell (w, "Ethernet4");
  run_ms (w, 0);
  g_assert_cmpuint (ps_port_table_drop_idle (w->table), ==, 1);
  told (w, PS_CONFIG_WHOLE);
  assert_count (w, "32");
  ps_marker_count_run (w->count);
  assert_count (w, "2");
}

/* Names of a reading that broke off are not all; what is told outside a look is not heard. */
static void
test_reading_broke_off (World *w, gconstpointer data)
{
  tell (w, "Ethernet8");
  told (w, PS_CONFIG_WHOLE);
  ps_marker_count_look (w->count);
  tell (w, "Ethernet0");
  run_ms (w, 0);
  ps_memory_db_delete (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet4");
  told (w, PS_CONFIG_FAILED);
  assert_count (w, "32");
  g_assert_cmpuint (w->n_looked, ==, 1);
  g_assert_cmpuint (w->n_sound, ==, 0);
  ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:Ethernet4", "lanes", "4");
  ps_marker_count_run (w->count);
  tell (w, "Ethernet12");
  told (w, PS_CONFIG_FAILED);
  assert_count (w, "2");
  g_assert_cmpuint (w->n_looked, ==, 2);
  g_assert_cmpuint (w->n_sound, ==, 1);
}

/* The answer to the correction is lost, or Redis is away when the look begins: that was none, and
 * the next one, which is due at once, ends it. */
static void
test_correction_lost (World *w, gconstpointer data)
{
  ps_marker_count_look (w->count);
  run_ms (w, 0);
  tell (w, "Ethernet0");
  tell (w, "Ethernet4");
  told (w, PS_CONFIG_WHOLE);
  ps_memory_store_lose (w->store, 1, FALSE);
  assert_next_one_ends_it (w);
}

static void
test_offline (World *w, gconstpointer data)
{
  ps_memory_store_set_online (w->store, FALSE);
  run_ms (w, 0);
  ps_marker_count_look (w->count);
  g_assert_cmpuint (w->n_looked, ==, 1);
  g_assert_cmpuint (w->n_sound, ==, 0);
  ps_memory_store_set_online (w->store, TRUE);
  run_ms (w, 0);
  ps_marker_count_run (w->count);
  assert_count (w, "2");
  g_assert_cmpuint (w->n_sound, ==, 1);
}

/* A name on one side only, a port's or not: nothing is corrected. data: what is configured and not
 * live; NULL: a row is live and not configured. */
static void
test_disagree (World *w, gconstpointer data)
{
  ps_port_table_add (w->table, "Ethernet0");
  if (data == NULL)
    ps_memory_db_set (db (w, PS_DB_APPL), "PORT_TABLE:PortChannel1", "mtu", "9100");
  ps_marker_count_look (w->count);
  tell (w, "Ethernet0");
  tell (w, "Ethernet4");
  if (data != NULL)
    tell (w, data);
  if (g_strcmp0 (data, "Ethernet8") == 0)
    ps_port_table_add (w->table, "Ethernet8");
  told (w, PS_CONFIG_WHOLE);
  assert_count (w, "32");
  g_assert_cmpuint (w->n_looked, ==, 1);
}

/* Names of a CONFIG_DB that is not loaded are none, whichever part reads them: the next look is a
 * second later, as long as it takes. */
static void
test_not_loaded (World *w, gconstpointer data)
{
  PsSimRedisDb *config = db (w, PS_DB_CONFIG);
  ps_memory_db_set_string (config, PS_CONFIG_DB_INITIALIZED, "0");
  ps_marker_count_look (w->count);
  tell (w, "Ethernet0");
  told (w, PS_CONFIG_NOT_LOADED);
  run_ms (w, 0);
  g_assert_cmpuint (w->n_looked, ==, 1);
  g_assert_cmpuint (w->n_sound, ==, 0);
  ps_marker_count_run (w->count);
  run_ms (w, 0);
  g_assert_cmpuint (w->n_looked, ==, 1);
  for (guint i = 0; i < 3 * PS_MARKER_COUNT_LOOKS; i++) {
    run_ms (w, PS_CONFIG_POLL_US / 1000);
    ps_marker_count_run (w->count);
    assert_count (w, "32");
  }
  g_assert_cmpuint (w->n_sound, ==, 0);
  ps_memory_db_set_string (config, PS_CONFIG_DB_INITIALIZED, "1");
  run_ms (w, PS_CONFIG_POLL_US / 1000);
  ps_marker_count_run (w->count);
  assert_count (w, "2");
  g_assert_cmpuint (w->n_sound, ==, 1);
}

/* Audits, or rows that come and go all the time, do not move a look that is due. */
static void
test_asked_often (World *w, gconstpointer data)
{
  for (guint i = 0; i < 2; i++) {
    ps_marker_count_request (w->count);
    ps_marker_count_run (w->count);
    assert_count (w, "32");
    run_ms (w, PS_MARKER_COUNT_PAUSE_US / 2000);
  }
  ps_marker_count_request (w->count);
  ps_marker_count_run (w->count);
  assert_count (w, "2");
}

#define ADD(path, data, f) g_test_add ("/count/" path, World, data, set_up, f, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("port-between", NULL, test_port_between);
  ADD ("short/right", "2", test_short);
  ADD ("short/no-marker", NULL, test_short);
  ADD ("short/again", NULL, test_short_again);
  ADD ("second-half/port-forgotten", NULL, test_second_half);
  ADD ("second-half/connection", "lost", test_second_half);
  ADD ("port-forgotten", NULL, test_port_forgotten);
  ADD ("reading-broke-off", NULL, test_reading_broke_off);
  ADD ("not-loaded", NULL, test_not_loaded);
  ADD ("asked-often", NULL, test_asked_often);
  ADD ("correction-lost", NULL, test_correction_lost);
  ADD ("offline", NULL, test_offline);
  ADD ("disagree/live", NULL, test_disagree);
  ADD ("disagree/configured", "Ethernet8", test_disagree);
  ADD ("disagree/odd-name", "PortChannel1", test_disagree);
  return g_test_run ();
}
