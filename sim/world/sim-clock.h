/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual time: it stands still but for the jumps from one timer to the next. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

#define PS_SIM_CLOCK_START_US G_TIME_SPAN_SECOND /* 0 stands for "never" in many a record. */

#define PS_TYPE_SIM_CLOCK (ps_sim_clock_get_type ())
G_DECLARE_FINAL_TYPE (PsSimClock, ps_sim_clock, PS, SIM_CLOCK, GObject)

/* Called for each timer, when time has come to it and before its function runs. nth counts the
 * timers that fired on this clock, from 1. */
typedef void (*PsSimClockObserver) (gint64 due_us, guint64 nth, gpointer user_data);

PsSimClock *ps_sim_clock_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* As ps_clock_now_us(), for those who know the type: without looking up the interface. */
gint64 ps_sim_clock_now_us (PsSimClock *self);

/* When the next timer is due; G_MAXINT64: none is armed. It may lie in the past, which means now.
 */
gint64 ps_sim_clock_next_due_us (PsSimClock *self);

/* Jumps to the next timer and calls it. FALSE if there is none. */
gboolean ps_sim_clock_step (PsSimClock *self);

/* Steps through everything due up to and at to_us, also what is armed meanwhile, and ends at to_us.
 * A time in the past changes nothing. Timers that arm each other without letting time pass hold
 * it for ever. */
void ps_sim_clock_advance_to (PsSimClock *self, gint64 to_us);

/* Timers armed and neither fired nor disarmed. */
guint ps_sim_clock_n_timers (PsSimClock *self);

/* --- what led to what. Events are numbers from 1 that somebody gives; 0: nothing known. A timer
 * remembers the last event before it was armed, and that is the cause of what it does. --- */

/* From now on; costs a little at each timer. */
void ps_sim_clock_track (PsSimClock *self);

/* An event took place: timers armed from now on are due to it. */
void ps_sim_clock_note (PsSimClock *self, guint64 event);

/* What follows until the next timer is due to this event alone; 0: to nothing. */
void ps_sim_clock_set_cause (PsSimClock *self, guint64 event);
guint64 ps_sim_clock_cause (PsSimClock *self);

/* How long ago the timer that runs was armed; 0: none runs, or the cause was set. */
gint64 ps_sim_clock_waited_us (PsSimClock *self);

/* One observer; NULL: none. */
void ps_sim_clock_set_observer (PsSimClock *self, PsSimClockObserver fn, gpointer user_data);
G_END_DECLS
