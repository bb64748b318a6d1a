/* SPDX-License-Identifier: Apache-2.0 */
/* What changes in the simulated Redis, told to its observers. */
#include "sim/world/redis-private.h"

/* By index and count of before: an observer may add or remove observers. */
static void
tell (PsSimRedis *self, guint db, const char *verb, PsText key, const PsField *fields,
      gsize n_fields)
{
  const PsSimRedisWrite write = {db, verb, key, fields, n_fields, self->connection, self->command};
  guint last = self->last_watcher;
  self->counters.writes++;
  for (guint i = 0; i < self->watchers->len; i++) {
    PsSimWatcher watcher = g_array_index (self->watchers, PsSimWatcher, i);
    if (watcher.id <= last)
      watcher.fn (&write, watcher.user_data);
  }
}

PsSimChange
ps_sim_redis_do_hset (PsSimRedis *self, guint db, PsText key, const PsField *fields, gsize n_fields,
                      guint *out_n_new)
{
  PsSimChange change = ps_sim_redis_db_hset (self->dbs[db], key, fields, n_fields, out_n_new);
  if (change == PS_SIM_WRONG_TYPE)
    return change;
  tell (self, db, "HSET", key, fields, n_fields);
  return PS_SIM_CHANGED;
}

static PsSimChange
tell_if_changed (PsSimRedis *self, PsSimChange change, guint db, const char *verb, PsText key,
                 PsText name)
{
  const PsField field = {.name = name, .value = {"", 0}};
  if (change == PS_SIM_CHANGED)
    tell (self, db, verb, key, &field, 1);
  return change;
}

PsSimChange
ps_sim_redis_do_hdel (PsSimRedis *self, guint db, PsText key, PsText field)
{
  PsSimChange change = ps_sim_redis_db_hdel (self->dbs[db], key, field);
  return tell_if_changed (self, change, db, "HDEL", key, field);
}

PsSimChange
ps_sim_redis_do_sadd (PsSimRedis *self, guint db, PsText key, PsText member)
{
  PsSimChange change = ps_sim_redis_db_sadd (self->dbs[db], key, member);
  return tell_if_changed (self, change, db, "SADD", key, member);
}

PsSimChange
ps_sim_redis_do_srem (PsSimRedis *self, guint db, PsText key, PsText member)
{
  PsSimChange change = ps_sim_redis_db_srem (self->dbs[db], key, member);
  return tell_if_changed (self, change, db, "SREM", key, member);
}

void
ps_sim_redis_do_set (PsSimRedis *self, guint db, PsText key, PsText value)
{
  ps_sim_redis_db_set (self->dbs[db], key, value);
  tell (self, db, "SET", key, NULL, 0);
}

gboolean
ps_sim_redis_do_del (PsSimRedis *self, guint db, PsText key)
{
  if (!ps_sim_redis_db_del (self->dbs[db], key))
    return FALSE;
  tell (self, db, "DEL", key, NULL, 0);
  return TRUE;
}

void
ps_sim_redis_do_publish (PsSimRedis *self, guint db, PsText channel, PsText text)
{
  tell_if_changed (self, PS_SIM_CHANGED, db, "PUBLISH", channel, text);
}

void
ps_sim_redis_do_flush (PsSimRedis *self, guint db)
{
  ps_sim_redis_db_clear (self->dbs[db]);
  tell (self, db, "FLUSHDB", (PsText){"", 0}, NULL, 0);
}

void
ps_sim_redis_restore_db (PsSimRedis *self, guint db, const PsSimRedisDb *old)
{
  if (old == NULL) {
    ps_sim_redis_db_clear (self->dbs[db]);
  } else {
    ps_sim_redis_db_free (self->dbs[db]);
    self->dbs[db] = ps_sim_redis_db_copy (old);
  }
  tell (self, db, "RESTORE", (PsText){"", 0}, NULL, 0);
}
