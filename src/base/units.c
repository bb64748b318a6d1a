/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"
#include <string.h>

#define US ((gint64)G_USEC_PER_SEC)

typedef struct {
  const char *suffix; /* NULL ends the list */
  gint64 factor;
} Unit;

/* Largest first. */
static const Unit durations[] = {{"h", 3600 * US},  {"m", 60 * US}, {"s", US},
                                 {"ms", US / 1000}, {"us", 1},      {NULL, 0}};
static const Unit sizes[] = {{"G", 1 << 30}, {"M", 1 << 20}, {"k", 1 << 10}, {"", 1}, {NULL, 0}};

static const Unit *
table_of (PsUnits units)
{
  return units == PS_UNITS_DURATION ? durations : sizes;
}

/* The number in front; FALSE without one or beyond 2^53. */
static gboolean
parse_number (const char *text, gint64 *out_number, const char **out_rest)
{
  gint64 number = 0;
  const char *p = text;
  for (; g_ascii_isdigit (*p); p++) {
    number = number * 10 + (*p - '0');
    if (number > (G_GINT64_CONSTANT (1) << 53))
      return FALSE;
  }
  *out_number = number;
  *out_rest = p;
  return p != text;
}

gboolean
ps_units_parse (PsUnits units, const char *text, gint64 min, gint64 max, gint64 *out)
{
  gint64 number;
  const char *suffix;
  if (!parse_number (text, &number, &suffix))
    return FALSE;
  for (const Unit *unit = table_of (units); unit->suffix != NULL; unit++) {
    if (strcmp (suffix, unit->suffix) != 0)
      continue;
    if (number > max / unit->factor || number * unit->factor < min)
      return FALSE;
    *out = number * unit->factor;
    return TRUE;
  }
  return FALSE;
}

char *
ps_units_format (PsUnits units, gint64 value)
{
  const Unit *unit = table_of (units);
  if (value == 0)
    return g_strdup (units == PS_UNITS_DURATION ? "0s" : "0");
  while (value % unit->factor != 0)
    unit++;
  return g_strdup_printf ("%" G_GINT64_FORMAT "%s", value / unit->factor, unit->suffix);
}
