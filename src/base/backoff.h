/* SPDX-License-Identifier: Apache-2.0 */
/* A delay that doubles from floor to ceiling until it is reset. */
#pragma once
#include "base/rng.h"
G_BEGIN_DECLS

typedef struct {
  gint64 floor_us, ceiling_us;
  gint64 next_us; /* What the next call returns at most. */
} PsBackoff;

void ps_backoff_init (PsBackoff *self, gint64 floor_us, gint64 ceiling_us);
void ps_backoff_reset (PsBackoff *self);

/* The current delay; the one after it is twice as long, up to the ceiling. */
gint64 ps_backoff_next_us (PsBackoff *self);

/* Uniform in the upper half of the current delay: many clients do not return in step, and none
 * comes back at once, which would defeat the bound on attempts a second. */
gint64 ps_backoff_next_jittered_us (PsBackoff *self, PsRng *rng);
G_END_DECLS
