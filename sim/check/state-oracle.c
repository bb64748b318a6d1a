/* SPDX-License-Identifier: Apache-2.0 */
/* STATE_DB holds what the oracle says. */
#include "sim/check/invariants.h"
#include "sim/check/oracle.h"

static gboolean
is_old (guint32 ifindex, gpointer user_data)
{
  return ps_truth_is_old (user_data, ifindex);
}

static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  const PsFacts *facts = check->facts;
  g_autoptr (GHashTable) rows =
      ps_oracle_state_rows (facts->kernel, facts->redis, is_old, facts->truth);
  char *seen = NULL;
  char *expected = ps_oracle_compare (facts->redis, rows, &seen);
  return expected != NULL && ps_wrong (out, expected, seen);
}

const PsInvariantType ps_invariant_state_oracle = {
    .name = "state-oracle",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
