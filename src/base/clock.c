/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

G_DEFINE_INTERFACE (PsClock, ps_clock, G_TYPE_OBJECT)

static void
ps_clock_default_init (PsClockInterface *iface G_GNUC_UNUSED)
{
}

gint64
ps_clock_now_us (PsClock *self)
{
  return PS_CLOCK_GET_IFACE (self)->now_us (self);
}

PsTimerId
ps_clock_arm (PsClock *self, gint64 due_us, PsTimerFn fn, gpointer user_data)
{
  g_assert (fn != NULL);
  PsTimerId id = PS_CLOCK_GET_IFACE (self)->arm (self, due_us, fn, user_data);
  g_assert (id != 0);
  return id;
}

void
ps_clock_disarm (PsClock *self, PsTimerId id)
{
  if (id != 0)
    PS_CLOCK_GET_IFACE (self)->disarm (self, id);
}

void
ps_clock_clear (PsClock *self, PsTimerId *id)
{
  PsTimerId gone = *id;
  *id = 0;
  ps_clock_disarm (self, gone);
}
