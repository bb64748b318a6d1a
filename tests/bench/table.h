/* SPDX-License-Identifier: Apache-2.0 */
/* Figures, their spread, and the bars that they are held against: one line each. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct {
  guint n;
  double value[64];
} PsSamples;

void ps_samples_add (PsSamples *self, double value);
double ps_samples_median (const PsSamples *self);

typedef enum {
  PS_BAR_NONE,     /* only printed */
  PS_BAR_AT_MOST,  /* the median is at most bar */
  PS_BAR_AT_LEAST, /* the median is at least bar */
  PS_BAR_RATIO,    /* the median of the runs' ratios to limit's is at most bar */
} PsBar;

typedef struct {
  const char *name, *unit;
  const PsSamples *daemon;
  const PsSamples *limit; /* nullable; as many, run in turns with the daemon's */
  PsBar bar;
  double at;   /* of the bar */
  PsBar quick; /* what a quick run asserts; PS_BAR_NONE: nothing */
  double quick_at;
  const char *note; /* nullable */
} PsFigure;

/* quick: the rows are held against their quick bars. */
void ps_table_begin (gboolean quick);

/* Prints the row at once. */
void ps_table_row (const PsFigure *row);

/* How many rows missed their bar so far. */
guint ps_table_n_missed (void);
G_END_DECLS
