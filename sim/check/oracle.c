/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/oracle.h"
#include "sim/check/truth.h"
#include "sim/world/orchagent.h"
#include <string.h>

#define STATE_DB 6
#define PREFIX   "PORT_TABLE|"
#define ANYTHING "?"

static gboolean
is_port (const PsSimLink *link, PsOracleIsOld is_old, gpointer user_data)
{
  return ps_truth_is_port_name (link->name, strlen (link->name)) &&
         strcmp (link->kind, "team") != 0 && !is_old (link->ifindex, user_data);
}

static char *
wanted_row (PsSimRedis *redis, const PsSimLink *link)
{
  g_autofree char *live = g_strdup_printf ("PORT_TABLE:%s", link->name);
  if (!ps_sim_redis_exists (redis, PS_SIM_APPL_DB, live))
    return g_strdup (ANYTHING);
  return g_strdup_printf ("ok %s %s %u", link->flags & IFF_RUNNING ? "up" : "down",
                          link->flags & IFF_UP ? "up" : "down", link->mtu);
}

GHashTable *
ps_oracle_state_rows (PsSimKernel *kernel, PsSimRedis *redis, PsOracleIsOld is_old,
                      gpointer user_data)
{
  GHashTable *rows = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < ps_sim_kernel_length (kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (kernel, i);
    if (is_port (link, is_old, user_data))
      g_hash_table_insert (rows, g_strdup (link->name), wanted_row (redis, link));
  }
  return rows;
}

static const char *
field (PsSimRedis *redis, const char *key, const char *name)
{
  const char *value = ps_sim_redis_hget (redis, STATE_DB, key, name);
  return value != NULL ? value : "-";
}

/* Without `state` it is another writer's row: no netdev for anyone who reads it. */
static char *
seen_row (PsSimRedis *redis, const char *key)
{
  if (ps_sim_redis_hget (redis, STATE_DB, key, "state") == NULL)
    return g_strdup ("no row");
  return g_strdup_printf ("%s %s %s %s", field (redis, key, "state"),
                          field (redis, key, "netdev_oper_status"),
                          field (redis, key, "admin_status"), field (redis, key, "mtu"));
}

static char *
compare_row (PsSimRedis *redis, const char *name, const char *wanted, char **out_seen)
{
  g_autofree char *key = g_strconcat (PREFIX, name, NULL);
  g_autofree char *seen = seen_row (redis, key);
  if (strcmp (wanted, ANYTHING) == 0 || strcmp (wanted, seen) == 0)
    return NULL;
  *out_seen = g_steal_pointer (&seen);
  return g_strdup_printf ("%s: %s", name, wanted);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* The names of both sides, sorted, each once or twice. */
static GPtrArray *
all_names (PsSimRedis *redis, GHashTable *rows)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (redis, STATE_DB, PREFIX);
  GHashTableIter iter;
  gpointer name;
  for (guint i = 0; i < keys->len; i++)
    g_ptr_array_add (names, g_strdup ((const char *)keys->pdata[i] + strlen (PREFIX)));
  g_hash_table_iter_init (&iter, rows);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

char *
ps_oracle_compare (PsSimRedis *redis, GHashTable *rows, char **out_seen)
{
  g_autoptr (GPtrArray) names = all_names (redis, rows);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    const char *wanted = g_hash_table_lookup (rows, name);
    if (wanted == NULL && !ps_truth_is_port_name (name, strlen (name)))
      continue;
    char *difference = compare_row (redis, name, wanted != NULL ? wanted : "no row", out_seen);
    if (difference != NULL)
      return difference;
  }
  return NULL;
}
