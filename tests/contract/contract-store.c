/* SPDX-License-Identifier: Apache-2.0 */
/* What every PsStore must do. Usage: contract-store memory|fake|redis. */
#include "backends/redis/socket.h"
#include "backends/redis/store.h"
#include "daemon/glib-clock.h"
#include "tests/support/fake-redis.h"
#include "tests/support/manual-clock.h"
#include "tests/support/memory-store.h"
#include "tests/support/redis-server.h"
#include <poll.h>
#include <string.h>

#define BOUND_US (20 * G_USEC_PER_SEC)
#define SEED     7

static const char *implementation;
static const int db_ids[PS_N_DBS] = {4, 0, 6};

/* A store, what it told, and the means to look behind it. */
typedef struct {
  PsStore *store;
  PsClock *clock;
  PsLog *log;
  PsMemoryDb *dbs[PS_N_DBS]; /* fake: owned; memory: the store's */
  PsStreamPort *ports[PS_N_DBS];
  PsFakeRedis *servers[PS_N_DBS];
  PsRedisServer *server;
  PsDbConfig *config;
  GString *seen;     /* everything told, in order, one word each */
  GPtrArray *rows;   /* rows told, "key a=b" */
  guint n_done;      /* done functions called */
  gboolean inside;   /* a call of the store is on the stack */
  gboolean stop_now; /* the next function stops the store */
  guint n_chain;     /* done functions that make another request */
} Rig;

static gboolean
is (const char *name)
{
  return g_str_equal (implementation, name);
}

static void
discard_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
}

/* --- What the store tells --- */

static void
tell (Rig *rig, const char *format, ...)
{
  g_assert_false (rig->inside);
  va_list args;
  va_start (args, format);
  g_string_append_vprintf (rig->seen, format, args);
  va_end (args);
  if (!rig->stop_now)
    return;
  rig->stop_now = FALSE;
  ps_store_stop (rig->store);
}

static void
on_online (guint64 generation, gpointer user_data)
{
  Rig *rig = user_data;
  g_assert_true (ps_store_is_online (rig->store));
  tell (rig, "online%" G_GUINT64_FORMAT " ", generation);
}

static void
on_offline (const char *reason, gpointer user_data)
{
  Rig *rig = user_data;
  g_assert_false (ps_store_is_online (rig->store));
  g_assert_cmpuint (strlen (reason), >, 0);
  tell (rig, "offline ");
}

static const PsStoreSink sink = {.online = on_online, .offline = on_offline};

static char
letter (const PsOutcome *outcome)
{
  g_assert_true ((outcome->result == PS_REFUSED) == (outcome->refusal != PS_REFUSAL_NONE));
  g_assert_true (outcome->result != PS_REFUSED || outcome->reason != NULL);
  return "AR?"[outcome->result];
}

static void
on_commit (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  Rig *rig = user_data;
  g_autoptr (GString) word = g_string_new (NULL);
  g_string_printf (word, "c%" G_GUINT64_FORMAT ":", ticket);
  for (gsize i = 0; i < n; i++)
    g_string_append_c (word, letter (&outcomes[i]));
  rig->n_done++;
  tell (rig, "%s ", word->str);
}

static void
on_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  Rig *rig = user_data;
  GString *text = g_string_new_len (row->key.data, (gssize)row->key.size);
  g_assert_cmpint (row->key.data[row->key.size], ==, '\0');
  for (gsize i = 0; i < row->n_fields; i++) {
    g_assert_cmpint (row->fields[i].value.data[row->fields[i].value.size], ==, '\0');
    g_string_append_printf (text, " %s=%s", row->fields[i].name.data, row->fields[i].value.data);
  }
  if (letter (&row->outcome) == 'R')
    g_string_append_printf (text, " refused:%d", row->outcome.refusal);
  g_ptr_array_add (rig->rows, g_string_free (text, FALSE));
  if (rig->stop_now)
    tell (rig, "row ");
}

