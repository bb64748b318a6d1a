/* SPDX-License-Identifier: Apache-2.0 */
/* So many commands to Redis in a second, and more for each change and port. */
#include "sim/check/invariants.h"
#include "sim/check/bounds.h"
#include "sim/check/deeds.h"

static const PsDeedBound bound = {"commands to Redis", PS_COMMANDS_PER_SECOND,
                                  PS_COMMANDS_PER_CHANGE, PS_COMMANDS_PER_PORT};

typedef struct {
  PsInvariant check;
  PsDeeds deeds;
} PsCommandRate;

static void
on_command (PsInvariant *check, const PsSimRedisCommand *command)
{
  PsCommandRate *self = (PsCommandRate *)check;
  ps_deeds_judge (&self->deeds, check, &bound, 1);
}

const PsInvariantType ps_invariant_command_rate = {
    .name = "command-rate",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsCommandRate),
    .command = on_command,
};
