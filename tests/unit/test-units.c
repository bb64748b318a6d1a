/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers with units: read and written the same way everywhere. */
#include "base/units.h"

static void
assert_reads (PsUnits units, const char *text, gint64 wanted, const char *back)
{
  gint64 value = -1;
  g_assert_true (ps_units_parse (units, text, 0, G_MAXINT64, &value));
  g_assert_cmpint (value, ==, wanted);
  g_autofree char *written = ps_units_format (units, value);
  g_assert_cmpstr (written, ==, back);
}

/* Every unit counts what it says, and a number is written in the largest that fits. */
static void
test_units (void)
{
  assert_reads (PS_UNITS_DURATION, "0us", 0, "0s");
  assert_reads (PS_UNITS_DURATION, "1500us", 1500, "1500us");
  assert_reads (PS_UNITS_DURATION, "2000us", 2000, "2ms");
  assert_reads (PS_UNITS_DURATION, "60s", 60000000, "1m");
  assert_reads (PS_UNITS_DURATION, "48h", 48 * G_GINT64_CONSTANT (3600000000), "48h");
  assert_reads (PS_UNITS_SIZE, "4096", 4096, "4k");
  assert_reads (PS_UNITS_SIZE, "3M", 3 << 20, "3M");
  assert_reads (PS_UNITS_SIZE, "0", 0, "0");
}

/* What is no number, has no unit or a strange one, or lies outside, is refused and changes nothing.
 */
static void
test_wrong (void)
{
  static const char *const wrong[] = {"",    "s",  "1",    "-1s",  " 1s",
                                      "1 s", "1S", "1.5s", "0x1s", "99999999999999999999s"};
  gint64 value = 7;
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    g_assert_false (ps_units_parse (PS_UNITS_DURATION, wrong[i], 0, G_MAXINT64, &value));
  g_assert_false (ps_units_parse (PS_UNITS_DURATION, "9us", 10, 20, &value));
  g_assert_false (ps_units_parse (PS_UNITS_DURATION, "21us", 10, 20, &value));
  g_assert_false (ps_units_parse (PS_UNITS_DURATION, "9007199254740992h", 0, G_MAXINT64, &value));
  g_assert_false (ps_units_parse (PS_UNITS_SIZE, "1K", 0, G_MAXINT64, &value));
  g_assert_cmpint (value, ==, 7);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/units/units", test_units);
  g_test_add_func ("/units/wrong", test_wrong);
  return g_test_run ();
}
