/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/manual-clock.h"
#include "base/timer-queue.h"

struct _PsManualClock {
  GObject parent;
  PsTimerQueue *queue; /* owned */
  gint64 now_us;
};

static gint64
manual_now_us (PsClock *clock)
{
  return PS_MANUAL_CLOCK (clock)->now_us;
}

static PsTimerId
manual_arm (PsClock *clock, gint64 due_us, PsTimerFn fn, gpointer user_data)
{
  return ps_timer_queue_arm (PS_MANUAL_CLOCK (clock)->queue, due_us, fn, user_data);
}

static void
manual_disarm (PsClock *clock, PsTimerId id)
{
  ps_timer_queue_disarm (PS_MANUAL_CLOCK (clock)->queue, id);
}

static void
clock_iface_init (PsClockInterface *iface)
{
  iface->now_us = manual_now_us;
  iface->arm = manual_arm;
  iface->disarm = manual_disarm;
}

G_DEFINE_TYPE_WITH_CODE (PsManualClock, ps_manual_clock, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_CLOCK, clock_iface_init))

static void
manual_finalize (GObject *object)
{
  ps_timer_queue_free (PS_MANUAL_CLOCK (object)->queue);
  G_OBJECT_CLASS (ps_manual_clock_parent_class)->finalize (object);
}

static void
ps_manual_clock_class_init (PsManualClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = manual_finalize;
}

static void
ps_manual_clock_init (PsManualClock *self)
{
  self->queue = ps_timer_queue_new (PS_TIMERS_MAX);
  self->now_us = G_USEC_PER_SEC;
}

PsManualClock *
ps_manual_clock_new (void)
{
  return g_object_new (PS_TYPE_MANUAL_CLOCK, NULL);
}

static gboolean
step_until (PsManualClock *self, gint64 limit_us)
{
  gint64 due_us = ps_timer_queue_next_due_us (self->queue);
  if (due_us == G_MAXINT64 || due_us > limit_us)
    return FALSE;
  self->now_us = MAX (self->now_us, due_us);
  return ps_timer_queue_fire_one (self->queue, self->now_us);
}

void
ps_manual_clock_advance (PsManualClock *self, gint64 delta_us)
{
  gint64 end_us = self->now_us + delta_us;
  while (step_until (self, end_us))
    continue;
  self->now_us = end_us;
}

gboolean
ps_manual_clock_step (PsManualClock *self)
{
  return step_until (self, G_MAXINT64 - 1);
}

guint
ps_manual_clock_n_timers (PsManualClock *self)
{
  return ps_timer_queue_length (self->queue);
}
