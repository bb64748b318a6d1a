/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/process.h"
#include <string.h>

/* Messages that did not reach the daemon, whether it was told or not. */
guint64
ps_facts_count_losses (const PsFacts *self)
{
  const PsSimKernelCounters *kernel = ps_sim_kernel_counters (self->kernel);
  return kernel->dropped + kernel->truncated + kernel->silent;
}

gboolean
ps_facts_is_lossy (const PsFacts *self)
{
  return ps_facts_count_losses (self) != self->process.losses_before ||
         ps_sim_kernel_counters (self->kernel)->closed != self->process.closed_before;
}

guint64
ps_facts_count_refusals (const PsFacts *self)
{
  const PsSimRedisCounters *redis = ps_sim_redis_counters (self->redis);
  return redis->faults[PS_SIM_REDIS_REFUSED] + redis->faults[PS_SIM_REDIS_LOADING];
}

gboolean
ps_facts_is_ours (const PsFacts *self)
{
  return ps_sim_world_options (self->world)->actor == PS_SIM_ACTOR_DAEMON;
}

gboolean
ps_facts_is_its_own (const PsFacts *self, const PsSimRedisWrite *write)
{
  return self->process.decided && write->connection >= self->process.first_connection;
}

void
ps_process_facts_begin (PsFacts *self)
{
  const PsSimKernelCounters *kernel = ps_sim_kernel_counters (self->kernel);
  self->process = (PsProcessFacts){
      .number = self->process.number + 1,
      .first_connection = ps_sim_redis_counters (self->redis)->connects + 1,
      .closed_before = kernel->closed,
      .losses_before = ps_facts_count_losses (self),
      .admin_refusals_before = kernel->refused,
      .refusals_before = ps_facts_count_refusals (self),
  };
}

/* "cold start: warm restart … configuration is copied, old links are taken down" */
static gboolean
read_start (const char *text, PsStart *out)
{
  for (guint mode = PS_START_COLD; mode <= PS_START_WARM; mode++) {
    g_autofree char *begin = g_strdup_printf ("%s start: ", ps_start_mode_name (mode));
    if (!g_str_has_prefix (text, begin))
      continue;
    *out = (PsStart){.mode = mode,
                     .copy = strstr (text, "configuration is copied") != NULL,
                     .ignore_old = strstr (text, "old links are taken down") != NULL};
    return TRUE;
  }
  return FALSE;
}

void
ps_process_facts_take_log (PsFacts *self, const char *text)
{
  PsProcessFacts *process = &self->process;
  process->said = process->said || read_start (text, &process->said_start);
  process->said_listed |= g_str_has_prefix (text, "The first picture of the links is complete");
}