static void
on_read (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  Rig *rig = user_data;
  rig->n_done++;
  tell (rig, "r%" G_GUINT64_FORMAT ":%c ", ticket, letter (outcome));
}

static void
on_exists (PsTicket ticket, const PsOutcome *outcome, guint n, gpointer user_data)
{
  Rig *rig = user_data;
  rig->n_done++;
  if (outcome->result == PS_APPLIED)
    tell (rig, "e%" G_GUINT64_FORMAT ":%u ", ticket, n);
  else
    tell (rig, "e%" G_GUINT64_FORMAT ":%c ", ticket, letter (outcome));
}

/* --- The rig --- */

/* One turn of the loop. */
static void
turn (Rig *rig)
{
  if (!is ("redis"))
    ps_manual_clock_advance (PS_MANUAL_CLOCK (rig->clock), 1000);
  else if (!g_main_context_iteration (NULL, FALSE))
    poll (NULL, 0, 1);
}

#define WAIT_FOR(rig, condition)                                                                   \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 end_us = g_get_monotonic_time () + BOUND_US;                                            \
    while (!(condition)) {                                                                         \
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);                                        \
      turn (rig);                                                                                  \
    }                                                                                              \
  }                                                                                                \
  G_STMT_END

static void
settle (Rig *rig)
{
  for (guint i = 0; i < 20; i++)
    turn (rig);
}

/* Waits for n further done functions. */
static void
wait_done (Rig *rig, guint n)
{
  WAIT_FOR (rig, rig->n_done >= n);
  g_assert_cmpuint (rig->n_done, ==, n);
  rig->n_done = 0;
}

static void
make_ports (Rig *rig)
{
  for (guint i = 0; i < PS_N_DBS; i++) {
    if (is ("redis")) {
      rig->ports[i] = ps_redis_socket_new (NULL, &rig->config->dbs[i]);
      continue;
    }
    PsFakeStreamPort *port = ps_fake_stream_port_new (rig->clock);
    rig->ports[i] = PS_STREAM_PORT (port);
    rig->dbs[i] = ps_memory_db_new ();
    rig->servers[i] = ps_fake_redis_new (port, rig->dbs[i]);
  }
}

static void
read_config (Rig *rig)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  g_file_get_contents (ps_redis_server_config (rig->server), &text, &size, &error);
  g_assert_no_error (error);
  rig->config = ps_db_config_parse (text, size, "test", &error);
  g_assert_no_error (error);
}

static void
default_config (Rig *rig)
{
  rig->config = g_new0 (PsDbConfig, 1);
  for (guint i = 0; i < PS_N_DBS; i++)
    rig->config->dbs[i] =
        (PsDbEndpoint){.id = (guint)db_ids[i], .separator = i == PS_DB_APPL ? ':' : '|'};
}

static Rig *
rig_new (void)
{
  Rig *rig = g_new0 (Rig, 1);
  rig->seen = g_string_new (NULL);
  rig->rows = g_ptr_array_new_with_free_func (g_free);
  if (is ("redis")) {
    rig->clock = PS_CLOCK (ps_glib_clock_new (NULL));
    rig->server = ps_redis_server_new (NULL);
    read_config (rig);
  } else {
    rig->clock = PS_CLOCK (ps_manual_clock_new ());
    default_config (rig);
  }
  rig->log = ps_log_new (rig->clock, discard_line, NULL);
  PsRedisOptions options = {.reply_deadline_us = 3 * G_USEC_PER_SEC, .rng_seed = SEED};
  if (is ("memory")) {
    rig->store = PS_STORE (ps_memory_store_new (rig->clock));
    for (guint i = 0; i < PS_N_DBS; i++)
      rig->dbs[i] = ps_memory_store_db (PS_MEMORY_STORE (rig->store), i);
    return rig;
  }
  make_ports (rig);
  rig->store =
      PS_STORE (ps_redis_store_new (rig->clock, rig->log, rig->ports, rig->config, &options));
  return rig;
}

