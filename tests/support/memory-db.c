/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/memory-db.h"
#include <string.h>

#define SEED 1

PsSimRedisDb *
ps_memory_db_new (void)
{
  return ps_sim_redis_db_new (SEED);
}

gboolean
ps_memory_db_exists (PsSimRedisDb *self, const char *key)
{
  return ps_sim_redis_db_type (self, ps_text (key)) != PS_SIM_NONE;
}

gboolean
ps_memory_db_delete (PsSimRedisDb *self, const char *key)
{
  return ps_sim_redis_db_del (self, ps_text (key));
}

gboolean
ps_memory_db_fits (PsSimRedisDb *self, const char *key, PsSimRedisType type)
{
  PsSimRedisType held = ps_sim_redis_db_type (self, ps_text (key));
  return held == PS_SIM_NONE || held == type;
}

gboolean
ps_memory_db_add (PsSimRedisDb *self, const char *key, const char *member)
{
  PsSimChange change = ps_sim_redis_db_sadd (self, ps_text (key), ps_text (member));
  g_assert (change != PS_SIM_WRONG_TYPE);
  return change == PS_SIM_CHANGED;
}

guint
ps_memory_db_set_size (PsSimRedisDb *self, const char *key)
{
  return ps_sim_redis_db_n_members (self, ps_text (key));
}

void
ps_memory_db_set_string (PsSimRedisDb *self, const char *key, const char *string)
{
  ps_sim_redis_db_set (self, ps_text (key), ps_text (string));
}

const char *
ps_memory_db_string (PsSimRedisDb *self, const char *key)
{
  const PsText *string = ps_sim_redis_db_string (self, ps_text (key));
  return string == NULL ? NULL : string->data;
}

void
ps_memory_db_spoil (PsSimRedisDb *self, const char *key)
{
  ps_memory_db_set_string (self, key, "spoiled");
}

void
ps_memory_db_put (PsSimRedisDb *self, const char *key, PsField field)
{
  guint n_new;
  g_assert (ps_sim_redis_db_hset (self, ps_text (key), &field, 1, &n_new) != PS_SIM_WRONG_TYPE);
}

void
ps_memory_db_set (PsSimRedisDb *self, const char *key, const char *field, const char *value)
{
  ps_memory_db_put (self, key, (PsField){ps_text (field), ps_text (value)});
}

const char *
ps_memory_db_get (PsSimRedisDb *self, const char *key, const char *field)
{
  const PsText *value = ps_sim_redis_db_field (self, ps_text (key), ps_text (field));
  return value == NULL ? NULL : value->data;
}

char *
ps_memory_db_row (PsSimRedisDb *self, const char *key)
{
  gsize n;
  const PsField *fields = ps_sim_redis_db_fields (self, ps_text (key), &n);
  if (n == 0)
    return NULL;
  GString *text = g_string_new (NULL);
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s=%s", i > 0 ? " " : "", fields[i].name.data,
                            fields[i].value.data);
  return g_string_free (text, FALSE);
}

/* Each member of the set, behind the prefix, is a key that exists, and not this one. */
static gboolean
exist_beside (PsSimRedisDb *self, const char *set, const char *prefix, const char *key)
{
  g_autoptr (GPtrArray) members = ps_sim_redis_db_sorted_members (self, ps_text (set));
  for (guint i = 0; i < members->len; i++) {
    g_autofree char *member = g_strconcat (prefix, (char *)g_ptr_array_index (members, i), NULL);
    if (strcmp (member, key) == 0 || !ps_memory_db_exists (self, member))
      return FALSE;
  }
  return TRUE;
}

PsMemoryCorrection
ps_memory_db_correct (PsSimRedisDb *self, const char *key, PsField expected, PsText value,
                      const char *table)
{
  g_autofree char *pending = g_strdup_printf ("%s_KEY_SET", table);
  g_autofree char *deletions = g_strdup_printf ("%s_DEL_SET", table);
  g_autofree char *prefix = g_strndup (key, strlen (table) + 1);
  if (!ps_memory_db_fits (self, key, PS_SIM_HASH))
    return PS_MEMORY_WRONG_TYPE;
  if (g_strcmp0 (ps_memory_db_get (self, key, expected.name.data), expected.value.data) != 0 ||
      ps_memory_db_exists (self, deletions))
    return PS_MEMORY_LEFT;
  if (!ps_memory_db_fits (self, pending, PS_SIM_SET))
    return PS_MEMORY_WRONG_TYPE;
  if (!exist_beside (self, pending, prefix, key))
    return PS_MEMORY_LEFT;
  ps_memory_db_put (self, key, (PsField){expected.name, value});
  return PS_MEMORY_CORRECTED;
}
