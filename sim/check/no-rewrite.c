/* SPDX-License-Identifier: Apache-2.0 */
/* A row is not written as it stands. */
#include "sim/check/invariants.h"
#include "sim/check/process.h"

/* Only the process itself had to do with the row since it wrote it, or since it started; it
 * heard what became of that write, and no deletion of it was refused. */
static gboolean
is_known_to_it (const PsFacts *facts, const PsTruthPort *port)
{
  gboolean wrote = port->row_process == facts->process.number;
  guint64 refusals = wrote ? port->row_refusals : facts->process.refusals_before;
  gboolean touched = wrote ? port->vanished : port->touched;
  return !port->unsure && !touched && refusals == ps_facts_count_refusals (facts);
}

static void
on_row (PsInvariant *check, const PsRowChange *change)
{
  if (change->is_put && change->is_row && ps_facts_is_ours (check->facts) &&
      change->before == change->value && is_known_to_it (check->facts, change->port))
    ps_breach (check, g_strdup_printf ("%s written when it differs", change->port->name),
               g_strdup ("the row was just so"));
}

const PsInvariantType ps_invariant_no_rewrite = {
    .name = "no-rewrite",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .row = on_row,
};
