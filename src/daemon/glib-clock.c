/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/glib-clock.h"
#include "base/timer-queue.h"

/* The source asks the queue in prepare and check. g_source_set_ready_time would do as well, but
 * each call of it writes to the context's wake-up descriptor and so costs two system calls and an
 * empty poll, at every change of the first timer. Only the loop's own thread arms timers,
 * so no wake-up is needed. */

struct _PsGlibClock {
  GObject parent;
  PsTimerQueue *queue; /* owned */
  GSource *source;     /* owned */
};

typedef struct {
  GSource parent;
  PsGlibClock *clock; /* not owned: the clock destroys its source */
} ClockSource;

static gint64
glib_now_us (PsClock *clock)
{
  return g_get_monotonic_time ();
}

static PsTimerId
glib_arm (PsClock *clock, gint64 due_us, PsTimerFn fn, gpointer user_data)
{
  return ps_timer_queue_arm (PS_GLIB_CLOCK (clock)->queue, due_us, fn, user_data);
}

static void
glib_disarm (PsClock *clock, PsTimerId id)
{
  ps_timer_queue_disarm (PS_GLIB_CLOCK (clock)->queue, id);
}

static void
clock_iface_init (PsClockInterface *iface)
{
  iface->now_us = glib_now_us;
  iface->arm = glib_arm;
  iface->disarm = glib_disarm;
}

G_DEFINE_TYPE_WITH_CODE (PsGlibClock, ps_glib_clock, G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (PS_TYPE_CLOCK, clock_iface_init))

static gint64
next_due_us (GSource *source)
{
  return ps_timer_queue_next_due_us (((ClockSource *)source)->clock->queue);
}

static gboolean
source_prepare (GSource *source, int *timeout_ms)
{
  gint64 due_us = next_due_us (source);
  if (due_us == G_MAXINT64) {
    *timeout_ms = -1;
    return FALSE;
  }
  gint64 now_us = g_source_get_time (source);
  if (due_us <= now_us) {
    *timeout_ms = 0;
    return TRUE;
  }
  /* Rounded up: waking early would only mean to wait again. Negative due times ended above. */
  gint64 wait_us = due_us - MAX (now_us, 0);
  *timeout_ms = (int)MIN (wait_us / 1000 + (wait_us % 1000 != 0), G_MAXINT);
  return FALSE;
}

static gboolean
source_check (GSource *source)
{
  return next_due_us (source) <= g_source_get_time (source);
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  /* A timer may drop the last reference. */
  g_autoptr (PsGlibClock) clock = g_object_ref (((ClockSource *)source)->clock);
  ps_timer_queue_fire_due (clock->queue, g_get_monotonic_time ());
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs source_funcs = {
    .prepare = source_prepare,
    .check = source_check,
    .dispatch = source_dispatch,
};

static void
glib_clock_finalize (GObject *object)
{
  PsGlibClock *self = PS_GLIB_CLOCK (object);
  g_source_destroy (self->source);
  g_source_unref (self->source);
  ps_timer_queue_free (self->queue);
  G_OBJECT_CLASS (ps_glib_clock_parent_class)->finalize (object);
}

static void
ps_glib_clock_class_init (PsGlibClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = glib_clock_finalize;
}

static void
ps_glib_clock_init (PsGlibClock *self)
{
  self->queue = ps_timer_queue_new (PS_TIMERS_MAX);
  self->source = g_source_new (&source_funcs, sizeof (ClockSource));
  ((ClockSource *)self->source)->clock = self;
  g_source_set_static_name (self->source, "portsyncd clock");
}

PsGlibClock *
ps_glib_clock_new (GMainContext *context)
{
  PsGlibClock *self = g_object_new (PS_TYPE_GLIB_CLOCK, NULL);
  g_source_attach (self->source, context);
  return self;
}
