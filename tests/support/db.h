/* SPDX-License-Identifier: Apache-2.0 */
/* A blocking Redis client for tests, with none of the product's code. */
#pragma once
#include <glib.h>
#include <hiredis/hiredis.h>
G_BEGIN_DECLS

#define PS_DB_APPL   0
#define PS_DB_CONFIG 4
#define PS_DB_STATE  6

typedef struct _PsDb PsDb;

/* Connects at the first command, and again at the first after a loss. */
PsDb *ps_db_new (const char *unix_socket_path);
void ps_db_free (PsDb *self);

/* Drops the connection; the next command makes a new one. */
void ps_db_disconnect (PsDb *self);

/* Runs one command in database db. NULL if there is no connection or no answer within two
 * seconds; an error reply is returned as such. The caller frees it with freeReplyObject. */
redisReply *ps_db_try (PsDb *self, int db, const char *format, ...);
redisReply *ps_db_try_argv (PsDb *self, int db, guint argc, const char **argv);

/* As above, but anything but a non-error reply ends the process. */
redisReply *ps_db_run (PsDb *self, int db, const char *format, ...);

/* Runs a command whose reply does not matter beyond that it is no error. */
void ps_db_do (PsDb *self, int db, const char *format, ...);

/* Queues commands for ps_db_flush: for filling tables quickly. */
void ps_db_queue (PsDb *self, int db, const char *format, ...);
void ps_db_flush (PsDb *self);

/* Shortcuts; each ends the process on an error. hget: NULL if there is no such field. */
char *ps_db_hget (PsDb *self, int db, const char *key, const char *field);
gboolean ps_db_exists (PsDb *self, int db, const char *key);
gint64 ps_db_integer (PsDb *self, int db, const char *format, ...);

/* The number after `name` (such as "calls=") in the line of INFO `section` that begins with
 * `line`; 0 if there is none. */
gint64 ps_db_info (PsDb *self, const char *section, const char *line, const char *name);

/* All rows of a table as key (without the prefix) -> GHashTable of field -> value. NULL if Redis
 * does not answer. */
GHashTable *ps_db_table (PsDb *self, int db, const char *prefix);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsDb, ps_db_free)
G_END_DECLS
