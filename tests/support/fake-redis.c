/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake-redis.h"
#include <stdlib.h>
#include <string.h>

#define WRONGTYPE "WRONGTYPE Operation against a key holding the wrong kind of value"

struct _PsFakeRedis {
  PsFakeStreamPort *port; /* owned */
  PsSimRedisDb *db;
  GString *out;   /* owned; replies to what one write brought */
  GPtrArray *log; /* owned; of char * */
  gboolean mute, has_script, repeat;
  char *verb, *error; /* owned, nullable */
  guint n_refuse, page, n_published, script_keys_max;
};

static void
reply_line (PsFakeRedis *self, char type, const char *text)
{
  g_string_append_printf (self->out, "%c%s\r\n", type, text);
}

static void
reply_number (PsFakeRedis *self, char type, gsize n)
{
  g_string_append_printf (self->out, "%c%zu\r\n", type, n);
}

static void
reply_text (PsFakeRedis *self, PsText text)
{
  reply_number (self, '$', text.size);
  g_string_append_len (self->out, text.data, (gssize)text.size);
  g_string_append (self->out, "\r\n");
}

/* --- Commands --- */

static void
do_hset (PsFakeRedis *self, const PsText *words, gsize n)
{
  if (!ps_memory_db_fits (self->db, words[1].data, PS_SIM_HASH)) {
    reply_line (self, '-', WRONGTYPE);
    return;
  }
  gsize before, after;
  ps_sim_redis_db_fields (self->db, words[1], &before);
  for (gsize i = 2; i + 1 < n; i += 2)
    ps_memory_db_put (self->db, words[1].data, (PsField){words[i], words[i + 1]});
  ps_sim_redis_db_fields (self->db, words[1], &after);
  reply_number (self, ':', after - before);
}

static void
do_hsetnx (PsFakeRedis *self, const PsText *words, gsize n)
{
  if (ps_memory_db_get (self->db, words[1].data, words[2].data) != NULL)
    reply_number (self, ':', 0);
  else
    do_hset (self, words, n);
}

static void
do_hgetall (PsFakeRedis *self, const PsText *words)
{
  gsize n;
  const PsField *fields = ps_sim_redis_db_fields (self->db, words[1], &n);
  if (fields == NULL && ps_memory_db_exists (self->db, words[1].data)) {
    reply_line (self, '-', WRONGTYPE);
    return;
  }
  reply_number (self, '*', 2 * n);
  for (gsize i = 0; i < n; i++) {
    reply_text (self, fields[i].name);
    reply_text (self, fields[i].value);
  }
}

static void
do_get (PsFakeRedis *self, const PsText *words)
{
  const char *value = ps_memory_db_string (self->db, words[1].data);
  if (value != NULL)
    reply_text (self, ps_text (value));
  else
    reply_line (self, ps_memory_db_exists (self->db, words[1].data) ? '-' : '$',
                ps_memory_db_exists (self->db, words[1].data) ? WRONGTYPE : "-1");
}

static void
do_exists (PsFakeRedis *self, const PsText *words, gsize n)
{
  gsize found = 0;
  for (gsize i = 1; i < n; i++)
    found += (gsize)ps_memory_db_exists (self->db, words[i].data);
  reply_number (self, ':', found);
}

/* A pattern is literal text, escapes undone, and a star at its end. */
static char *
prefix_of (PsText pattern)
{
  GString *prefix = g_string_new (NULL);
  for (gsize i = 0; i < pattern.size; i++) {
    if (pattern.data[i] == '\\')
      i++;
    else if (strchr ("*?[]", pattern.data[i]) != NULL)
      break;
    g_string_append_c (prefix, pattern.data[i]);
  }
  return g_string_free (prefix, FALSE);
}

static void
do_scan (PsFakeRedis *self, const PsText *words)
{
  g_autofree char *prefix = prefix_of (words[3]);
  g_autoptr (GPtrArray) keys = ps_sim_redis_db_sorted_keys (self->db, prefix);
  guint first = (guint)atoi (words[1].data);
  guint end = MIN (first + self->page, keys->len);
  g_autofree char *cursor = g_strdup_printf ("%u", end < keys->len ? end : 0);
  guint copies = self->repeat ? 2 : 1;
  reply_line (self, '*', "2");
  reply_text (self, ps_text (cursor));
  reply_number (self, '*', (gsize)(end - MIN (first, end)) * copies);
  for (guint i = first; i < end; i++)
    for (guint copy = 0; copy < copies; copy++)
      reply_text (self, ps_text (g_ptr_array_index (keys, i)));
}

