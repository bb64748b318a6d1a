/* SPDX-License-Identifier: Apache-2.0 */
/* The memory store's means of failing on order; what it shares with every store is in the contract.
 */
#include "base/virtual-clock.h"
#include "tests/support/memory-store.h"
#include <string.h>

typedef struct {
  PsVirtualClock *clock;
  PsMemoryStore *memory;
  PsStore *store;
  GString *seen;
} Rig;

static void
on_online (PsDb db, guint64 generation, gpointer user_data)
{
  if (db == PS_DB_STATE) /* the last */
    g_string_append_printf (user_data, "online%" G_GUINT64_FORMAT " ", generation);
}

static void
on_offline (PsDb db, const char *reason, gpointer user_data)
{
  if (db == PS_DB_STATE)
    g_string_append (user_data, "offline ");
}

static const PsStoreSink sink = {.online = on_online, .offline = on_offline};

static void
on_done (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (user_data, "%c%d", "AR?"[outcomes[i].result], outcomes[i].refusal);
  g_string_append_c (user_data, ' ');
}

static Rig *
rig_new (void)
{
  Rig *rig = g_new0 (Rig, 1);
  rig->clock = ps_virtual_clock_new ();
  rig->memory = ps_memory_store_new (PS_CLOCK (rig->clock));
  rig->store = PS_STORE (rig->memory);
  rig->seen = g_string_new (NULL);
  ps_store_start (rig->store, &sink, rig->seen);
  ps_virtual_clock_advance (rig->clock, 0);
  g_string_truncate (rig->seen, 0);
  return rig;
}

static void
rig_free (Rig *rig)
{
  g_object_unref (rig->memory);
  g_object_unref (rig->clock);
  g_string_free (rig->seen, TRUE);
  g_free (rig);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rig, rig_free)

static void
commit (Rig *rig, PsOpType type, const char *key, const char *value)
{
  PsBatch *batch = ps_batch_new (type == PS_OP_PRODUCE ? PS_DB_APPL : PS_DB_STATE);
  ps_batch_op (batch, type, "PORT_TABLE", ps_text (key));
  if (value != NULL)
    ps_batch_field (batch, ps_text ("f"), ps_text (value));
  ps_store_commit (rig->store, batch, on_done, rig->seen);
}

static void
expect (Rig *rig, const char *seen)
{
  ps_virtual_clock_advance (rig->clock, 0);
  g_assert_cmpstr (rig->seen->str, ==, seen);
  g_string_truncate (rig->seen, 0);
}

/* A refusal strikes the key as often as it was ordered, and what is refused is not done. */
static void
test_refuse (void)
{
  g_autoptr (Rig) rig = rig_new ();
  ps_memory_store_refuse (rig->memory, PS_DB_STATE, "PORT_TABLE|a", PS_REFUSAL_CAPACITY, "OOM", 2);
  for (guint i = 0; i < 3; i++) {
    commit (rig, PS_OP_PUT, "a", i == 2 ? "last" : "lost");
    commit (rig, PS_OP_PUT, "b", "1");
  }
  expect (rig, "R3 A0 R3 A0 A0 A0 ");
  g_autofree char *log = ps_memory_store_log_text (rig->memory);
  g_assert_cmpstr (log, ==,
                   "STATE PUT PORT_TABLE|b f=1\nSTATE PUT PORT_TABLE|b f=1\n"
                   "STATE PUT PORT_TABLE|a f=last\nSTATE PUT PORT_TABLE|b f=1\n");
  g_assert_cmpuint (ps_memory_store_n_writes (rig->memory, PS_DB_STATE, "PORT_TABLE|b"), ==, 3);
  g_assert_cmpuint (ps_memory_store_counters (rig->memory).refused, ==, 2);
}

