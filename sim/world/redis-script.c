/* SPDX-License-Identifier: Apache-2.0 */
/* The producers' scripts, ours and SONiC's, carried out without Lua. */
#include "sim/world/redis-private.h"
#include <string.h>

#define FIELDS_PER_HSET 500 /* as the script does: what Lua can unpack */

typedef struct {
  PsSimRedis *redis;
  guint db;
  PsText channel, pending, text;
  GArray *fresh; /* of PsText: newly pending keys */
  GString *out;
} Run;

/* One command as redis.pcall sees it: why it failed, or NULL. */
static const char *
pcall_sadd (Run *run, PsText member, gboolean *out_added)
{
  const PsText words[] = {ps_text ("SADD"), run->pending, member};
  const char *refusal = ps_sim_redis_refusal (run->redis, words, G_N_ELEMENTS (words));
  if (refusal != NULL)
    return refusal;
  PsSimChange change = ps_sim_redis_do_sadd (run->redis, run->db, run->pending, member);
  *out_added = change == PS_SIM_CHANGED;
  return change == PS_SIM_WRONG_TYPE ? PS_SIM_ERROR_WRONGTYPE : NULL;
}

static void
pcall_srem (Run *run, PsText member)
{
  const PsText words[] = {ps_text ("SREM"), run->pending, member};
  if (ps_sim_redis_refusal (run->redis, words, G_N_ELEMENTS (words)) == NULL)
    ps_sim_redis_do_srem (run->redis, run->db, run->pending, member);
}

static const char *
pcall_hset (Run *run, PsText key, const PsText *values, gsize n_fields)
{
  const PsText words[] = {ps_text ("HSET"), key, values[0], values[1]};
  guint n_new;
  const char *refusal = ps_sim_redis_refusal (run->redis, words, G_N_ELEMENTS (words));
  if (refusal != NULL)
    return refusal;
  g_autofree PsField *fields = g_new (PsField, n_fields);
  for (gsize i = 0; i < n_fields; i++)
    fields[i] = (PsField){values[2 * i], values[2 * i + 1]};
  PsSimChange change = ps_sim_redis_do_hset (run->redis, run->db, key, fields, n_fields, &n_new);
  return change == PS_SIM_WRONG_TYPE ? PS_SIM_ERROR_WRONGTYPE : NULL;
}

static const char *
pcall_publish (Run *run)
{
  const PsText words[] = {ps_text ("PUBLISH"), run->channel, run->text};
  const char *refusal = ps_sim_redis_refusal (run->redis, words, G_N_ELEMENTS (words));
  if (refusal == NULL)
    ps_sim_redis_do_publish (run->redis, run->db, run->channel, run->text);
  return refusal;
}

static void
produce (Run *run, PsText staged, PsText key, const PsText *values, gsize n_fields)
{
  gboolean added = FALSE;
  const char *failed = pcall_sadd (run, key, &added);
  for (gsize at = 0; failed == NULL && at < n_fields; at += FIELDS_PER_HSET) {
    failed = pcall_hset (run, staged, values + 2 * at, MIN (n_fields - at, FIELDS_PER_HSET));
    if (failed != NULL && added)
      pcall_srem (run, key);
  }
  if (failed == NULL && added)
    g_array_append_val (run->fresh, key);
  if (failed != NULL)
    ps_sim_resp_string (run->out, ps_text (failed));
  else
    ps_sim_resp_integer (run->out, added);
}

/* The number of fields at args[1], if that many follow it. */
static gboolean
take_n_fields (const PsText *args, gsize n_args, gsize *out_n)
{
  guint64 n;
  if (n_args < 2 || !g_ascii_string_to_unsigned (args[1].data, 10, 0, G_MAXUINT32, &n, NULL))
    return FALSE;
  *out_n = (gsize)n;
  return n <= (n_args - 2) / 2;
}

/* Lua would fail in the middle of what is not laid out as it should be; here, before. */
static gboolean
is_laid_out (gsize n_keys, const PsText *args, gsize n_args)
{
  gsize at = 1, n_fields;
  if (n_keys < 2 || n_args < 1)
    return FALSE;
  for (gsize i = 2; i < n_keys; i++) {
    if (!take_n_fields (args + at, n_args - at, &n_fields))
      return FALSE;
    at += 2 + 2 * n_fields;
  }
  return at == n_args;
}