/* What the producer's script is specified to do (scripts.h), not how it does it. */
static void
do_script (PsFakeRedis *self, const PsText *words, gsize n)
{
  guint n_keys = (guint)atoi (words[2].data), n_new = 0;
  const PsText *keys = words + 3, *args = keys + n_keys + 1;
  reply_number (self, '*', n_keys - 2);
  self->script_keys_max = MAX (self->script_keys_max, n_keys - 2);
  for (guint i = 2; i < n_keys; i++) {
    guint n_fields = (guint)atoi (args[1].data);
    gboolean bad = !ps_memory_db_fits (self->db, keys[i].data, PS_SIM_HASH);
    for (guint f = 0; f < n_fields && !bad; f++)
      ps_memory_db_put (self->db, keys[i].data, (PsField){args[2 + 2 * f], args[3 + 2 * f]});
    gboolean added = !bad && ps_memory_db_add (self->db, keys[1].data, args[0].data);
    n_new += (guint)added;
    if (bad)
      reply_text (self, ps_text (WRONGTYPE));
    else
      reply_number (self, ':', (gsize)added);
    args += 2 + 2 * n_fields;
  }
  g_assert_true (args == words + n);
  self->n_published += n_new > 0;
}

/* Likewise of PS_OP_CORRECT's. */
static void
do_correct (PsFakeRedis *self, const PsText *words, gsize n)
{
  const PsText *keys = words + 3, *args = words + 6;
  g_autofree char *table = g_strndup (keys[1].data, keys[1].size - strlen ("_KEY_SET"));
  g_assert_cmpuint (n, ==, 10);
  g_assert_cmpuint (args[3].size, ==, strlen (table) + 1);
  g_assert_true (g_str_has_prefix (keys[0].data, args[3].data));
  PsMemoryCorrection how =
      ps_memory_db_correct (self->db, keys[0].data, (PsField){args[0], args[1]}, args[2], table);
  if (how == PS_MEMORY_WRONG_TYPE)
    reply_line (self, '-', WRONGTYPE);
  else
    reply_number (self, ':', how == PS_MEMORY_CORRECTED);
}

static void
do_evalsha (PsFakeRedis *self, const PsText *words, gsize n)
{
  if (self->has_script)
    do_script (self, words, n);
  else
    reply_line (self, '-', "NOSCRIPT No matching script. Please use EVAL.");
}

static void
do_load (PsFakeRedis *self, const PsText *words)
{
  g_autofree char *sha1 =
      g_compute_checksum_for_data (G_CHECKSUM_SHA1, (const guchar *)words[2].data, words[2].size);
  self->has_script = TRUE;
  reply_text (self, ps_text (sha1));
}

static gboolean
refuse (PsFakeRedis *self, const char *verb)
{
  if (self->n_refuse == 0 || !g_str_equal (self->verb, verb))
    return FALSE;
  self->n_refuse--;
  if (self->error != NULL)
    reply_line (self, '-', self->error);
  return TRUE;
}

static void
note (PsFakeRedis *self, const PsText *words, gsize n)
{
  GString *line = g_string_new (words[0].data);
  for (gsize i = 1; i < n; i++)
    g_string_append_printf (line, " %s",
                            strchr (words[i].data, '\n') != NULL ? "SCRIPT" : words[i].data);
  g_ptr_array_add (self->log, g_string_free (line, FALSE));
}

static void
carry_out (PsFakeRedis *self, const PsText *words, gsize n)
{
  const char *verb = words[0].data;
  note (self, words, n);
  if (refuse (self, verb))
    return;
  if (g_str_equal (verb, "SELECT"))
    reply_line (self, '+', "OK");
  else if (g_str_equal (verb, "PING"))
    reply_line (self, '+', "PONG");
  else if (g_str_equal (verb, "SCRIPT"))
    do_load (self, words);
  else if (g_str_equal (verb, "HSET"))
    do_hset (self, words, n);
  else if (g_str_equal (verb, "HSETNX"))
    do_hsetnx (self, words, n);
  else if (g_str_equal (verb, "DEL"))
    reply_number (self, ':', (gsize)ps_memory_db_delete (self->db, words[1].data));
  else if (g_str_equal (verb, "HGETALL"))
    do_hgetall (self, words);
  else if (g_str_equal (verb, "GET"))
    do_get (self, words);
  else if (g_str_equal (verb, "EXISTS"))
    do_exists (self, words, n);
  else if (g_str_equal (verb, "SCAN"))
    do_scan (self, words);
  else if (g_str_equal (verb, "EVALSHA"))
    do_evalsha (self, words, n);
  else if (g_str_equal (verb, "EVAL") && strstr (words[1].data, "SADD") == NULL)
    do_correct (self, words, n);
  else if (g_str_equal (verb, "EVAL")) {
    self->has_script = TRUE;
    do_script (self, words, n);
  } else
    g_error ("fake-redis: unknown command %s", verb);
}

