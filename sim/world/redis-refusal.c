/* SPDX-License-Identifier: Apache-2.0 */
/* Which commands the simulated Redis says no to, and how. */
#include "sim/world/redis-private.h"
#include <string.h>

/* Do the words, joined by spaces, begin with prefix? */
static gboolean
begins_with (const PsText *words, gsize n_words, const char *prefix)
{
  gsize left = strlen (prefix);
  for (gsize i = 0; i < n_words && left > 0; i++) {
    gsize n = MIN (words[i].size, left);
    if (memcmp (words[i].data, prefix, n) != 0)
      return FALSE;
    prefix += n;
    left -= n;
    if (left > 0 && *prefix != ' ')
      return FALSE;
    prefix += left > 0;
    left -= left > 0;
  }
  return left == 0;
}

const char *
ps_sim_redis_refusal (PsSimClient *client, const PsText *words, gsize n_words)
{
  PsSimRedis *self = client->redis;
  for (guint i = 0; i < self->refusals->len; i++) {
    PsSimRefusal *rule = &g_array_index (self->refusals, PsSimRefusal, i);
    gboolean handshake = rule->prefix[0] == '\0' && g_str_equal (words[0].data, "SELECT");
    gboolean concerned = rule->db == PS_SIM_REDIS_ALL || rule->db == client->db;
    if (rule->n_left == 0 || handshake || !concerned || !begins_with (words, n_words, rule->prefix))
      continue;
    rule->n_left--;
    (*rule->n_refused)++;
    ps_sim_redis_note (client->door, PS_SIM_REDIS_REFUSED);
    return rule->error;
  }
  return NULL;
}

static guint64 *
obtain_count (PsSimRedis *self, guint db, const char *prefix, const char *error)
{
  g_autofree char *key = g_strdup_printf ("%u\n%s\n%s", db, prefix, error);
  guint64 *count = g_hash_table_lookup (self->refused, key);
  if (count == NULL) {
    count = g_new0 (guint64, 1);
    g_hash_table_insert (self->refused, g_steal_pointer (&key), count);
  }
  return count;
}

guint64
ps_sim_redis_n_refused (PsSimRedis *self, guint db, const char *prefix, const char *error)
{
  return *obtain_count (self, db, prefix, error);
}

void
ps_sim_redis_refuse (PsSimRedis *self, guint db, const char *prefix, const char *error,
                     guint n_times)
{
  PsSimRefusal rule = {db, g_strdup (prefix), g_strdup (error), n_times,
                       obtain_count (self, db, prefix, error)};
  g_array_append_val (self->refusals, rule);
}

void
ps_sim_redis_refuse_nothing (PsSimRedis *self)
{
  g_array_set_size (self->refusals, 0);
}
