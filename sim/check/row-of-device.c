/* SPDX-License-Identifier: Apache-2.0 */
/* No row is that of a device that made way for another one. */
#include "sim/check/invariants.h"

static gboolean
is_outlived (const PsTruthPort *port)
{
  const PsTruthEntry *now = ps_truth_now (port);
  return ps_facts_is_device_known (port) && now->value != PS_TRUTH_ABSENT &&
         now->ifindex != port->put_device;
}

static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  PsTruth *truth = check->facts->truth;
  for (guint i = 0; i < ps_truth_length (truth); i++) {
    const PsTruthPort *port = ps_truth_nth (truth, i);
    if (is_outlived (port))
      return ps_wrong (out,
                       g_strdup_printf ("%s deleted, and written for device %u", port->name,
                                        ps_truth_now (port)->ifindex),
                       g_strdup ("the row of the device before"));
  }
  return FALSE;
}

const PsInvariantType ps_invariant_row_of_device = {
    .name = "row-of-device",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
