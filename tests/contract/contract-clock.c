/* SPDX-License-Identifier: Apache-2.0 */
/* What every clock must do. The implementation is chosen by the first argument. */
#include "daemon/glib-clock.h"
#include "sim/world/sim-clock.h"
#include "sim/world/stop-clock.h"
#include <string.h>

#define MS       G_GINT64_CONSTANT (1000)
#define TIMERS   64
#define LIMIT_US (10 * G_USEC_PER_SEC) /* a test that takes longer has failed */

typedef struct {
  PsClock *clock;
  PsVirtualClock *time;  /* what moves it, not owned; NULL: the real clock */
  GMainContext *context; /* of the real clock; NULL for the others */
  GString *order;        /* tags of the timers that fired */
  guint n_fired;
} Rig;

typedef struct {
  Rig *rig;
  const char *tag;
  gint64 due_us;
  PsTimerId victim; /* disarmed when this fires */
  guint n_rearms;
} Timer;

static const char *implementation;

static void
set_up (Rig *rig, gconstpointer data)
{
  rig->order = g_string_new (NULL);
  if (strcmp (implementation, "virtual") == 0) {
    rig->time = ps_virtual_clock_new ();
    rig->clock = PS_CLOCK (rig->time);
  } else if (strcmp (implementation, "sim") == 0) {
    PsSimClock *clock = ps_sim_clock_new ();
    ps_sim_clock_track (clock);
    rig->time = ps_sim_clock_time (clock);
    rig->clock = PS_CLOCK (clock);
  } else if (strcmp (implementation, "stop") == 0) {
    rig->time = ps_virtual_clock_new ();
    rig->clock = PS_CLOCK (ps_sim_stop_clock_new (PS_CLOCK (rig->time)));
    g_object_unref (rig->time);
  } else {
    rig->context = g_main_context_new ();
    rig->clock = PS_CLOCK (ps_glib_clock_new (rig->context));
  }
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  g_assert_finalize_object (rig->clock);
  g_clear_pointer (&rig->context, g_main_context_unref);
  g_string_free (rig->order, TRUE);
}

static void
turn (Rig *rig)
{
  if (rig->context != NULL)
    g_main_context_iteration (rig->context, TRUE);
  else
    g_assert_true (ps_virtual_clock_step (rig->time));
}

static void
run_until_fired (Rig *rig, guint n)
{
  gint64 end_us = g_get_monotonic_time () + LIMIT_US;
  while (rig->n_fired < n) {
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    turn (rig);
  }
}

static void
on_timer (gpointer user_data)
{
  Timer *timer = user_data;
  Rig *rig = timer->rig;
  g_assert_cmpint (ps_clock_now_us (rig->clock), >=, timer->due_us);
  rig->n_fired++;
  g_string_append (rig->order, timer->tag);
  ps_clock_disarm (rig->clock, timer->victim);
  if (timer->n_rearms > 0) {
    timer->n_rearms--;
    guint n_before = rig->n_fired;
    ps_clock_arm (rig->clock, timer->due_us, on_timer, timer);
    g_assert_cmpuint (rig->n_fired, ==, n_before);
  }
}

static PsTimerId
arm (Timer *timer, gint64 due_us)
{
  timer->due_us = due_us;
  return ps_clock_arm (timer->rig->clock, due_us, on_timer, timer);
}

/* Time never goes back. */
static void
test_monotonic (Rig *rig, gconstpointer data)
{
  gint64 last_us = ps_clock_now_us (rig->clock);
  g_assert_cmpint (last_us, >, 0);
  for (guint i = 0; i < 1000; i++) {
    gint64 now_us = ps_clock_now_us (rig->clock);
    g_assert_cmpint (now_us, >=, last_us);
    last_us = now_us;
  }
}

/* Timers fire in the order of their times, those of one time in the order of arming, and none
 * before its time; one whose time has passed does not fire from inside arm. */
static void
test_order (Rig *rig, gconstpointer data)
{
  gint64 now_us = ps_clock_now_us (rig->clock);
  Timer a = {rig, "a"}, b = {rig, "b"}, c = {rig, "c"}, d = {rig, "d"}, e = {rig, "e"};
  PsTimerId first = arm (&a, now_us + 5 * MS);
  PsTimerId second = arm (&b, now_us + 2 * MS);
  g_assert_cmpuint (first, >, 0);
  g_assert_cmpuint (second, >, first);
  arm (&c, now_us + 5 * MS);
  arm (&d, now_us - G_USEC_PER_SEC);
  arm (&e, now_us + 2 * MS);
  g_assert_cmpuint (rig->n_fired, ==, 0);
  run_until_fired (rig, 5);
  g_assert_cmpstr (rig->order->str, ==, "dbeac");
}

