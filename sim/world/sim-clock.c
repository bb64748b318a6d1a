/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/sim-clock.h"

/* A timer of a clock that tracks causes. */
typedef struct {
  PsSimClock *clock; /* not owned */
  PsTimerId id;
  PsTimerFn fn;
  gpointer user_data;
  guint64 cause;
  gint64 armed_us;
} Tracked;

struct _PsSimClock {
  GObject parent;
  PsVirtualClock *time;  /* owned */
  GHashTable *tracked;   /* owned; id of a timer: owned Tracked; NULL: nothing is tracked */
  guint64 cause, latest; /* the event that led to this; the last one that took place */
  gint64 armed_us;       /* of the timer that runs */
};

static gint64
sim_now_us (PsClock *clock)
{
  return ps_virtual_clock_now_us (PS_SIM_CLOCK (clock)->time);
}

static void
on_tracked (gpointer user_data)
{
  const Tracked tracked = *(Tracked *)user_data;
  tracked.clock->cause = tracked.clock->latest = tracked.cause;
  tracked.clock->armed_us = tracked.armed_us;
  g_hash_table_remove (tracked.clock->tracked, &tracked.id);
  tracked.fn (tracked.user_data);
}

static PsTimerId
arm_tracked (PsSimClock *self, gint64 due_us, PsTimerFn fn, gpointer user_data)
{
  Tracked *tracked = g_new0 (Tracked, 1);
  gint64 now_us = ps_virtual_clock_now_us (self->time);
  *tracked = (Tracked){self, 0, fn, user_data, self->latest, now_us};
  tracked->id = ps_clock_arm (PS_CLOCK (self->time), due_us, on_tracked, tracked);
  g_hash_table_insert (self->tracked, &tracked->id, tracked);
  return tracked->id;
}

static PsTimerId
sim_arm (PsClock *clock, gint64 due_us, PsTimerFn fn, gpointer user_data)
{
  PsSimClock *self = PS_SIM_CLOCK (clock);
  if (self->tracked != NULL)
    return arm_tracked (self, due_us, fn, user_data);
  return ps_clock_arm (PS_CLOCK (self->time), due_us, fn, user_data);
}

static void
sim_disarm (PsClock *clock, PsTimerId id)
{
  PsSimClock *self = PS_SIM_CLOCK (clock);
  ps_clock_disarm (PS_CLOCK (self->time), id);
  if (self->tracked != NULL)
    g_hash_table_remove (self->tracked, &id);
}

static void
clock_iface_init (PsClockInterface *iface)
{
  iface->now_us = sim_now_us;
  iface->arm = sim_arm;
  iface->disarm = sim_disarm;
}

G_DEFINE_TYPE_WITH_CODE (PsSimClock, ps_sim_clock, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_CLOCK, clock_iface_init))

static void
sim_clock_finalize (GObject *object)
{
  g_object_unref (PS_SIM_CLOCK (object)->time);
  g_clear_pointer (&PS_SIM_CLOCK (object)->tracked, g_hash_table_unref);
  G_OBJECT_CLASS (ps_sim_clock_parent_class)->finalize (object);
}

static void
ps_sim_clock_class_init (PsSimClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sim_clock_finalize;
}

static void
ps_sim_clock_init (PsSimClock *self)
{
  self->time = ps_virtual_clock_new ();
}

PsSimClock *
ps_sim_clock_new (void)
{
  return g_object_new (PS_TYPE_SIM_CLOCK, NULL);
}

PsVirtualClock *
ps_sim_clock_time (PsSimClock *self)
{
  return self->time;
}

void
ps_sim_clock_track (PsSimClock *self)
{
  if (self->tracked == NULL)
    self->tracked = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
}

void
ps_sim_clock_note (PsSimClock *self, guint64 event)
{
  self->latest = event;
}

void
ps_sim_clock_set_cause (PsSimClock *self, guint64 event)
{
  self->cause = self->latest = event;
  self->armed_us = ps_virtual_clock_now_us (self->time);
}

guint64
ps_sim_clock_cause (PsSimClock *self)
{
  return self->cause;
}

gint64
ps_sim_clock_waited_us (PsSimClock *self)
{
  return ps_virtual_clock_now_us (self->time) - self->armed_us;
}
