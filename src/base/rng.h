/* SPDX-License-Identifier: Apache-2.0 */
/* The only chance in the product: a seeded generator (splitmix64), used for back-off jitter. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct {
  guint64 state;
} PsRng;

void ps_rng_seed (PsRng *self, guint64 seed);
guint64 ps_rng_next (PsRng *self);

/* Uniform in [0, bound); 0 when bound is 0. */
guint64 ps_rng_below (PsRng *self, guint64 bound);
G_END_DECLS
