/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Redis' commands. */
#include "sim/world/redis-private.h"
#include <string.h>

#define LOADING "LOADING Redis is loading the dataset in memory"

#define SCAN_COUNT 10 /* keys a page, unless the client says otherwise */

typedef struct {
  PsSimRedis *redis;
  PsSimClient *client;
  PsSimRedisDb *db;
  const PsText *words;
  gsize n_words;
  GString *out;
} Call;

typedef void (*CommandFn) (Call *call);

static gboolean
to_unsigned (PsText text, guint64 max, guint64 *out)
{
  return memchr (text.data, '\0', text.size) == NULL &&
         g_ascii_string_to_unsigned (text.data, 10, 0, max, out, NULL);
}

/* TRUE, with an error as the reply, if the key of the command holds another type. */
static gboolean
is_wrong_type (Call *call, PsSimRedisType type)
{
  PsSimRedisType held = ps_sim_redis_db_type (call->db, call->words[1]);
  if (held == type || held == PS_SIM_NONE)
    return FALSE;
  ps_sim_resp_error (call->out, PS_SIM_ERROR_WRONGTYPE);
  return TRUE;
}

static void
reply_nullable (Call *call, const PsText *text)
{
  if (text == NULL)
    ps_sim_resp_nil (call->out);
  else
    ps_sim_resp_string (call->out, *text);
}

static void
reply_arity (Call *call)
{
  g_autofree char *name = g_ascii_strdown (call->words[0].data, -1);
  g_autofree char *text = g_strdup_printf ("ERR wrong number of arguments for '%s' command", name);
  ps_sim_resp_error (call->out, text);
}

/* --- Connection --- */

static void
do_ping (Call *call)
{
  if (call->n_words > 1)
    ps_sim_resp_string (call->out, call->words[1]);
  else
    ps_sim_resp_status (call->out, "PONG");
}

static void
do_select (Call *call)
{
  guint64 db;
  if (!to_unsigned (call->words[1], G_MAXUINT32, &db)) {
    ps_sim_resp_error (call->out, "ERR value is not an integer or out of range");
  } else if (db >= PS_SIM_REDIS_DBS) {
    ps_sim_resp_error (call->out, "ERR DB index is out of range");
  } else {
    call->client->db = (guint)db;
    ps_sim_resp_status (call->out, "OK");
  }
}

/* --- Keys --- */

static void
do_exists (Call *call)
{
  gint64 n = 0;
  for (gsize i = 1; i < call->n_words; i++)
    n += ps_sim_redis_db_type (call->db, call->words[i]) != PS_SIM_NONE;
  ps_sim_resp_integer (call->out, n);
}

static void
do_del (Call *call)
{
  gint64 n = 0;
  for (gsize i = 1; i < call->n_words; i++)
    n += ps_sim_redis_do_del (call->redis, call->client->db, call->words[i]);
  ps_sim_resp_integer (call->out, n);
}

/* "[a-z]" at *at, behind its bracket; moves behind the closing one, or to the end. */
static gboolean
match_set (const char **at, const char *end, char byte)
{
  const char *p = *at;
  gboolean negated = p < end && *p == '^', hit = FALSE;
  for (p += negated; p < end && *p != ']'; p++) {
    p += *p == '\\' && p + 1 < end;
    char low = *p, high = low;
    if (end - p > 2 && p[1] == '-' && p[2] != ']') {
      high = p[2];
      p += 2;
    }
    hit |= byte >= MIN (low, high) && byte <= MAX (low, high);
  }
  *at = p < end ? p + 1 : end;
  return hit != negated;
}

/* One byte against what stands at *at (not a star), which is moved behind it. */
static gboolean
match_one (const char **at, const char *end, char byte)
{
  char c = *(*at)++;
  if (c == '?')
    return TRUE;
  if (c == '[')
    return match_set (at, end, byte);
  if (c == '\\' && *at < end)
    c = *(*at)++;
  return c == byte;
}

/* A pattern as Redis takes it: * ? [a-z] [^a] and \ before what is meant literally. On a mismatch
 * the last star takes one byte more. */
