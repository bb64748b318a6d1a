/* SPDX-License-Identifier: Apache-2.0 */
/* Only a start that ignores old devices changes a link. */
#include "sim/check/invariants.h"
#include "sim/check/request.h"

static void
on_bytes (PsInvariant *check, guint channel, PsSimTapEvent event, const guint8 *bytes,
          gsize n_bytes)
{
  const PsProcessFacts *process = &check->facts->process;
  if (channel != PS_SIM_TAP_KERNEL || event != PS_SIM_TAP_WRITTEN ||
      (process->decided && process->start.ignore_old) || !ps_request_sets_links (bytes, n_bytes))
    return;
  ps_breach (check, g_strdup ("links taken down only by a start that ignores old devices"),
             g_strdup_printf ("by a %s start", process->decided
                                                   ? ps_start_mode_name (process->start.mode)
                                                   : "not yet decided"));
}

const PsInvariantType ps_invariant_links_untouched = {
    .name = "links-untouched",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsInvariant),
    .bytes = on_bytes,
};
