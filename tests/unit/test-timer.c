/* SPDX-License-Identifier: Apache-2.0 */
/* A timer in its owner's struct says whether it is armed and until when, and fires once. */
#include "base/timer.h"
#include "base/virtual-clock.h"

enum { TIMER_ONE, TIMER_OTHER, N_TIMERS };

typedef struct {
  PsVirtualClock *time;
  PsClock *clock;
  PsTimer timers[N_TIMERS];
  guint n_fired, n_rearms;
} Owner;

static void
on_one (gpointer user_data)
{
  Owner *self = user_data;
  g_assert_false (ps_timer_is_armed (&self->timers[TIMER_ONE]));
  self->n_fired++;
  if (self->n_rearms > 0) {
    self->n_rearms--;
    ps_clock_rearm_in (self->clock, &self->timers[TIMER_ONE], 0);
  }
}

static void
on_other (gpointer user_data)
{
  g_assert_not_reached ();
}

static void
set_up (Owner *self, gconstpointer data)
{
  self->time = ps_virtual_clock_new ();
  self->clock = PS_CLOCK (self->time);
  ps_timer_bind (&self->timers[TIMER_ONE], on_one, self);
  ps_timer_bind (&self->timers[TIMER_OTHER], on_other, self);
}

static void
tear_down (Owner *self, gconstpointer data)
{
  ps_clock_cancel_all (self->clock, self->timers, N_TIMERS);
  g_assert_cmpuint (ps_virtual_clock_n_timers (self->time), ==, 0);
  g_object_unref (self->time);
}

/* Arming it anew forgets what it waited for; its fields are what is armed. */
static void
test_rearm (Owner *self, gconstpointer data)
{
  gint64 now_us = ps_clock_now_us (self->clock);
  PsTimer *one = &self->timers[TIMER_ONE];
  ps_clock_rearm_in (self->clock, one, 10);
  ps_clock_rearm_in (self->clock, one, 30);
  g_assert_cmpint (one->due_us, ==, now_us + 30);
  g_assert_cmpuint (ps_virtual_clock_n_timers (self->time), ==, 1);
  ps_clock_arm_in (self->clock, one, 10); /* It is armed. */
  ps_virtual_clock_advance (self->time, 29);
  g_assert_cmpuint (self->n_fired, ==, 0);
  ps_virtual_clock_advance (self->time, 1);
  g_assert_cmpuint (self->n_fired, ==, 1);
  g_assert_false (ps_timer_is_armed (one));
  ps_clock_arm_in (self->clock, one, 10);
  g_assert_cmpint (one->due_us, ==, now_us + 40);
}

/* It may be armed anew from what it calls. */
static void
test_from_itself (Owner *self, gconstpointer data)
{
  self->n_rearms = 3;
  ps_clock_rearm_at (self->clock, &self->timers[TIMER_ONE], 0);
  ps_virtual_clock_advance (self->time, 0);
  g_assert_cmpuint (self->n_fired, ==, 4);
}

static void
test_cancel (Owner *self, gconstpointer data)
{
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_ONE], 10);
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_OTHER], 10);
  ps_clock_cancel (self->clock, &self->timers[TIMER_OTHER]);
  ps_clock_cancel (self->clock, &self->timers[TIMER_OTHER]);
  ps_virtual_clock_advance (self->time, 20);
  g_assert_cmpuint (self->n_fired, ==, 1);
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_OTHER], 10); /* The end takes it away. */
}

#define ADD(name, fn) g_test_add ("/timer/" name, Owner, NULL, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("rearm", test_rearm);
  ADD ("from-itself", test_from_itself);
  ADD ("cancel", test_cancel);
  return g_test_run ();
}