static gboolean
matches (PsText pattern, PsText text)
{
  const char *p = pattern.data, *end = p + pattern.size, *star = NULL;
  gsize i = 0, star_at = 0;
  while (i < text.size || (p < end && *p == '*')) {
    if (p < end && *p == '*') {
      star = ++p;
      star_at = i;
    } else if (p < end && match_one (&p, end, text.data[i])) {
      i++;
    } else if (star != NULL && star_at < text.size) {
      p = star;
      i = ++star_at;
    } else {
      return FALSE;
    }
  }
  return p == end;
}

static void
reply_keys (Call *call, GArray *keys, const PsText *pattern)
{
  guint n = 0;
  for (guint i = 0; i < keys->len; i++)
    if (pattern == NULL || matches (*pattern, g_array_index (keys, PsText, i)))
      g_array_index (keys, PsText, n++) = g_array_index (keys, PsText, i);
  ps_sim_resp_array (call->out, n);
  for (guint i = 0; i < n; i++)
    ps_sim_resp_string (call->out, g_array_index (keys, PsText, i));
}

static void
do_keys (Call *call)
{
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (PsText));
  ps_sim_redis_db_walk (call->db, 0, G_MAXUINT, keys);
  reply_keys (call, keys, &call->words[1]);
}

typedef struct {
  guint64 cursor, count;
  const PsText *pattern; /* nullable */
} Scan;

/* FALSE, with an error as the reply, if the words are no SCAN. */
static gboolean
read_scan (Call *call, Scan *scan)
{
  *scan = (Scan){.count = SCAN_COUNT};
  if (!to_unsigned (call->words[1], G_MAXUINT64, &scan->cursor)) {
    ps_sim_resp_error (call->out, "ERR invalid cursor");
    return FALSE;
  }
  gboolean good = call->n_words % 2 == 0;
  for (gsize i = 2; good && i < call->n_words; i += 2) {
    const PsText *value = &call->words[i + 1];
    if (g_ascii_strcasecmp (call->words[i].data, "MATCH") == 0)
      scan->pattern = value;
    else
      good = g_ascii_strcasecmp (call->words[i].data, "COUNT") == 0 &&
             to_unsigned (*value, G_MAXINT32, &scan->count) && scan->count > 0;
  }
  if (!good)
    ps_sim_resp_error (call->out, "ERR syntax error");
  return good;
}

/* Where the next page begins: maybe in the middle of this one, as while a table is being moved. */
static guint64
next_cursor (Call *call, guint64 cursor, guint64 next, const GArray *keys)
{
  PsSimRedis *self = call->redis;
  if (next == 0 || self->scan_repeat_percent == 0 ||
      ps_rng_below (&self->rng, 100) >= self->scan_repeat_percent)
    return next;
  guint64 middle =
      ps_sim_redis_db_cursor_at (call->db, g_array_index (keys, PsText, keys->len / 2));
  return middle > cursor ? middle : next;
}

static void
do_scan (Call *call)
{
  Scan scan;
  if (!read_scan (call, &scan))
    return;
  g_autoptr (GArray) keys = g_array_new (FALSE, FALSE, sizeof (PsText));
  guint n = (guint)scan.count;
  if (call->redis->scan_keys > 0)
    n = MIN (n, call->redis->scan_keys);
  guint64 next = ps_sim_redis_db_walk (call->db, scan.cursor, n, keys);
  next = next_cursor (call, scan.cursor, next, keys);
  g_autofree char *cursor = g_strdup_printf ("%" G_GUINT64_FORMAT, next);
  ps_sim_resp_array (call->out, 2);
  ps_sim_resp_string (call->out, ps_text (cursor));
  reply_keys (call, keys, scan.pattern);
}

static void
do_flushdb (Call *call)
{
  ps_sim_redis_do_flush (call->redis, call->client->db);
  ps_sim_resp_status (call->out, "OK");
}

/* --- Strings --- */

static void
do_set (Call *call)
{
  ps_sim_redis_do_set (call->redis, call->client->db, call->words[1], call->words[2]);
  ps_sim_resp_status (call->out, "OK");
}

static void
do_get (Call *call)
{
  if (!is_wrong_type (call, PS_SIM_STRING))
    reply_nullable (call, ps_sim_redis_db_string (call->db, call->words[1]));
}

/* --- Hashes --- */

