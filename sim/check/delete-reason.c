/* SPDX-License-Identifier: Apache-2.0 */
/* A row goes only when its device went. */
#include "sim/check/invariants.h"

static void
on_row (PsInvariant *check, const PsRowChange *change)
{
  const PsTruthPort *port = change->port;
  if (!change->is_put && ps_facts_delete_reason (check->facts, change) == PS_ROW_DELETE_NO)
    ps_breach (check,
               g_strdup_printf ("%s stays while its device %u lives", port->name,
                                ps_truth_now (port)->ifindex),
               g_strdup ("its row was deleted"));
}

const PsInvariantType ps_invariant_delete_reason = {
    .name = "delete-reason",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .row = on_row,
};
