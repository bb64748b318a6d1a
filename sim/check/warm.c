/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/warm.h"
#include "sim/check/write.h"
#include <string.h>

static const char *const state_names[] = {
    [PS_WARM_SEEN_NONE] = "no state",     [PS_WARM_SEEN_INITIALIZED] = "initialized",
    [PS_WARM_SEEN_RESTORED] = "restored", [PS_WARM_SEEN_RECONCILED] = "reconciled",
    [PS_WARM_SEEN_DISABLED] = "disabled", [PS_WARM_SEEN_OTHER] = "another word",
};

const char *
ps_warm_seen_name (PsWarmSeen state)
{
  return state_names[state];
}

PsWarmSeen
ps_warm_seen_parse (const char *text)
{
  if (text == NULL)
    return PS_WARM_SEEN_NONE;
  for (guint i = PS_WARM_SEEN_INITIALIZED; i < PS_WARM_SEEN_OTHER; i++)
    if (strcmp (text, state_names[i]) == 0)
      return (PsWarmSeen)i;
  return PS_WARM_SEEN_OTHER;
}

PsWarmSeen
ps_warm_seen_read (const PsFacts *self)
{
  return ps_warm_seen_parse (
      ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, PS_SEEN_RESTORE_KEY, PS_FIELD_STATE));
}

gboolean
ps_warm_seen_is_unfinished (PsWarmSeen state)
{
  return state == PS_WARM_SEEN_INITIALIZED || state == PS_WARM_SEEN_RESTORED;
}

void
ps_warm_facts_clear (PsFacts *self)
{
  g_clear_pointer (&self->warm.live, g_hash_table_unref);
  g_clear_pointer (&self->warm.count_before, g_free);
}

void
ps_warm_facts_begin (PsFacts *self)
{
  PsWarmFacts *warm = &self->warm;
  ps_warm_facts_clear (self);
  *warm = (PsWarmFacts){.row_spoiled = warm->row_spoiled,
                        .count_owed = warm->count_owed,
                        .found = ps_warm_seen_read (self)};
}

void
ps_warm_facts_watch (PsFacts *self)
{
  self->warm.unsure |= ps_warm_seen_read (self) != self->warm.found;
}

void
ps_warm_facts_decided (PsFacts *self)
{
  PsWarmFacts *warm = &self->warm;
  warm->live = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_APPL_DB, PS_SEEN_LIVE_KEY);
  for (guint i = 0; i < keys->len; i++)
    g_hash_table_add (warm->live, g_strdup ((char *)keys->pdata[i] + strlen (PS_SEEN_LIVE_KEY)));
  warm->count_before = g_strdup (ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB,
                                                    PS_SEEN_RESTORE_KEY, PS_FIELD_RESTORE_COUNT));
  if (self->process.start.mode != PS_START_WARM)
    warm->last = warm->found;
}

gboolean
ps_facts_is_warm_open (const PsFacts *self)
{
  const PsProcessFacts *process = &self->process;
  return process->decided && !self->warm.reconciled &&
         (process->start.mode == PS_START_WARM || (process->start.mode == PS_START_RESUME &&
                                                   ps_warm_seen_is_unfinished (self->warm.found)));
}

/* It was no hash, so it may go; all that belongs into it has to come back with the next write. */
void
ps_warm_facts_take_repair (PsFacts *self)
{
  self->warm.row_spoiled = FALSE;
  self->warm.count_owed = TRUE;
}

void
ps_warm_facts_foreign (PsFacts *self, const PsSimRedisWrite *write)
{
  if (write->key.size > 0 && !ps_write_is_key (write, PS_SEEN_RESTORE_KEY))
    return;
  self->warm.row_foreign = TRUE;
  self->warm.row_spoiled = ps_write_is_verb (write, "SET");
  self->warm.count_owed = FALSE;
}

void
ps_warm_facts_take (PsFacts *self, const PsSimRedisWrite *write)
{
  const char *text = ps_write_value_of (write, PS_FIELD_STATE);
  self->warm.count_owed = FALSE;
  if (text == NULL)
    return;
  self->warm.last = ps_warm_seen_parse (text);
  self->warm.reconciled |= self->warm.last == PS_WARM_SEEN_RECONCILED;
}
