/* SPDX-License-Identifier: Apache-2.0 */
/* A warm start comes to its end. */
#include "sim/check/invariants.h"
#include "core/schema.h"
#include "sim/check/process.h"
#include "sim/check/warm.h"

/* Once is enough: an actor that flushes STATE_DB afterwards wants to know nothing of it. */
static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  const PsFacts *facts = check->facts;
  const PsWarmFacts *warm = &facts->warm;
  PsWarmSeen state = ps_warm_seen_read (facts);
  const char *expected = NULL;
  if (!ps_facts_is_ours (facts) || !facts->process.decided)
    return FALSE;
  if (facts->process.start.mode == PS_START_WARM && !warm->reconciled)
    expected = "state reconciled";
  else if (facts->markers.init_done && !warm->reconciled && warm->found != PS_WARM_SEEN_RECONCILED)
    expected = "state reconciled, as " PS_KEY_INIT_DONE " was announced";
  else if (ps_warm_seen_is_unfinished (state) && !warm->row_foreign && !warm->unsure)
    expected = "no state of a warm start that goes on";
  return expected != NULL &&
         ps_wrong (out, g_strdup (expected), g_strdup (ps_warm_seen_name (state)));
}

const PsInvariantType ps_invariant_warm_reconciled = {
    .name = "warm-reconciled",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