/* --- The wire --- */

/* "<type><number>\r\n" at *at; FALSE if it is not there in full. */
static gboolean
take_header (const char **at, const char *end, char type, gsize *out)
{
  const char *line_end = memchr (*at, '\n', (gsize)(end - *at));
  if (line_end == NULL)
    return FALSE;
  g_assert_cmpint (**at, ==, type);
  *out = (gsize)g_ascii_strtoull (*at + 1, NULL, 10);
  *at = line_end + 1;
  return TRUE;
}

/* One command from bytes into words, whose texts are terminated in place. Bytes used, or 0. */
static gsize
take_command (char *bytes, gsize n_bytes, GArray *words)
{
  const char *at = bytes, *end = bytes + n_bytes;
  gsize n, size;
  g_array_set_size (words, 0);
  if (!take_header (&at, end, '*', &n))
    return 0;
  for (gsize i = 0; i < n; i++) {
    if (!take_header (&at, end, '$', &size) || (gsize)(end - at) < size + 2)
      return 0;
    g_assert_true (at[size] == '\r' && at[size + 1] == '\n');
    PsText word = {at, size};
    g_array_append_val (words, word);
    at += size + 2;
  }
  return (gsize)(at - bytes);
}

static void
on_written (PsFakeStreamPort *port, gpointer user_data)
{
  PsFakeRedis *self = user_data;
  const GByteArray *written = ps_fake_stream_port_written (port);
  g_autoptr (GArray) words = g_array_new (FALSE, FALSE, sizeof (PsText));
  gsize done = 0, used;
  g_string_set_size (self->out, 0);
  while (done < written->len &&
         (used = take_command ((char *)written->data + done, written->len - done, words)) > 0) {
    PsText *list = (PsText *)(gpointer)words->data;
    for (guint i = 0; i < words->len; i++)
      ((char *)list[i].data)[list[i].size] = '\0';
    carry_out (self, list, words->len);
    done += used;
  }
  ps_fake_stream_port_take (port, done);
  if (!self->mute)
    ps_fake_stream_port_feed (port, self->out->str, self->out->len);
}

PsFakeRedis *
ps_fake_redis_new (PsFakeStreamPort *port, PsSimRedisDb *db)
{
  PsFakeRedis *self = g_new0 (PsFakeRedis, 1);
  self->port = g_object_ref (port);
  self->db = db;
  self->out = g_string_new (NULL);
  self->log = g_ptr_array_new_with_free_func (g_free);
  self->page = 100;
  ps_fake_stream_port_set_peer (port, on_written, self);
  return self;
}

void
ps_fake_redis_free (PsFakeRedis *self)
{
  if (self == NULL)
    return;
  ps_fake_stream_port_set_peer (self->port, NULL, NULL);
  g_object_unref (self->port);
  g_string_free (self->out, TRUE);
  g_ptr_array_unref (self->log);
  g_free (self->verb);
  g_free (self->error);
  g_free (self);
}

void
ps_fake_redis_mute (PsFakeRedis *self, gboolean mute)
{
  self->mute = mute;
}

void
ps_fake_redis_refuse (PsFakeRedis *self, const char *verb, const char *error, guint n_times)
{
  g_free (self->verb);
  g_free (self->error);
  self->verb = g_strdup (verb);
  self->error = g_strdup (error);
  self->n_refuse = n_times;
}

void
ps_fake_redis_forget_scripts (PsFakeRedis *self)
{
  self->has_script = FALSE;
}

void
ps_fake_redis_set_scan (PsFakeRedis *self, guint page, gboolean repeat)
{
  self->page = page;
  self->repeat = repeat;
}

const GPtrArray *
ps_fake_redis_log (PsFakeRedis *self)
{
  return self->log;
}

guint
ps_fake_redis_n_published (PsFakeRedis *self)
{
  return self->n_published;
}

guint
ps_fake_redis_script_keys_max (PsFakeRedis *self)
{
  return self->script_keys_max;
}
