/* SPDX-License-Identifier: Apache-2.0 */
/* What is written was true of the port's device, no earlier than what was written before. */
#include "sim/check/invariants.h"

static char *
describe_row (const PsSimRedisWrite *write)
{
  GString *text = g_string_new (write->key.data);
  for (gsize i = 0; i < write->n_fields; i++)
    g_string_append_printf (text, " %s=%s", write->fields[i].name.data,
                            write->fields[i].value.data);
  return g_string_free (text, FALSE);
}

static char *
describe_truth (const PsTruthPort *port)
{
  const PsTruthEntry *now = ps_truth_now (port);
  if (now->value == PS_TRUTH_ABSENT)
    return g_strdup_printf ("a state of %s since its last write; it has no device", port->name);
  return g_strdup_printf (
      "a state of %s since its last write; now oper %s admin %s mtu %u ifindex %u", port->name,
      now->value & 1 ? "up" : "down", now->value & 2 ? "up" : "down", (guint)(now->value >> 2),
      now->ifindex);
}

static void
on_row (PsInvariant *check, const PsRowChange *change)
{
  if (change->is_put && (!change->is_row || !ps_truth_was (change->port, change->value)))
    ps_breach (check, describe_truth (change->port), describe_row (change->write));
}

const PsInvariantType ps_invariant_no_invention = {
    .name = "no-invention",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .row = on_row,
};
