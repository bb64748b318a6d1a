/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/dump-pacer.h"

static gboolean
is_quiet (const PsDumpPacer *self, gint64 now_us)
{
  if (!self->asked)
    return TRUE;
  return self->complete && now_us - self->ended_us >= MAX (self->wait_us, PS_DUMP_PACE_FLOOR_US);
}

void
ps_dump_pacer_trouble (PsDumpPacer *self, gint64 now_us)
{
  if (self->troubled)
    return;
  gint64 longer_us = CLAMP (self->wait_us * 2, PS_DUMP_PACE_FLOOR_US, PS_DUMP_PACE_CEILING_US);
  self->wait_us = is_quiet (self, now_us) ? 0 : longer_us;
  self->troubled = TRUE;
}

void
ps_dump_pacer_asked (PsDumpPacer *self)
{
  self->asked = TRUE;
  self->troubled = FALSE;
  self->complete = FALSE;
}

void
ps_dump_pacer_ended (PsDumpPacer *self, gint64 now_us, gboolean complete)
{
  if (!complete)
    ps_dump_pacer_trouble (self, now_us);
  self->complete = complete;
  self->ended_us = now_us;
}

gint64
ps_dump_pacer_due_us (const PsDumpPacer *self, gint64 now_us)
{
  return self->troubled ? self->ended_us + self->wait_us : now_us;
}
