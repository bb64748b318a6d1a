/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIG_DB as it stood whenever it said that it is loaded (decision 0016): what is announced of
 * its ports must have been seen then. */
#include "core/schema.h"
#include "sim/check/check-private.h"

gboolean
ps_check_says_loaded (PsCheck *self)
{
  const char *flag = ps_sim_redis_get (self->redis, PS_SIM_CONFIG_DB, PS_CONFIG_DB_INITIALIZED);
  return flag != NULL && *flag != '\0' && !g_str_equal (flag, "0");
}

/* At each step: what a client writes in one goes unread until the next one. */
void
ps_check_watch_loaded (PsCheck *self)
{
  PsCheckProcess *process = &self->process;
  if (process->config_looked_at)
    return;
  process->config_looked_at = TRUE;
  if (!ps_check_says_loaded (self))
    return;
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_CONFIG_DB, PS_TABLE_PORT "|");
  guint n = ps_check_count_producible (self);
  process->least_loaded = process->was_loaded ? MIN (process->least_loaded, n) : n;
  process->most_loaded = MAX (process->most_loaded, n);
  process->most_named = MAX (process->most_named, keys->len);
  process->was_loaded = TRUE;
}

void
ps_check_judge_loaded (PsCheck *self, const char *count, guint most)
{
  const PsCheckProcess *process = &self->process;
  guint64 n = 0;
  if (!process->was_loaded) {
    ps_check_fail (self, PS_CHECK_CONFIG_LOADED,
                   g_strdup ("nothing announced of a CONFIG_DB that never said that it is loaded"),
                   g_strdup_printf ("a marker, count %s", count != NULL ? count : "none"));
    return;
  }
  if (count == NULL || !g_ascii_string_to_unsigned (count, 10, 0, G_MAXUINT32, &n, NULL) ||
      (n >= process->least_loaded && n <= most))
    return;
  ps_check_fail (self, PS_CHECK_CONFIG_LOADED,
                 g_strdup_printf ("a count of %u to %u, as CONFIG_DB held while it was loaded",
                                  process->least_loaded, most),
                 g_strdup_printf ("count %s", count));
}
