/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/contract/store-rig.h"
#include "backends/redis/socket.h"
#include "backends/redis/store.h"
#include "daemon/glib-clock.h"
#include "base/virtual-clock.h"
#include "tests/support/batch-text.h"
#include "tests/support/memory-store.h"
#include <poll.h>
#include <string.h>

#define SEED 7

const char *ps_store_rig_implementation;
static const int db_ids[PS_N_DBS] = {4, 0, 6};

gboolean
ps_store_rig_is (const char *name)
{
  return g_str_equal (ps_store_rig_implementation, name);
}

static void
discard_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
}

/* --- What the store tells --- */

G_GNUC_PRINTF (2, 3)
static void
tell (PsStoreRig *rig, const char *format, ...)
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
on_online (PsDb db, guint64 generation, gpointer user_data)
{
  PsStoreRig *rig = user_data;
  g_assert_true (ps_store_is_db_online (rig->store, db));
  if (!ps_store_is_online (rig->store))
    return;
  rig->was_online = TRUE;
  tell (rig, "online%" G_GUINT64_FORMAT " ", generation);
}

static void
on_offline (PsDb db, const char *reason, gpointer user_data)
{
  PsStoreRig *rig = user_data;
  g_assert_false (ps_store_is_db_online (rig->store, db));
  g_assert_cmpuint (strlen (reason), >, 0);
  gboolean is_first = rig->was_online;
  rig->was_online = FALSE;
  if (is_first)
    tell (rig, "offline ");
}

const PsStoreSink ps_store_rig_sink = {.online = on_online, .offline = on_offline};

static char
letter (const PsOutcome *outcome)
{
  g_assert_true ((outcome->result == PS_REFUSED) == (outcome->refusal != PS_REFUSAL_NONE));
  g_assert_true (outcome->result != PS_REFUSED || outcome->reason != NULL);
  return "AR?"[outcome->result];
}

void
ps_store_rig_on_commit (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsStoreRig *rig = user_data;
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
  PsStoreRig *rig = user_data;
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
  PsStoreRig *rig = user_data;
  rig->n_done++;
  tell (rig, "r%" G_GUINT64_FORMAT ":%c ", ticket, letter (outcome));
}

static void
on_exists (PsTicket ticket, const PsOutcome *outcome, guint n, gpointer user_data)
{
  PsStoreRig *rig = user_data;
  rig->n_done++;
  if (outcome->result == PS_APPLIED)
    tell (rig, "e%" G_GUINT64_FORMAT ":%u ", ticket, n);
  else
    tell (rig, "e%" G_GUINT64_FORMAT ":%c ", ticket, letter (outcome));
}

static void
on_get (PsTicket ticket, const PsOutcome *outcome, const PsText *value, gpointer user_data)
{
  PsStoreRig *rig = user_data;
  rig->n_done++;
  g_assert_true (value == NULL || outcome->result == PS_APPLIED);
  if (outcome->result != PS_APPLIED)
    tell (rig, "g%" G_GUINT64_FORMAT ":%c ", ticket, letter (outcome));
  else if (value == NULL)
    tell (rig, "g%" G_GUINT64_FORMAT ":- ", ticket);
  else
    tell (rig, "g%" G_GUINT64_FORMAT ":\"%s\"/%zu ", ticket, value->data, value->size);
}

/* --- The rig --- */

/* One turn of the loop. */
void
ps_store_rig_turn (PsStoreRig *rig)
{
  if (!ps_store_rig_is ("redis"))
    ps_virtual_clock_advance (PS_VIRTUAL_CLOCK (rig->clock), 1000);
  else if (!g_main_context_iteration (NULL, FALSE))
    poll (NULL, 0, 1);
}

void
ps_store_rig_settle (PsStoreRig *rig)
{
  for (guint i = 0; i < 20; i++)
    ps_store_rig_turn (rig);
}

