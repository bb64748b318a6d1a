/* SPDX-License-Identifier: Apache-2.0 */
/* At most so many attempts a second to connect to a database. */
#include "sim/check/invariants.h"
#include "sim/check/bounds.h"
#include "core/schema.h"
#include "sim/check/rate.h"
#include <string.h>

typedef struct {
  PsInvariant check;
  PsRate connects[PS_N_DBS];
} PsConnectRate;

static void
on_begin (PsInvariant *check)
{
  PsConnectRate *self = (PsConnectRate *)check;
  memset (self->connects, 0, sizeof self->connects);
}

static void
on_bytes (PsInvariant *check, guint channel, PsSimTapEvent event, const guint8 *bytes,
          gsize n_bytes)
{
  PsConnectRate *self = (PsConnectRate *)check;
  gint64 now_us = ps_sim_world_now_us (check->facts->world);
  if (event == PS_SIM_TAP_CONNECT && channel != PS_SIM_TAP_KERNEL &&
      !ps_rate_add (&self->connects[channel], now_us, PS_CONNECTS_PER_SECOND))
    ps_breach (
        check,
        g_strdup_printf ("at most %d attempts to connect in a second", PS_CONNECTS_PER_SECOND),
        g_strdup_printf ("more to %s", ps_schema_db_name (channel)));
}

const PsInvariantType ps_invariant_connect_rate = {
    .name = "connect-rate",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsConnectRate),
    .begin = on_begin,
    .bytes = on_bytes,
};
