/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/glib-clock.h"
#include "base/timer-queue.h"

/* The source asks the queue in prepare and check. g_source_set_ready_time would do as well, but
 * each call of it writes to the context's wake-up descriptor and so costs two system calls and an
 * empty poll, at every change of the first timer. Only the loop's own thread arms timers, so no
 * wake-up is needed.
 *
 * GLib keeps one reading of the time for each iteration of a context, made when the first source
 * asks for it after the poll (g_source_get_time); all sources that are dispatched in the iteration
 * see that one. prepare would make another one before the poll: it counts from the reading of the
 * turn that ends instead, and sleeps too long by what that turn took, but never longer than
 * PS_GLIB_CLOCK_SLEEP_MAX_MS. */

struct _PsGlibClock {
  GObject parent;
  PsTimerQueue *queue; /* owned */
  GSource *source;     /* owned */
  gint64 read_us;      /* the last reading */
};

typedef struct {
  GSource parent;
  PsGlibClock *clock; /* not owned: the clock destroys its source */
} ClockSource;

/* Outside of a turn GLib's reading may be of any age. */
static gint64
glib_now_us (PsClock *clock)
{
  PsGlibClock *self = PS_GLIB_CLOCK (clock);
  self->read_us = g_main_depth () > 0 ? g_source_get_time (self->source) : g_get_monotonic_time ();
  return self->read_us;
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

/* Never TRUE: what is due shows when check has read the time. */
static gboolean
source_prepare (GSource *source, int *timeout_ms)
{
  const PsGlibClock *clock = ((ClockSource *)source)->clock;
  gint64 due_us = ps_timer_queue_next_due_us (clock->queue);
  if (due_us == G_MAXINT64) {
    *timeout_ms = -1;
    return FALSE;
  }
  /* Rounded up: waking early would only mean to wait again. */
  gint64 wait_us = due_us > clock->read_us ? due_us - MAX (clock->read_us, 0) : 0;
  *timeout_ms = (int)MIN (wait_us / 1000 + (wait_us % 1000 != 0), PS_GLIB_CLOCK_SLEEP_MAX_MS);
  return FALSE;
}

static gboolean
source_check (GSource *source)
{
  PsGlibClock *clock = ((ClockSource *)source)->clock;
  clock->read_us = g_source_get_time (source);
  return ps_timer_queue_next_due_us (clock->queue) <= clock->read_us;
}

static gboolean
source_dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  /* A timer may drop the last reference. */
  g_autoptr (PsGlibClock) clock = g_object_ref (((ClockSource *)source)->clock);
  ps_timer_queue_fire_due (clock->queue, g_source_get_time (source));
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
  self->read_us = g_get_monotonic_time ();
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
