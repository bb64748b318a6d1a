/* SPDX-License-Identifier: Apache-2.0 */
/* How three sessions make one store; what every store must do is in the contract. */
#include "backends/redis/store.h"
#include "tests/support/redis-relay.h"
#include "base/virtual-clock.h"
#include <string.h>

typedef struct {
  PsVirtualClock *clock;
  PsLog *log;
  PsFakeStreamPort *ports[PS_N_DBS];
  PsRedisRelay *relays[PS_N_DBS];
  PsStore *store;
  GString *seen;
  guint n_online; /* databases */
  gboolean drop;  /* the next function drops the store */
} Rig;

static void
discard_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
}

static void
tell (Rig *rig, const char *word)
{
  g_string_append (rig->seen, word);
  if (rig->drop)
    g_clear_object (&rig->store);
}

static void
on_online (PsDb db, guint64 generation, gpointer user_data)
{
  Rig *rig = user_data;
  if (++rig->n_online < PS_N_DBS)
    return;
  g_autofree char *word = g_strdup_printf ("online%" G_GUINT64_FORMAT " ", generation);
  tell (user_data, word);
}

static void
on_offline (PsDb db, const char *reason, gpointer user_data)
{
  Rig *rig = user_data;
  if (rig->n_online-- < PS_N_DBS)
    return;
  tell (user_data, "offline ");
}

static const PsStoreSink sink = {.online = on_online, .offline = on_offline};

static void
on_done (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  g_autofree char *word =
      g_strdup_printf ("c%" G_GUINT64_FORMAT ":%c ", ticket, "AR?"[outcomes[0].result]);
  tell (user_data, word);
}

/* Ids and separators that are no default. */
static Rig *
rig_new (void)
{
  Rig *rig = g_new0 (Rig, 1);
  PsRedisDbConfig config = {.dbs = {{.id = 11, .separator = ':'},
                                    {.id = 12, .separator = '|'},
                                    {.id = 13, .separator = ':'}}};
  PsRedisOptions options = {.reply_deadline_us = G_USEC_PER_SEC, .rng_seed = 1};
  PsStreamPort *ports[PS_N_DBS];
  rig->clock = ps_virtual_clock_new ();
  rig->log = ps_log_new (PS_CLOCK (rig->clock), discard_line, NULL);
  rig->seen = g_string_new (NULL);
  for (guint i = 0; i < PS_N_DBS; i++) {
    rig->ports[i] = ps_fake_stream_port_new (PS_CLOCK (rig->clock));
    rig->relays[i] = ps_redis_relay_new (rig->ports[i], PS_CLOCK (rig->clock));
    ports[i] = PS_STREAM_PORT (rig->ports[i]);
  }
  PsRedisStore *store = ps_redis_store_new (PS_CLOCK (rig->clock), rig->log, &options);
  ps_redis_store_place (store, ports, &config);
  rig->store = PS_STORE (store);
  return rig;
}

static void
rig_free (Rig *rig)
{
  g_clear_object (&rig->store);
  for (guint i = 0; i < PS_N_DBS; i++) {
    ps_redis_relay_free (rig->relays[i]);
    g_assert_finalize_object (rig->ports[i]);
  }
  ps_log_free (rig->log);
  g_assert_cmpuint (ps_virtual_clock_n_timers (rig->clock), ==, 0);
  g_assert_finalize_object (rig->clock);
  g_string_free (rig->seen, TRUE);
  g_free (rig);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rig, rig_free)

static void
expect (Rig *rig, const char *seen)
{
  ps_virtual_clock_advance (rig->clock, 0);
  g_assert_cmpstr (rig->seen->str, ==, seen);
  g_string_truncate (rig->seen, 0);
}

static void
commit (Rig *rig, PsDb db, PsOpType type)
{
  PsBatch *batch = ps_batch_new (db);
  ps_batch_op (batch, type, "T", ps_text ("a"));
  ps_batch_field (batch, ps_text ("f"), ps_text ("1"));
  ps_store_commit (rig->store, batch, on_done, rig);
}

static const char *
command (Rig *rig, PsDb db, guint index)
{
  return g_ptr_array_index (ps_redis_relay_log (rig->relays[db]), index);
}

/* Ids and separators are the configuration's; only APPL_DB's server is given a script; a PRODUCE
 * for another database is refused. */
