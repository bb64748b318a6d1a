/* SPDX-License-Identifier: Apache-2.0 */
/* One database of the simulated Redis: hashes, sets and strings by key, in an order that the seed
 * decides, as a server's hash table has one that cannot be foreseen. Keys and values are bytes. */
#pragma once
#include "base/rng.h"
#include "core/batch.h"
G_BEGIN_DECLS

typedef struct _PsSimRedisDb PsSimRedisDb;

PsSimRedisDb *ps_sim_redis_db_new (guint64 seed);
void ps_sim_redis_db_free (PsSimRedisDb *self);
PsSimRedisDb *ps_sim_redis_db_copy (const PsSimRedisDb *self);
void ps_sim_redis_db_clear (PsSimRedisDb *self);

typedef enum {
  PS_SIM_WRONG_TYPE = -1, /* The key holds another type; nothing was done. */
  PS_SIM_SAME = 0,        /* Field or member was (on adding) or was not (on removing) there. */
  PS_SIM_CHANGED = 1,
} PsSimChange;

/* Fields keep the order of their first writes. A hash or set that becomes empty is gone. */
/* Of several fields CHANGED if one is new. out_n_new: how many are; 0 for a wrong type. */
PsSimChange ps_sim_redis_db_hset (PsSimRedisDb *self, PsText key, const PsField *fields,
                                  gsize n_fields, guint *out_n_new);
PsSimChange ps_sim_redis_db_hdel (PsSimRedisDb *self, PsText key, PsText field);
PsSimChange ps_sim_redis_db_sadd (PsSimRedisDb *self, PsText key, PsText member);
PsSimChange ps_sim_redis_db_srem (PsSimRedisDb *self, PsText key, PsText member);
/* Replaces whatever the key holds. */
void ps_sim_redis_db_set (PsSimRedisDb *self, PsText key, PsText value);
gboolean ps_sim_redis_db_del (PsSimRedisDb *self, PsText key);

typedef enum { PS_SIM_NONE, PS_SIM_HASH, PS_SIM_SET, PS_SIM_STRING } PsSimRedisType;

PsSimRedisType ps_sim_redis_db_type (const PsSimRedisDb *self, PsText key);
guint ps_sim_redis_db_n_keys (const PsSimRedisDb *self);

/* Empty if the key holds no hash. Valid until the database changes, as are all texts below. */
const PsField *ps_sim_redis_db_fields (const PsSimRedisDb *self, PsText key, gsize *out_n);
/* NULL: no such field. */
const PsText *ps_sim_redis_db_field (const PsSimRedisDb *self, PsText key, PsText field);
/* The value of a string; NULL: the key holds none. */
const PsText *ps_sim_redis_db_string (const PsSimRedisDb *self, PsText key);

/* 0 if the key holds no set. */
guint ps_sim_redis_db_n_members (const PsSimRedisDb *self, PsText key);
gboolean ps_sim_redis_db_has_member (const PsSimRedisDb *self, PsText key, PsText member);
/* All of them, in the set's order, appended to members (of PsText). */
void ps_sim_redis_db_members (const PsSimRedisDb *self, PsText key, GArray *members);
/* The same, sorted, as char *; free with g_ptr_array_unref. */
GPtrArray *ps_sim_redis_db_sorted_members (const PsSimRedisDb *self, PsText key);
/* Of a set that is not empty, one by chance. */
PsText ps_sim_redis_db_any_member (const PsSimRedisDb *self, PsText key, PsRng *rng);

/* A walk over keys in the database's order from a cursor (0: the beginning): at most n keys and all
 * that share the last one's place, appended to keys (of PsText). Returns the cursor to go on from,
 * 0 at the end. A key that is there during the whole walk is met, whatever comes and goes. */
guint64 ps_sim_redis_db_walk (const PsSimRedisDb *self, guint64 cursor, guint n, GArray *keys);
/* The cursor that stands at this key. */
guint64 ps_sim_redis_db_cursor_at (const PsSimRedisDb *self, PsText key);
/* Those that begin with prefix, sorted, as char *; free with g_ptr_array_unref. */
GPtrArray *ps_sim_redis_db_sorted_keys (const PsSimRedisDb *self, const char *prefix);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimRedisDb, ps_sim_redis_db_free)
G_END_DECLS
