/* SPDX-License-Identifier: Apache-2.0 */
/* What is announced of CONFIG_DB was seen while it said that it is loaded. */
#include "sim/check/invariants.h"
#include "sim/check/config.h"
#include "sim/check/markers.h"
#include "sim/check/write.h"

static void
judge (PsInvariant *check, const char *count, guint most)
{
  char *expected;
  char *seen = ps_facts_why_not_loaded (check->facts, count, most, &expected);
  if (seen != NULL)
    ps_breach (check, expected, seen);
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  const PsFacts *facts = check->facts;
  const char *corrected = ps_facts_corrected_count (facts, write);
  if (corrected != NULL)
    judge (check, corrected, facts->config.most_named);
  else if (write->connection < facts->process.first_connection)
    return;
  else if (ps_write_stages (write, PS_KEY_CONFIG_DONE))
    judge (check, ps_write_value_of (write, PS_FIELD_COUNT), facts->config.most_loaded);
  else if (ps_write_stages (write, PS_KEY_INIT_DONE))
    judge (check, NULL, 0);
}

const PsInvariantType ps_invariant_config_loaded = {
    .name = "config-loaded",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
};
