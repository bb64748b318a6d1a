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

/* Microseconds, monotonic, of no known origin.
 *
 * A turn is one round of the loop: it waits, reads the time once, fires the timers that are due by
 * that reading and calls what waits for a socket that became ready. The reading stands for the
 * whole turn, so what is done in a turn is a function of what came in and of one time. It is
 * therefore as old as the turn has run. Turns are short: what reads from a socket has a budget
 * (PS_NETLINK_BUDGET, the reads of a Redis connection), and nothing in a turn waits for a disk. If
 * the process is stopped in a turn all the same, what is measured from it is too long by that, so
 * the Redis connection looks once more for an answer before it gives up. Outside of turns, while
 * the program is put together, each call reads the time. */
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