static void
do_hset (Call *call)
{
  if (call->n_words % 2 != 0) {
    reply_arity (call);
    return;
  }
  gsize n = (call->n_words - 2) / 2;
  guint n_new;
  g_autofree PsField *fields = g_new (PsField, n);
  for (gsize i = 0; i < n; i++)
    fields[i] = (PsField){call->words[2 + 2 * i], call->words[3 + 2 * i]};
  PsSimChange change =
      ps_sim_redis_do_hset (call->redis, call->client->db, call->words[1], fields, n, &n_new);
  if (change == PS_SIM_WRONG_TYPE)
    ps_sim_resp_error (call->out, PS_SIM_ERROR_WRONGTYPE);
  else
    ps_sim_resp_integer (call->out, n_new);
}

static void
do_hsetnx (Call *call)
{
  if (is_wrong_type (call, PS_SIM_HASH))
    return;
  if (ps_sim_redis_db_field (call->db, call->words[1], call->words[2]) != NULL)
    ps_sim_resp_integer (call->out, 0);
  else
    do_hset (call);
}

static void
do_hget (Call *call)
{
  if (!is_wrong_type (call, PS_SIM_HASH))
    reply_nullable (call, ps_sim_redis_db_field (call->db, call->words[1], call->words[2]));
}

static void
do_hgetall (Call *call)
{
  gsize n;
  if (is_wrong_type (call, PS_SIM_HASH))
    return;
  const PsField *fields = ps_sim_redis_db_fields (call->db, call->words[1], &n);
  ps_sim_resp_array (call->out, 2 * n);
  for (gsize i = 0; i < n; i++) {
    ps_sim_resp_string (call->out, fields[i].name);
    ps_sim_resp_string (call->out, fields[i].value);
  }
}

static void
do_hdel (Call *call)
{
  gint64 n = 0;
  if (is_wrong_type (call, PS_SIM_HASH))
    return;
  for (gsize i = 2; i < call->n_words; i++)
    n += ps_sim_redis_do_hdel (call->redis, call->client->db, call->words[1], call->words[i]);
  ps_sim_resp_integer (call->out, n);
}

/* --- Sets --- */

static void
do_sadd (Call *call)
{
  gint64 n = 0;
  if (is_wrong_type (call, PS_SIM_SET))
    return;
  for (gsize i = 2; i < call->n_words; i++)
    n += ps_sim_redis_do_sadd (call->redis, call->client->db, call->words[1], call->words[i]);
  ps_sim_resp_integer (call->out, n);
}

static void
do_srem (Call *call)
{
  gint64 n = 0;
  if (is_wrong_type (call, PS_SIM_SET))
    return;
  for (gsize i = 2; i < call->n_words; i++)
    n += ps_sim_redis_do_srem (call->redis, call->client->db, call->words[1], call->words[i]);
  ps_sim_resp_integer (call->out, n);
}

static void
do_scard (Call *call)
{
  if (!is_wrong_type (call, PS_SIM_SET))
    ps_sim_resp_integer (call->out, ps_sim_redis_db_n_members (call->db, call->words[1]));
}

static void
do_smembers (Call *call)
{
  g_autoptr (GArray) members = g_array_new (FALSE, FALSE, sizeof (PsText));
  if (is_wrong_type (call, PS_SIM_SET))
    return;
  ps_sim_redis_db_members (call->db, call->words[1], members);
  reply_keys (call, members, NULL);
}

/* No client subscribes over a connection: actors are observers. */
static void
do_publish (Call *call)
{
  ps_sim_redis_do_publish (call->redis, call->client->db, call->words[1], call->words[2]);
  ps_sim_resp_integer (call->out, 0);
}

/* --- Scripts --- */

static void
do_script (Call *call)
{
  ps_sim_redis_do_script (call->client, call->words, call->n_words, call->out);
}

static void
do_eval (Call *call)
{
  ps_sim_redis_do_eval (call->client, call->words, call->n_words, call->out);
}

/* --- All of them --- */

#define TEXT(literal)                                                                              \
  {                                                                                                \
    literal, sizeof (literal) - 1                                                                  \
  }

typedef struct {
  PsText verb;
  gsize min_words, max_words; /* the verb is one; 0: no limit */
  CommandFn fn;
} Command;

