/* SPDX-License-Identifier: Apache-2.0 */
/* Whole numbers with a unit, as people write them in configurations, scenarios and commands. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef enum {
  PS_UNITS_DURATION, /* us, ms, s, m, h; in microseconds */
  PS_UNITS_SIZE,     /* none, k, M, G, by 1024; in bytes */
} PsUnits;

/* FALSE if the text is not digits and a unit, or lies outside of min to max; *out is then left
 * alone. min is not negative. */
gboolean ps_units_parse (PsUnits units, const char *text, gint64 min, gint64 max, gint64 *out);

/* In the largest unit that holds it without a rest; reads back as the same number. value is not
 * negative. Free with g_free. */
char *ps_units_format (PsUnits units, gint64 value);
G_END_DECLS
