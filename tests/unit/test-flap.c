/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/flap.h"

static void
observe (PsFlap *flap, guint32 ifindex, guint32 changes, guint32 ups, guint32 downs)
{
  PsCarrier carrier = {changes, ups, downs};
  ps_flap_observe (flap, ifindex, &carrier);
}

/* What the kernel counted before we first saw the device is not ours. */
static void
test_baseline (void)
{
  PsFlap flap = {0};
  observe (&flap, 5, 100, 50, 50);
  g_assert_cmpuint (ps_flap_downs (&flap), ==, 0);
  observe (&flap, 5, 107, 53, 54);
  g_assert_cmpuint (ps_flap_ups (&flap), ==, 3);
  g_assert_cmpuint (ps_flap_downs (&flap), ==, 4);
}

/* A new device, and a reused ifindex (counters that run backwards), add to what was counted. */
static void
test_new_device (void)
{
  PsFlap flap = {0};
  PsCarrier carrier = {2, 1, 1};
  g_assert_true (ps_flap_observe (&flap, 5, &carrier));
  g_assert_false (ps_flap_observe (&flap, 5, &carrier));
  observe (&flap, 5, 12, 6, 6);
  observe (&flap, 9, 2, 1, 1);
  observe (&flap, 9, 4, 2, 2);
  g_assert_cmpuint (ps_flap_downs (&flap), ==, 6);
  observe (&flap, 9, 1, 1, 0);
  g_assert_cmpuint (ps_flap_downs (&flap), ==, 6);
  g_assert_cmpuint (ps_flap_ups (&flap), ==, 6);
}

/* The kernel's counters are 32 bits wide: a wrap is progress, not a new device. */
static void
test_wrap (void)
{
  PsFlap flap = {0};
  observe (&flap, 5, G_MAXUINT32 - 1, G_MAXUINT32, G_MAXUINT32);
  observe (&flap, 5, 2, 1, 1);
  g_assert_cmpuint (ps_flap_ups (&flap), ==, 2);
  g_assert_cmpuint (ps_flap_downs (&flap), ==, 2);
}

/* Any of the three counters that runs backwards is another device's; an unknown ifindex is no
 * evidence, and a wrap is none. */
static void
test_successor (void)
{
  PsFlap flap = {0};
  const struct {
    guint32 ifindex;
    PsCarrier carrier;
    gboolean expected;
  } cases[] = {
      {5, {10, 5, 5}, FALSE}, {5, {12, 6, 6}, FALSE}, {5, {1, 1, 0}, TRUE},  {5, {9, 5, 5}, TRUE},
      {5, {10, 4, 6}, TRUE},  {5, {10, 6, 4}, TRUE},  {6, {1, 1, 0}, FALSE},
  };
  g_assert_false (ps_flap_is_successor (&flap, 5, &cases[0].carrier));
  observe (&flap, 5, 10, 5, 5);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (ps_flap_is_successor (&flap, cases[i].ifindex, &cases[i].carrier), ==,
                     cases[i].expected);
  observe (&flap, 7, G_MAXUINT32, G_MAXUINT32, G_MAXUINT32);
  g_assert_false (ps_flap_is_successor (&flap, 7, &(PsCarrier){1, 1, 1}));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/flap/baseline", test_baseline);
  g_test_add_func ("/flap/new-device", test_new_device);
  g_test_add_func ("/flap/wrap", test_wrap);
  g_test_add_func ("/flap/successor", test_successor);
  return g_test_run ();
}
