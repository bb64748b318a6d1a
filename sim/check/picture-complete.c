/* SPDX-License-Identifier: Apache-2.0 */
/* The start is decided, and every loss was followed by a complete listing. */
#include "sim/check/invariants.h"
#include "sim/check/evidence.h"

static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  const PsEngine *engine = ps_sim_world_engine (check->facts->world);
  if (engine == NULL)
    return FALSE;
  PsEngineStatus status = ps_engine_status (engine);
  if ((status.started && status.complete) ||
      (!status.started && ps_facts_start_may_wait (check->facts)))
    return FALSE;
  return ps_wrong (out, g_strdup ("a complete picture of the links"),
                   g_strdup (status.started ? "a listing is missing" : "the start is not decided"));
}

const PsInvariantType ps_invariant_picture_complete = {
    .name = "picture-complete",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
