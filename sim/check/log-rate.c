/* SPDX-License-Identifier: Apache-2.0 */
/* So many lines of the log in a second, and more for each change and port. */
#include "sim/check/invariants.h"
#include "sim/check/bounds.h"
#include "sim/check/deeds.h"

static const PsDeedBound bound = {"log lines", PS_LINES_PER_SECOND, 1, 1};

typedef struct {
  PsInvariant check;
  PsDeeds deeds;
} PsLogRate;

static void
on_log (PsInvariant *check)
{
  PsLogRate *self = (PsLogRate *)check;
  ps_deeds_judge (&self->deeds, check, &bound, 1);
}

const PsInvariantType ps_invariant_log_rate = {
    .name = "log-rate",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsLogRate),
    .log = on_log,
};
