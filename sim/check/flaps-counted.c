/* SPDX-License-Identifier: Apache-2.0 */
/* The carrier counters that the daemon holds are the kernel's, and what it counted is what these
 * add up to. */
#include "sim/check/invariants.h"
#include "sim/check/process.h"
#include <linux/if.h>
#include <string.h>

/* A device that is down does not tell of its carrier. */
static gboolean
is_told_of (PsInvariant *check, const PsSimLink *link)
{
  return (link->flags & IFF_UP) != 0 && strcmp (link->kind, "team") != 0 &&
         ps_truth_is_port_name (link->name, strlen (link->name)) &&
         !ps_truth_is_old (check->facts->truth, link->ifindex);
}

static gboolean
carrier_is_wrong (PsInvariant *check, PsWrong *wrong)
{
  const PsEngine *engine = ps_sim_world_engine (check->facts->world);
  for (guint i = 0; i < ps_sim_kernel_length (check->facts->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (check->facts->kernel, i);
    if (!is_told_of (check, link))
      continue;
    const PsPort *port = ps_engine_find_port (engine, link->name);
    if (port != NULL && port->device.flap.ifindex == link->ifindex &&
        port->device.flap.last.ups == link->carrier.ups &&
        port->device.flap.last.downs == link->carrier.downs)
      continue;
    char *expected = g_strdup_printf ("%s: %u ups, %u downs of device %u", link->name,
                                      link->carrier.ups, link->carrier.downs, link->ifindex);
    char *seen = port == NULL
                     ? g_strdup ("no such port")
                     : g_strdup_printf ("%u ups, %u downs of device %u", port->device.flap.last.ups,
                                        port->device.flap.last.downs, port->device.flap.ifindex);
    return ps_wrong (wrong, expected, seen);
  }
  return FALSE;
}

/* What a damaged line of the record had counted is lost. */
static gboolean
at_rest (PsInvariant *check, PsWrong *wrong)
{
  PsFlapsWrong found;
  if (ps_sim_world_engine (check->facts->world) == NULL)
    return FALSE;
  if (carrier_is_wrong (check, wrong))
    return TRUE;
  if (check->facts->evidence.record_damaged ||
      !ps_flaps_find_wrong (check->facts->flaps, ps_sim_world_engine (check->facts->world),
                            ps_facts_is_lossy (check->facts), &found))
    return FALSE;
  char *expected = g_strdup_printf (
      "%s: %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " ups and %" G_GUINT64_FORMAT
      " to %" G_GUINT64_FORMAT " downs counted over its devices",
      found.name, found.least_ups, found.most_ups, found.least_downs, found.most_downs);
  char *seen = g_strdup_printf ("%" G_GUINT64_FORMAT " ups and %" G_GUINT64_FORMAT " downs counted",
                                found.ups, found.downs);
  return ps_wrong (wrong, expected, seen);
}

const PsInvariantType ps_invariant_flaps_counted = {
    .name = "flaps-counted",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsInvariant),
    .at_rest = at_rest,
};