static void
rig_free (Rig *rig)
{
  g_object_unref (rig->store);
  for (guint i = 0; i < PS_N_DBS; i++) {
    ps_fake_redis_free (rig->servers[i]);
    g_clear_object (&rig->ports[i]);
    if (is ("fake"))
      ps_memory_db_free (rig->dbs[i]);
  }
  ps_redis_server_free (rig->server);
  ps_db_config_free (rig->config);
  ps_log_free (rig->log);
  g_object_unref (rig->clock);
  g_string_free (rig->seen, TRUE);
  g_ptr_array_unref (rig->rows);
  g_free (rig);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Rig, rig_free)

static Rig *
online_rig (void)
{
  Rig *rig = rig_new ();
  rig->inside = TRUE;
  ps_store_start (rig->store, &sink, rig);
  rig->inside = FALSE;
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  g_assert_cmpstr (rig->seen->str, ==, "online1 ");
  g_string_truncate (rig->seen, 0);
  return rig;
}

/* What another client does. */
static void
other_sets (Rig *rig, PsDb db, const char *key, const char *field, const char *value)
{
  if (rig->server != NULL)
    ps_redis_server_do (rig->server, db_ids[db], "HSET %s %s %s", key, field, value);
  else
    ps_memory_db_set (rig->dbs[db], key, field, value);
}

static void
other_spoils (Rig *rig, PsDb db, const char *key)
{
  if (rig->server != NULL)
    ps_redis_server_do (rig->server, db_ids[db], "SET %s x", key);
  else
    ps_memory_db_spoil (rig->dbs[db], key);
}

static guint
size_of_set (Rig *rig, PsDb db, const char *key)
{
  if (rig->server != NULL)
    return (guint)ps_redis_server_do (rig->server, db_ids[db], "SCARD %s", key);
  return ps_memory_db_set_size (rig->dbs[db], key);
}

/* The server goes, and does not come back before server_back. */
static void
server_gone (Rig *rig)
{
  if (is ("redis"))
    ps_redis_server_kill (rig->server);
  else if (is ("memory"))
    ps_memory_store_set_online (PS_MEMORY_STORE (rig->store), FALSE);
  for (guint i = 0; i < PS_N_DBS && is ("fake"); i++) {
    ps_fake_stream_port_set_connect (PS_FAKE_STREAM_PORT (rig->ports[i]), PS_FAKE_REFUSE);
    ps_fake_stream_port_end (PS_FAKE_STREAM_PORT (rig->ports[i]));
  }
}

static void
server_back (Rig *rig)
{
  if (is ("redis"))
    ps_redis_server_start (rig->server);
  else if (is ("memory"))
    ps_memory_store_set_online (PS_MEMORY_STORE (rig->store), TRUE);
  for (guint i = 0; i < PS_N_DBS && is ("fake"); i++)
    ps_fake_stream_port_set_connect (PS_FAKE_STREAM_PORT (rig->ports[i]), PS_FAKE_ACCEPT);
}

/* --- Requests, as short as can be --- */

/* op: "PUT TABLE KEY f=v f=v", "DELETE TABLE KEY", "PRODUCE TABLE KEY f=v". */
static void
add_op (PsBatch *batch, const char *op)
{
  g_auto (GStrv) words = g_strsplit (op, " ", -1);
  PsOpType type = g_str_equal (words[0], "PUT")      ? PS_OP_PUT
                  : g_str_equal (words[0], "DELETE") ? PS_OP_DELETE
                                                     : PS_OP_PRODUCE;
  ps_batch_op (batch, type, words[1], ps_text (words[2]));
  for (guint i = 3; words[i] != NULL; i++) {
    g_auto (GStrv) pair = g_strsplit (words[i], "=", 2);
    ps_batch_field (batch, ps_text (pair[0]), ps_text (pair[1]));
  }
}

static void
commit_batch (Rig *rig, PsBatch *batch)
{
  rig->inside = TRUE;
  ps_store_commit (rig->store, batch, on_commit, rig);
  rig->inside = FALSE;
}

