/* SPDX-License-Identifier: Apache-2.0 */
/* Virtual time that also knows what led to what. Events are numbers from 1 that the checks give; 0:
 * nothing known. A timer remembers the last event before it was armed, and that is the cause of
 * what it does. */
#pragma once
#include "base/virtual-clock.h"
G_BEGIN_DECLS

#define PS_TYPE_SIM_CLOCK (ps_sim_clock_get_type ())
G_DECLARE_FINAL_TYPE (PsSimClock, ps_sim_clock, PS, SIM_CLOCK, GObject)

PsSimClock *ps_sim_clock_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* What moves it. Not owned by the caller. */
PsVirtualClock *ps_sim_clock_time (PsSimClock *self);

/* From now on; costs a little at each timer. */
void ps_sim_clock_track (PsSimClock *self);

/* An event took place: timers armed from now on are due to it. */
void ps_sim_clock_note (PsSimClock *self, guint64 event);

/* What follows until the next timer is due to this event alone; 0: to nothing. */
void ps_sim_clock_set_cause (PsSimClock *self, guint64 event);
guint64 ps_sim_clock_cause (PsSimClock *self);

/* How long ago the timer that runs was armed; 0: none runs, or the cause was set. */
gint64 ps_sim_clock_waited_us (PsSimClock *self);
G_END_DECLS
