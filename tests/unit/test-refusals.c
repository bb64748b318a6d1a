/* SPDX-License-Identifier: Apache-2.0 */
/* The account of refusals alone: what the log says and how often, and when it is time to try again.
 */
#include "core/refusals.h"
#include "base/virtual-clock.h"
#include <string.h>

typedef struct {
  PsVirtualClock *clock;
  PsLog *log;
  PsRefusals *refusals;
  GString *lines;
  guint n_retries[PS_N_RETRIES];
} World;

static const PsOutcome oom = {PS_REFUSED, PS_REFUSAL_CAPACITY, "OOM too much"};
static const PsOutcome noperm = {PS_REFUSED, PS_REFUSAL_PERMISSION, "NOPERM no"};
static const PsOutcome loading = {PS_REFUSED, PS_REFUSAL_TRANSIENT, NULL};
static const PsOutcome unknown = {.result = PS_UNKNOWN, .reason = "lost"};

static void
on_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  World *w = user_data;
  g_string_append_printf (w->lines, "%s %s\n", ps_log_level_name (level), text);
}

static void
set_up (World *w, gconstpointer data)
{
  w->clock = ps_virtual_clock_new ();
  w->lines = g_string_new (NULL);
  w->log = ps_log_new (PS_CLOCK (w->clock), on_line, w);
  w->refusals = ps_refusals_new (PS_CLOCK (w->clock), w->log);
}

static void
tear_down (World *w, gconstpointer data)
{
  ps_refusals_free (w->refusals);
  g_assert_cmpuint (ps_virtual_clock_n_timers (w->clock), ==, 0);
  ps_log_free (w->log);
  g_string_free (w->lines, TRUE);
  g_assert_finalize_object (w->clock);
}

static void
run_ms (World *w, gint64 ms)
{
  ps_virtual_clock_advance (w->clock, ms * 1000);
}

static void
expect_lines (World *w, const char *expected)
{
  g_assert_cmpstr (w->lines->str, ==, expected);
  g_string_truncate (w->lines, 0);
}

static guint
count_lines (World *w, const char *text)
{
  guint n = 0;
  for (const char *p = w->lines->str; (p = strstr (p, text)) != NULL; p++)
    n++;
  return n;
}

static void
on_retry (PsRetryPace pace, gpointer user_data)
{
  World *w = user_data;
  w->n_retries[pace]++;
}

/* As a part does it that is refused for ever. */
static void
on_retry_refused (PsRetryPace pace, gpointer user_data)
{
  World *w = user_data;
  w->n_retries[pace]++;
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "row %u", w->n_retries[pace]);
}

#define ADVICE "; look at the server's memory (maxmemory) and at the disk that it saves to\n"

/* A line a minute for a task and kind, with who refused what, the server's words, what to do, and
 * from the second line on how often and for how long. */
static void
test_told (World *w, gconstpointer data)
{
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "STATE_DB refused %s", "a");
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "STATE_DB refused %s", "b");
  expect_lines (w, "ERROR STATE_DB refused a, trying again: OOM too much" ADVICE);
  run_ms (w, 59999);
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "STATE_DB refused %s", "b");
  expect_lines (w, "");
  run_ms (w, 1);
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "STATE_DB refused %s", "c");
  expect_lines (w, "ERROR STATE_DB refused c, trying again (4 times in 60 s): OOM too much" ADVICE);
}

/* Another kind and another task are lines of their own, each at its own time. */
static void
test_kinds (World *w, gconstpointer data)
{
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "rows");
  run_ms (w, 30000);
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &noperm, "rows");
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &loading, "rows");
  ps_refusals_note (w->refusals, PS_TASK_LOGGER, &oom, "logger");
  g_assert_cmpuint (count_lines (w, "ERROR rows"), ==, 3);
  g_assert_cmpuint (count_lines (w, "ERROR logger"), ==, 1);
  g_assert_cmpuint (count_lines (w, "no reason given\n"), ==, 1);
  run_ms (w, 30000);
  g_string_truncate (w->lines, 0);
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "rows");
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &noperm, "rows");
  g_assert_cmpuint (count_lines (w, "ERROR"), ==, 1);
}

/* Good and bad in turn, however often, is a pair of lines a minute. */
static void
test_told_in_turn (World *w, gconstpointer data)
{
  for (guint i = 0; i < 600; i++) {
    ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "rows");
    run_ms (w, 1000);
    ps_refusals_clear (w->refusals, PS_TASK_ROWS);
  }
  g_assert_cmpuint (count_lines (w, "ERROR rows"), ==, 10);
  g_assert_cmpuint (count_lines (w, "NOTICE Redis does not refuse"), ==, 10);
}

/* The end of it is told, if its beginning was, once. */
static void
test_clear (World *w, gconstpointer data)
{
  const char *first = NULL;
  ps_refusals_clear (w->refusals, PS_TASK_ROWS);
  expect_lines (w, "");
  g_assert_cmpint (ps_refusals_since_us (w->refusals, PS_TASK_ROWS), ==, -1);
  run_ms (w, 5000);
  gint64 since_us = ps_clock_now_us (PS_CLOCK (w->clock));
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "rows");
  ps_refusals_note (w->refusals, PS_TASK_WARM, &oom, "warm");
  run_ms (w, 7000);
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "rows");
  g_assert_cmpint (ps_refusals_since_us (w->refusals, PS_TASK_ROWS), ==, since_us);
  g_assert_cmpuint (ps_refusals_n_refused (w->refusals, &first), ==, 2);
  g_assert_cmpstr (first, ==, "writing STATE_DB PORT_TABLE");
  g_string_truncate (w->lines, 0);
  ps_refusals_clear (w->refusals, PS_TASK_ROWS);
  ps_refusals_clear (w->refusals, PS_TASK_ROWS);
  expect_lines (w,
                "NOTICE Redis does not refuse writing STATE_DB PORT_TABLE any more, after 7 s\n");
  g_assert_cmpuint (ps_refusals_n_refused (w->refusals, NULL), ==, 1);
  g_assert_cmpint (ps_refusals_since_us (w->refusals, PS_TASK_ROWS), ==, -1);
}