/* ops are separated by line feeds. */
static void
commit (Rig *rig, PsDb db, const char *ops)
{
  g_auto (GStrv) lines = g_strsplit (ops, "\n", -1);
  PsBatch *batch = ps_batch_new (db);
  for (guint i = 0; lines[i] != NULL; i++)
    add_op (batch, lines[i]);
  commit_batch (rig, batch);
}

static void
read_request (Rig *rig, const PsRead *read)
{
  g_ptr_array_set_size (rig->rows, 0);
  rig->inside = TRUE;
  ps_store_read_rows (rig->store, read, on_row, on_read, rig);
  rig->inside = FALSE;
}

static void
exists (Rig *rig, PsDb db, const char *table, const char *keys)
{
  g_auto (GStrv) list = g_strsplit (keys, " ", -1);
  rig->inside = TRUE;
  ps_store_exists (rig->store, db, table, (const char *const *)list, g_strv_length (list),
                   on_exists, rig);
  rig->inside = FALSE;
}

static void
expect_seen (Rig *rig, const char *expected)
{
  g_assert_cmpstr (rig->seen->str, ==, expected);
  g_string_truncate (rig->seen, 0);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static void
expect_rows (Rig *rig, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < rig->rows->len; i++)
    g_string_append_printf (text, "%s\n", (char *)g_ptr_array_index (rig->rows, i));
  g_assert_cmpstr (text->str, ==, expected);
}

/* Reads rows and waits for them; keys NULL: the table, sorted. */
static void
check_rows (Rig *rig, PsDb db, const char *table, const char *keys, const char *expected)
{
  g_auto (GStrv) list = g_strsplit (keys != NULL ? keys : "", " ", -1);
  PsRead read = {.db = db, .table = table};
  if (keys != NULL) {
    read.keys = (const char *const *)list;
    read.n_keys = g_strv_length (list);
  }
  read_request (rig, &read);
  wait_done (rig, 1);
  if (keys == NULL)
    g_ptr_array_sort (rig->rows, compare_rows);
  expect_rows (rig, expected);
  g_string_truncate (rig->seen, 0);
}

/* --- Tests --- */

/* A store is offline until it says online, once, with generation 1. */
static void
test_online (void)
{
  g_autoptr (Rig) rig = rig_new ();
  settle (rig);
  g_assert_false (ps_store_is_online (rig->store));
  ps_store_start (rig->store, &sink, rig);
  g_assert_false (ps_store_is_online (rig->store));
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  settle (rig);
  expect_seen (rig, "online1 ");
}

/* A PUT adds fields and leaves others; a DELETE takes the row; tickets rise; done comes later. */
static void
test_put_delete (void)
{
  g_autoptr (Rig) rig = online_rig ();
  commit (rig, PS_DB_STATE, "PUT T a x=1 y=2\nPUT T a y=3 z=4\nPUT T b x=\nDELETE T gone");
  wait_done (rig, 1);
  expect_seen (rig, "c1:AAAA ");
  check_rows (rig, PS_DB_STATE, "T", "a b gone", "a x=1 y=3 z=4\nb x=\ngone\n");
  commit (rig, PS_DB_STATE, "DELETE T a");
  wait_done (rig, 1);
  expect_seen (rig, "c3:A ");
  check_rows (rig, PS_DB_STATE, "T", NULL, "b x=\n");
}

/* The databases are apart. */
static void
test_databases (void)
{
  g_autoptr (Rig) rig = online_rig ();
  commit (rig, PS_DB_STATE, "PUT T a db=state");
  commit (rig, PS_DB_CONFIG, "PUT T a db=config");
  commit (rig, PS_DB_APPL, "PUT T a db=appl");
  wait_done (rig, 3);
  check_rows (rig, PS_DB_STATE, "", "T|a T:a", "T|a db=state\nT:a\n");
  check_rows (rig, PS_DB_CONFIG, "", "T|a T:a", "T|a db=config\nT:a\n");
  check_rows (rig, PS_DB_APPL, "", "T|a T:a", "T|a\nT:a db=appl\n");
}

