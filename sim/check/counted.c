/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/counted.h"
#include "sim/check/config.h"
#include "sim/check/write.h"
#include <string.h>

static gboolean
is_marker (const char *name)
{
  return strcmp (name, PS_KEY_CONFIG_DONE) == 0 || strcmp (name, PS_KEY_INIT_DONE) == 0;
}

/* The names behind prefix, sorted, without the markers. */
static GPtrArray *
names_behind (const PsFacts *facts, guint db, const char *prefix)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (facts->redis, db, prefix);
  for (guint i = 0; i < keys->len; i++) {
    const char *name = (const char *)g_ptr_array_index (keys, i) + strlen (prefix);
    if (!is_marker (name))
      g_ptr_array_add (names, g_strdup (name));
  }
  return names;
}

GPtrArray *
ps_counted_live (const PsFacts *facts)
{
  return names_behind (facts, PS_SIM_APPL_DB, PS_SEEN_LIVE_KEY);
}

GPtrArray *
ps_counted_configured (const PsFacts *facts, GPtrArray *live)
{
  GPtrArray *names = names_behind (facts, PS_SIM_CONFIG_DB, PS_SEEN_CONFIG_KEY);
  for (guint i = names->len; i > 0; i--)
    if (!ps_facts_is_copyable (names->pdata[i - 1]) &&
        !g_ptr_array_find_with_equal_func (live, names->pdata[i - 1], g_str_equal, NULL))
      g_ptr_array_remove_index (names, i - 1);
  return names;
}