static const Command commands[] = {
    {TEXT ("DEL"), 2, 0, do_del},           {TEXT ("EVAL"), 3, 0, do_eval},
    {TEXT ("EVALSHA"), 3, 0, do_eval},      {TEXT ("EXISTS"), 2, 0, do_exists},
    {TEXT ("FLUSHDB"), 1, 2, do_flushdb},   {TEXT ("GET"), 2, 2, do_get},
    {TEXT ("HDEL"), 3, 0, do_hdel},         {TEXT ("HGET"), 3, 3, do_hget},
    {TEXT ("HGETALL"), 2, 2, do_hgetall},   {TEXT ("HSET"), 4, 0, do_hset},
    {TEXT ("HSETNX"), 4, 4, do_hsetnx},     {TEXT ("KEYS"), 2, 2, do_keys},
    {TEXT ("PING"), 1, 2, do_ping},         {TEXT ("PUBLISH"), 3, 3, do_publish},
    {TEXT ("SADD"), 3, 0, do_sadd},         {TEXT ("SCAN"), 2, 0, do_scan},
    {TEXT ("SCARD"), 2, 2, do_scard},       {TEXT ("SCRIPT"), 2, 3, do_script},
    {TEXT ("SELECT"), 2, 2, do_select},     {TEXT ("SET"), 3, 3, do_set},
    {TEXT ("SMEMBERS"), 2, 2, do_smembers}, {TEXT ("SREM"), 3, 0, do_srem},
};

static const Command *
find_command (PsText verb)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (ps_text_equal (commands[i].verb, verb))
      return &commands[i];
  return NULL;
}

static gboolean
fits (const Command *command, gsize n_words)
{
  return n_words >= command->min_words &&
         (command->max_words == 0 || n_words <= command->max_words);
}

static void
look_up (Call *call)
{
  const Command *command = find_command (call->words[0]);
  if (command == NULL) {
    g_autofree char *text = g_strdup_printf ("ERR unknown command '%.128s'", call->words[0].data);
    ps_sim_resp_error (call->out, text);
  } else if (fits (command, call->n_words)) {
    command->fn (call);
  } else {
    reply_arity (call);
  }
}

void
ps_sim_redis_execute (PsSimClient *client, const PsText *words, gsize n_words, GString *out)
{
  PsSimRedis *self = client->redis;
  Call call = {self, client, self->dbs[client->db], words, n_words, out};
  gsize begin = out->len;
  const char *refusal = ps_sim_redis_refusal (client, words, n_words);
  if (refusal != NULL) {
    ps_sim_resp_error (out, refusal);
  } else if (ps_clock_now_us (self->clock) < client->door->server->loading_until_us &&
             !g_str_equal (words[0].data, "SELECT")) {
    ps_sim_redis_note (client->door, PS_SIM_REDIS_LOADING);
    ps_sim_resp_error (out, LOADING);
  } else {
    look_up (&call);
  }
  self->counters.errors += out->str[begin] == '-';
}

/* The error of a rule, as the server tells a script of it. Owned by the caller. */
static char *
refusal_in_script (PsSimRedis *self, const char *refusal, PsText verb)
{
  if (!g_str_has_prefix (refusal, "NOPERM"))
    return g_strdup (refusal);
  g_autofree char *name = g_ascii_strdown (verb.data, -1);
  g_auto (GStrv) halves = g_strsplit (self->texts->denied_command, "%s", 2);
  return g_strjoinv (name, halves);
}

void
ps_sim_redis_execute_in_script (PsSimClient *client, const PsText *words, gsize n_words,
                                GString *out)
{
  PsSimRedis *self = client->redis;
  Call call = {self, client, self->dbs[client->db], words, n_words, out};
  const Command *command = find_command (words[0]);
  const char *refusal = NULL;
  if (command == NULL) {
    ps_sim_resp_error (out, self->texts->unknown);
  } else if (!fits (command, n_words)) {
    ps_sim_resp_error (out, self->texts->arity);
  } else if (command->fn == do_eval || command->fn == do_script) {
    ps_sim_resp_error (out, "ERR This Redis command is not allowed from script");
  } else if ((refusal = ps_sim_redis_refusal (client, words, n_words)) != NULL) {
    g_autofree char *text = refusal_in_script (self, refusal, words[0]);
    ps_sim_resp_error (out, text);
  } else {
    command->fn (&call);
  }
}
