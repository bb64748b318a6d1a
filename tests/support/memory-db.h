/* SPDX-License-Identifier: Apache-2.0 */
/* One database of a memory store: hashes and sets by whole key, always walked in sorted order. */
#pragma once
#include "core/store.h"
G_BEGIN_DECLS

typedef struct _PsMemoryDb PsMemoryDb;

PsMemoryDb *ps_memory_db_new (void);
void ps_memory_db_free (PsMemoryDb *self);

/* FALSE: the key holds something that is not a hash. Fields keep the order of their first PUT. */
gboolean ps_memory_db_put (PsMemoryDb *self, const char *key, PsText name, PsText value);

/* TRUE if there was something to delete. */
gboolean ps_memory_db_delete (PsMemoryDb *self, const char *key);
gboolean ps_memory_db_exists (PsMemoryDb *self, const char *key);
gboolean ps_memory_db_is_hash (PsMemoryDb *self, const char *key);
gboolean ps_memory_db_is_set (PsMemoryDb *self, const char *key);

/* TRUE if the member was not in the set yet. The key must hold a set or nothing. */
gboolean ps_memory_db_add (PsMemoryDb *self, const char *key, const char *member);
gboolean ps_memory_db_remove (PsMemoryDb *self, const char *key, const char *member);
guint ps_memory_db_set_size (PsMemoryDb *self, const char *key);
/* Removes the member at index of the sorted set. Free with g_free. */
char *ps_memory_db_take (PsMemoryDb *self, const char *key, guint index);

/* Makes the key hold this string. The string of a key, owned by the database until it changes; NULL
 * if it holds none. */
void ps_memory_db_set_string (PsMemoryDb *self, const char *key, const char *string);
const char *ps_memory_db_string (PsMemoryDb *self, const char *key);

/* Makes the key hold a plain string, so that every hash or set command on it is a WRONGTYPE. */
void ps_memory_db_spoil (PsMemoryDb *self, const char *key);

/* The fields, owned by the database and valid until it changes; NULL and 0 if there are none. */
const PsField *ps_memory_db_fields (PsMemoryDb *self, const char *key, gsize *out_n);

/* The value of a field, or NULL; owned by the database until it changes. */
const char *ps_memory_db_get (PsMemoryDb *self, const char *key, const char *field);

/* "field=value field=value" in the order of the first PUTs, or NULL. Free with g_free. */
char *ps_memory_db_row (PsMemoryDb *self, const char *key);

/* Puts a field that holds what is expected to another value, if the table has no pending-delete set
 * (table_DEL_SET) and all that is pending (table_KEY_SET) are other rows that exist. */
typedef enum { PS_MEMORY_CORRECTED, PS_MEMORY_LEFT, PS_MEMORY_WRONG_TYPE } PsMemoryCorrection;
PsMemoryCorrection ps_memory_db_correct (PsMemoryDb *self, const char *key, PsField expected,
                                         PsText value, const char *table);

/* As ps_memory_db_put, for text literals; the key must not hold another type. */
void ps_memory_db_set (PsMemoryDb *self, const char *key, const char *field, const char *value);

/* Whole keys that begin with prefix, sorted. Free with g_ptr_array_unref. */
GPtrArray *ps_memory_db_keys (PsMemoryDb *self, const char *prefix);

void ps_memory_db_flush (PsMemoryDb *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsMemoryDb, ps_memory_db_free)
G_END_DECLS
