/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/pipeline.h"

gboolean
ps_pipeline_is_full (const PsPipeline *self)
{
  return self->n == PS_PIPELINE_MAX;
}

void
ps_pipeline_push (PsPipeline *self, PsInFlight command)
{
  g_assert (self->n < PS_PIPELINE_MAX);
  self->slots[(self->head + self->n) % PS_PIPELINE_MAX] = command;
  self->n++;
  self->n_scripts += command.script;
  self->n_again += command.again;
}

PsInFlight
ps_pipeline_pop (PsPipeline *self)
{
  g_assert (self->n > 0);
  PsInFlight command = self->slots[self->head];
  self->head = (self->head + 1) % PS_PIPELINE_MAX;
  self->n--;
  self->n_scripts -= command.script;
  self->n_again -= command.again;
  return command;
}

void
ps_pipeline_clear (PsPipeline *self)
{
  self->head = self->n = 0;
  self->n_scripts = self->n_again = 0;
}
