/* SPDX-License-Identifier: Apache-2.0 */
/* A process starts as the databases and its life record say. */
#include "sim/check/invariants.h"
#include "sim/check/evidence.h"

static char *
describe (const PsStart *start)
{
  return g_strdup_printf ("a %s start, configuration %s, old devices %s",
                          ps_start_mode_name (start->mode), start->copy ? "copied" : "left",
                          start->ignore_old ? "ignored" : "kept");
}

static void
on_decided (PsInvariant *check)
{
  const PsEvidenceFacts *evidence = &check->facts->evidence;
  const PsStart *start = &check->facts->process.start;
  if (!evidence->changed && !ps_start_is_same (&evidence->wanted, start))
    ps_breach (check, describe (&evidence->wanted), describe (start));
}

const PsInvariantType ps_invariant_start_decision = {
    .name = "start-decision",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .decided = on_decided,
};
