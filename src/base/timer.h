/* SPDX-License-Identifier: Apache-2.0 */
/* A timer as its owner keeps it: plain fields, so that it can be seen, and written down, what is
 * armed and until when. An owner has an array of them in its struct, with an enum of the owner's
 * that names each, and binds each once to what it does. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

typedef struct {
  PsTimerId id;  /* 0: not armed; it rises with each arming, so it also says which came first */
  gint64 due_us; /* while it is armed */
  PsTimerFn fn;
  gpointer owner;
} PsTimer;

/* What the timer calls when it fires; by then it is not armed any more. It stays where it is in
 * memory, and is cancelled before that goes away. */
void ps_timer_bind (PsTimer *self, PsTimerFn fn, gpointer owner);

gboolean ps_timer_is_armed (const PsTimer *self);

/* Arms it anew: what it waited for before is forgotten. */
void ps_clock_rearm_at (PsClock *clock, PsTimer *timer, gint64 due_us);

/* The same, delay_us after the time that the turn began. 0: as soon as control is back in the
 * loop. */
void ps_clock_rearm_in (PsClock *clock, PsTimer *timer, gint64 delay_us);

/* Nothing happens if it is armed already. */
void ps_clock_arm_in (PsClock *clock, PsTimer *timer, gint64 delay_us);

void ps_clock_cancel (PsClock *clock, PsTimer *timer);
/* For the end of an owner. */
void ps_clock_cancel_all (PsClock *clock, PsTimer *timers, guint n_timers);
G_END_DECLS
