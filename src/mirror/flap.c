/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/flap.h"

/* The kernel's counters are 32 bits wide and wrap: order them by their signed difference. */
static gboolean
runs_backwards (guint32 before, guint32 now)
{
  return (gint32)(now - before) < 0;
}

/* Adds what the device counted to what those before it did. */
static void
fold (PsFlap *self)
{
  self->ups = ps_flap_ups (self);
  self->downs = ps_flap_downs (self);
  self->base = self->last;
}

gboolean
ps_flap_is_successor (const PsFlap *self, guint32 ifindex, const PsCarrier *carrier)
{
  return self->ifindex == ifindex && (runs_backwards (self->last.changes, carrier->changes) ||
                                      runs_backwards (self->last.ups, carrier->ups) ||
                                      runs_backwards (self->last.downs, carrier->downs));
}

gboolean
ps_flap_observe (PsFlap *self, guint32 ifindex, const PsCarrier *carrier)
{
  if (self->ifindex == ifindex && !ps_flap_is_successor (self, ifindex, carrier)) {
    self->last = *carrier;
    return FALSE;
  }
  fold (self);
  self->ifindex = ifindex;
  self->base = self->last = *carrier;
  return TRUE;
}

gboolean
ps_flap_end (PsFlap *self)
{
  if (self->ifindex == 0)
    return FALSE;
  fold (self);
  self->ifindex = 0;
  return TRUE;
}

guint64
ps_flap_ups (const PsFlap *self)
{
  return self->ups + (guint32)(self->last.ups - self->base.ups);
}

guint64
ps_flap_downs (const PsFlap *self)
{
  return self->downs + (guint32)(self->last.downs - self->base.downs);
}
