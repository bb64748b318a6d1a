/* SPDX-License-Identifier: Apache-2.0 */
/* Records the keyspace events of one table, as SONiC's subscribers would be woken by them. */
#pragma once
#include "tests/support/db.h"
G_BEGIN_DECLS

typedef struct _PsKeyspace PsKeyspace;

/* Switches keyspace events on and subscribes to keys that begin with prefix, such as
 * "PORT_TABLE|"; returns once the subscription stands. Ends when Redis does. */
PsKeyspace *ps_keyspace_new (const char *unix_socket_path, int db, const char *prefix);
void ps_keyspace_free (PsKeyspace *self);

/* Returns when every event that Redis had before this call has been recorded; ends the process with
 * the reason if the connection has ended. */
void ps_keyspace_sync (PsKeyspace *self, PsDb *db);

/* Events of a key (without the prefix; NULL: of all) and an operation ("hset", "del"; NULL: all).
 * One HSET of many fields is one event. */
guint ps_keyspace_count (PsKeyspace *self, const char *key, const char *operation);

/* The operations on a key in order, such as "hset del hset". Free with g_free. */
char *ps_keyspace_history (PsKeyspace *self, const char *key);

void ps_keyspace_clear (PsKeyspace *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsKeyspace, ps_keyspace_free)
G_END_DECLS