/* Held replies wait while effects go on; going offline makes them unknown, in order. */
static void
test_hold (void)
{
  g_autoptr (Rig) rig = rig_new ();
  PsSimRedisDb *db = ps_memory_store_db (rig->memory, PS_DB_STATE);
  ps_memory_store_hold (rig->memory, TRUE);
  commit (rig, PS_OP_PUT, "a", "1");
  expect (rig, "");
  g_assert_cmpstr (ps_memory_db_get (db, "PORT_TABLE|a", "f"), ==, "1");
  g_assert_cmpuint (ps_memory_store_n_open (rig->memory), ==, 1);
  ps_memory_store_hold (rig->memory, FALSE);
  expect (rig, "A0 ");
  ps_memory_store_hold (rig->memory, TRUE);
  commit (rig, PS_OP_DELETE, "a", NULL);
  ps_memory_store_set_online (rig->memory, FALSE);
  commit (rig, PS_OP_PUT, "a", "2");
  expect (rig, "?0 offline ?0 ");
  g_assert_false (ps_memory_db_exists (db, "PORT_TABLE|a"));
  ps_memory_store_set_online (rig->memory, TRUE);
  expect (rig, "online2 ");
}

/* A lost request ends unknown, done or not, while the store stays online. */
static void
test_lose (void)
{
  g_autoptr (Rig) rig = rig_new ();
  PsSimRedisDb *db = ps_memory_store_db (rig->memory, PS_DB_STATE);
  ps_memory_store_lose (rig->memory, 1, TRUE);
  commit (rig, PS_OP_PUT, "a", "1");
  ps_memory_store_lose (rig->memory, 1, FALSE);
  commit (rig, PS_OP_PUT, "b", "1");
  commit (rig, PS_OP_PUT, "c", "1");
  expect (rig, "?0 ?0 A0 ");
  g_assert_true (ps_memory_db_exists (db, "PORT_TABLE|a"));
  g_assert_false (ps_memory_db_exists (db, "PORT_TABLE|b"));
  g_assert_true (ps_store_is_online (rig->store));
}

/* Orchagent pops what is pending, each key once, and only then is there a live row; a key that was
 * deleted by its producer loses the live row. */
static void
test_pop (void)
{
  g_autoptr (Rig) rig = rig_new ();
  PsSimRedisDb *db = ps_memory_store_db (rig->memory, PS_DB_APPL);
  for (guint i = 0; i < 10; i++) {
    char key[2] = {(char)('0' + i), '\0'};
    commit (rig, PS_OP_PRODUCE, key, "1");
  }
  ps_virtual_clock_advance (rig->clock, 0);
  g_assert_cmpuint (ps_memory_store_n_pending (rig->memory), ==, 10);
  g_assert_cmpuint (ps_memory_store_counters (rig->memory).published, ==, 10);
  g_autoptr (GPtrArray) first = ps_memory_store_pop (rig->memory, 4);
  g_assert_cmpuint (first->len, ==, 4);
  g_autoptr (GPtrArray) live = ps_sim_redis_db_sorted_keys (db, "PORT_TABLE:");
  g_assert_cmpuint (live->len, ==, 4);
  g_autoptr (GPtrArray) rest = ps_memory_store_pop (rig->memory, 100);
  g_assert_cmpuint (rest->len, ==, 6);
  g_autoptr (GPtrArray) staged = ps_sim_redis_db_sorted_keys (db, "_PORT_TABLE:");
  g_assert_cmpuint (staged->len, ==, 0);
  ps_memory_store_produce_del (rig->memory, "3");
  commit (rig, PS_OP_PRODUCE, "4", "2");
  ps_virtual_clock_advance (rig->clock, 0);
  g_autoptr (GPtrArray) last = ps_memory_store_pop (rig->memory, 100);
  g_assert_cmpuint (last->len, ==, 2);
  g_assert_false (ps_memory_db_exists (db, "PORT_TABLE:3"));
  g_assert_cmpstr (ps_memory_db_get (db, "PORT_TABLE:4", "f"), ==, "2");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redis-memory-store/refuse", test_refuse);
  g_test_add_func ("/redis-memory-store/hold", test_hold);
  g_test_add_func ("/redis-memory-store/lose", test_lose);
  g_test_add_func ("/redis-memory-store/pop", test_pop);
  return g_test_run ();
}
