/* SPDX-License-Identifier: Apache-2.0 */
/* So many EXISTS in a second, and more for each change and port. */
#include "sim/check/invariants.h"
#include "sim/check/bounds.h"
#include "sim/check/deeds.h"
#include <string.h>

static const PsDeedBound bound = {"EXISTS", PS_EXISTS_PER_SECOND, 1, PS_EXISTS_PER_PORT};

typedef struct {
  PsInvariant check;
  PsDeeds deeds;
} PsExistsRate;

static void
on_command (PsInvariant *check, const PsSimRedisCommand *command)
{
  PsExistsRate *self = (PsExistsRate *)check;
  ps_deeds_judge (&self->deeds, check, &bound, strcmp (command->words[0].data, "EXISTS") == 0);
}

const PsInvariantType ps_invariant_exists_rate = {
    .name = "exists-rate",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsExistsRate),
    .command = on_command,
};
