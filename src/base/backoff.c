/* SPDX-License-Identifier: Apache-2.0 */
#include "base/backoff.h"

void
ps_backoff_init (PsBackoff *self, gint64 floor_us, gint64 ceiling_us)
{
  g_assert (0 < floor_us && floor_us <= ceiling_us);
  *self = (PsBackoff){.floor_us = floor_us, .ceiling_us = ceiling_us, .next_us = floor_us};
}

void
ps_backoff_reset (PsBackoff *self)
{
  self->next_us = self->floor_us;
}

gint64
ps_backoff_next_us (PsBackoff *self)
{
  gint64 delay = self->next_us;
  self->next_us = MIN (delay * 2, self->ceiling_us);
  return delay;
}

gint64
ps_backoff_next_jittered_us (PsBackoff *self, PsRng *rng)
{
  gint64 longest_us = ps_backoff_next_us (self), shortest_us = longest_us / 2;
  return shortest_us + (gint64)ps_rng_below (rng, (guint64)(longest_us - shortest_us) + 1);
}
