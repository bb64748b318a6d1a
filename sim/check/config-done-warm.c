/* SPDX-License-Identifier: Apache-2.0 */
/* PortConfigDone is not produced when the configuration is not copied. */
#include "sim/check/invariants.h"
#include "sim/check/write.h"

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  const PsProcessFacts *process = &check->facts->process;
  if (!ps_write_stages (write, PS_KEY_CONFIG_DONE) || write->connection < process->first_connection)
    return;
  if (!process->decided || !process->start.copy)
    ps_breach (check, g_strdup ("no " PS_KEY_CONFIG_DONE " unless the configuration is copied"),
               g_strdup ("it was produced"));
}

const PsInvariantType ps_invariant_config_done_warm = {
    .name = "config-done-warm",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
};
