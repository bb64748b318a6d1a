/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/db.h"
#include <string.h>

#define ANSWER_S 2

struct _PsDb {
  char *path;
  redisContext *context; /* NULL: not connected */
  int selected;
  guint n_queued;
};

PsDb *
ps_db_new (const char *unix_socket_path)
{
  PsDb *self = g_new0 (PsDb, 1);
  self->path = g_strdup (unix_socket_path);
  return self;
}

void
ps_db_disconnect (PsDb *self)
{
  g_clear_pointer (&self->context, redisFree);
}

void
ps_db_free (PsDb *self)
{
  if (self == NULL)
    return;
  ps_db_disconnect (self);
  g_free (self->path);
  g_free (self);
}

static gboolean
connect_and_select (PsDb *self, int db)
{
  struct timeval answer = {.tv_sec = ANSWER_S};
  if (self->context == NULL) {
    self->context = redisConnectUnixWithTimeout (self->path, answer);
    self->selected = 0;
    if (self->context != NULL)
      redisSetTimeout (self->context, answer);
  }
  if (self->context == NULL || self->context->err != 0) {
    ps_db_disconnect (self);
    return FALSE;
  }
  if (self->selected == db)
    return TRUE;
  redisReply *reply = redisCommand (self->context, "SELECT %d", db);
  gboolean ok = reply != NULL && reply->type == REDIS_REPLY_STATUS;
  if (reply != NULL)
    freeReplyObject (reply);
  self->selected = db;
  if (!ok)
    ps_db_disconnect (self);
  return ok;
}

static redisReply *
checked (PsDb *self, redisReply *reply)
{
  if (reply == NULL)
    ps_db_disconnect (self);
  return reply;
}

static redisReply *
try_va (PsDb *self, int db, const char *format, va_list args)
{
  if (!connect_and_select (self, db))
    return NULL;
  return checked (self, redisvCommand (self->context, format, args));
}

redisReply *
ps_db_try (PsDb *self, int db, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  redisReply *reply = try_va (self, db, format, args);
  va_end (args);
  return reply;
}

redisReply *
ps_db_try_argv (PsDb *self, int db, guint argc, const char **argv)
{
  if (!connect_and_select (self, db))
    return NULL;
  return checked (self, redisCommandArgv (self->context, (int)argc, argv, NULL));
}

static redisReply *
must (redisReply *reply, const char *format)
{
  if (reply == NULL)
    g_error ("redis does not answer \"%s\"", format);
  if (reply->type == REDIS_REPLY_ERROR)
    g_error ("redis answers \"%s\" with %s", format, reply->str);
  return reply;
}

redisReply *
ps_db_run (PsDb *self, int db, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  redisReply *reply = must (try_va (self, db, format, args), format);
  va_end (args);
  return reply;
}

void
ps_db_do (PsDb *self, int db, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  freeReplyObject (must (try_va (self, db, format, args), format));
  va_end (args);
}

void
ps_db_queue (PsDb *self, int db, const char *format, ...)
{
  va_list args;
  if (self->selected != db || self->context == NULL)
    ps_db_flush (self);
  if (!connect_and_select (self, db))
    g_error ("redis at %s is not there", self->path);
  va_start (args, format);
  int rc = redisvAppendCommand (self->context, format, args);
  va_end (args);
  g_assert_cmpint (rc, ==, REDIS_OK);
  if (++self->n_queued == 1000)
    ps_db_flush (self);
}

void
ps_db_flush (PsDb *self)
{
  while (self->n_queued > 0) {
    gpointer reply = NULL;
    self->n_queued--;
    redisGetReply (self->context, &reply);
    freeReplyObject (must (reply, "queued command"));
  }
}

char *
ps_db_hget (PsDb *self, int db, const char *key, const char *field)
{
  redisReply *reply = ps_db_run (self, db, "HGET %s %s", key, field);
  char *value = reply->type == REDIS_REPLY_STRING ? g_strndup (reply->str, reply->len) : NULL;
  freeReplyObject (reply);
  return value;
}

gboolean
ps_db_exists (PsDb *self, int db, const char *key)
{
  return ps_db_integer (self, db, "EXISTS %s", key) == 1;
}

gint64
ps_db_integer (PsDb *self, int db, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  redisReply *reply = must (try_va (self, db, format, args), format);
  va_end (args);
  g_assert_cmpint (reply->type, ==, REDIS_REPLY_INTEGER);
  gint64 value = reply->integer;
  freeReplyObject (reply);
  return value;
}

gint64
ps_db_info (PsDb *self, const char *section, const char *line, const char *name)
{
  redisReply *reply = ps_db_run (self, 0, "INFO %s", section);
  g_auto (GStrv) lines = g_strsplit (reply->str, "\r\n", -1);
  gint64 value = 0;
  freeReplyObject (reply);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (!g_str_has_prefix (lines[i], line))
      continue;
    const char *at = strstr (lines[i], name);
    value = at != NULL ? g_ascii_strtoll (at + strlen (name), NULL, 10) : 0;
  }
  return value;
}

static GHashTable *
row_of (const redisReply *reply)
{
  GHashTable *row = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  if (reply->type != REDIS_REPLY_ARRAY)
    return row; /* A row of another type holds no fields. */
  for (gsize i = 0; i + 1 < reply->elements; i += 2)
    g_hash_table_insert (row, g_strdup (reply->element[i]->str),
                         g_strdup (reply->element[i + 1]->str));
  return row;
}

/* One pipeline: a table of 20,000 rows is compared many times in a test. */
static gboolean
read_rows (PsDb *self, const redisReply *keys, gsize skip, GHashTable *out)
{
  for (gsize i = 0; i < keys->elements; i++)
    redisAppendCommand (self->context, "HGETALL %b", keys->element[i]->str, keys->element[i]->len);
  for (gsize i = 0; i < keys->elements; i++) {
    gpointer reply = NULL;
    if (redisGetReply (self->context, &reply) != REDIS_OK || reply == NULL) {
      ps_db_disconnect (self);
      return FALSE;
    }
    GHashTable *row = row_of (reply);
    freeReplyObject (reply);
    if (g_hash_table_size (row) > 0)
      g_hash_table_insert (out, g_strdup (keys->element[i]->str + skip), row);
    else
      g_hash_table_unref (row);
  }
  return TRUE;
}

GHashTable *
ps_db_table (PsDb *self, int db, const char *prefix)
{
  redisReply *keys = ps_db_try (self, db, "KEYS %s*", prefix);
  if (keys == NULL)
    return NULL;
  GHashTable *out = NULL;
  if (keys->type == REDIS_REPLY_ARRAY) {
    out =
        g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_hash_table_unref);
    if (!read_rows (self, keys, strlen (prefix), out))
      g_clear_pointer (&out, g_hash_table_unref);
  }
  freeReplyObject (keys);
  return out;
}
