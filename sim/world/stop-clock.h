/* SPDX-License-Identifier: Apache-2.0 */
/* The clock of a process that may be stopped: time passes, and its timers wait. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

#define PS_TYPE_SIM_STOP_CLOCK (ps_sim_stop_clock_get_type ())
G_DECLARE_FINAL_TYPE (PsSimStopClock, ps_sim_stop_clock, PS, SIM_STOP_CLOCK, GObject)

/* References inner. */
PsSimStopClock *ps_sim_stop_clock_new (PsClock *inner) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE: no timer fires. FALSE: those that were due meanwhile fire at once, in their order. */
void ps_sim_stop_clock_hold (PsSimStopClock *self, gboolean hold);
G_END_DECLS
