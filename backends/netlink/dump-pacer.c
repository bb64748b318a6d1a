/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/dump-pacer.h"

static gboolean
is_quiet (const PsNetlinkDumpPacer *self, gint64 now_us)
{
  if (!self->asked)
    return TRUE;
  return self->complete &&
         now_us - self->ended_us >= MAX (self->wait_us, PS_NETLINK_DUMP_PACE_FLOOR_US);
}

void
ps_netlink_dump_pacer_trouble (PsNetlinkDumpPacer *self, gint64 now_us)
{
  if (self->troubled)
    return;
  gint64 longer_us =
      CLAMP (self->wait_us * 2, PS_NETLINK_DUMP_PACE_FLOOR_US, PS_NETLINK_DUMP_PACE_CEILING_US);
  self->wait_us = is_quiet (self, now_us) ? 0 : longer_us;
  self->troubled = TRUE;
}

void
ps_netlink_dump_pacer_asked (PsNetlinkDumpPacer *self)
{
  self->asked = TRUE;
  self->troubled = FALSE;
  self->complete = FALSE;
}

void
ps_netlink_dump_pacer_ended (PsNetlinkDumpPacer *self, gint64 now_us, gboolean complete)
{
  if (!complete)
    ps_netlink_dump_pacer_trouble (self, now_us);
  self->complete = complete;
  self->ended_us = now_us;
}

gint64
ps_netlink_dump_pacer_due_us (const PsNetlinkDumpPacer *self, gint64 now_us)
{
  return self->troubled ? self->ended_us + self->wait_us : now_us;
}