void
ps_sim_redis_run_produce (PsSimRedis *self, guint db, const PsText *keys, gsize n_keys,
                          const PsText *args, gsize n_args, GString *out)
{
  if (!is_laid_out (n_keys, args, n_args)) {
    ps_sim_resp_error (out, "ERR user_script: the arguments do not fit the script");
    return;
  }
  Run run = {self, db, keys[0], keys[1], args[0], NULL, out};
  gsize n_fields = 0, at = 1, begin = out->len;
  g_autoptr (GArray) fresh = run.fresh = g_array_new (FALSE, FALSE, sizeof (PsText));
  ps_sim_resp_array (out, n_keys - 2);
  for (gsize i = 2; i < n_keys; i++, at += 2 + 2 * n_fields) {
    take_n_fields (args + at, n_args - at, &n_fields);
    produce (&run, keys[i], args[at], args + at + 2, n_fields);
  }
  const char *failed = fresh->len == 0 ? NULL : pcall_publish (&run);
  if (failed == NULL)
    return;
  for (guint i = 0; i < fresh->len; i++)
    pcall_srem (&run, g_array_index (fresh, PsText, i));
  g_string_truncate (out, begin);
  ps_sim_resp_error (out, failed);
}

/* --- SONiC's: one key, a HSET a field, an error ends it where it stands ---------------------- */

static const char *
set_fields (Run *run, const PsText *keys, gsize n_keys, const PsText *args)
{
  const char *failed = NULL;
  for (gsize i = 2; failed == NULL && i < n_keys; i++)
    failed = pcall_hset (run, keys[i], args + 2 * (i - 1), 1);
  return failed;
}

void
ps_sim_redis_run_upstream_set (PsSimRedis *self, guint db, const PsText *keys, gsize n_keys,
                               const PsText *args, gsize n_args, GString *out)
{
  if (n_keys < 2 || n_args != 2 * (n_keys - 1)) {
    ps_sim_resp_error (out, "ERR user_script: the arguments do not fit the script");
    return;
  }
  Run run = {self, db, keys[0], keys[1], args[0], NULL, out};
  gboolean added = FALSE;
  const char *failed = pcall_sadd (&run, args[1], &added);
  if (failed == NULL)
    failed = set_fields (&run, keys, n_keys, args);
  if (failed == NULL && added)
    failed = pcall_publish (&run);
  if (failed != NULL)
    ps_sim_resp_error (out, failed);
  else
    ps_sim_resp_nil (out);
}

/* Why a command with this key would fail, or NULL. */
static const char *
refusal_of (PsSimRedis *self, guint db, const PsText *words, gsize n_words, PsSimRedisType type)
{
  const char *refusal = ps_sim_redis_refusal (self, words, n_words);
  PsSimRedisType held = ps_sim_redis_db_type (self->dbs[db], words[1]);
  if (refusal == NULL && held != PS_SIM_NONE && held != type)
    refusal = PS_SIM_ERROR_WRONGTYPE;
  return refusal;
}

/* Everything that is queued stands in the table already, and is not this row. */
static gboolean
are_rows (PsSimRedis *self, guint db, PsText row, PsText pending, const char *prefix)
{
  g_autoptr (GPtrArray) names = ps_sim_redis_smembers (self, db, pending.data);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *key = g_strconcat (prefix, names->pdata[i], NULL);
    if (strcmp (key, row.data) == 0 || !ps_sim_redis_exists (self, db, key))
      return FALSE;
  }
  return TRUE;
}

/* Returns for PS_OP_CORRECT what the script returns: 1 if the row was corrected. */
static gboolean
correct (PsSimRedis *self, guint db, const PsText *keys, const PsText *args, const char **out_error)
{
  const PsText words[] = {ps_text ("HSET"), keys[0], args[0], args[2]};
  const PsText question[] = {ps_text ("HGET"), keys[0], args[0]};
  const PsText queue[] = {ps_text ("SMEMBERS"), keys[1]};
  const PsField field = {args[0], args[2]};
  guint n_new;
  *out_error = refusal_of (self, db, question, G_N_ELEMENTS (question), PS_SIM_HASH);
  if (*out_error != NULL ||
      g_strcmp0 (ps_sim_redis_hget (self, db, keys[0].data, args[0].data), args[1].data) != 0 ||
      ps_sim_redis_exists (self, db, keys[2].data))
    return FALSE;
  *out_error = refusal_of (self, db, queue, G_N_ELEMENTS (queue), PS_SIM_SET);
  if (*out_error != NULL || !are_rows (self, db, keys[0], keys[1], args[3].data))
    return FALSE;
  *out_error = ps_sim_redis_refusal (self, words, G_N_ELEMENTS (words));
  if (*out_error == NULL)
    ps_sim_redis_do_hset (self, db, keys[0], &field, 1, &n_new);
  return *out_error == NULL;
}

void
ps_sim_redis_run_correct (PsSimRedis *self, guint db, const PsText *keys, gsize n_keys,
                          const PsText *args, gsize n_args, GString *out)
{
  const char *error = NULL;
  if (n_keys != 3 || n_args != 4) {
    ps_sim_resp_error (out, "ERR user_script: the arguments do not fit the script");
    return;
  }
  gboolean done = correct (self, db, keys, args, &error);
  if (error != NULL)
    ps_sim_resp_error (out, error);
  else
    ps_sim_resp_integer (out, done);
}
