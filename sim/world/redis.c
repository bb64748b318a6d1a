/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/redis-private.h"
#include <string.h>

/* --- Making --- */

static void
clear_refusal (gpointer data)
{
  PsSimRefusal *rule = data;
  g_free (rule->prefix);
  g_free (rule->error);
}

PsSimRedis *
ps_sim_redis_new (PsClock *clock, guint64 seed)
{
  PsSimRedis *self = g_new0 (PsSimRedis, 1);
  self->clock = g_object_ref (clock);
  ps_rng_seed (&self->rng, seed);
  for (guint i = 0; i < PS_SIM_REDIS_DBS; i++)
    self->dbs[i] = ps_sim_redis_db_new (ps_rng_next (&self->rng));
  ps_sim_redis_set_kind (self, PS_SIM_REDIS_7_0);
  self->refused = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->refusals = g_array_new (FALSE, FALSE, sizeof (PsSimRefusal));
  g_array_set_clear_func (self->refusals, clear_refusal);
  self->watchers = g_array_new (FALSE, FALSE, sizeof (PsSimWatcher));
  ps_sim_redis_begin_serving (self);
  return self;
}

void
ps_sim_redis_free (PsSimRedis *self)
{
  if (self == NULL)
    return;
  ps_sim_redis_end_clients (self, NULL);
  g_ptr_array_unref (self->clients);
  for (guint i = 0; i < PS_SIM_REDIS_DBS; i++) {
    ps_sim_redis_db_free (self->dbs[i]);
    ps_sim_redis_db_free (self->snapshot[i]);
    ps_sim_listener_free (self->doors[i].listener);
    ps_sim_lua_free (self->servers[i].lua);
  }
  g_array_unref (self->refusals);
  g_hash_table_unref (self->refused);
  g_array_unref (self->watchers);
  g_object_unref (self->clock);
  g_free (self);
}

void
ps_sim_redis_set_kind (PsSimRedis *self, PsSimRedisKind server)
{
  self->texts = ps_sim_redis_texts (server);
}

/* --- Actors --- */

/* Runs a statement as a command of no client, also from inside a client's. */
#define AS_ACTOR(self, statement)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    guint64 connection_ = (self)->connection, command_ = (self)->command;                          \
    (self)->connection = (self)->command = 0;                                                      \
    statement;                                                                                     \
    (self)->connection = connection_;                                                              \
    (self)->command = command_;                                                                    \
  }                                                                                                \
  G_STMT_END

static PsSimRedisDb *
database (PsSimRedis *self, guint db)
{
  g_assert (db < PS_SIM_REDIS_DBS);
  return self->dbs[db];
}

void
ps_sim_redis_hset (PsSimRedis *self, guint db, const char *key, const char *field,
                   const char *value)
{
  const PsField fields[] = {{ps_text (field), ps_text (value)}};
  PsSimRedisType type = ps_sim_redis_db_type (database (self, db), ps_text (key));
  guint n_new;
  if (type != PS_SIM_NONE && type != PS_SIM_HASH)
    ps_sim_redis_del (self, db, key);
  AS_ACTOR (self, ps_sim_redis_do_hset (self, db, ps_text (key), fields, 1, &n_new));
}

gboolean
ps_sim_redis_hdel (PsSimRedis *self, guint db, const char *key, const char *field)
{
  PsSimChange change;
  database (self, db);
  AS_ACTOR (self, change = ps_sim_redis_do_hdel (self, db, ps_text (key), ps_text (field)));
  return change == PS_SIM_CHANGED;
}

const char *
ps_sim_redis_hget (PsSimRedis *self, guint db, const char *key, const char *field)
{
  const PsText *value = ps_sim_redis_db_field (database (self, db), ps_text (key), ps_text (field));
  return value == NULL ? NULL : value->data;
}

gboolean
ps_sim_redis_del (PsSimRedis *self, guint db, const char *key)
{
  gboolean deleted;
  database (self, db);
  AS_ACTOR (self, deleted = ps_sim_redis_do_del (self, db, ps_text (key)));
  return deleted;
}

gboolean
ps_sim_redis_exists (PsSimRedis *self, guint db, const char *key)
{
  return ps_sim_redis_db_type (database (self, db), ps_text (key)) != PS_SIM_NONE;
}

void
ps_sim_redis_set (PsSimRedis *self, guint db, const char *key, const char *value)
{
  database (self, db);
  AS_ACTOR (self, ps_sim_redis_do_set (self, db, ps_text (key), ps_text (value)));
}

