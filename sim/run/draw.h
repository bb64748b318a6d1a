/* SPDX-License-Identifier: Apache-2.0 */
/* A number of a scenario: fixed, or drawn anew for each use from the seeded stream of its step. */
#pragma once
#include "base/rng.h"
#include "sim/run/document.h"
#include <json-glib/json-glib.h>
G_BEGIN_DECLS

#define PS_DRAW_CHOICES_MAX 64

typedef enum {
  PS_DRAW_FIXED,   /* 7 or "7ms" */
  PS_DRAW_UNIFORM, /* {"uniform": [low, high]}, both included */
  PS_DRAW_EXP,     /* {"exp": mean}, cut at 20 times the mean */
  PS_DRAW_CHOICE,  /* {"choice": [a, b, ...]}, each as likely */
} PsDrawKind;

/* Bounds of what is read; a duration is in microseconds and reads "7ms". */
typedef struct {
  gboolean is_duration;
  gint64 min, max;
} PsDrawRange;

typedef struct {
  PsDrawKind kind;
  gint64 low, high; /* low: the fixed number, or the mean */
  GArray *choices;  /* owned, nullable; of gint64 */
} PsDraw;

gboolean ps_draw_read (const PsPlace *place, const PsDrawRange *range, PsDraw *out, GError **error);
void ps_draw_clear (PsDraw *self);

/* As ps_draw_read reads it. */
void ps_draw_write (const PsDraw *self, gboolean is_duration, JsonBuilder *out);

/* In whole numbers only, so that it is the same on every machine. */
gint64 ps_draw_take (const PsDraw *self, PsRng *rng);

/* The stream of one purpose: steps may come and go without shifting that of another. */
void ps_draw_seed (PsRng *rng, guint64 seed, const char *label);
G_END_DECLS
