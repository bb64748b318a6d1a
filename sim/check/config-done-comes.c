/* SPDX-License-Identifier: Apache-2.0 */
/* A process that has to copy the configuration has produced PortConfigDone. */
#include "sim/check/invariants.h"
#include "sim/check/config.h"
#include "core/schema.h"

static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  const PsFacts *facts = check->facts;
  if (!facts->process.decided || !facts->process.start.copy || facts->markers.config_done ||
      !ps_facts_says_loaded (facts))
    return FALSE;
  return ps_wrong (out, g_strdup (PS_KEY_CONFIG_DONE ", for the configuration is to be copied"),
                   g_strdup ("it was not produced"));
}

const PsInvariantType ps_invariant_config_done_comes = {
    .name = "config-done-comes",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
