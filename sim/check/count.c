/* SPDX-License-Identifier: Apache-2.0 */
/* The count of a live PortConfigDone (decision 0011): what it may be corrected to, and that a warm
 * start corrects it before orchagent can look at it. */
#include "core/schema.h"
#include "sim/check/check-private.h"
#include <string.h>

#define LIVE_KEY   PS_TABLE_PORT_TABLE ":"
#define CONFIG_KEY PS_TABLE_PORT "|"
#define DEL_SET    "PORT_TABLE_DEL_SET"

#define QUICK_US 10000 /* A reply that takes longer is slow. */

static gboolean
is_marker (const char *name)
{
  return strcmp (name, PS_KEY_CONFIG_DONE) == 0 || strcmp (name, PS_KEY_INIT_DONE) == 0;
}

/* The names behind prefix, sorted, without the markers. */
static GPtrArray *
names_behind (PsCheck *self, guint db, const char *prefix)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, db, prefix);
  for (guint i = 0; i < keys->len; i++) {
    const char *name = (const char *)g_ptr_array_index (keys, i) + strlen (prefix);
    if (!is_marker (name))
      g_ptr_array_add (names, g_strdup (name));
  }
  return names;
}

/* The only live row that is ours to change, and only so: the marker is there (or the write would
 * have made it), and says what orchagent will count at its next warm start
 * (docs/sonic-protocol.md 4.1). */
void
ps_check_judge_corrected_count (PsCheck *self, const char *count)
{
  g_autoptr (GPtrArray) live = names_behind (self, PS_SIM_APPL_DB, LIVE_KEY);
  g_autofree char *expected = g_strdup_printf ("%u", live->len);
  if (g_strcmp0 (count, expected) != 0)
    ps_check_fail (
        self, PS_CHECK_CONFIG_DONE_COUNT,
        g_strdup_printf ("%s corrected to the %s live rows", PS_KEY_CONFIG_DONE, expected),
        g_strdup_printf ("to %s", count));
  ps_check_judge_loaded (self, count, self->process.most_named);
  self->process.count_owed_us = 0;
}

/* Names that no netdev can have are not produced by portsyncd: they count if another daemon did. */
static GPtrArray *
configured_names (PsCheck *self, GPtrArray *live)
{
  GPtrArray *names = names_behind (self, PS_SIM_CONFIG_DB, CONFIG_KEY);
  for (guint i = names->len; i > 0; i--)
    if (!ps_check_is_copyable (names->pdata[i - 1]) &&
        !g_ptr_array_find_with_equal_func (live, names->pdata[i - 1], g_str_equal, NULL))
      g_ptr_array_remove_index (names, i - 1);
  return names;
}

static gboolean
is_same (GPtrArray *a, GPtrArray *b)
{
  for (guint i = 0; i < a->len && i < b->len; i++)
    if (strcmp (a->pdata[i], b->pdata[i]) != 0)
      return FALSE;
  return a->len == b->len;
}

/* Queued again, or not taken: it stands, and does not count. */
static gboolean
is_init_done (PsCheck *self, const char *name)
{
  return strcmp (name, PS_KEY_INIT_DONE) == 0 &&
         ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, LIVE_KEY PS_KEY_INIT_DONE);
}

/* What orchagent did not take survives a warm reboot (docs/sonic-protocol.md 5.2): attributes of
 * ports mostly, which add no row. */
static gboolean
will_rows_change (PsCheck *self, GPtrArray *live)
{
  g_autoptr (GPtrArray) queued = ps_sim_redis_smembers (self->redis, PS_SIM_APPL_DB, PS_KEY_SET);
  for (guint i = 0; i < queued->len; i++)
    if (!is_init_done (self, queued->pdata[i]) &&
        !g_ptr_array_find_with_equal_func (live, queued->pdata[i], g_str_equal, NULL))
      return TRUE;
  return ps_sim_redis_scard (self->redis, PS_SIM_APPL_DB, DEL_SET) > 0;
}

/* The marker is there, and counts other than the rows, which are those of the configuration. */
static gboolean
is_count_wrong (PsCheck *self)
{
  const char *count =
      ps_sim_redis_hget (self->redis, PS_SIM_APPL_DB, LIVE_KEY PS_KEY_CONFIG_DONE, PS_FIELD_COUNT);
  g_autoptr (GPtrArray) live = names_behind (self, PS_SIM_APPL_DB, LIVE_KEY);
  g_autoptr (GPtrArray) configured = configured_names (self, live);
  g_autofree char *right = g_strdup_printf ("%u", live->len);
  return count != NULL && strcmp (count, right) != 0 && is_same (live, configured) &&
         !will_rows_change (self, live);
}

/* A server that forgot a script is asked again at once. */
static guint64
count_faults (PsCheck *self)
{
  const PsSimRedisCounters *redis = ps_sim_redis_counters (self->redis);
  guint64 n = 0;
  for (guint i = 0; i < PS_SIM_REDIS_N_FAULTS; i++)
    n += i != PS_SIM_REDIS_NOSCRIPT ? redis->faults[i] : 0;
  return n;
}

void
ps_check_decide_count (PsCheck *self)
{
  PsCheckProcess *process = &self->process;
  if (process->start.mode != PS_START_WARM || process->start.copy || !ps_check_says_loaded (self) ||
      !is_count_wrong (self))
    return;
  process->count_owed_us = process->decided_us + PS_COUNT_REPAIRED_US;
  process->count_faults = count_faults (self);
}

/* A connection was lost, or a client changed what is counted. */
void
ps_check_excuse_count (PsCheck *self)
{
  self->process.count_owed_us = 0;
}

void
ps_check_watch_count (PsCheck *self)
{
  PsCheckProcess *process = &self->process;
  if (process->count_owed_us == 0)
    return;
  if (process->count_faults != count_faults (self) || !ps_sim_redis_is_answering (self->redis) ||
      ps_sim_redis_latency_us (self->redis) > QUICK_US || !ps_sim_world_is_alive (self->world)) {
    process->count_owed_us = 0;
  } else if (ps_check_now_us (self) > process->count_owed_us) {
    process->count_owed_us = 0;
    ps_check_fail (self, PS_CHECK_COUNT_REPAIRED,
                   g_strdup ("the count of " PS_KEY_CONFIG_DONE " right a second after a warm "
                             "start was decided"),
                   g_strdup ("it is as wrong as it was found"));
  }
}
