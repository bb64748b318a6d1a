/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/pipeline.h"

gboolean
ps_redis_pipeline_is_full (const PsRedisPipeline *self)
{
  return self->n == PS_REDIS_PIPELINE_MAX;
}

void
ps_redis_pipeline_push (PsRedisPipeline *self, PsRedisInFlight command)
{
  g_assert (self->n < PS_REDIS_PIPELINE_MAX);
  self->slots[(self->head + self->n) % PS_REDIS_PIPELINE_MAX] = command;
  self->n++;
  self->n_scripts += command.script;
  self->n_again += command.again;
}

PsRedisInFlight
ps_redis_pipeline_pop (PsRedisPipeline *self)
{
  g_assert (self->n > 0);
  PsRedisInFlight command = self->slots[self->head];
  self->head = (self->head + 1) % PS_REDIS_PIPELINE_MAX;
  self->n--;
  self->n_scripts -= command.script;
  self->n_again -= command.again;
  return command;
}

void
ps_redis_pipeline_clear (PsRedisPipeline *self)
{
  self->head = self->n = 0;
  self->n_scripts = self->n_again = 0;
}
