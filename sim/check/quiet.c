/* SPDX-License-Identifier: Apache-2.0 */
/* Without an event nothing is written, and nothing is listed but by the audit. */
#include "sim/check/invariants.h"

static void
at_quiet (PsInvariant *check, const PsQuiet *quiet)
{
  guint64 audits = 1 + (guint64)(quiet->us / quiet->audit_us);
  if (quiet->n_tries > 0)
    ps_breach (check, g_strdup ("an end of events and faults"),
               g_strdup_printf ("%u times something happened within 10 s", quiet->n_tries));
  else if (quiet->writes > 0)
    ps_breach (check, g_strdup ("no write without an event"),
               g_strdup_printf ("%" G_GUINT64_FORMAT, quiet->writes));
  else if (quiet->dumps > audits)
    ps_breach (check, g_strdup_printf ("at most %" G_GUINT64_FORMAT " listings", audits),
               g_strdup_printf ("%" G_GUINT64_FORMAT, quiet->dumps));
}

const PsInvariantType ps_invariant_quiet = {
    .name = "quiet",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_quiet = at_quiet,
};
