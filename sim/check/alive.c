/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon lives. */
#include "sim/check/invariants.h"

static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  return !ps_sim_world_is_alive (check->facts->world) &&
         ps_wrong (out, g_strdup ("a daemon"), g_strdup ("none lives"));
}

const PsInvariantType ps_invariant_alive = {
    .name = "alive",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
