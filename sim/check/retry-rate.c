/* SPDX-License-Identifier: Apache-2.0 */
/* So many commands that Redis refused in a second, and more for each change and port. */
#include "sim/check/invariants.h"
#include "sim/check/bounds.h"
#include "sim/check/deeds.h"
#include "sim/check/process.h"

static const PsDeedBound bound = {"commands that Redis refused", PS_RETRIES_PER_SECOND, 1, 1};

typedef struct {
  PsInvariant check;
  PsDeeds deeds;
  guint64 n_before; /* counted so far */
} PsRetryRate;

static void
on_step (PsInvariant *check)
{
  PsRetryRate *self = (PsRetryRate *)check;
  guint64 n = ps_facts_count_refusals (check->facts);
  ps_deeds_judge (&self->deeds, check, &bound, n - self->n_before);
  self->n_before = n;
}

const PsInvariantType ps_invariant_retry_rate = {
    .name = "retry-rate",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsRetryRate),
    .step = on_step,
};
