/* SPDX-License-Identifier: Apache-2.0 */
/* Two seconds after SIGTERM the daemon is gone. */
#include "sim/check/invariants.h"

static void
at_end (PsInvariant *check)
{
  if (ps_sim_world_is_alive (check->facts->world))
    ps_breach (check, g_strdup ("gone 2 s after SIGTERM"), g_strdup ("it lives"));
}

const PsInvariantType ps_invariant_stop_in_time = {
    .name = "stop-in-time",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_end = at_end,
};
