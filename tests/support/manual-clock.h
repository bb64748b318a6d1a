/* SPDX-License-Identifier: Apache-2.0 */
/* A clock that a test moves by hand. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

#define PS_TYPE_MANUAL_CLOCK (ps_manual_clock_get_type ())
G_DECLARE_FINAL_TYPE (PsManualClock, ps_manual_clock, PS, MANUAL_CLOCK, GObject)

/* Starts at 1 s, so that 0 is never a valid time. */
PsManualClock *ps_manual_clock_new (void);

/* Runs every timer due within delta_us, each at its own time, then stands delta_us later. */
void ps_manual_clock_advance (PsManualClock *self, gint64 delta_us);

/* Jumps to the next timer and runs it; FALSE if there is none. */
gboolean ps_manual_clock_step (PsManualClock *self);

guint ps_manual_clock_n_timers (PsManualClock *self);
G_END_DECLS
