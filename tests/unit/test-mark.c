/* SPDX-License-Identifier: Apache-2.0 */
#include "base/mark.h"

/* A mark is current from the moment it is set until the next generation begins. */
static void
test_current (void)
{
  PsMarks marks = {0}, others = {0};
  PsMark seen = ps_marks_now (&marks), unset = {0};
  g_assert_false (ps_mark_is_set (seen)); /* No generation has begun yet. */
  g_assert_false (ps_mark_is_current (seen, &marks));
  ps_marks_begin (&marks);
  g_assert_false (ps_mark_is_current (seen, &marks));
  seen = ps_marks_now (&marks);
  g_assert_true (ps_mark_is_set (seen));
  g_assert_true (ps_mark_is_current (seen, &marks));
  g_assert_false (ps_mark_is_current (unset, &marks));
  g_assert_false (ps_mark_is_current (seen, &others));
  PsMark first = seen;
  ps_marks_begin (&marks);
  g_assert_true (ps_mark_is_set (seen));
  g_assert_false (ps_mark_is_current (seen, &marks));
  seen = ps_marks_now (&marks);
  g_assert_true (ps_mark_is_current (seen, &marks));
  g_assert_false (ps_mark_is_of (seen, first));
  g_assert_true (ps_mark_is_of (first, first));
  g_assert_false (ps_mark_is_of (unset, unset));
}

/* The last generation is followed by the first: a mark that was never set does not become current,
 * nor does that of the last one. */
static void
test_wrap_around (void)
{
  PsMarks marks = {G_MAXUINT32 - 1};
  PsMark unset = {0};
  ps_marks_begin (&marks);
  PsMark last = ps_marks_now (&marks);
  g_assert_true (ps_mark_is_current (last, &marks));
  ps_marks_begin (&marks);
  g_assert_false (ps_mark_is_current (last, &marks));
  g_assert_false (ps_mark_is_current (unset, &marks));
  g_assert_true (ps_mark_is_current (ps_marks_now (&marks), &marks));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mark/current", test_current);
  g_test_add_func ("/mark/wrap-around", test_wrap_around);
  return g_test_run ();
}
