/* SPDX-License-Identifier: Apache-2.0 */
/* The real clock reads the time once a turn, and everything in the turn sees that reading. Here the
 * machine's clock is counted, and moved by hand. */
#include "daemon/glib-clock.h"
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SECOND  G_USEC_PER_SEC
#define SOURCES 3

static gboolean by_hand;
static gint64 hand_us = 1000 * SECOND;
static guint n_reads;

/* The C library's, for this executable and its libraries. */
int
clock_gettime (clockid_t id, struct timespec *out)
{
  if (id != CLOCK_MONOTONIC || !by_hand)
    return (int)syscall (SYS_clock_gettime, id, out);
  n_reads++;
  out->tv_sec = (time_t)(hand_us / SECOND);
  out->tv_nsec = (long)(hand_us % SECOND) * 1000;
  return 0;
}

typedef struct {
  GMainContext *context;
  PsClock *clock;
  int pipes[SOURCES][2];
  GSource *sources[SOURCES];
  guint n_dispatched, n_fired;
  gint64 seen_us; /* the reading of the turn; 0: none yet */
} Rig;

static void
look (Rig *rig)
{
  for (guint i = 0; i < 10; i++) {
    gint64 now_us = ps_clock_now_us (rig->clock);
    g_assert_true (rig->seen_us == 0 || now_us == rig->seen_us);
    rig->seen_us = now_us;
    hand_us += SECOND;
  }
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  Rig *rig = user_data;
  char byte;
  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  rig->n_dispatched++;
  look (rig);
  return G_SOURCE_CONTINUE;
}

static void
on_timer (gpointer user_data)
{
  Rig *rig = user_data;
  rig->n_fired++;
  look (rig);
}

static void
set_up (Rig *rig, gconstpointer data)
{
  by_hand = TRUE;
  rig->context = g_main_context_new ();
  rig->clock = PS_CLOCK (ps_glib_clock_new (rig->context));
  for (guint i = 0; i < SOURCES; i++) {
    g_assert_true (g_unix_open_pipe (rig->pipes[i], FD_CLOEXEC, NULL));
    rig->sources[i] = g_unix_fd_source_new (rig->pipes[i][0], G_IO_IN);
    g_source_set_callback (rig->sources[i], G_SOURCE_FUNC (on_readable), rig, NULL);
    g_source_attach (rig->sources[i], rig->context);
  }
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  for (guint i = 0; i < SOURCES; i++) {
    g_source_destroy (rig->sources[i]);
    g_source_unref (rig->sources[i]);
    close (rig->pipes[i][0]);
    close (rig->pipes[i][1]);
  }
  g_assert_finalize_object (rig->clock);
  g_main_context_unref (rig->context);
  by_hand = FALSE;
}

/* One turn, and how often it read the clock. */
static guint
turn (Rig *rig)
{
  rig->seen_us = 0;
  n_reads = 0;
  g_main_context_iteration (rig->context, FALSE);
  return n_reads;
}

static void
make_ready (Rig *rig)
{
  for (guint i = 0; i < SOURCES; i++)
    g_assert_cmpint (write (rig->pipes[i][1], "x", 1), ==, 1);
}

/* Three sockets and two timers in one turn, which takes 50 s: one reading, the same for all. */
static void
test_one_read (Rig *rig, gconstpointer data)
{
  gint64 now_us = ps_clock_now_us (rig->clock);
  ps_clock_arm (rig->clock, now_us, on_timer, rig);
  ps_clock_arm (rig->clock, now_us + SECOND, on_timer, rig);
  hand_us += SECOND;
  make_ready (rig);
  g_assert_cmpuint (turn (rig), ==, 1);
  g_assert_cmpint (rig->seen_us, ==, now_us + SECOND);
  g_assert_cmpuint (rig->n_dispatched, ==, SOURCES);
  g_assert_cmpuint (rig->n_fired, ==, 2);
  make_ready (rig);
  g_assert_cmpuint (turn (rig), ==, 1);
  g_assert_cmpint (rig->seen_us, ==, now_us + 51 * SECOND);
  g_assert_cmpuint (rig->n_dispatched, ==, 2 * SOURCES);
}

/* Nor is more read in a turn that only waits, with a timer that is not due. */
static void
test_idle (Rig *rig, gconstpointer data)
{
  PsTimerId id = ps_clock_arm (rig->clock, ps_clock_now_us (rig->clock) + SECOND, on_timer, rig);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (turn (rig), ==, 1);
  g_assert_cmpuint (rig->n_fired, ==, 0);
  ps_clock_disarm (rig->clock, id);
}

/* What became due while the turn ran waits for the next one. */
static void
test_timers_by_the_reading (Rig *rig, gconstpointer data)
{
  gint64 now_us = ps_clock_now_us (rig->clock);
  ps_clock_arm (rig->clock, now_us, on_timer, rig); /* takes 10 s */
  ps_clock_arm (rig->clock, now_us + SECOND, on_timer, rig);
  turn (rig);
  g_assert_cmpuint (rig->n_fired, ==, 1);
  turn (rig);
  g_assert_cmpuint (rig->n_fired, ==, 2);
  g_assert_cmpint (rig->seen_us, ==, now_us + 10 * SECOND);
}

/* Outside of turns the time is never an old one. */
static void
test_outside (Rig *rig, gconstpointer data)
{
  make_ready (rig);
  turn (rig);
  for (guint i = 0; i < 3; i++) {
    g_assert_cmpint (ps_clock_now_us (rig->clock), ==, hand_us);
    hand_us += SECOND;
  }
}

/* How long the loop would sleep now, in milliseconds. */
static int
sleep_ms (Rig *rig)
{
  int timeout_ms = 0, priority = 0;
  GPollFD fds[SOURCES + 1];
  g_assert_true (g_main_context_acquire (rig->context));
  g_main_context_prepare (rig->context, &priority);
  int n = g_main_context_query (rig->context, priority, &timeout_ms, fds, G_N_ELEMENTS (fds));
  for (int i = 0; i < n; i++)
    fds[i].revents = 0;
  g_main_context_check (rig->context, priority, fds, n);
  g_main_context_release (rig->context);
  return timeout_ms;
}

/* A turn that was long does not make the loop sleep long beside a timer that is due. */
static void
test_after_a_long_turn (Rig *rig, gconstpointer data)
{
  g_assert_cmpint (sleep_ms (rig), ==, -1);
  PsTimerId id = ps_clock_arm (rig->clock, ps_clock_now_us (rig->clock) + 1500, on_timer, rig);
  g_assert_cmpint (sleep_ms (rig), ==, 2);
  ps_clock_disarm (rig->clock, id);
  make_ready (rig);
  turn (rig); /* takes 30 s */
  ps_clock_arm (rig->clock, rig->seen_us + 20 * SECOND, on_timer, rig);
  g_assert_cmpint (sleep_ms (rig), ==, PS_GLIB_CLOCK_SLEEP_MAX_MS);
}

#define ADD(name, fn) g_test_add ("/glib-clock/" name, Rig, NULL, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("one-read", test_one_read);
  ADD ("idle", test_idle);
  ADD ("by-the-reading", test_timers_by_the_reading);
  ADD ("outside", test_outside);
  ADD ("after-a-long-turn", test_after_a_long_turn);
  return g_test_run ();
}