const char *
ps_sim_redis_get (PsSimRedis *self, guint db, const char *key)
{
  const PsText *value = ps_sim_redis_db_string (database (self, db), ps_text (key));
  return value == NULL ? NULL : value->data;
}

void
ps_sim_redis_spoil (PsSimRedis *self, guint db, const char *key)
{
  ps_sim_redis_set (self, db, key, "spoiled");
}

void
ps_sim_redis_flushdb (PsSimRedis *self, guint db)
{
  database (self, db);
  AS_ACTOR (self, ps_sim_redis_do_flush (self, db));
}

static int
compare_texts (PsText left, PsText right)
{
  int order = memcmp (left.data, right.data, MIN (left.size, right.size));
  return order != 0 ? order : (left.size > right.size) - (left.size < right.size);
}

static int
compare_fields (gconstpointer a, gconstpointer b)
{
  return compare_texts (((const PsField *)a)->name, ((const PsField *)b)->name);
}

GArray *
ps_sim_redis_hgetall (PsSimRedis *self, guint db, const char *key)
{
  gsize n;
  const PsField *fields = ps_sim_redis_db_fields (database (self, db), ps_text (key), &n);
  GArray *sorted = g_array_new (FALSE, FALSE, sizeof (PsField));
  if (n > 0)
    g_array_append_vals (sorted, fields, (guint)n);
  g_array_sort (sorted, compare_fields);
  return sorted;
}

GPtrArray *
ps_sim_redis_keys (PsSimRedis *self, guint db, const char *prefix)
{
  return ps_sim_redis_db_sorted_keys (database (self, db), prefix);
}

guint
ps_sim_redis_n_keys (PsSimRedis *self, guint db)
{
  return ps_sim_redis_db_n_keys (database (self, db));
}

gboolean
ps_sim_redis_sadd (PsSimRedis *self, guint db, const char *key, const char *member)
{
  PsSimChange change;
  database (self, db);
  AS_ACTOR (self, change = ps_sim_redis_do_sadd (self, db, ps_text (key), ps_text (member)));
  return change == PS_SIM_CHANGED;
}

gboolean
ps_sim_redis_srem (PsSimRedis *self, guint db, const char *key, const char *member)
{
  PsSimChange change;
  database (self, db);
  AS_ACTOR (self, change = ps_sim_redis_do_srem (self, db, ps_text (key), ps_text (member)));
  return change == PS_SIM_CHANGED;
}

gboolean
ps_sim_redis_sismember (PsSimRedis *self, guint db, const char *key, const char *member)
{
  return ps_sim_redis_db_has_member (database (self, db), ps_text (key), ps_text (member));
}

guint
ps_sim_redis_scard (PsSimRedis *self, guint db, const char *key)
{
  return ps_sim_redis_db_n_members (database (self, db), ps_text (key));
}

GPtrArray *
ps_sim_redis_smembers (PsSimRedis *self, guint db, const char *key)
{
  return ps_sim_redis_db_sorted_members (database (self, db), ps_text (key));
}

char *
ps_sim_redis_spop (PsSimRedis *self, guint db, const char *key)
{
  if (ps_sim_redis_scard (self, db, key) == 0)
    return NULL;
  PsText member = ps_sim_redis_db_any_member (self->dbs[db], ps_text (key), &self->rng);
  char *popped = g_strndup (member.data, member.size);
  PsText copy = {popped, member.size};
  AS_ACTOR (self, ps_sim_redis_do_srem (self, db, ps_text (key), copy));
  return popped;
}

void
ps_sim_redis_publish (PsSimRedis *self, guint db, const char *channel, const char *text)
{
  database (self, db);
  AS_ACTOR (self, ps_sim_redis_do_publish (self, db, ps_text (channel), ps_text (text)));
}

/* --- Watching --- */

guint
ps_sim_redis_add_observer (PsSimRedis *self, PsSimRedisObserver fn, gpointer user_data)
{
  PsSimWatcher watcher = {++self->last_watcher, fn, user_data};
  g_array_append_val (self->watchers, watcher);
  return watcher.id;
}

void
ps_sim_redis_remove_observer (PsSimRedis *self, guint id)
{
  for (guint i = 0; i < self->watchers->len; i++)
    if (g_array_index (self->watchers, PsSimWatcher, i).id == id) {
      g_array_remove_index (self->watchers, i);
      return;
    }
}

void
ps_sim_redis_set_gate (PsSimRedis *self, PsSimRedisGate fn, gpointer user_data)
{
  self->gate = fn;
  self->gate_data = user_data;
}
