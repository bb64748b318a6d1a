/* SPDX-License-Identifier: Apache-2.0 */
/* Rows are written for ports only that APPL_DB held in the life of the process. */
#include "sim/check/invariants.h"
#include "sim/check/process.h"
#include "sim/check/write.h"
#include <string.h>

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  const char *name =
      write->db == PS_SIM_STATE_DB ? ps_write_key_after (write, PS_SEEN_STATE_KEY) : NULL;
  if (name != NULL && !ps_truth_is_port_name (name, strlen (name)))
    ps_breach (check, g_strdup ("rows of ports only"),
               g_strdup_printf ("%s %s", write->verb, write->key.data));
}

static void
on_row (PsInvariant *check, const PsRowChange *change)
{
  const PsFacts *facts = check->facts;
  const PsTruthPort *port = change->port;
  if (change->is_put && (port->live_process != facts->process.number ||
                         (port->asks_anew && !ps_facts_is_lossy (facts))))
    ps_breach (check, g_strdup ("rows only for ports that stand in APPL_DB"),
               g_strdup_printf ("%s was written", port->name));
}

const PsInvariantType ps_invariant_known_ports = {
    .name = "known-ports",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
    .row = on_row,
};
