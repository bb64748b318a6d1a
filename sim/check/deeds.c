/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/deeds.h"
#include "sim/check/process.h"

/* Seconds in which nothing was asked for or done are skipped. */
static void
turn (PsDeedFacts *deeds, gint64 second)
{
  if (second == deeds->second)
    return;
  deeds->changes_before = second == deeds->second + 1 ? deeds->changes : 0;
  deeds->changes = 0;
  deeds->second = second;
}

static gint64
this_second (const PsFacts *self)
{
  return ps_sim_world_now_us (self->world) / G_USEC_PER_SEC;
}

void
ps_deed_facts_change (PsFacts *self)
{
  turn (&self->deeds, this_second (self));
  self->deeds.changes++;
}

void
ps_deed_facts_occasion (PsFacts *self)
{
  turn (&self->deeds, this_second (self));
  self->deeds.changes += PS_CHANGES_PER_OCCASION + ps_truth_length (self->truth);
}

/* In this second and the one before. */
static guint64
count_changes (const PsFacts *facts, gint64 second)
{
  PsDeedFacts deeds = facts->deeds;
  turn (&deeds, second);
  return deeds.changes + deeds.changes_before;
}

void
ps_deeds_judge (PsDeeds *self, PsInvariant *check, const PsDeedBound *bound, guint64 n)
{
  const PsFacts *facts = check->facts;
  gint64 second = this_second (facts);
  if (!ps_facts_is_ours (facts) || n == 0)
    return;
  self->n = second == self->second ? self->n + n : n;
  self->second = second;
  guint64 ports =
      MAX (ps_truth_length (facts->truth), ps_sim_redis_n_keys (facts->redis, PS_SIM_CONFIG_DB));
  guint64 max =
      bound->idle + bound->per_change * count_changes (facts, second) + bound->per_port * ports;
  if (self->n > max)
    ps_breach (
        check,
        g_strdup_printf ("at most %" G_GUINT64_FORMAT " %s in this second", max, bound->what),
        g_strdup_printf ("%" G_GUINT64_FORMAT, self->n));
}
