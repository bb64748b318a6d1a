/* SPDX-License-Identifier: Apache-2.0 */
/* At most so many listings asked for in a second. */
#include "sim/check/invariants.h"
#include "sim/check/bounds.h"
#include "sim/check/rate.h"
#include "sim/check/request.h"

typedef struct {
  PsInvariant check;
  PsRate dumps;
} PsDumpRate;

static void
on_begin (PsInvariant *check)
{
  PsDumpRate *self = (PsDumpRate *)check;
  self->dumps = (PsRate){0};
}

static void
on_bytes (PsInvariant *check, guint channel, PsSimTapEvent event, const guint8 *bytes,
          gsize n_bytes)
{
  PsDumpRate *self = (PsDumpRate *)check;
  gint64 now_us = ps_sim_world_now_us (check->facts->world);
  if (channel == PS_SIM_TAP_KERNEL && event == PS_SIM_TAP_WRITTEN &&
      ps_request_is_dump (bytes, n_bytes) &&
      !ps_rate_add (&self->dumps, now_us, PS_DUMPS_PER_SECOND))
    ps_breach (check,
               g_strdup_printf ("at most %d listings asked for in a second", PS_DUMPS_PER_SECOND),
               g_strdup ("more"));
}

const PsInvariantType ps_invariant_dump_rate = {
    .name = "dump-rate",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsDumpRate),
    .begin = on_begin,
    .bytes = on_bytes,
};