/* Waits for n further done functions. */
void
ps_store_rig_wait_done (PsStoreRig *rig, guint n)
{
  WAIT_FOR (rig, rig->n_done >= n);
  g_assert_cmpuint (rig->n_done, ==, n);
  rig->n_done = 0;
}

static void
make_ports (PsStoreRig *rig)
{
  for (guint i = 0; i < PS_N_DBS; i++) {
    if (rig->sim != NULL)
      rig->ports[i] = ps_sim_redis_port (rig->sim, (guint)db_ids[i]);
    else
      rig->ports[i] = ps_redis_socket_new (NULL, &rig->config->dbs[i]);
  }
}

static PsRedisDbConfig *
read_config (const PsRedisServer *server)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  g_file_get_contents (ps_redis_server_config (server), &text, &size, &error);
  g_assert_no_error (error);
  PsRedisDbConfig *config = ps_redis_db_config_parse (text, size, "test", &error);
  g_assert_no_error (error);
  return config;
}

static void
start_servers (PsStoreRig *rig)
{
  static const char *const args[] = {"--enable-debug-command", "yes", NULL};
  rig->server = ps_redis_server_new (args);
  rig->config = read_config (rig->server);
  if (rig->apart == PS_N_DBS)
    return;
  rig->own_server = ps_redis_server_new (args);
  g_autoptr (PsRedisDbConfig) own = read_config (rig->own_server);
  PsRedisDbEndpoint *here = &rig->config->dbs[rig->apart], *there = &own->dbs[rig->apart];
  PsRedisDbEndpoint moved = *there;
  *there = *here;
  *here = moved;
}

static void
start_simulated (PsStoreRig *rig)
{
  rig->sim = ps_sim_redis_new (rig->clock, SEED);
  ps_sim_redis_set_latency_us (rig->sim, PS_SIM_REDIS_ALL, 100);
  ps_sim_redis_set_scan (rig->sim, 100, 50);
  if (rig->apart != PS_N_DBS)
    ps_sim_redis_set_apart (rig->sim, (guint)db_ids[rig->apart]);
}

static void
default_config (PsStoreRig *rig)
{
  rig->config = g_new0 (PsRedisDbConfig, 1);
  for (guint i = 0; i < PS_N_DBS; i++)
    rig->config->dbs[i] =
        (PsRedisDbEndpoint){.id = (guint)db_ids[i], .separator = i == PS_DB_APPL ? ':' : '|'};
}

/* apart: PS_N_DBS: none. */
static PsStoreRig *
make_rig (PsDb apart)
{
  PsStoreRig *rig = g_new0 (PsStoreRig, 1);
  rig->apart = apart;
  rig->seen = g_string_new (NULL);
  rig->rows = g_ptr_array_new_with_free_func (g_free);
  if (ps_store_rig_is ("redis")) {
    rig->clock = PS_CLOCK (ps_glib_clock_new (NULL));
    start_servers (rig);
  } else {
    rig->clock = PS_CLOCK (ps_virtual_clock_new ());
    default_config (rig);
  }
  rig->log = ps_log_new (rig->clock, discard_line, NULL);
  PsRedisOptions options = {.reply_deadline_us = PS_STORE_RIG_DEADLINE_US, .rng_seed = SEED};
  if (ps_store_rig_is ("memory")) {
    rig->store = PS_STORE (ps_memory_store_new (rig->clock));
    for (guint i = 0; i < PS_N_DBS; i++)
      rig->dbs[i] = ps_memory_store_db (PS_MEMORY_STORE (rig->store), i);
    return rig;
  }
  if (ps_store_rig_is ("sim"))
    start_simulated (rig);
  make_ports (rig);
  PsRedisStore *store = ps_redis_store_new (rig->clock, rig->log, &options);
  ps_redis_store_place (store, rig->ports, rig->config);
  rig->store = PS_STORE (store);
  return rig;
}

PsStoreRig *
ps_store_rig_new (void)
{
  return make_rig (PS_N_DBS);
}

