/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/config.h"
#include "sim/check/write.h"
#include <string.h>

/* FALSE for the placeholder of a row without attributes, and for what is no hash at all. */
static gboolean
has_fields (PsSimRedis *redis, const char *key)
{
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (redis, PS_SIM_CONFIG_DB, key);
  for (guint i = 0; i < fields->len; i++)
    if (!ps_text_equal (g_array_index (fields, PsField, i).name, ps_text ("NULL")))
      return TRUE;
  return FALSE;
}

static gboolean
is_spoiled (PsSimRedis *redis, guint db, const char *key)
{
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (redis, db, key);
  return fields->len == 0 && ps_sim_redis_exists (redis, db, key);
}

GPtrArray *
ps_facts_configured (const PsFacts *self)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) keys =
      ps_sim_redis_keys (self->redis, PS_SIM_CONFIG_DB, PS_SEEN_CONFIG_KEY);
  for (guint i = 0; i < keys->len; i++) {
    const char *key = g_ptr_array_index (keys, i);
    const char *name = key + strlen (PS_SEEN_CONFIG_KEY);
    g_autofree char *staged = g_strconcat (PS_SEEN_STAGED_KEY, name, NULL);
    if (ps_truth_is_port_name (name, strlen (name)) && has_fields (self->redis, key) &&
        !is_spoiled (self->redis, PS_SIM_APPL_DB, staged))
      g_ptr_array_add (names, g_strdup (name));
  }
  return names;
}

gboolean
ps_facts_is_copyable (const char *name)
{
  static const char *const refused[] = {"", ".", "..", PS_KEY_CONFIG_DONE, PS_KEY_INIT_DONE, NULL};
  gsize size = strlen (name);
  for (gsize i = 0; i < size; i++)
    if (name[i] <= ' ' || name[i] > '~' || strchr ("/:|", name[i]) != NULL)
      return FALSE;
  return size < IFNAMSIZ && !g_strv_contains (refused, name);
}

guint
ps_facts_count_producible (const PsFacts *self)
{
  guint n = 0;
  g_autoptr (GPtrArray) keys =
      ps_sim_redis_keys (self->redis, PS_SIM_CONFIG_DB, PS_SEEN_CONFIG_KEY);
  for (guint i = 0; i < keys->len; i++) {
    const char *key = g_ptr_array_index (keys, i);
    g_autofree char *staged =
        g_strconcat (PS_SEEN_STAGED_KEY, key + strlen (PS_SEEN_CONFIG_KEY), NULL);
    n += ps_facts_is_copyable (key + strlen (PS_SEEN_CONFIG_KEY)) &&
         has_fields (self->redis, key) && !is_spoiled (self->redis, PS_SIM_APPL_DB, staged);
  }
  return n;
}

gboolean
ps_facts_says_loaded (const PsFacts *self)
{
  const char *flag = ps_sim_redis_get (self->redis, PS_SIM_CONFIG_DB, PS_CONFIG_DB_INITIALIZED);
  return flag != NULL && *flag != '\0' && !g_str_equal (flag, "0");
}

/* At each step: what a client writes in one goes unread until the next one. */
void
ps_config_facts_step (PsFacts *self)
{
  PsConfigFacts *config = &self->config;
  if (config->looked_at)
    return;
  config->looked_at = TRUE;
  if (!ps_facts_says_loaded (self))
    return;
  g_autoptr (GPtrArray) keys =
      ps_sim_redis_keys (self->redis, PS_SIM_CONFIG_DB, PS_SEEN_CONFIG_KEY);
  guint n = ps_facts_count_producible (self);
  config->least_loaded = config->was_loaded ? MIN (config->least_loaded, n) : n;
  config->most_loaded = MAX (config->most_loaded, n);
  config->most_named = MAX (config->most_named, keys->len);
  config->was_loaded = TRUE;
}

void
ps_config_facts_await (PsFacts *self)
{
  g_autoptr (GPtrArray) names = ps_facts_configured (self);
  g_clear_pointer (&self->config.awaited, g_hash_table_unref);
  g_clear_pointer (&self->config.known, g_hash_table_unref);
  self->config.known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->config.awaited = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    const PsTruthPort *port = ps_truth_find (self->truth, name);
    gboolean read = port != NULL && port->staged_connection >= self->process.first_connection;
    if (!read && self->process.start.copy)
      continue;
    g_hash_table_add (self->config.awaited, g_strdup (name));
    g_hash_table_add (self->config.known, g_strdup (name));
  }
}

void
ps_config_facts_foreign (PsFacts *self, const PsSimRedisWrite *write)
{
  const char *name = ps_write_key_after (write, PS_SEEN_CONFIG_KEY);
  self->config.looked_at = FALSE;
  if (name == NULL && write->key.size > 0)
    return;
  self->config.changed = TRUE;
  if (name != NULL && ps_write_is_verb (write, "DEL") && self->config.awaited != NULL)
    g_hash_table_remove (self->config.awaited, name);
}

void
ps_config_facts_clear (PsFacts *self)
{
  g_clear_pointer (&self->config.awaited, g_hash_table_unref);
  g_clear_pointer (&self->config.known, g_hash_table_unref);
}

void
ps_config_facts_begin (PsFacts *self)
{
  ps_config_facts_clear (self);
  self->config = (PsConfigFacts){0};
}

char *
ps_facts_why_not_loaded (const PsFacts *self, const char *count, guint most, char **out_expected)
{
  const PsConfigFacts *config = &self->config;
  guint64 n = 0;
  if (!config->was_loaded) {
    *out_expected = g_strdup ("nothing announced of a CONFIG_DB that never said that it is loaded");
    return g_strdup_printf ("a marker, count %s", count != NULL ? count : "none");
  }
  if (count == NULL || !g_ascii_string_to_unsigned (count, 10, 0, G_MAXUINT32, &n, NULL) ||
      (n >= config->least_loaded && n <= most))
    return NULL;
  *out_expected = g_strdup_printf ("a count of %u to %u, as CONFIG_DB held while it was loaded",
                                   config->least_loaded, most);
  return g_strdup_printf ("count %s", count);
}
