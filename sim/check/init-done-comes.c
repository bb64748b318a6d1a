/* SPDX-License-Identifier: Apache-2.0 */
/* With every port published, PortInitDone was produced. */
#include "sim/check/invariants.h"
#include "core/schema.h"
#include "sim/check/markers.h"

/* What an actor deleted stays so; what a server with older data lost does not. */
static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  const PsFacts *facts = check->facts;
  gboolean given = facts->markers.init_done && !facts->markers.init_outlived;
  if (given || ps_facts_is_in_appl (facts, PS_KEY_INIT_DONE) || !ps_facts_is_init_done_due (facts))
    return FALSE;
  return ps_wrong (out, g_strdup (PS_KEY_INIT_DONE ", for every configured port is published"),
                   g_strdup ("it is not there"));
}

const PsInvariantType ps_invariant_init_done_comes = {
    .name = "init-done-comes",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
