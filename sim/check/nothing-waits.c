/* SPDX-License-Identifier: Apache-2.0 */
/* Every row was written, if the start may be decided. */
#include "sim/check/invariants.h"
#include "sim/check/evidence.h"

static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  const PsEngine *engine = ps_sim_world_engine (check->facts->world);
  if (engine == NULL)
    return FALSE;
  PsEngineStatus status = ps_engine_status (engine);
  if (status.n_waiting == 0 || (!status.started && ps_facts_start_may_wait (check->facts)))
    return FALSE;
  return ps_wrong (out, g_strdup ("every row written"),
                   g_strdup_printf ("%u ports wait", status.n_waiting));
}

const PsInvariantType ps_invariant_nothing_waits = {
    .name = "nothing-waits",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
