/* SPDX-License-Identifier: Apache-2.0 */
/* An object that is freed by what it calls lives until the last of its functions returns. */
#include "base/turn.h"

static void
test_freed_at_rest (void)
{
  PsTurn turn = {0};
  g_assert_false (ps_turn_is_on (&turn));
  g_assert_true (ps_turn_doom (&turn));
}

static void
test_freed_within (void)
{
  PsTurn turn = {0};
  ps_turn_enter (&turn);
  ps_turn_enter (&turn);
  g_assert_false (ps_turn_doom (&turn));
  g_assert_false (ps_turn_leave (&turn));
  g_assert_true (ps_turn_is_on (&turn));
  g_assert_true (ps_turn_leave (&turn));
}

static void
test_not_freed (void)
{
  PsTurn turn = {0};
  ps_turn_enter (&turn);
  g_assert_true (ps_turn_is_on (&turn));
  g_assert_false (ps_turn_leave (&turn));
  g_assert_false (ps_turn_is_on (&turn));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/turn/freed-at-rest", test_freed_at_rest);
  g_test_add_func ("/turn/freed-within", test_freed_within);
  g_test_add_func ("/turn/not-freed", test_not_freed);
  return g_test_run ();
}
