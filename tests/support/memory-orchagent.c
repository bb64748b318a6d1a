/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/memory-orchagent.h"
#include "core/schema.h"

#define DEL_SET "PORT_TABLE_DEL_SET"
#define LIVE    PS_TABLE_PORT_TABLE ":"
#define STAGED  PS_TABLE_PORT_STAGED ":"

static void
consume (PsMemoryDb *db, const char *key)
{
  g_autofree char *live = g_strconcat (LIVE, key, NULL);
  g_autofree char *staged = g_strconcat (STAGED, key, NULL);
  if (ps_memory_db_remove (db, DEL_SET, key))
    ps_memory_db_delete (db, live);
  gsize n;
  const PsField *fields = ps_memory_db_fields (db, staged, &n);
  for (gsize i = 0; i < n; i++)
    ps_memory_db_put (db, live, fields[i].name, fields[i].value);
  ps_memory_db_delete (db, staged);
}

GPtrArray *
ps_memory_orchagent_pop (PsMemoryDb *appl, PsRng *rng, guint n)
{
  GPtrArray *popped = g_ptr_array_new_with_free_func (g_free);
  guint size;
  while (popped->len < n && (size = ps_memory_db_set_size (appl, PS_KEY_SET)) > 0) {
    char *key = ps_memory_db_take (appl, PS_KEY_SET, (guint)ps_rng_below (rng, size));
    g_ptr_array_add (popped, key);
    consume (appl, key);
  }
  return popped;
}

gboolean
ps_memory_orchagent_delete (PsMemoryDb *appl, const char *key)
{
  g_autofree char *staged = g_strconcat (STAGED, key, NULL);
  gboolean added = ps_memory_db_add (appl, PS_KEY_SET, key);
  ps_memory_db_add (appl, DEL_SET, key);
  ps_memory_db_delete (appl, staged);
  return added;
}
