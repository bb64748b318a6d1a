/* SPDX-License-Identifier: Apache-2.0 */
/* One database of a memory store is one of the simulated Redis, without its server. This names keys
 * and values of it by C strings. */
#pragma once
#include "sim/world/redis-db.h"
G_BEGIN_DECLS

PsSimRedisDb *ps_memory_db_new (void);

gboolean ps_memory_db_exists (PsSimRedisDb *self, const char *key);
/* TRUE if there was something to delete. */
gboolean ps_memory_db_delete (PsSimRedisDb *self, const char *key);
/* The key holds a value of this type, or nothing. */
gboolean ps_memory_db_fits (PsSimRedisDb *self, const char *key, PsSimRedisType type);

/* TRUE if the member was not in the set yet. The key must hold a set or nothing. */
gboolean ps_memory_db_add (PsSimRedisDb *self, const char *key, const char *member);
guint ps_memory_db_set_size (PsSimRedisDb *self, const char *key);

/* Makes the key hold this string. The string of a key, owned by the database until it changes; NULL
 * if it holds none. */
void ps_memory_db_set_string (PsSimRedisDb *self, const char *key, const char *string);
const char *ps_memory_db_string (PsSimRedisDb *self, const char *key);

/* Makes the key hold a plain string, so that every hash or set command on it is a WRONGTYPE. */
void ps_memory_db_spoil (PsSimRedisDb *self, const char *key);

/* The key must hold a hash or nothing. */
void ps_memory_db_put (PsSimRedisDb *self, const char *key, PsField field);
void ps_memory_db_set (PsSimRedisDb *self, const char *key, const char *field, const char *value);

/* The value of a field, or NULL; owned by the database until it changes. */
const char *ps_memory_db_get (PsSimRedisDb *self, const char *key, const char *field);

/* "field=value field=value" in the order of the first PUTs, or NULL. Free with g_free. */
char *ps_memory_db_row (PsSimRedisDb *self, const char *key);

/* Puts a field that holds what is expected to another value, if the table has no pending-delete set
 * (table_DEL_SET) and all that is pending (table_KEY_SET) are other rows that exist. */
typedef enum { PS_MEMORY_CORRECTED, PS_MEMORY_LEFT, PS_MEMORY_WRONG_TYPE } PsMemoryCorrection;
PsMemoryCorrection ps_memory_db_correct (PsSimRedisDb *self, const char *key, PsField expected,
                                         PsText value, const char *table);
G_END_DECLS