/* PRODUCE stages the fields, queues the key once, and leaves the live row alone. */
static void
test_produce (void)
{
  g_autoptr (Rig) rig = online_rig ();
  other_sets (rig, PS_DB_APPL, "PORT_TABLE:E0", "mtu", "1");
  commit (rig, PS_DB_APPL,
          "PRODUCE PORT_TABLE E0 mtu=9 lanes=1,2\nPRODUCE PORT_TABLE E4 mtu=5\n"
          "PRODUCE PORT_TABLE E0 mtu=7");
  wait_done (rig, 1);
  expect_seen (rig, "c1:AAA ");
  check_rows (rig, PS_DB_APPL, "PORT_TABLE", NULL, "E0 mtu=1\n");
  check_rows (rig, PS_DB_APPL, "_PORT_TABLE", NULL, "E0 mtu=7 lanes=1,2\nE4 mtu=5\n");
  g_assert_cmpuint (size_of_set (rig, PS_DB_APPL, "PORT_TABLE_KEY_SET"), ==, 2);
  exists (rig, PS_DB_APPL, "", "PORT_TABLE_KEY_SET");
  wait_done (rig, 1);
  expect_seen (rig, "e4:1 ");
}

/* A full batch, of every kind of operation in turn. */
static void
test_full_batch (void)
{
  g_autoptr (Rig) rig = online_rig ();
  static const char *const kinds[] = {"PUT T k%u a=b", "DELETE T k%u",
                                      "PRODUCE PORT_TABLE k%u a=b c=d"};
  g_autoptr (GString) expected = g_string_new ("c1:");
  PsBatch *batch = ps_batch_new (PS_DB_APPL);
  for (guint i = 0; !ps_batch_is_full (batch); i++) {
    g_autoptr (GString) op = g_string_new (kinds[i / 200]);
    g_autofree char *number = g_strdup_printf ("%u", i);
    g_string_replace (op, "%u", number, 1);
    add_op (batch, op->str);
    g_string_append_c (expected, 'A');
  }
  g_string_append_c (expected, ' ');
  commit_batch (rig, batch);
  wait_done (rig, 1);
  expect_seen (rig, expected->str);
  g_assert_cmpuint (size_of_set (rig, PS_DB_APPL, "PORT_TABLE_KEY_SET"), ==, 112);
}

/* A whole table: each row once, without tables whose name only begins alike, and without what a
 * pattern would match if its characters were not meant literally. */
static void
test_table (void)
{
  g_autoptr (Rig) rig = online_rig ();
  static const char *const keys[] = {"PORT|E0",  "PORT|E4",  "PORTX|E8", "PORT",  "APORT|E9",
                                     "P*T|star", "P?T|mark", "P[OR]T|b", "P\\T|c"};
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    other_sets (rig, PS_DB_CONFIG, keys[i], "f", "v");
  check_rows (rig, PS_DB_CONFIG, "PORT", NULL, "E0 f=v\nE4 f=v\n");
  check_rows (rig, PS_DB_CONFIG, "P*T", NULL, "star f=v\n");
  check_rows (rig, PS_DB_CONFIG, "P?T", NULL, "mark f=v\n");
  check_rows (rig, PS_DB_CONFIG, "P[OR]T", NULL, "b f=v\n");
  check_rows (rig, PS_DB_CONFIG, "P\\T", NULL, "c f=v\n");
  check_rows (rig, PS_DB_CONFIG, "NONE", NULL, "");
}

/* A table of names only: the rows are there, without fields. */
static void
test_names (void)
{
  g_autoptr (Rig) rig = online_rig ();
  other_sets (rig, PS_DB_CONFIG, "PORT|E0", "f", "v");
  other_spoils (rig, PS_DB_CONFIG, "PORT|E4");
  PsRead read = {.db = PS_DB_CONFIG, .table = "PORT", .names_only = TRUE};
  read_request (rig, &read);
  wait_done (rig, 1);
  g_ptr_array_sort (rig->rows, compare_rows);
  expect_rows (rig, "E0\nE4\n");
  expect_seen (rig, "r1:A ");
}

