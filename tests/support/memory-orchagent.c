/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/memory-orchagent.h"
#include "core/schema.h"
#include "sim/world/sonic-keys.h"

static void
consume (PsSimRedisDb *db, const char *key)
{
  g_autofree char *live = ps_sim_live_key (key);
  g_autofree char *staged = ps_sim_staged_key (key);
  if (ps_sim_redis_db_srem (db, ps_text (PS_SIM_DEL_SET), ps_text (key)) == PS_SIM_CHANGED)
    ps_memory_db_delete (db, live);
  gsize n;
  const PsField *fields = ps_sim_redis_db_fields (db, ps_text (staged), &n);
  for (gsize i = 0; i < n; i++)
    ps_memory_db_put (db, live, fields[i]);
  ps_memory_db_delete (db, staged);
}

GPtrArray *
ps_memory_orchagent_pop (PsSimRedisDb *appl, PsRng *rng, guint n)
{
  GPtrArray *popped = g_ptr_array_new_with_free_func (g_free);
  while (popped->len < n && ps_memory_db_exists (appl, PS_KEY_SET)) {
    PsText set = ps_text (PS_KEY_SET);
    char *key = g_strdup (ps_sim_redis_db_any_member (appl, set, rng).data);
    ps_sim_redis_db_srem (appl, set, ps_text (key));
    g_ptr_array_add (popped, key);
    consume (appl, key);
  }
  return popped;
}

gboolean
ps_memory_orchagent_delete (PsSimRedisDb *appl, const char *key)
{
  g_autofree char *staged = ps_sim_staged_key (key);
  gboolean added = ps_memory_db_add (appl, PS_KEY_SET, key);
  ps_memory_db_add (appl, PS_SIM_DEL_SET, key);
  ps_memory_db_delete (appl, staged);
  return added;
}
