/* SPDX-License-Identifier: Apache-2.0 */
/* When PortInitDone comes, every awaited port is published. */
#include "sim/check/invariants.h"
#include "sim/check/markers.h"
#include "sim/check/write.h"

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  const PsFacts *facts = check->facts;
  if (!ps_write_stages (write, PS_KEY_INIT_DONE) ||
      write->connection < facts->process.first_connection)
    return;
  if (facts->config.awaited == NULL) {
    ps_breach (check, g_strdup (PS_KEY_INIT_DONE " after the configuration is known"),
               g_strdup ("it came first"));
    return;
  }
  g_autofree char *name = ps_facts_first_not_published (facts);
  if (name != NULL)
    ps_breach (check, g_strdup ("every awaited port published before " PS_KEY_INIT_DONE),
               g_strdup_printf ("%s was not", name));
}

const PsInvariantType ps_invariant_init_done_true = {
    .name = "init-done-true",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
};