/* A table of more rows than a window or a page. */
static void
test_large_table (void)
{
  g_autoptr (Rig) rig = online_rig ();
  guint n = 3000;
  for (guint i = 0; i < n;) {
    PsBatch *batch = ps_batch_new (PS_DB_STATE);
    for (; i < n && !ps_batch_is_full (batch); i++) {
      g_autofree char *op = g_strdup_printf ("PUT T row%04u number=%u", i, i);
      add_op (batch, op);
    }
    commit_batch (rig, batch);
  }
  wait_done (rig, 6);
  PsRead read = {.db = PS_DB_STATE, .table = "T"};
  read_request (rig, &read);
  wait_done (rig, 1);
  g_assert_cmpuint (rig->rows->len, ==, n);
  g_ptr_array_sort (rig->rows, compare_rows);
  for (guint i = 0; i < n; i++) {
    g_autofree char *row = g_strdup_printf ("row%04u number=%u", i, i);
    g_assert_cmpstr (g_ptr_array_index (rig->rows, i), ==, row);
  }
}

/* EXISTS counts rows, of a table or as whole keys, whatever they hold. */
static void
test_exists (void)
{
  g_autoptr (Rig) rig = online_rig ();
  other_sets (rig, PS_DB_STATE, "T|a", "f", "v");
  other_spoils (rig, PS_DB_STATE, "T|b");
  exists (rig, PS_DB_STATE, "T", "a b c");
  exists (rig, PS_DB_STATE, "T", "c");
  exists (rig, PS_DB_STATE, "", "T|a T|c");
  wait_done (rig, 3);
  expect_seen (rig, "e1:2 e2:0 e3:1 ");
}

/* A key of another type is refused by itself: the others of the same request go on, a produced key
 * is not queued, and DELETE takes it. */
static void
test_wrong_type (void)
{
  g_autoptr (Rig) rig = online_rig ();
  other_spoils (rig, PS_DB_APPL, "T:bad");
  other_spoils (rig, PS_DB_APPL, "_T:bad");
  commit (rig, PS_DB_APPL,
          "PUT T a f=1\nPUT T bad f=1\nPUT T b f=1\n"
          "PRODUCE T p f=1\nPRODUCE T bad f=1\nPRODUCE T q f=1");
  wait_done (rig, 1);
  expect_seen (rig, "c1:ARAARA ");
  g_assert_cmpuint (size_of_set (rig, PS_DB_APPL, "T_KEY_SET"), ==, 2);
  g_autofree char *expected =
      g_strdup_printf ("a f=1\nb f=1\nbad refused:%d\n", PS_REFUSAL_WRONGTYPE);
  check_rows (rig, PS_DB_APPL, "T", NULL, expected);
  check_rows (rig, PS_DB_APPL, "_T", "p q", "p f=1\nq f=1\n");
  commit (rig, PS_DB_APPL, "DELETE T bad\nPUT T bad f=2");
  wait_done (rig, 1);
  check_rows (rig, PS_DB_APPL, "T", "bad", "bad f=2\n");
}

/* A produced row without fields would be taken for a deletion by its consumer: it is refused, and
 * nothing is queued. A PUT without fields does nothing, well. */
static void
test_no_fields (void)
{
  g_autoptr (Rig) rig = online_rig ();
  commit (rig, PS_DB_APPL, "PRODUCE T a");
  commit (rig, PS_DB_APPL, "PUT T a");
  commit (rig, PS_DB_APPL, "PRODUCE T a\nPRODUCE T b f=1\nPUT T b\nPRODUCE T c");
  wait_done (rig, 3);
  expect_seen (rig, "c1:R c2:A c3:RAAR ");
  g_assert_cmpuint (size_of_set (rig, PS_DB_APPL, "T_KEY_SET"), ==, 1);
  check_rows (rig, PS_DB_APPL, "T", NULL, "");
}

