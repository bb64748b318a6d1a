/* SPDX-License-Identifier: Apache-2.0 */
/* The count of PortConfigDone is that of the ports that could be produced; corrected later, that of
 * the live rows. */
#include "sim/check/invariants.h"
#include "sim/check/config.h"
#include "sim/check/counted.h"
#include "sim/check/markers.h"
#include "sim/check/write.h"
#include <string.h>

/* The configuration stood still since the daemon connected: it must have copied all of it. */
static void
judge_count (PsInvariant *check, const PsSimRedisWrite *write)
{
  const char *count = ps_write_value_of (write, PS_FIELD_COUNT);
  g_autofree char *wanted = g_strdup_printf ("%u", ps_facts_count_producible (check->facts));
  if (count != NULL && (check->facts->config.changed || strcmp (count, wanted) == 0))
    return;
  ps_breach (check, g_strdup_printf ("count %s", wanted),
             g_strdup_printf ("count %s", count != NULL ? count : "missing"));
}

/* The only live row that is ours to change, and only so: the marker is there (or the write would
 * have made it), and says what orchagent will count at its next warm start. */
static void
judge_corrected (PsInvariant *check, const char *count)
{
  g_autoptr (GPtrArray) live = ps_counted_live (check->facts);
  g_autofree char *expected = g_strdup_printf ("%u", live->len);
  if (strcmp (count, expected) != 0)
    ps_breach (check,
               g_strdup_printf ("%s corrected to the %s live rows", PS_KEY_CONFIG_DONE, expected),
               g_strdup_printf ("to %s", count));
}

static void
on_write (PsInvariant *check, const PsSimRedisWrite *write)
{
  const char *corrected = ps_facts_corrected_count (check->facts, write);
  if (corrected != NULL)
    judge_corrected (check, corrected);
  else if (ps_write_stages (write, PS_KEY_CONFIG_DONE) &&
           write->connection >= check->facts->process.first_connection)
    judge_count (check, write);
}

const PsInvariantType ps_invariant_config_done_count = {
    .name = "config-done-count",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .write = on_write,
};
