/* SPDX-License-Identifier: Apache-2.0 */
/* The state of a warm start goes forward only, step by step; that of another is reconciled at its
 * end. */
#include "sim/check/invariants.h"
#include "sim/check/process.h"
#include "sim/check/warm.h"
#include "sim/check/write.h"

/* One after the other, the same again when its answer was lost. */
static gboolean
may_follow (const PsFacts *facts, PsWarmSeen state)
{
  const PsWarmFacts *warm = &facts->warm;
  PsStartMode mode = facts->process.start.mode;
  gboolean was_unfinished = ps_warm_seen_is_unfinished (warm->found);
  if (mode == PS_START_WARM || (mode == PS_START_RESUME && was_unfinished))
    return state <= PS_WARM_SEEN_RECONCILED && (state == warm->last || state == warm->last + 1);
  if (state == PS_WARM_SEEN_DISABLED)
    return was_unfinished && !warm->reconciled;
  return state == PS_WARM_SEEN_RECONCILED && !ps_warm_seen_is_unfinished (warm->last) &&
         warm->found != PS_WARM_SEEN_RECONCILED;
}

static char *
describe (const PsFacts *facts)
{
  return g_strdup_printf (
      "what may follow %s in a %s start that found %s", ps_warm_seen_name (facts->warm.last),
      ps_start_mode_name (facts->process.start.mode), ps_warm_seen_name (facts->warm.found));
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  const PsFacts *facts = check->facts;
  const char *text = ps_write_value_of (write, PS_FIELD_STATE);
  if (text != NULL && ps_write_is_warm_row (write) && ps_facts_is_its_own (facts, write) &&
      !facts->warm.unsure && !may_follow (facts, ps_warm_seen_parse (text)))
    ps_breach (check, describe (facts), g_strdup (text));
}

const PsInvariantType ps_invariant_warm_state_order = {
    .name = "warm-state-order",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
};
