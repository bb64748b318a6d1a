/* SPDX-License-Identifier: Apache-2.0 */
/* So many writes of the life record in a second, and more for each change and port. */
#include "sim/check/invariants.h"
#include "sim/check/bounds.h"
#include "sim/check/deeds.h"

static const PsDeedBound bound = {"writes of the life record", PS_RECORDS_PER_SECOND,
                                  PS_RECORDS_PER_CHANGE, PS_RECORDS_PER_CHANGE};

typedef struct {
  PsInvariant check;
  PsDeeds deeds;
  guint64 n_before; /* counted so far */
} PsRecordRate;

static void
on_step (PsInvariant *check)
{
  PsRecordRate *self = (PsRecordRate *)check;
  guint64 n = ps_sim_world_n_life_writes (check->facts->world);
  ps_deeds_judge (&self->deeds, check, &bound, n - self->n_before);
  self->n_before = n;
}

const PsInvariantType ps_invariant_record_rate = {
    .name = "record-rate",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsRecordRate),
    .step = on_step,
};
