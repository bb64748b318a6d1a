/* SPDX-License-Identifier: Apache-2.0 */
/* The one heap behind every clock: timers ordered by (due, order of arming). */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

#define PS_TIMERS_MAX 4096 /* For the product: more is a leak, it arms a few dozen. */

typedef struct _PsTimerQueue PsTimerQueue;

/* More than n_max timers at a time are a broken invariant of the code that arms them. */
PsTimerQueue *ps_timer_queue_new (guint n_max);
void ps_timer_queue_free (PsTimerQueue *self);

PsTimerId ps_timer_queue_arm (PsTimerQueue *self, gint64 due_us, PsTimerFn fn, gpointer user_data);
void ps_timer_queue_disarm (PsTimerQueue *self, PsTimerId id);

guint ps_timer_queue_length (const PsTimerQueue *self);

/* Due time of the first timer; G_MAXINT64 when there is none. */
gint64 ps_timer_queue_next_due_us (const PsTimerQueue *self);

/* Removes the first timer if it is due at now_us and calls it. TRUE if one was called. */
gboolean ps_timer_queue_fire_one (PsTimerQueue *self, gint64 now_us);

/* Fires what is due at now_us, but nothing armed meanwhile: a timer that arms another in the past
 * cannot hold the caller. Returns how many fired. */
guint ps_timer_queue_fire_due (PsTimerQueue *self, gint64 now_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsTimerQueue, ps_timer_queue_free)
G_END_DECLS
