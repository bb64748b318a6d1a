/* SPDX-License-Identifier: Apache-2.0 */
/* Every old link that was up when a start decided to ignore old devices is gone or was down since.
 */
#include "sim/check/invariants.h"
#include <linux/if.h>

typedef struct {
  PsInvariant check;
  GHashTable *owed; /* owned set of ifindexes: old links that were not down yet */
} PsOldLinksDown;

static void
on_begin (PsInvariant *check)
{
  PsOldLinksDown *self = (PsOldLinksDown *)check;
  g_hash_table_remove_all (self->owed);
}

static void
on_init (PsInvariant *check)
{
  PsOldLinksDown *self = (PsOldLinksDown *)check;
  self->owed = g_hash_table_new (NULL, NULL);
}

static void
on_clear (PsInvariant *check)
{
  PsOldLinksDown *self = (PsOldLinksDown *)check;
  g_hash_table_unref (self->owed);
}

static void
on_decided (PsInvariant *check)
{
  PsOldLinksDown *self = (PsOldLinksDown *)check;
  const PsFacts *facts = check->facts;
  for (guint i = 0; facts->process.start.ignore_old && i < ps_sim_kernel_length (facts->kernel);
       i++) {
    const PsSimLink *link = ps_sim_kernel_nth (facts->kernel, i);
    if (ps_truth_is_old (facts->truth, link->ifindex) && (link->flags & IFF_UP) != 0)
      g_hash_table_add (self->owed, GUINT_TO_POINTER (link->ifindex));
  }
}

/* Once down, it may be taken up again by another actor. */
static void
on_link (PsInvariant *check, const PsSimLink *link, gboolean removed)
{
  PsOldLinksDown *self = (PsOldLinksDown *)check;
  if (removed || (link->flags & IFF_UP) == 0)
    g_hash_table_remove (self->owed, GUINT_TO_POINTER (link->ifindex));
}

/* What the kernel refused is not tried again. */
static gboolean
at_rest (PsInvariant *check, PsWrong *out)
{
  PsOldLinksDown *self = (PsOldLinksDown *)check;
  const PsFacts *facts = check->facts;
  guint n = g_hash_table_size (self->owed);
  if (n == 0 ||
      ps_sim_kernel_counters (facts->kernel)->refused > facts->process.admin_refusals_before)
    return FALSE;
  return ps_wrong (out, g_strdup ("every old link taken down by a start that ignores them"),
                   g_strdup_printf ("%u were never down", n));
}

const PsInvariantType ps_invariant_old_links_down = {
    .name = "old-links-down",
    .kind = PS_CHECK_LIVENESS,
    .size = sizeof (PsOldLinksDown),
    .init = on_init,
    .clear = on_clear,
    .begin = on_begin,
    .decided = on_decided,
    .link = on_link,
    .at_rest = at_rest,
};