/* A disarmed timer does not fire; disarming 0, twice, or what has fired is harmless. */
static void
test_disarm (Rig *rig, gconstpointer data)
{
  gint64 now_us = ps_clock_now_us (rig->clock);
  Timer a = {rig, "a"}, b = {rig, "b"}, c = {rig, "c"};
  PsTimerId first = arm (&a, now_us + MS), second = arm (&b, now_us + MS);
  ps_clock_disarm (rig->clock, first);
  ps_clock_disarm (rig->clock, first);
  ps_clock_disarm (rig->clock, 0);
  arm (&c, now_us + 3 * MS);
  run_until_fired (rig, 2);
  g_assert_cmpstr (rig->order->str, ==, "bc");
  ps_clock_disarm (rig->clock, second);
  PsTimerId id = arm (&a, now_us + MS);
  ps_clock_clear (rig->clock, &id);
  g_assert_cmpuint (id, ==, 0);
  arm (&b, now_us + MS);
  run_until_fired (rig, 3);
  g_assert_cmpstr (rig->order->str, ==, "bcb");
}

/* A timer may disarm another of the same time, which then does not fire. */
static void
test_disarm_from_timer (Rig *rig, gconstpointer data)
{
  gint64 now_us = ps_clock_now_us (rig->clock);
  Timer a = {rig, "a"}, b = {rig, "b"}, c = {rig, "c"};
  arm (&a, now_us + MS);
  a.victim = arm (&b, now_us + MS);
  arm (&c, now_us + 2 * MS);
  run_until_fired (rig, 2);
  g_assert_cmpstr (rig->order->str, ==, "ac");
}

/* A timer that arms itself in the past fires each time, and others get their turn. */
static void
test_rearm (Rig *rig, gconstpointer data)
{
  gint64 now_us = ps_clock_now_us (rig->clock);
  Timer a = {rig, "a", .n_rearms = 20}, b = {rig, "b"};
  arm (&a, now_us);
  arm (&b, now_us);
  run_until_fired (rig, 22);
  g_assert_cmpuint (strlen (rig->order->str), ==, 22);
  g_assert_cmpint (strchr (rig->order->str, 'b') - rig->order->str, <=, 21);
}

/* Many timers in mixed order come out sorted. */
static void
test_many (Rig *rig, gconstpointer data)
{
  gint64 now_us = ps_clock_now_us (rig->clock);
  Timer timers[TIMERS];
  char tags[TIMERS][2];
  for (guint i = 0; i < TIMERS; i++) {
    guint place = (i * 37) % TIMERS;
    tags[i][0] = (char)('!' + place);
    tags[i][1] = '\0';
    timers[i] = (Timer){rig, tags[i]};
    arm (&timers[i], now_us + place * 100);
  }
  run_until_fired (rig, TIMERS);
  for (guint i = 0; i < TIMERS; i++)
    g_assert_cmpint (rig->order->str[i], ==, (char)('!' + i));
}

/* What a timer saw of the time, while it let 2 ms of it pass. */
typedef struct {
  Rig *rig;
  gint64 seen_us;
} Look;

static void
look_for_long (gpointer user_data)
{
  Look *look = user_data;
  gint64 begun_us = g_get_monotonic_time ();
  look->seen_us = ps_clock_now_us (look->rig->clock);
  while (g_get_monotonic_time () < begun_us + 2 * MS)
    g_assert_cmpint (ps_clock_now_us (look->rig->clock), ==, look->seen_us);
  look->rig->n_fired++;
}

/* The time stands still while a timer runs, and one that becomes due meanwhile fires at a later
 * time: a turn has one reading. */
static void
test_constant (Rig *rig, gconstpointer data)
{
  Look first = {rig, 0}, second = {rig, 0};
  gint64 now_us = ps_clock_now_us (rig->clock);
  ps_clock_arm (rig->clock, now_us, look_for_long, &first);
  run_until_fired (rig, 1);
  ps_clock_arm (rig->clock, first.seen_us + MS, look_for_long, &second);
  run_until_fired (rig, 2);
  g_assert_cmpint (second.seen_us, >=, first.seen_us + MS);
}

static void
drop_reference (gpointer user_data)
{
  Rig *rig = user_data;
  rig->n_fired++;
  g_object_unref (rig->clock);
}

/* The last reference but one may be dropped from inside a timer; what is still armed does not
 * fire after the clock is gone. */
static void
test_dropped (Rig *rig, gconstpointer data)
{
  Timer never = {rig, "x"};
  g_object_ref (rig->clock);
  ps_clock_arm (rig->clock, ps_clock_now_us (rig->clock), drop_reference, rig);
  arm (&never, ps_clock_now_us (rig->clock) + G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC);
  run_until_fired (rig, 1);
  g_assert_cmpstr (rig->order->str, ==, "");
}

#define ADD(name, fn) g_test_add ("/clock/" name, Rig, NULL, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  implementation = argv[1];
  ADD ("monotonic", test_monotonic);
  ADD ("order", test_order);
  ADD ("disarm", test_disarm);
  ADD ("disarm-from-timer", test_disarm_from_timer);
  ADD ("rearm", test_rearm);
  ADD ("many", test_many);
  ADD ("constant", test_constant);
  ADD ("dropped", test_dropped);
  return g_test_run ();
}
