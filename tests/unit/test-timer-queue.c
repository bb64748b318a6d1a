/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rng.h"
#include "base/timer-queue.h"

typedef struct {
  GString *order;
  PsTimerQueue *queue;
  gint64 due_us;
} Probe;

static void
note (gpointer data)
{
  Probe *p = data;
  g_string_append_printf (p->order, "%" G_GINT64_FORMAT " ", p->due_us);
}

/* Timers of the same time fire in the order in which they were armed. */
static void
test_ties (void)
{
  g_autoptr (PsTimerQueue) queue = ps_timer_queue_new (PS_TIMERS_MAX);
  g_autoptr (GString) order = g_string_new ("");
  Probe probes[] = {{order, queue, 1}, {order, queue, 2}, {order, queue, 3}, {order, queue, 4}};
  ps_timer_queue_arm (queue, 50, note, &probes[3]);
  for (guint i = 0; i < 3; i++)
    ps_timer_queue_arm (queue, 10, note, &probes[i]);
  g_assert_cmpint (ps_timer_queue_next_due_us (queue), ==, 10);
  g_assert_cmpuint (ps_timer_queue_fire_due (queue, 9), ==, 0);
  g_assert_cmpuint (ps_timer_queue_fire_due (queue, 50), ==, 4);
  g_assert_cmpstr (order->str, ==, "1 2 3 4 ");
  g_assert_cmpint (ps_timer_queue_next_due_us (queue), ==, G_MAXINT64);
}

/* A disarmed timer never fires, also when it stood in the middle of the heap. */
static void
test_disarm (void)
{
  g_autoptr (PsTimerQueue) queue = ps_timer_queue_new (PS_TIMERS_MAX);
  g_autoptr (GString) order = g_string_new ("");
  Probe probes[64];
  PsTimerId ids[64];
  for (guint i = 0; i < 64; i++) {
    probes[i] = (Probe){order, queue, i};
    ids[i] = ps_timer_queue_arm (queue, (i * 37) % 64, note, &probes[i]);
  }
  for (guint i = 0; i < 64; i++)
    if (i != 5 && i != 40)
      ps_timer_queue_disarm (queue, ids[i]);
  ps_timer_queue_disarm (queue, ids[7]);
  g_assert_cmpuint (ps_timer_queue_length (queue), ==, 2);
  ps_timer_queue_fire_due (queue, 1000);
  g_assert_cmpstr (order->str, ==, "40 5 "); /* due 8 and 57 */
}

static void
rearm (gpointer data)
{
  Probe *p = data;
  p->due_us++;
  ps_timer_queue_arm (p->queue, 0, rearm, p);
}

/* A timer that arms another in the past does not hold fire_due. */
static void
test_rearm_in_the_past (void)
{
  g_autoptr (PsTimerQueue) queue = ps_timer_queue_new (PS_TIMERS_MAX);
  Probe p = {NULL, queue, 0};
  ps_timer_queue_arm (queue, 0, rearm, &p);
  g_assert_cmpuint (ps_timer_queue_fire_due (queue, 100), ==, 1);
  g_assert_cmpint (p.due_us, ==, 1);
  g_assert_cmpuint (ps_timer_queue_length (queue), ==, 1);
}

static void
check_sorted (gpointer data)
{
  Probe *p = data;
  g_assert_cmpint (ps_timer_queue_next_due_us (p->queue), >=, p->due_us);
}

/* The full heap, in random order, comes out sorted. */
static void
test_full (void)
{
  g_autoptr (PsTimerQueue) queue = ps_timer_queue_new (PS_TIMERS_MAX);
  g_autofree Probe *probes = g_new (Probe, PS_TIMERS_MAX);
  PsRng rng;
  ps_rng_seed (&rng, 7);
  for (guint i = 0; i < PS_TIMERS_MAX; i++) {
    probes[i] = (Probe){NULL, queue, (gint64)ps_rng_below (&rng, 1000)};
    ps_timer_queue_arm (queue, probes[i].due_us, check_sorted, &probes[i]);
  }
  g_assert_cmpuint (ps_timer_queue_fire_due (queue, 1000), ==, PS_TIMERS_MAX);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timer-queue/ties", test_ties);
  g_test_add_func ("/timer-queue/disarm", test_disarm);
  g_test_add_func ("/timer-queue/rearm-in-the-past", test_rearm_in_the_past);
  g_test_add_func ("/timer-queue/full", test_full);
  return g_test_run ();
}