void
ps_store_rig_free (PsStoreRig *rig)
{
  g_object_unref (rig->store);
  for (guint i = 0; i < PS_N_DBS; i++)
    g_clear_object (&rig->ports[i]);
  ps_sim_redis_free (rig->sim);
  ps_redis_server_free (rig->server);
  ps_redis_server_free (rig->own_server);
  ps_redis_db_config_free (rig->config);
  ps_log_free (rig->log);
  g_object_unref (rig->clock);
  g_string_free (rig->seen, TRUE);
  g_ptr_array_unref (rig->rows);
  g_free (rig);
}

static PsStoreRig *
bring_online (PsStoreRig *rig)
{
  rig->inside = TRUE;
  ps_store_start (rig->store, &ps_store_rig_sink, rig);
  rig->inside = FALSE;
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  g_assert_cmpstr (rig->seen->str, ==, "online1 ");
  g_string_truncate (rig->seen, 0);
  return rig;
}

PsStoreRig *
ps_store_rig_new_online (void)
{
  return bring_online (make_rig (PS_N_DBS));
}

PsStoreRig *
ps_store_rig_new_apart (PsDb db)
{
  return bring_online (make_rig (db));
}

/* What another client does. */
void
ps_store_rig_other_sets (PsStoreRig *rig, PsDb db, const char *key, const char *field,
                         const char *value)
{
  if (rig->server != NULL)
    ps_redis_server_do (rig->server, db_ids[db], "HSET %s %s %s", key, field, value);
  else if (rig->sim != NULL)
    ps_sim_redis_hset (rig->sim, (guint)db_ids[db], key, field, value);
  else
    ps_memory_db_set (rig->dbs[db], key, field, value);
}

void
ps_store_rig_other_sets_string (PsStoreRig *rig, PsDb db, const char *key, const char *value)
{
  if (rig->server != NULL)
    ps_redis_server_do (rig->server, db_ids[db], "SET %s %s", key, value);
  else if (rig->sim != NULL)
    ps_sim_redis_set (rig->sim, (guint)db_ids[db], key, value);
  else
    ps_memory_db_set_string (rig->dbs[db], key, value);
}

void
ps_store_rig_other_spoils (PsStoreRig *rig, PsDb db, const char *key)
{
  if (rig->server != NULL)
    ps_redis_server_do (rig->server, db_ids[db], "SET %s x", key);
  else if (rig->sim != NULL)
    ps_sim_redis_spoil (rig->sim, (guint)db_ids[db], key);
  else
    ps_memory_db_spoil (rig->dbs[db], key);
}

guint
ps_store_rig_size_of_set (PsStoreRig *rig, PsDb db, const char *key)
{
  if (rig->server != NULL)
    return (guint)ps_redis_server_do (rig->server, db_ids[db], "SCARD %s", key);
  if (rig->sim != NULL)
    return ps_sim_redis_scard (rig->sim, (guint)db_ids[db], key);
  return ps_memory_db_set_size (rig->dbs[db], key);
}

void
ps_store_rig_db_gone (PsStoreRig *rig, PsDb db)
{
  g_assert_cmpuint (rig->apart, ==, db);
  if (ps_store_rig_is ("redis"))
    ps_redis_server_kill (rig->own_server);
  else if (rig->sim != NULL)
    ps_sim_redis_kill (rig->sim, (guint)db_ids[db]);
  else
    ps_memory_store_set_db_online (PS_MEMORY_STORE (rig->store), db, FALSE);
}

void
ps_store_rig_db_back (PsStoreRig *rig, PsDb db)
{
  if (ps_store_rig_is ("redis"))
    ps_redis_server_start (rig->own_server);
  else if (rig->sim != NULL)
    ps_sim_redis_start (rig->sim, (guint)db_ids[db], PS_SIM_REDIS_KEEP);
  else
    ps_memory_store_set_db_online (PS_MEMORY_STORE (rig->store), db, TRUE);
}