/* Values are bytes: empty, with NUL, line ends and what is not UTF-8. */
static void
test_bytes (void)
{
  g_autoptr (Rig) rig = online_rig ();
  static const PsText values[] = {{"", 0}, {"a\0b", 3}, {"\r\n$5\r\n", 6}, {"\xff\xfe", 2}};
  PsBatch *batch = ps_batch_new (PS_DB_STATE);
  ps_batch_op (batch, PS_OP_PUT, "T", ps_text ("a"));
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    char name[2] = {(char)('0' + i), '\0'};
    ps_batch_field (batch, ps_text (name), values[i]);
  }
  commit_batch (rig, batch);
  wait_done (rig, 1);
  expect_seen (rig, "c1:A ");
  check_rows (rig, PS_DB_STATE, "T", "a", "a 0= 1=a 2=\r\n$5\r\n 3=\xff\xfe\n");
}

/* Requests of one database are done, and take effect, in the order in which they were made. */
static void
test_order (void)
{
  g_autoptr (Rig) rig = online_rig ();
  const char *const keys[] = {"a"};
  PsRead row = {.db = PS_DB_STATE, .table = "T", .keys = keys, .n_keys = 1};
  PsRead table = {.db = PS_DB_STATE, .table = "T"};
  commit (rig, PS_DB_STATE, "PUT T a n=1");
  read_request (rig, &row);
  commit (rig, PS_DB_STATE, "PUT T a n=2");
  rig->inside = TRUE;
  ps_store_read_rows (rig->store, &table, on_row, on_read, rig);
  rig->inside = FALSE;
  commit (rig, PS_DB_STATE, "DELETE T a");
  exists (rig, PS_DB_STATE, "T", "a");
  wait_done (rig, 6);
  expect_seen (rig, "c1:A r2:A c3:A r4:A c5:A e6:0 ");
  expect_rows (rig, "a n=1\na n=2\n");
}

