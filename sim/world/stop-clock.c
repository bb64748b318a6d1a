/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/stop-clock.h"

typedef struct {
  PsSimStopClock *clock; /* not owned */
  PsTimerId id, inner;   /* inner: 0 while it is held */
  gint64 due_us;
  PsTimerFn fn;
  gpointer user_data;
} Timer;

struct _PsSimStopClock {
  GObject parent;
  PsClock *inner;     /* owned */
  GHashTable *timers; /* owned; id: owned Timer */
  PsTimerId last_id;
  gboolean held;
};

static void
on_due (gpointer user_data)
{
  const Timer timer = *(Timer *)user_data;
  g_hash_table_remove (timer.clock->timers, &timer.id);
  timer.fn (timer.user_data);
}

static gint64
stop_now_us (PsClock *clock)
{
  return ps_clock_now_us (PS_SIM_STOP_CLOCK (clock)->inner);
}

static PsTimerId
stop_arm (PsClock *clock, gint64 due_us, PsTimerFn fn, gpointer user_data)
{
  PsSimStopClock *self = PS_SIM_STOP_CLOCK (clock);
  Timer *timer = g_new0 (Timer, 1);
  *timer = (Timer){self, ++self->last_id, 0, due_us, fn, user_data};
  g_hash_table_insert (self->timers, &timer->id, timer);
  if (!self->held)
    timer->inner = ps_clock_arm (self->inner, due_us, on_due, timer);
  return timer->id;
}

static void
stop_disarm (PsClock *clock, PsTimerId id)
{
  PsSimStopClock *self = PS_SIM_STOP_CLOCK (clock);
  Timer *timer = g_hash_table_lookup (self->timers, &id);
  if (timer == NULL)
    return;
  ps_clock_clear (self->inner, &timer->inner);
  g_hash_table_remove (self->timers, &id);
}

static void
clock_iface_init (PsClockInterface *iface)
{
  iface->now_us = stop_now_us;
  iface->arm = stop_arm;
  iface->disarm = stop_disarm;
}

G_DEFINE_TYPE_WITH_CODE (PsSimStopClock, ps_sim_stop_clock, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_CLOCK, clock_iface_init))

static int
compare_timers (gconstpointer a, gconstpointer b)
{
  const Timer *one = a, *other = b;
  return (one->id > other->id) - (one->id < other->id);
}

/* In the order in which they were armed, which decides among those that are due. */
static GList *
list_timers (PsSimStopClock *self)
{
  return g_list_sort (g_hash_table_get_values (self->timers), compare_timers);
}

static void
stop_clock_finalize (GObject *object)
{
  PsSimStopClock *self = PS_SIM_STOP_CLOCK (object);
  ps_sim_stop_clock_hold (self, TRUE);
  g_hash_table_unref (self->timers);
  g_object_unref (self->inner);
  G_OBJECT_CLASS (ps_sim_stop_clock_parent_class)->finalize (object);
}

static void
ps_sim_stop_clock_class_init (PsSimStopClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = stop_clock_finalize;
}

static void
ps_sim_stop_clock_init (PsSimStopClock *self)
{
  self->timers = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
}

PsSimStopClock *
ps_sim_stop_clock_new (PsClock *inner)
{
  PsSimStopClock *self = g_object_new (PS_TYPE_SIM_STOP_CLOCK, NULL);
  self->inner = g_object_ref (inner);
  return self;
}

void
ps_sim_stop_clock_hold (PsSimStopClock *self, gboolean hold)
{
  if (self->held == hold)
    return;
  self->held = hold;
  g_autoptr (GList) timers = list_timers (self);
  for (GList *at = timers; at != NULL; at = at->next) {
    Timer *timer = at->data;
    if (hold)
      ps_clock_clear (self->inner, &timer->inner);
    else
      timer->inner = ps_clock_arm (self->inner, timer->due_us, on_due, timer);
  }
}
