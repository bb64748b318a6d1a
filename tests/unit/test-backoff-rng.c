/* SPDX-License-Identifier: Apache-2.0 */
#include "base/backoff.h"

/* Known first values of splitmix64 from seed 0: runs can be repeated across builds. */
static void
test_rng_known (void)
{
  PsRng rng;
  ps_rng_seed (&rng, 0);
  g_assert_cmphex (ps_rng_next (&rng), ==, G_GUINT64_CONSTANT (0xe220a8397b1dcdaf));
  g_assert_cmphex (ps_rng_next (&rng), ==, G_GUINT64_CONSTANT (0x6e789e6aa1b965f4));
  g_assert_cmphex (ps_rng_next (&rng), ==, G_GUINT64_CONSTANT (0x06c45d188009454f));
}

/* The same seed gives the same sequence, another seed another one. */
static void
test_rng_seeds (void)
{
  PsRng a, b, c;
  ps_rng_seed (&a, 42);
  ps_rng_seed (&b, 42);
  ps_rng_seed (&c, 43);
  guint n_same = 0;
  for (guint i = 0; i < 1000; i++) {
    guint64 value = ps_rng_next (&a);
    g_assert_cmpuint (value, ==, ps_rng_next (&b));
    n_same += value == ps_rng_next (&c);
  }
  g_assert_cmpuint (n_same, ==, 0);
}

/* Bounded values stay below the bound and hit each value about equally often. */
static void
test_rng_below (void)
{
  PsRng rng;
  guint hits[10] = {0};
  ps_rng_seed (&rng, 1);
  for (guint i = 0; i < 10000; i++) {
    guint64 value = ps_rng_below (&rng, 10);
    g_assert_cmpuint (value, <, 10);
    hits[value]++;
  }
  for (guint i = 0; i < 10; i++) {
    g_assert_cmpuint (hits[i], >, 850);
    g_assert_cmpuint (hits[i], <, 1150);
  }
  g_assert_cmpuint (ps_rng_below (&rng, 0), ==, 0);
  g_assert_cmpuint (ps_rng_below (&rng, 1), ==, 0);
}

/* The delay doubles up to the ceiling, stays there, and a reset starts again at the floor. */
static void
test_backoff (void)
{
  static const gint64 wanted[] = {50, 100, 200, 300, 300};
  PsBackoff backoff;
  ps_backoff_init (&backoff, 50, 300);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_assert_cmpint (ps_backoff_next_us (&backoff), ==, wanted[i]);
  ps_backoff_reset (&backoff);
  g_assert_cmpint (ps_backoff_next_us (&backoff), ==, 50);
  g_assert_cmpint (ps_backoff_next_us (&backoff), ==, 100);
}

/* Jitter is anywhere in the upper half of the delay: never at once, never beyond. */
static void
test_jitter (void)
{
  PsBackoff backoff;
  PsRng rng;
  gboolean low = FALSE, high = FALSE;
  ps_rng_seed (&rng, 5);
  ps_backoff_init (&backoff, 1000, 1000);
  for (guint i = 0; i < 1000; i++) {
    gint64 delay_us = ps_backoff_next_jittered_us (&backoff, &rng);
    g_assert_cmpint (delay_us, >=, 500);
    g_assert_cmpint (delay_us, <=, 1000);
    low = low || delay_us < 550;
    high = high || delay_us > 950;
  }
  g_assert_true (low && high);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/rng/known", test_rng_known);
  g_test_add_func ("/rng/seeds", test_rng_seeds);
  g_test_add_func ("/rng/below", test_rng_below);
  g_test_add_func ("/backoff/doubling", test_backoff);
  g_test_add_func ("/backoff/jitter", test_jitter);
  return g_test_run ();
}
