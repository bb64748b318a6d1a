/* SPDX-License-Identifier: Apache-2.0 */
/* PortConfigDone speaks of ports that stand in APPL_DB: orchagent waits for as many. */
#include "sim/check/invariants.h"
#include "sim/check/config.h"
#include "core/schema.h"
#include "sim/check/markers.h"

static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  const PsFacts *facts = check->facts;
  if (!facts->markers.config_done || facts->markers.rows_gone ||
      !ps_facts_is_in_appl (facts, PS_KEY_CONFIG_DONE))
    return FALSE;
  g_autoptr (GPtrArray) names = ps_facts_configured (facts);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    if (g_hash_table_contains (facts->config.known, name) && !ps_facts_is_in_appl (facts, name))
      return ps_wrong (out, g_strdup ("every port in APPL_DB that " PS_KEY_CONFIG_DONE " counts"),
                       g_strdup_printf ("%s is neither live nor queued", name));
  }
  return FALSE;
}

const PsInvariantType ps_invariant_config_done_rows = {
    .name = "config-done-rows",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