static void
test_configuration (void)
{
  g_autoptr (Rig) rig = rig_new ();
  ps_store_start (rig->store, &sink, rig);
  expect (rig, "online1 ");
  commit (rig, PS_DB_CONFIG, PS_OP_PUT);
  commit (rig, PS_DB_APPL, PS_OP_PRODUCE);
  commit (rig, PS_DB_STATE, PS_OP_PRODUCE);
  ps_virtual_clock_advance (rig->clock, 0);
  g_assert_cmpstr (command (rig, PS_DB_CONFIG, 0), ==, "SELECT 11");
  g_assert_cmpstr (command (rig, PS_DB_APPL, 0), ==, "SELECT 12");
  g_assert_cmpstr (command (rig, PS_DB_STATE, 0), ==, "SELECT 13");
  g_assert_cmpstr (command (rig, PS_DB_CONFIG, 2), ==, "HSET T:a f 1");
  g_assert_cmpstr (command (rig, PS_DB_APPL, 2), ==, "SCRIPT LOAD SCRIPT");
  g_assert_nonnull (strstr (command (rig, PS_DB_APPL, 3), " 3 T_CHANNEL@12 T_KEY_SET _T|a G a 1 "));
  g_assert_cmpuint (ps_redis_relay_log (rig->relays[PS_DB_STATE])->len, ==, 2);
  g_assert_nonnull (strstr (rig->seen->str, "c3:R "));
  g_assert_cmpuint (strlen (rig->seen->str), ==, strlen ("c1:A c2:A c3:R "));
}

/* Each database is online by itself; the loss of one concerns no other. */
static void
test_each (void)
{
  g_autoptr (Rig) rig = rig_new ();
  ps_fake_stream_port_set_connect (rig->ports[PS_DB_STATE], PS_FAKE_REFUSE);
  ps_store_start (rig->store, &sink, rig);
  ps_virtual_clock_advance (rig->clock, 20 * G_USEC_PER_SEC);
  g_assert_false (ps_store_is_online (rig->store));
  expect (rig, "");
  commit (rig, PS_DB_STATE, PS_OP_PUT);
  expect (rig, "c1:? ");
  commit (rig, PS_DB_CONFIG, PS_OP_PUT);
  expect (rig, "c2:A ");
  PsSimRedis *server = ps_redis_relay_server (rig->relays[PS_DB_STATE]);
  g_assert_false (ps_sim_redis_exists (server, 13, "T:a"));
  ps_fake_stream_port_set_connect (rig->ports[PS_DB_STATE], PS_FAKE_ACCEPT);
  ps_virtual_clock_advance (rig->clock, 10 * G_USEC_PER_SEC);
  expect (rig, "online1 ");
  ps_fake_stream_port_end (rig->ports[PS_DB_STATE]);
  expect (rig, "offline ");
  ps_fake_stream_port_end (rig->ports[PS_DB_APPL]);
  expect (rig, "");
  ps_virtual_clock_advance (rig->clock, 10 * G_USEC_PER_SEC);
  expect (rig, "online2 ");
  g_assert_cmpuint (ps_redis_store_counters (PS_REDIS_STORE (rig->store), PS_DB_CONFIG)->connects,
                    ==, 1);
  g_assert_cmpuint (ps_redis_store_counters (PS_REDIS_STORE (rig->store), PS_DB_APPL)->connects, ==,
                    2);
}

/* When one connection is lost, its requests end unknown before the store is offline; those of
 * another database, already sent, end as that server says. */
static void
test_partial_loss (void)
{
  g_autoptr (Rig) rig = rig_new ();
  ps_store_start (rig->store, &sink, rig);
  expect (rig, "online1 ");
  ps_redis_relay_mute (rig->relays[PS_DB_STATE], TRUE);
  ps_redis_relay_mute (rig->relays[PS_DB_CONFIG], TRUE);
  commit (rig, PS_DB_CONFIG, PS_OP_PUT);
  commit (rig, PS_DB_STATE, PS_OP_PUT);
  expect (rig, "");
  ps_fake_stream_port_end (rig->ports[PS_DB_STATE]);
  expect (rig, "c2:? offline ");
  ps_fake_stream_port_feed_text (rig->ports[PS_DB_CONFIG], ":1\r\n");
  expect (rig, "c1:A ");
}

/* The last reference may go from inside any function. */
static void
test_drop_inside (void)
{
  for (guint i = 0; i < 3; i++) {
    g_autoptr (Rig) rig = rig_new ();
    rig->drop = i == 0;
    ps_store_start (rig->store, &sink, rig);
    expect (rig, "online1 ");
    if (i == 0)
      continue;
    rig->drop = TRUE;
    if (i == 1)
      ps_fake_stream_port_end (rig->ports[PS_DB_APPL]);
    else
      commit (rig, PS_DB_STATE, PS_OP_PUT);
    expect (rig, i == 1 ? "offline " : "c1:A ");
    g_assert_null (rig->store);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redis-store/configuration", test_configuration);
  g_test_add_func ("/redis-store/each", test_each);
  g_test_add_func ("/redis-store/partial-loss", test_partial_loss);
  g_test_add_func ("/redis-store/drop-inside", test_drop_inside);
  return g_test_run ();
}
