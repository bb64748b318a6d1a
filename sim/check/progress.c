/* SPDX-License-Identifier: Apache-2.0 */
/* Time passes. */
#include "sim/check/invariants.h"
#include "sim/check/bounds.h"

typedef struct {
  PsInvariant check;
  gint64 step_us;
  guint64 n_steps; /* at this instant */
} PsProgress;

static void
on_step (PsInvariant *check)
{
  PsProgress *self = (PsProgress *)check;
  gint64 now_us = ps_sim_world_now_us (check->facts->world);
  self->n_steps = now_us == self->step_us ? self->n_steps + 1 : 0;
  self->step_us = now_us;
  if (self->n_steps > PS_STEPS_AT_ONCE)
    ps_breach (check, g_strdup ("time passes"),
               g_strdup_printf ("%d timers at one instant", PS_STEPS_AT_ONCE));
}

const PsInvariantType ps_invariant_progress = {
    .name = "progress",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsProgress),
    .step = on_step,
};