/* 1 s, doubling to 30 s: 1, 3, 7, 15, 31, 61 s. Success makes it short again. */
static void
test_slow (World *w, gconstpointer data)
{
  ps_refusals_set_retry (w->refusals, PS_TASK_ROWS, on_retry_refused, w);
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "rows");
  run_ms (w, 60999);
  g_assert_cmpuint (w->n_retries[PS_RETRY_SLOW], ==, 5);
  run_ms (w, 1);
  g_assert_cmpuint (w->n_retries[PS_RETRY_SLOW], ==, 6);
  ps_refusals_clear (w->refusals, PS_TASK_ROWS);
  g_assert_false (ps_refusals_is_waiting (w->refusals, PS_TASK_ROWS));
  run_ms (w, 100000);
  g_assert_cmpuint (w->n_retries[PS_RETRY_SLOW], ==, 6);
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "rows");
  run_ms (w, 1000);
  g_assert_cmpuint (w->n_retries[PS_RETRY_SLOW], ==, 7);
  g_assert_cmpuint (w->n_retries[PS_RETRY_QUICK], ==, 0);
}

/* What passes by itself and what needs an operator wait side by side; a second refusal lengthens no
 * pause. An unknown fate is no refusal, and a short pause. */
static void
test_two_paces (World *w, gconstpointer data)
{
  ps_refusals_set_retry (w->refusals, PS_TASK_ROWS, on_retry, w);
  for (guint i = 0; i < 100; i++) {
    ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "rows");
    ps_refusals_note (w->refusals, PS_TASK_ROWS, &loading, "rows");
  }
  g_assert_true (ps_refusals_is_waiting (w->refusals, PS_TASK_ROWS));
  g_assert_false (ps_refusals_is_waiting (w->refusals, PS_TASK_READING));
  run_ms (w, 100);
  g_assert_cmpuint (w->n_retries[PS_RETRY_QUICK], ==, 1);
  g_assert_true (ps_refusals_is_waiting (w->refusals, PS_TASK_ROWS));
  run_ms (w, 900);
  g_assert_cmpuint (w->n_retries[PS_RETRY_SLOW], ==, 1);
  g_assert_false (ps_refusals_is_waiting (w->refusals, PS_TASK_ROWS));
  g_string_truncate (w->lines, 0);
  ps_refusals_note (w->refusals, PS_TASK_READING, &unknown, "reading");
  g_assert_true (ps_refusals_is_waiting (w->refusals, PS_TASK_READING));
  run_ms (w, 100);
  g_assert_false (ps_refusals_is_waiting (w->refusals, PS_TASK_READING));
  g_assert_cmpuint (ps_refusals_n_refused (w->refusals, NULL), ==, 1);
  expect_lines (w, "");
}

/* A new connection ends the pauses of what is asked there, and of nothing else. */
static void
test_online (World *w, gconstpointer data)
{
  ps_refusals_set_retry (w->refusals, PS_TASK_ROWS, on_retry, w);
  ps_refusals_note (w->refusals, PS_TASK_ROWS, &oom, "rows");
  ps_refusals_note (w->refusals, PS_TASK_LOGGER, &oom, "logger");
  ps_refusals_note (w->refusals, PS_TASK_MARKERS, &oom, "markers");
  ps_refusals_online (w->refusals, PS_DB_APPL);
  g_assert_true (ps_refusals_is_waiting (w->refusals, PS_TASK_ROWS));
  g_assert_true (ps_refusals_is_waiting (w->refusals, PS_TASK_LOGGER));
  g_assert_false (ps_refusals_is_waiting (w->refusals, PS_TASK_MARKERS));
  g_assert_cmpuint (w->n_retries[PS_RETRY_SLOW], ==, 0);
  ps_refusals_online (w->refusals, PS_DB_STATE);
  g_assert_cmpuint (w->n_retries[PS_RETRY_SLOW], ==, 1);
  g_assert_cmpuint (ps_refusals_n_refused (w->refusals, NULL), ==, 3);
  run_ms (w, 100000);
  g_assert_cmpuint (w->n_retries[PS_RETRY_SLOW], ==, 1);
}

/* What is left out is told in the same way, and nothing waits for it. */
static void
test_left_out (World *w, gconstpointer data)
{
  const PsOutcome wrong = {PS_REFUSED, PS_REFUSAL_WRONGTYPE, "WRONGTYPE"};
  for (guint i = 0; i < 1000; i++)
    ps_refusals_tell (w->refusals, PS_TASK_READING, &wrong, "row %u left out", i);
  expect_lines (w, "ERROR row 0 left out: WRONGTYPE; look who writes that key (TYPE), and "
                   "delete it\n");
  g_assert_false (ps_refusals_is_waiting (w->refusals, PS_TASK_READING));
  g_assert_cmpuint (ps_refusals_n_refused (w->refusals, NULL), ==, 0);
}

static void
add (const char *name, void (*fn) (World *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/refusals/%s", name);
  g_test_add (path, World, NULL, set_up, fn, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("told", test_told);
  add ("kinds", test_kinds);
  add ("told-in-turn", test_told_in_turn);
  add ("clear", test_clear);
  add ("slow", test_slow);
  add ("two-paces", test_two_paces);
  add ("online", test_online);
  add ("left-out", test_left_out);
  return g_test_run ();
}
