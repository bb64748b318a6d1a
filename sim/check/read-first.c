/* SPDX-License-Identifier: Apache-2.0 */
/* A row that stood when the start was decided is read before it is changed. */
#include "sim/check/invariants.h"
#include "sim/check/process.h"

static void
on_row (PsInvariant *check, const PsRowChange *change)
{
  if (ps_facts_is_ours (check->facts) && ps_facts_is_unread (check->facts, change->port))
    ps_breach (check,
               g_strdup_printf ("the row of %s read before it is changed", change->port->name),
               g_strdup ("it was not"));
}

const PsInvariantType ps_invariant_read_first = {
    .name = "read-first",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .row = on_row,
};
