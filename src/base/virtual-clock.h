/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual time, for the simulator and for tests: it stands still but for the jumps from one timer
 * to the next, and moves only when it is told to. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

#define PS_VIRTUAL_CLOCK_START_US G_TIME_SPAN_SECOND /* 0 stands for "never" in many a record. */

#define PS_TYPE_VIRTUAL_CLOCK (ps_virtual_clock_get_type ())
G_DECLARE_FINAL_TYPE (PsVirtualClock, ps_virtual_clock, PS, VIRTUAL_CLOCK, GObject)

/* Called for each timer, when time has come to it and before its function runs. nth counts the
 * timers that fired on this clock, from 1. */
typedef void (*PsVirtualClockObserver) (gint64 due_us, guint64 nth, gpointer user_data);

PsVirtualClock *ps_virtual_clock_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* As ps_clock_now_us(), for callers who know the type: without looking up the interface. */
gint64 ps_virtual_clock_now_us (PsVirtualClock *self);

/* When the next timer is due; G_MAXINT64: none is armed. It may lie in the past, which means now.
 */
gint64 ps_virtual_clock_next_due_us (PsVirtualClock *self);

/* Jumps to the next timer and calls it: one dispatch. FALSE if there is none. */
gboolean ps_virtual_clock_step (PsVirtualClock *self);

/* Steps through everything due up to and at to_us, also what is armed meanwhile, and ends at to_us.
 * A time in the past changes nothing. Timers that arm each other without letting time pass hold
 * it for ever. */
void ps_virtual_clock_advance_to (PsVirtualClock *self, gint64 to_us);

/* The same, up to delta_us from now. */
void ps_virtual_clock_advance (PsVirtualClock *self, gint64 delta_us);

/* Timers armed and neither fired nor disarmed. */
guint ps_virtual_clock_n_timers (PsVirtualClock *self);

/* One observer; NULL: none. */
void
ps_virtual_clock_set_observer (PsVirtualClock *self, PsVirtualClockObserver fn, gpointer user_data);
G_END_DECLS
