/* SPDX-License-Identifier: Apache-2.0 */
/* A row belongs to a device, not to a name: the actor that enslaves ports acts on the deletion that
 * comes between two devices, though their rows may be equal. */
#include "sim/check/invariants.h"

/* No answer was lost since, and none was an error: no deletion was refused. */
static gboolean
is_undisturbed (const PsFacts *facts, const PsTruthPort *port, guint64 connection)
{
  return port->put_errors == ps_facts_count_errors (facts) &&
         (port->put_connection == connection ||
          port->put_connection < facts->process.first_connection);
}

static void
on_row (PsInvariant *check, const PsRowChange *change)
{
  const PsTruthPort *port = change->port;
  guint32 device = change->is_row ? ps_truth_device_with (port, change->value) : 0;
  if (change->is_put && device != 0 && device != port->put_device &&
      ps_facts_is_device_known (port) &&
      is_undisturbed (check->facts, port, change->write->connection))
    ps_breach (
        check,
        g_strdup_printf ("%s deleted before it is written for device %u", port->name, device),
        g_strdup_printf ("written over the row of device %u", port->put_device));
}

const PsInvariantType ps_invariant_delete_between = {
    .name = "delete-between",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .row = on_row,
};
