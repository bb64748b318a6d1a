/* SPDX-License-Identifier: Apache-2.0 */
/* What lasts is told once a minute, what is the same once. */
#include "base/told.h"

static void
test_once_a_minute (void)
{
  PsTold told = {0};
  g_assert_true (ps_told_is_due (&told, 0));
  g_assert_true (ps_told_take (&told, 0)); /* The time 0 is a time like any other. */
  g_assert_false (ps_told_take (&told, PS_TOLD_EVERY_US - 1));
  g_assert_false (ps_told_is_due (&told, PS_TOLD_EVERY_US - 1));
  g_assert_true (ps_told_take (&told, PS_TOLD_EVERY_US));
  g_assert_false (ps_told_take (&told, 2 * PS_TOLD_EVERY_US - 1));
  told = (PsTold){0};
  g_assert_true (ps_told_take (&told, 2 * PS_TOLD_EVERY_US - 1));
}

static void
test_news (void)
{
  g_autofree char *told = NULL;
  g_assert_true (ps_told_is_news (&told, "one"));
  g_assert_false (ps_told_is_news (&told, "one"));
  g_assert_true (ps_told_is_news (&told, "another"));
  g_assert_cmpstr (told, ==, "another");
  g_assert_true (ps_told_is_news (&told, NULL));
  g_assert_false (ps_told_is_news (&told, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/told/once-a-minute", test_once_a_minute);
  g_test_add_func ("/told/news", test_news);
  return g_test_run ();
}
