/* SPDX-License-Identifier: Apache-2.0 */
/* Time as the product sees it: a monotonic reading and one-shot alarms. */
#pragma once
#include <glib-object.h>
G_BEGIN_DECLS

typedef guint64 PsTimerId; /* Rises by one per arm; 0 is "no timer". */
typedef void (*PsTimerFn) (gpointer user_data);

#define PS_TYPE_CLOCK (ps_clock_get_type ())
G_DECLARE_INTERFACE (PsClock, ps_clock, PS, CLOCK, GObject)
struct _PsClockInterface {
  GTypeInterface g_iface;
  gint64 (*now_us) (PsClock *self);
  PsTimerId (*arm) (PsClock *self, gint64 due_us, PsTimerFn fn, gpointer user_data);
  void (*disarm) (PsClock *self, PsTimerId id);
};

/* Microseconds, monotonic, of no known origin. It does not advance while a timer function runs
 * in a simulated clock; product code must not rely on either. */
gint64 ps_clock_now_us (PsClock *self);

/* Calls fn once, at or after due_us and never before it, and never from inside this call: a due
 * time in the past means "as soon as control is back in the loop". Timers fire in the order
 * (due, order of arming). */
PsTimerId ps_clock_arm (PsClock *self, gint64 due_us, PsTimerFn fn, gpointer user_data);

/* Forgets the timer. 0 and ids that have fired or been disarmed are ignored. */
void ps_clock_disarm (PsClock *self, PsTimerId id);

/* Disarms *id and sets it to 0. */
void ps_clock_clear (PsClock *self, PsTimerId *id);
G_END_DECLS
