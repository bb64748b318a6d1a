/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/monitor.h"
#include <string.h>

struct _PsMonitor {
  redisContext *context; /* owned */
  GPtrArray *commands;   /* owned; of PsMonitorCommand */
  guint n_marks;
};

static void
command_free (gpointer data)
{
  PsMonitorCommand *command = data;
  g_strfreev (command->words);
  g_free (command);
}

static char *
next_line (PsMonitor *self)
{
  redisReply *reply = NULL;
  if (redisGetReply (self->context, (void **)&reply) != REDIS_OK || reply == NULL ||
      reply->type != REDIS_REPLY_STATUS)
    g_error ("MONITOR: %s", self->context->errstr);
  char *line = g_strndup (reply->str, reply->len);
  freeReplyObject (reply);
  return line;
}

/* 1700000000.123456 [0 lua] "SADD" "key" "member" */
static PsMonitorCommand *
parse (const char *line)
{
  PsMonitorCommand *command = g_new0 (PsMonitorCommand, 1);
  g_autoptr (GError) error = NULL;
  const char *db = strchr (line, '['), *end = strchr (line, ']');
  if (db == NULL || end == NULL || !g_shell_parse_argv (end + 1, NULL, &command->words, &error))
    g_error ("MONITOR says \"%s\"", line);
  command->db = (int)g_ascii_strtoll (db + 1, NULL, 10);
  command->by_script = end - db > 4 && strncmp (end - 4, " lua", 4) == 0;
  return command;
}

PsMonitor *
ps_monitor_new (const char *unix_socket_path)
{
  PsMonitor *self = g_new0 (PsMonitor, 1);
  const struct timeval patience = {20, 0};
  self->commands = g_ptr_array_new_with_free_func (command_free);
  self->context = redisConnectUnixWithTimeout (unix_socket_path, patience);
  if (self->context == NULL || self->context->err != 0 ||
      redisSetTimeout (self->context, patience) != REDIS_OK ||
      redisAppendCommand (self->context, "MONITOR") != REDIS_OK)
    g_error ("cannot monitor %s", unix_socket_path);
  g_autofree char *ok = next_line (self);
  g_assert_cmpstr (ok, ==, "OK");
  return self;
}

void
ps_monitor_free (PsMonitor *self)
{
  if (self == NULL)
    return;
  redisFree (self->context);
  g_ptr_array_unref (self->commands);
  g_free (self);
}

GPtrArray *
ps_monitor_commands (PsMonitor *self, PsDb *db)
{
  g_autofree char *mark = g_strdup_printf ("mark-%u", self->n_marks++);
  ps_db_do (db, 0, "ECHO %s", mark);
  for (;;) {
    g_autofree char *line = next_line (self);
    PsMonitorCommand *command = parse (line);
    if (g_strv_length (command->words) == 2 && strcmp (command->words[1], mark) == 0) {
      command_free (command);
      return self->commands;
    }
    g_ptr_array_add (self->commands, command);
  }
}

static gboolean
is_command (const PsMonitorCommand *command, int db, const char *verb, const char *key)
{
  return command->db == db && g_ascii_strcasecmp (command->words[0], verb) == 0 &&
         command->words[1] != NULL && strcmp (command->words[1], key) == 0;
}

guint
ps_monitor_find (const GPtrArray *commands, guint from, int db, const char *verb, const char *key)
{
  while (from < commands->len && !is_command (commands->pdata[from], db, verb, key))
    from++;
  return from;
}

/* HSET KEY FIELD VALUE FIELD VALUE ... */
static const char *
value_given (const PsMonitorCommand *hset, const char *field)
{
  for (guint i = 2; hset->words[i] != NULL && hset->words[i + 1] != NULL; i += 2)
    if (strcmp (hset->words[i], field) == 0)
      return hset->words[i + 1];
  return NULL;
}

guint
ps_monitor_find_value (const GPtrArray *commands, int db, const char *key, const char *field,
                       const char *value)
{
  guint at = 0;
  while ((at = ps_monitor_find (commands, at, db, "HSET", key)) < commands->len &&
         g_strcmp0 (value_given (commands->pdata[at], field), value) != 0)
    at++;
  return at;
}

char *
ps_monitor_values (const GPtrArray *commands, int db, const char *key, const char *field)
{
  GString *values = g_string_new (NULL);
  for (guint at = 0; (at = ps_monitor_find (commands, at, db, "HSET", key)) < commands->len; at++) {
    const char *value = value_given (commands->pdata[at], field);
    if (value != NULL)
      g_string_append_printf (values, "%s%s", values->len > 0 ? " " : "", value);
  }
  return g_string_free (values, FALSE);
}

gboolean
ps_monitor_only_reads (const PsMonitorCommand *command)
{
  static const char *const verbs[] = {"EXISTS", "GET",  "HGETALL", "HGET",
                                      "KEYS",   "SCAN", "SMEMBERS"};
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_ascii_strcasecmp (command->words[0], verbs[i]) == 0)
      return TRUE;
  return FALSE;
}
