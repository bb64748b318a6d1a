/* SPDX-License-Identifier: Apache-2.0 */
/* A count that is wrong when a warm start is decided is right a second later, before orchagent can
 * look at it. */
#include "sim/check/invariants.h"
#include "sim/check/config.h"
#include "sim/check/counted.h"
#include "sim/check/markers.h"
#include "sim/check/write.h"
#include <string.h>

#define DEL_SET     "PORT_TABLE_DEL_SET"
#define REPAIRED_US G_USEC_PER_SEC
#define QUICK_US    10000 /* A reply that takes longer is slow. */

typedef struct {
  PsInvariant check;
  gint64 owed_us;   /* the count is wrong, and right by then; 0: not */
  guint64 n_faults; /* of Redis, when that was seen */
} PsCountRepaired;

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
is_init_done (const PsFacts *facts, const char *name)
{
  return strcmp (name, PS_KEY_INIT_DONE) == 0 &&
         ps_sim_redis_exists (facts->redis, PS_SIM_APPL_DB, PS_SEEN_LIVE_KEY PS_KEY_INIT_DONE);
}

/* What orchagent did not take survives a warm reboot (docs/sonic-protocol.md 5.2): attributes of
 * ports mostly, which add no row. */
static gboolean
will_rows_change (const PsFacts *facts, GPtrArray *live)
{
  g_autoptr (GPtrArray) queued = ps_sim_redis_smembers (facts->redis, PS_SIM_APPL_DB, PS_KEY_SET);
  for (guint i = 0; i < queued->len; i++)
    if (!is_init_done (facts, queued->pdata[i]) &&
        !g_ptr_array_find_with_equal_func (live, queued->pdata[i], g_str_equal, NULL))
      return TRUE;
  return ps_sim_redis_scard (facts->redis, PS_SIM_APPL_DB, DEL_SET) > 0;
}

/* The marker is there, and counts other than the rows, which are those of the configuration. */
static gboolean
is_count_wrong (const PsFacts *facts)
{
  const char *count = ps_sim_redis_hget (facts->redis, PS_SIM_APPL_DB,
                                         PS_SEEN_LIVE_KEY PS_KEY_CONFIG_DONE, PS_FIELD_COUNT);
  g_autoptr (GPtrArray) live = ps_counted_live (facts);
  g_autoptr (GPtrArray) configured = ps_counted_configured (facts, live);
  g_autofree char *right = g_strdup_printf ("%u", live->len);
  return count != NULL && strcmp (count, right) != 0 && is_same (live, configured) &&
         !will_rows_change (facts, live);
}

/* A server that forgot a script is asked again at once. */
static guint64
count_faults (const PsFacts *facts)
{
  const PsSimRedisCounters *redis = ps_sim_redis_counters (facts->redis);
  guint64 n = 0;
  for (guint i = 0; i < PS_SIM_REDIS_N_FAULTS; i++)
    n += i != PS_SIM_REDIS_NOSCRIPT ? redis->faults[i] : 0;
  return n;
}

static void
on_begin (PsInvariant *check)
{
  PsCountRepaired *self = (PsCountRepaired *)check;
  self->owed_us = 0;
}

static void
on_decided (PsInvariant *check)
{
  PsCountRepaired *self = (PsCountRepaired *)check;
  const PsFacts *facts = check->facts;
  const PsProcessFacts *process = &facts->process;
  if (process->start.mode != PS_START_WARM || process->start.copy ||
      !ps_facts_says_loaded (facts) || !is_count_wrong (facts))
    return;
  self->owed_us = process->decided_us + REPAIRED_US;
  self->n_faults = count_faults (facts);
}

/* A connection was lost. */
static void
on_bytes (PsInvariant *check, guint channel, PsSimTapEvent event, const guint8 *bytes,
          gsize n_bytes)
{
  PsCountRepaired *self = (PsCountRepaired *)check;
  if (channel != PS_SIM_TAP_KERNEL && (event == PS_SIM_TAP_ENDED || event == PS_SIM_TAP_CLOSE))
    self->owed_us = 0;
}

/* An actor changed what is counted. */
static void
on_foreign (PsInvariant *check, const PsSimRedisWrite *write)
{
  PsCountRepaired *self = (PsCountRepaired *)check;
  if (write->db != PS_SIM_STATE_DB)
    self->owed_us = 0;
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  PsCountRepaired *self = (PsCountRepaired *)check;
  if (self->owed_us != 0 && ps_facts_corrected_count (check->facts, write) != NULL)
    self->owed_us = 0;
}

static gboolean
is_excused (PsCountRepaired *self)
{
  const PsFacts *facts = self->check.facts;
  return self->n_faults != count_faults (facts) || !ps_sim_redis_is_answering (facts->redis) ||
         ps_sim_redis_latency_us (facts->redis) > QUICK_US || !ps_sim_world_is_alive (facts->world);
}

static void
on_step (PsInvariant *check)
{
  PsCountRepaired *self = (PsCountRepaired *)check;
  if (self->owed_us == 0)
    return;
  if (is_excused (self)) {
    self->owed_us = 0;
  } else if (ps_sim_world_now_us (check->facts->world) > self->owed_us) {
    self->owed_us = 0;
    ps_breach (check,
               g_strdup ("the count of " PS_KEY_CONFIG_DONE " right a second after a warm "
                         "start was decided"),
               g_strdup ("it is as wrong as it was found"));
  }
}

const PsInvariantType ps_invariant_count_repaired = {
    .name = "count-repaired",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsCountRepaired),
    .begin = on_begin,
    .decided = on_decided,
    .bytes = on_bytes,
    .foreign = on_foreign,
    .step = on_step,
    .write = on_write,
};
