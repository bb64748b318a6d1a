/* SPDX-License-Identifier: Apache-2.0 */
#include "base/timer.h"

static void
on_due (gpointer user_data)
{
  PsTimer *self = user_data;
  self->id = 0;
  self->fn (self->owner);
}

void
ps_timer_bind (PsTimer *self, PsTimerFn fn, gpointer owner)
{
  g_assert (self->id == 0);
  self->fn = fn;
  self->owner = owner;
}

gboolean
ps_timer_is_armed (const PsTimer *self)
{
  return self->id != 0;
}

void
ps_clock_rearm_at (PsClock *clock, PsTimer *timer, gint64 due_us)
{
  g_assert (timer->fn != NULL);
  ps_clock_cancel (clock, timer);
  timer->due_us = due_us;
  timer->id = ps_clock_arm (clock, due_us, on_due, timer);
}

void
ps_clock_rearm_in (PsClock *clock, PsTimer *timer, gint64 delay_us)
{
  ps_clock_rearm_at (clock, timer, ps_clock_now_us (clock) + delay_us);
}

void
ps_clock_arm_in (PsClock *clock, PsTimer *timer, gint64 delay_us)
{
  if (!ps_timer_is_armed (timer))
    ps_clock_rearm_in (clock, timer, delay_us);
}

void
ps_clock_cancel (PsClock *clock, PsTimer *timer)
{
  ps_clock_clear (clock, &timer->id);
}

void
ps_clock_cancel_all (PsClock *clock, PsTimer *timers, guint n_timers)
{
  for (guint i = 0; i < n_timers; i++)
    ps_clock_cancel (clock, &timers[i]);
}
