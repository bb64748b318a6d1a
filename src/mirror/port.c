/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/port.h"

PsWant
ps_port_want (const PsPort *self)
{
  switch (self->device.presence) {
  case PS_PRESENCE_UNKNOWN:
    return PS_WANT_HOLD;
  case PS_PRESENCE_GONE:
    return PS_WANT_ABSENT;
  case PS_PRESENCE_PRESENT:
    return self->live.there ? PS_WANT_PUT : PS_WANT_HOLD;
  }
  g_assert_not_reached ();
}

PsRowState
ps_port_wanted_row (const PsPort *self)
{
  return (PsRowState){
      .present = TRUE,
      .exact = TRUE,
      .up = (self->device.flags & IFF_UP) != 0,
      /* Not IFF_LOWER_UP: SONiC's oper status follows the operstate
       * (docs/sonic-protocol.md 3.3). */
      .running = (self->device.flags & IFF_RUNNING) != 0,
      .mtu = self->device.mtu,
      .ifindex = self->device.ifindex,
  };
}

static gboolean
is_of_another_device (const PsPort *self)
{
  return self->device.presence == PS_PRESENCE_PRESENT && self->row.have.ifindex != 0 &&
         self->row.have.ifindex != self->device.ifindex;
}

gboolean
ps_port_must_delete (const PsPort *self)
{
  if (self->row.unregistered)
    return TRUE;
  return self->row.have.present &&
         (ps_port_want (self) == PS_WANT_ABSENT || is_of_another_device (self));
}

static gboolean
is_row_right (const PsPort *self)
{
  PsRowState want = ps_port_wanted_row (self);
  const PsRowState *have = &self->row.have;
  return !ps_port_must_delete (self) && have->present && have->exact && have->up == want.up &&
         have->running == want.running && have->mtu == want.mtu;
}

gboolean
ps_port_must_put (const PsPort *self)
{
  return ps_port_want (self) == PS_WANT_PUT && !is_row_right (self);
}

gboolean
ps_port_is_published (const PsPort *self)
{
  return self->device.presence == PS_PRESENCE_PRESENT && (self->live.there || self->live.stood) &&
         !self->queue.in_flight && is_row_right (self);
}
