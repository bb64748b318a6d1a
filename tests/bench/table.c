/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/table.h"
#include <stdlib.h>
#include <string.h>

static gboolean is_quick;
static guint n_missed;

void
ps_samples_add (PsSamples *self, double value)
{
  g_assert_cmpuint (self->n, <, G_N_ELEMENTS (self->value));
  self->value[self->n++] = value;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static PsSamples
sorted (const PsSamples *self)
{
  PsSamples copy = *self;
  g_assert_cmpuint (copy.n, >, 0);
  qsort (copy.value, copy.n, sizeof copy.value[0], compare);
  return copy;
}

double
ps_samples_median (const PsSamples *self)
{
  PsSamples copy = sorted (self);
  guint middle = copy.n / 2;
  return copy.n % 2 == 1 ? copy.value[middle] : (copy.value[middle - 1] + copy.value[middle]) / 2;
}

/* Three digits that count, never an exponent. */
static char *
number (double value)
{
  double size = ABS (value);
  int decimals = size >= 100 || value == (double)(gint64)value ? 0 : size >= 10 ? 1 : 2;
  return g_strdup_printf ("%.*f", decimals, value);
}

static char *
spread (const PsSamples *samples)
{
  if (samples == NULL || samples->n == 0)
    return g_strdup ("-");
  PsSamples copy = sorted (samples);
  g_autofree char *median = number (ps_samples_median (samples));
  g_autofree char *lowest = number (copy.value[0]);
  g_autofree char *highest = number (copy.value[copy.n - 1]);
  if (copy.n == 1)
    return g_steal_pointer (&median);
  return g_strdup_printf ("%s [%s..%s]", median, lowest, highest);
}

static char *
bar_text (PsBar bar, double at, const char *unit)
{
  g_autofree char *limit = number (at);
  if (bar == PS_BAR_NONE)
    return g_strdup ("-");
  if (bar == PS_BAR_RATIO)
    return g_strdup_printf ("<= %s x limit", limit);
  return g_strdup_printf ("%s %s %s", bar == PS_BAR_AT_MOST ? "<=" : ">=", limit, unit);
}

/* Of each run to that of limit right after it, so that what slows the machine for a while slows
 * both. 0: there is no limit. */
static double
median_ratio (const PsFigure *row)
{
  PsSamples ratios = {0};
  for (guint i = 0; row->limit != NULL && i < MIN (row->daemon->n, row->limit->n); i++)
    if (row->limit->value[i] > 0)
      ps_samples_add (&ratios, row->daemon->value[i] / row->limit->value[i]);
  return ratios.n > 0 ? ps_samples_median (&ratios) : 0;
}

static gboolean
holds (PsBar bar, double at, double value, double ratio)
{
  switch (bar) {
  case PS_BAR_NONE:
    return TRUE;
  case PS_BAR_AT_MOST:
    return value <= at;
  case PS_BAR_AT_LEAST:
    return value >= at;
  case PS_BAR_RATIO:
    return ratio <= at;
  }
  g_assert_not_reached ();
}

void
ps_table_begin (gboolean quick)
{
  is_quick = quick;
  g_print ("%-46s | %-26s | %-6s | %-24s | %-5s | %-18s |\n", "what", "median [min..max]", "unit",
           "limit", "ratio", "bar");
}

void
ps_table_row (const PsFigure *row)
{
  PsBar bar = is_quick ? row->quick : row->bar;
  double at = is_quick ? row->quick_at : row->at;
  double value = ps_samples_median (row->daemon);
  double ratio = median_ratio (row);
  g_autofree char *values = spread (row->daemon), *limits = spread (row->limit);
  g_autofree char *times = ratio > 0 ? g_strdup_printf ("%.2f", ratio) : g_strdup ("-");
  g_autofree char *text = bar_text (bar, at, row->unit);
  gboolean good = holds (bar, at, value, ratio);
  n_missed += !good;
  g_print ("%-46s | %-26s | %-6s | %-24s | %-5s | %-18s | %s%s%s\n", row->name, values, row->unit,
           limits, times, text,
           bar == PS_BAR_NONE ? ""
           : good             ? "ok"
                              : "MISS",
           row->note != NULL ? "  " : "", row->note != NULL ? row->note : "");
}

guint
ps_table_n_missed (void)
{
  return n_missed;
}