/* What was seen without the word "offline", which must be there once. */
static void
expect_loss (Rig *rig, const char *expected)
{
  g_auto (GStrv) parts = g_strsplit (rig->seen->str, "offline ", -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  g_string_printf (rig->seen, "%s%s", parts[0], parts[1]);
  expect_seen (rig, expected);
}

/* When the server is lost, open requests end unknown and the store is offline (which of its three
 * connections notices first is chance); requests made then end unknown too, later; when the server
 * is back, the generation is the next one. */
static void
test_loss (void)
{
  g_autoptr (Rig) rig = online_rig ();
  if (is ("redis"))
    ps_redis_server_pause (rig->server);
  if (is ("memory"))
    ps_memory_store_hold (PS_MEMORY_STORE (rig->store), TRUE);
  if (is ("fake"))
    ps_fake_redis_mute (rig->servers[PS_DB_STATE], TRUE);
  commit (rig, PS_DB_STATE, "PUT T a n=1\nPUT T b n=1");
  exists (rig, PS_DB_STATE, "T", "a");
  settle (rig);
  expect_seen (rig, "");
  server_gone (rig);
  WAIT_FOR (rig, strstr (rig->seen->str, "offline") != NULL && rig->n_done == 2);
  expect_loss (rig, "c1:?? e2:? ");
  rig->n_done = 0;
  commit (rig, PS_DB_STATE, "PUT T a n=2");
  exists (rig, PS_DB_CONFIG, "T", "a");
  wait_done (rig, 2);
  expect_seen (rig, "c3:? e4:? ");
  for (guint i = 0; i < PS_N_DBS && is ("fake"); i++)
    ps_fake_redis_mute (rig->servers[i], FALSE);
  server_back (rig);
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  expect_seen (rig, "online2 ");
  if (is ("memory"))
    ps_memory_store_hold (PS_MEMORY_STORE (rig->store), FALSE);
  commit (rig, PS_DB_STATE, "PUT T a n=3");
  wait_done (rig, 1);
  check_rows (rig, PS_DB_STATE, "T", "a", "a n=3\n");
}

static void
chain (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  Rig *rig = user_data;
  on_commit (ticket, outcomes, n, user_data);
  if (rig->n_chain-- == 0)
    return;
  PsBatch *batch = ps_batch_new (PS_DB_STATE);
  add_op (batch, "PUT T a n=1");
  rig->inside = TRUE;
  ps_store_commit (rig->store, batch, chain, rig);
  rig->inside = FALSE;
}

/* A done function may make the next request. */
static void
test_chain (void)
{
  g_autoptr (Rig) rig = online_rig ();
  const PsOutcome begin = {.result = PS_APPLIED};
  rig->n_chain = 3;
  chain (0, &begin, 1, rig);
  wait_done (rig, 4);
  expect_seen (rig, "c0:A c1:A c2:A c3:A ");
}

/* After stop, nothing arrives: not from open requests, and not when the server goes. A store that
 * was stopped can be started again. */
static void
test_stop (void)
{
  g_autoptr (Rig) rig = online_rig ();
  commit (rig, PS_DB_STATE, "PUT T a n=1");
  exists (rig, PS_DB_STATE, "T", "a");
  ps_store_stop (rig->store);
  ps_store_stop (rig->store);
  g_assert_false (ps_store_is_online (rig->store));
  settle (rig);
  expect_seen (rig, "");
  g_assert_cmpuint (rig->n_done, ==, 0);
  ps_store_start (rig->store, &sink, rig);
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  expect_seen (rig, "online2 ");
}

/* Stop may be called from every function that the store calls; that one is the last. */
static void
test_stop_inside (void)
{
  static const char *const when[] = {"online", "offline", "commit", "row",
                                     "names",  "read",    "exists"};
  for (guint i = 0; i < G_N_ELEMENTS (when); i++) {
    g_autoptr (Rig) rig = rig_new ();
    rig->stop_now = i == 0;
    ps_store_start (rig->store, &sink, rig);
    WAIT_FOR (rig, rig->seen->len > 0);
    g_string_truncate (rig->seen, 0);
    if (i == 0) {
      settle (rig);
      expect_seen (rig, "");
      continue;
    }
    commit (rig, PS_DB_STATE, "PUT T a n=1\nPUT T b n=1");
    wait_done (rig, 1);
    g_string_truncate (rig->seen, 0);
    rig->stop_now = TRUE;
    PsRead read = {.db = PS_DB_STATE, .table = i == 5 ? "NONE" : "T", .names_only = i == 4};
    if (i == 1)
      server_gone (rig);
    if (i == 2)
      commit (rig, PS_DB_STATE, "PUT T a n=1");
    if (i >= 3 && i <= 5)
      read_request (rig, &read);
    exists (rig, PS_DB_STATE, "T", "a");
    WAIT_FOR (rig, rig->seen->len > 0);
    settle (rig);
    g_assert_cmpuint (rig->rows->len, ==, i == 3 || i == 4 ? 1 : 0);
    g_assert_null (strchr (strchr (rig->seen->str, ' ') + 1, ' '));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, >, 1);
  implementation = argv[1];
  g_test_add_func ("/store/online", test_online);
  g_test_add_func ("/store/put-delete", test_put_delete);
  g_test_add_func ("/store/databases", test_databases);
  g_test_add_func ("/store/produce", test_produce);
  g_test_add_func ("/store/full-batch", test_full_batch);
  g_test_add_func ("/store/table", test_table);
  g_test_add_func ("/store/names", test_names);
  g_test_add_func ("/store/large-table", test_large_table);
  g_test_add_func ("/store/exists", test_exists);
  g_test_add_func ("/store/wrong-type", test_wrong_type);
  g_test_add_func ("/store/no-fields", test_no_fields);
  g_test_add_func ("/store/bytes", test_bytes);
  g_test_add_func ("/store/order", test_order);
  g_test_add_func ("/store/loss", test_loss);
  g_test_add_func ("/store/chain", test_chain);
  g_test_add_func ("/store/stop", test_stop);
  g_test_add_func ("/store/stop-inside", test_stop_inside);
  return g_test_run ();
}
