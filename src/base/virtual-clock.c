/* SPDX-License-Identifier: Apache-2.0 */
#include "base/virtual-clock.h"
#include "base/timer-queue.h"

struct _PsVirtualClock {
  GObject parent;
  PsTimerQueue *queue; /* owned */
  gint64 now_us;
  guint64 n_fired;
  PsVirtualClockObserver observer; /* nullable */
  gpointer observer_data;
};

static gint64
virtual_now_us (PsClock *clock)
{
  return PS_VIRTUAL_CLOCK (clock)->now_us;
}

static PsTimerId
virtual_arm (PsClock *clock, gint64 due_us, PsTimerFn fn, gpointer user_data)
{
  return ps_timer_queue_arm (PS_VIRTUAL_CLOCK (clock)->queue, due_us, fn, user_data);
}

static void
virtual_disarm (PsClock *clock, PsTimerId id)
{
  ps_timer_queue_disarm (PS_VIRTUAL_CLOCK (clock)->queue, id);
}

static void
clock_iface_init (PsClockInterface *iface)
{
  iface->now_us = virtual_now_us;
  iface->arm = virtual_arm;
  iface->disarm = virtual_disarm;
}

G_DEFINE_TYPE_WITH_CODE (PsVirtualClock, ps_virtual_clock, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_CLOCK, clock_iface_init))

static void
virtual_clock_finalize (GObject *object)
{
  ps_timer_queue_free (PS_VIRTUAL_CLOCK (object)->queue);
  G_OBJECT_CLASS (ps_virtual_clock_parent_class)->finalize (object);
}

static void
ps_virtual_clock_class_init (PsVirtualClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = virtual_clock_finalize;
}

static void
ps_virtual_clock_init (PsVirtualClock *self)
{
  self->queue = ps_timer_queue_new (G_MAXUINT); /* As many as a scenario has effects. */
  self->now_us = PS_VIRTUAL_CLOCK_START_US;
}

/* Fires the next timer if it is due up to limit_us. */
static gboolean
step_until (PsVirtualClock *self, gint64 limit_us)
{
  gint64 due_us = ps_timer_queue_next_due_us (self->queue);
  if (due_us == G_MAXINT64 || due_us > limit_us)
    return FALSE;
  g_autoptr (PsVirtualClock) alive = g_object_ref (self); /* A timer may drop the last reference. */
  alive->now_us = MAX (alive->now_us, due_us);
  alive->n_fired++;
  if (alive->observer != NULL)
    alive->observer (due_us, alive->n_fired, alive->observer_data);
  return ps_timer_queue_fire_one (alive->queue, alive->now_us);
}

PsVirtualClock *
ps_virtual_clock_new (void)
{
  return g_object_new (PS_TYPE_VIRTUAL_CLOCK, NULL);
}

gint64
ps_virtual_clock_now_us (PsVirtualClock *self)
{
  return self->now_us;
}

gint64
ps_virtual_clock_next_due_us (PsVirtualClock *self)
{
  return ps_timer_queue_next_due_us (self->queue);
}

gboolean
ps_virtual_clock_step (PsVirtualClock *self)
{
  return step_until (self, G_MAXINT64 - 1);
}

void
ps_virtual_clock_advance_to (PsVirtualClock *self, gint64 to_us)
{
  g_autoptr (PsVirtualClock) alive = g_object_ref (self);
  while (step_until (alive, to_us))
    continue;
  alive->now_us = MAX (alive->now_us, to_us);
}

void
ps_virtual_clock_advance (PsVirtualClock *self, gint64 delta_us)
{
  ps_virtual_clock_advance_to (self, self->now_us + delta_us);
}

guint
ps_virtual_clock_n_timers (PsVirtualClock *self)
{
  return ps_timer_queue_length (self->queue);
}

void
ps_virtual_clock_set_observer (PsVirtualClock *self, PsVirtualClockObserver fn, gpointer user_data)
{
  self->observer = fn;
  self->observer_data = user_data;
}