/* The server goes, and does not come back before server_back. */
void
ps_store_rig_server_gone (PsStoreRig *rig)
{
  if (ps_store_rig_is ("redis"))
    ps_redis_server_kill (rig->server);
  else if (rig->sim != NULL)
    ps_sim_redis_kill (rig->sim, PS_SIM_REDIS_ALL);
  else
    ps_memory_store_set_online (PS_MEMORY_STORE (rig->store), FALSE);
}

void
ps_store_rig_server_back (PsStoreRig *rig)
{
  if (ps_store_rig_is ("redis"))
    ps_redis_server_start (rig->server);
  else if (rig->sim != NULL)
    ps_sim_redis_start (rig->sim, PS_SIM_REDIS_ALL, PS_SIM_REDIS_KEEP);
  else
    ps_memory_store_set_online (PS_MEMORY_STORE (rig->store), TRUE);
}

/* --- Requests, as short as can be --- */

void
ps_store_rig_commit_batch (PsStoreRig *rig, PsBatch *batch)
{
  rig->inside = TRUE;
  ps_store_commit (rig->store, batch, ps_store_rig_on_commit, rig);
  rig->inside = FALSE;
}

/* ops are separated by line feeds. */
void
ps_store_rig_commit (PsStoreRig *rig, PsDb db, const char *ops)
{
  g_auto (GStrv) lines = g_strsplit (ops, "\n", -1);
  PsBatch *batch = ps_batch_new (db);
  for (guint i = 0; lines[i] != NULL; i++)
    ps_batch_add_text (batch, lines[i]);
  ps_store_rig_commit_batch (rig, batch);
}

void
ps_store_rig_read_more (PsStoreRig *rig, const PsRead *read)
{
  rig->inside = TRUE;
  ps_store_read_rows (rig->store, read, on_row, on_read, rig);
  rig->inside = FALSE;
}

void
ps_store_rig_read (PsStoreRig *rig, const PsRead *read)
{
  g_ptr_array_set_size (rig->rows, 0);
  ps_store_rig_read_more (rig, read);
}

void
ps_store_rig_exists (PsStoreRig *rig, PsDb db, const char *table, const char *keys)
{
  g_auto (GStrv) list = g_strsplit (keys, " ", -1);
  rig->inside = TRUE;
  ps_store_exists (rig->store, db, table, (const char *const *)list, g_strv_length (list),
                   on_exists, rig);
  rig->inside = FALSE;
}

void
ps_store_rig_get (PsStoreRig *rig, PsDb db, const char *key)
{
  rig->inside = TRUE;
  ps_store_get (rig->store, db, key, on_get, rig);
  rig->inside = FALSE;
}

void
ps_store_rig_expect_seen (PsStoreRig *rig, const char *expected)
{
  g_assert_cmpstr (rig->seen->str, ==, expected);
  g_string_truncate (rig->seen, 0);
}

static int
compare_rows (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

void
ps_store_rig_sort_rows (PsStoreRig *rig)
{
  g_ptr_array_sort (rig->rows, compare_rows);
}

void
ps_store_rig_expect_rows (PsStoreRig *rig, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < rig->rows->len; i++)
    g_string_append_printf (text, "%s\n", (char *)g_ptr_array_index (rig->rows, i));
  g_assert_cmpstr (text->str, ==, expected);
}

/* Reads rows and waits for them; keys NULL: the table, sorted. */
void
ps_store_rig_check_rows (PsStoreRig *rig, PsDb db, const char *table, const char *keys,
                         const char *expected)
{
  g_auto (GStrv) list = g_strsplit (keys != NULL ? keys : "", " ", -1);
  PsRead read = {.db = db, .table = table};
  if (keys != NULL) {
    read.keys = (const char *const *)list;
    read.n_keys = g_strv_length (list);
  }
  ps_store_rig_read (rig, &read);
  ps_store_rig_wait_done (rig, 1);
  if (keys == NULL)
    ps_store_rig_sort_rows (rig);
  ps_store_rig_expect_rows (rig, expected);
  g_string_truncate (rig->seen, 0);
}
