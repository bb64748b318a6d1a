/* SPDX-License-Identifier: Apache-2.0 */
/* Only so many datagrams are read before control returns to the loop. */
#include "sim/check/invariants.h"
#include "backends/netlink/session.h"

typedef struct {
  PsInvariant check;
  guint n_datagrams;
} PsWorkBudget;

static void
on_step (PsInvariant *check)
{
  PsWorkBudget *self = (PsWorkBudget *)check;
  self->n_datagrams = 0;
}

static void
on_bytes (PsInvariant *check, guint channel, PsSimTapEvent event, const guint8 *bytes,
          gsize n_bytes)
{
  PsWorkBudget *self = (PsWorkBudget *)check;
  if (channel == PS_SIM_TAP_KERNEL && event == PS_SIM_TAP_READ &&
      ++self->n_datagrams > PS_NETLINK_BUDGET + 1)
    ps_breach (check,
               g_strdup_printf ("at most %d datagrams read in one go", PS_NETLINK_BUDGET + 1),
               g_strdup_printf ("%u", self->n_datagrams));
}

const PsInvariantType ps_invariant_work_budget = {
    .name = "work-budget",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsWorkBudget),
    .step = on_step,
    .bytes = on_bytes,
};
