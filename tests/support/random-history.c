/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/random-history.h"
#include "engine/drain.h"
#include "sim/world/sonic-keys.h"

guint
ps_history_draw (PsHistory *h, guint bound)
{
  return (guint)ps_rng_below (&h->rng, bound);
}

/* --- the kernel's side ----------------------------------------------------------------------- */

static const PsLinkEvent *
link_at (PsHistory *h, guint32 ifindex)
{
  return ps_script_source_peek (h->w->source, ifindex);
}

const PsLinkEvent *
ps_history_link_named (PsHistory *h, const char *name)
{
  for (guint32 i = 1; i <= PS_HISTORY_IFINDEXES; i++) {
    const PsLinkEvent *link = link_at (h, i);
    if (link != NULL && strcmp (link->name, name) == 0)
      return link;
  }
  return NULL;
}

static PsHistoryName *
name_of (PsHistory *h, const char *name)
{
  for (guint i = 0; i < PS_HISTORY_PORTS; i++)
    if (strcmp (h->names[i].name, name) == 0)
      return &h->names[i];
  return NULL;
}

static gboolean
is_started (PsHistory *h)
{
  return h->w->engine != NULL && ps_engine_status (h->w->engine).started;
}

static gboolean
is_watched (PsHistory *h)
{
  return is_started (h) && !h->silent;
}

/* Something of who bears the name changed. */
static void
identity_changes (PsHistory *h, const char *name)
{
  PsHistoryName *n = name_of (h, name);
  if (n == NULL)
    return;
  n->replaced = TRUE;
  n->unsure |= !is_watched (h);
}

void
ps_history_add_link (PsHistory *h)
{
  guint32 ifindex = 1 + ps_history_draw (h, PS_HISTORY_IFINDEXES);
  const char *name = h->names[ps_history_draw (h, PS_HISTORY_PORTS)].name;
  if (link_at (h, ifindex) != NULL || ps_history_link_named (h, name) != NULL)
    return;
  /* A device that took the ifindex of another while the engine did not look cannot be told from
   * it. */
  if (!is_watched (h) && h->old[ifindex])
    return;
  ps_history_tell (h, "add %s %u", name, ifindex);
  PsHistoryName *n = name_of (h, name);
  n->unsure |= !is_watched (h);
  n->had_device |= is_started (h);
  h->old[ifindex] = FALSE;
  ps_script_source_link (h->w->source, name, ifindex, ps_history_draw (h, 2) ? UP : NO_LINK);
}

static void
remove_link (PsHistory *h, guint32 ifindex)
{
  const PsLinkEvent *link = link_at (h, ifindex);
  if (link == NULL)
    return;
  ps_history_tell (h, "remove %s %u", link->name, ifindex);
  identity_changes (h, link->name);
  if (is_watched (h))
    h->old[ifindex] = FALSE;
  ps_script_source_remove (h->w->source, ifindex);
}

static void
rename_link (PsHistory *h, guint32 ifindex, const char *name)
{
  const PsLinkEvent *link = link_at (h, ifindex);
  if (link == NULL || ps_history_link_named (h, name) != NULL)
    return;
  if (!is_started (h))
    return; /* whose old device it would be is a matter of taste */
  ps_history_tell (h, "rename %s %u to %s", link->name, ifindex, name);
  identity_changes (h, link->name);
  identity_changes (h, name);
  PsHistoryName *n = name_of (h, name);
  if (n != NULL && !h->old[ifindex])
    n->had_device = TRUE;
  ps_script_source_rename (h->w->source, ifindex, name);
}

static void
swap_links (PsHistory *h)
{
  const PsLinkEvent *a = link_at (h, 1 + ps_history_draw (h, PS_HISTORY_IFINDEXES));
  const PsLinkEvent *b = link_at (h, 1 + ps_history_draw (h, PS_HISTORY_IFINDEXES));
  if (a == NULL || b == NULL || a == b)
    return;
  PsLinkEvent was_a = *a, was_b = *b;
  rename_link (h, was_a.ifindex, "tmp0");
  rename_link (h, was_b.ifindex, was_a.name);
  rename_link (h, was_a.ifindex, was_b.name);
}

static void
flap (PsHistory *h, guint n)
{
  guint32 ifindex = 1 + ps_history_draw (h, PS_HISTORY_IFINDEXES);
  for (guint i = 0; i < n; i++) {
    const PsLinkEvent *link = link_at (h, ifindex);
    if (link == NULL)
      return;
    gboolean was_up = (link->flags & IFF_RUNNING) != 0;
    PsHistoryName *name = name_of (h, link->name);
    if (name != NULL && was_up && !h->old[ifindex])
      name->downs++;
    if (name != NULL && h->old[ifindex])
      name->unsure |= !is_started (h); /* it is not known yet that the device is old */
    ps_history_tell (h, "flap %s %u", link->name, ifindex);
    ps_script_source_link (h->w->source, link->name, ifindex, was_up ? NO_LINK : UP);
  }
}

void
ps_history_kernel_step (PsHistory *h)
{
  guint32 ifindex = 1 + ps_history_draw (h, PS_HISTORY_IFINDEXES);
  switch (ps_history_draw (h, 7)) {
  case 0:
  case 1:
    ps_history_add_link (h);
    return;
  case 2:
    remove_link (h, ifindex);
    return;
  case 3:
    rename_link (h, ifindex, h->names[ps_history_draw (h, PS_HISTORY_PORTS)].name);
    return;
  case 4:
    swap_links (h);
    return;
  default:
    flap (h, 1 + ps_history_draw (h, 5));
    return;
  }
}

void
ps_history_set_silent (PsHistory *h, gboolean silent)
{
  gboolean was_silent = h->silent;
  h->silent = silent;
  ps_script_source_set_silent (h->w->source, silent);
  if (was_silent && !silent && (h->no_audit || ps_history_draw (h, 2)))
    ps_script_source_lost (h->w->source);
}

void
ps_history_source_step (PsHistory *h)
{
  guint what = ps_history_draw (h, 5);
  ps_history_tell (h, "source %u", what);
  if (what == 0) {
    ps_script_source_lost (h->w->source);
  } else if (what == 1) {
    ps_script_source_interrupt_snapshots (h->w->source, 1 + ps_history_draw (h, 3));
  } else if (what == 2) {
    ps_script_source_hold_snapshots (h->w->source, ps_history_draw (h, 2));
  } else if (is_started (h)) {
    ps_history_set_silent (h, !h->silent);
  }
}

/* --- the databases' side --------------------------------------------------------------------- */

PsSimRedisDb *
ps_history_db (PsHistory *h, PsDb which)
{
  return ps_memory_store_db (h->w->store, which);
}

gboolean
ps_history_is_live (PsHistory *h, const char *name)
{
  g_autofree char *key = ps_sim_live_key (name);
  return ps_memory_db_exists (ps_history_db (h, PS_DB_APPL), key);
}

gboolean
ps_history_has_marker (PsHistory *h, const char *marker)
{
  g_autofree char *staged = ps_sim_staged_key (marker);
  return ps_history_is_live (h, marker) ||
         ps_memory_db_exists (ps_history_db (h, PS_DB_APPL), staged);
}

static void
flush_db (PsHistory *h, PsDb which)
{
  ps_history_tell (h, "flush db %d", (int)which);
  ps_sim_redis_db_clear (ps_history_db (h, which));
  h->flushed_appl |= which == PS_DB_APPL;
}

void
ps_history_hold (PsHistory *h, gboolean hold)
{
  if (h->held)
    h->held_us = ps_clock_now_us (PS_CLOCK (h->w->clock));
  h->held = hold;
  ps_memory_store_hold (h->w->store, hold);
}

void
ps_history_store_step (PsHistory *h)
{
  PsDb which = ps_history_draw (h, PS_N_DBS);
  guint what = ps_history_draw (h, 8);
  ps_history_tell (h, "store %u db %d", what, (int)which);
  switch (what) {
  case 0:
  case 1:
    ps_memory_store_set_online (h->w->store, FALSE);
    return;
  case 2:
    ps_memory_store_set_online (h->w->store, TRUE);
    return;
  case 3:
    ps_history_hold (h, ps_history_draw (h, 2));
    return;
  case 4:
    ps_memory_store_refuse (h->w->store, which, "*", PS_REFUSAL_TRANSIENT, "BUSY",
                            1 + ps_history_draw (h, 4));
    return;
  case 5:
    ps_memory_store_lose (h->w->store, 1 + ps_history_draw (h, 4), ps_history_draw (h, 2));
    return;
  case 6:
    if (ps_history_draw (h, 4) == 0)
      flush_db (h, ps_history_draw (h, 2) ? PS_DB_STATE : PS_DB_APPL);
    return;
  default:
    ps_history_hold (h, FALSE);
    return;
  }
}

void
ps_history_switch_step (PsHistory *h)
{
  const char *name = h->names[ps_history_draw (h, PS_HISTORY_PORTS)].name;
  g_autofree char *key = ps_sim_live_key (name);
  guint what = ps_history_draw (h, 7);
  ps_history_tell (h, "switch %u %s", what, name);
  switch (what) {
  case 0:
    ps_memory_db_delete (ps_history_db (h, PS_DB_APPL), key);
    return;
  case 1:
    ps_engine_world_make_live (h->w, name);
    return;
  case 2:
    ps_memory_db_set (ps_history_db (h, PS_DB_STATE), "WARM_RESTART_ENABLE_TABLE|system", "enable",
                      ps_history_draw (h, 3) == 0 ? "true" : "false");
    return;
  default:
    g_ptr_array_unref (ps_memory_store_pop (h->w->store, 1 + ps_history_draw (h, 5)));
    return;
  }
}

/* --- the process ----------------------------------------------------------------------------- */

/* Once a process has decided how it starts: which devices are old from now on? */
void
ps_history_settle_old (PsHistory *h)
{
  if (h->old_settled || !is_started (h))
    return;
  h->old_settled = TRUE;
  PsStart how = ps_engine_status (h->w->engine).start;
  gsize n = 0;
  const guint32 *downed = ps_script_source_downed (h->w->source, &n);
  ps_history_tell (h, "started %s, %" G_GSIZE_FORMAT " down", ps_start_mode_name (how.mode), n);
  if (how.mode == PS_START_COLD || !h->has_life)
    memset (h->old, 0, sizeof h->old);
  h->has_life = TRUE;
  for (gsize i = 0; i < n; i++)
    h->old[downed[i]] = TRUE;
  for (guint32 i = 1; i <= PS_HISTORY_IFINDEXES; i++)
    h->old[i] &= link_at (h, i) != NULL;
  for (guint i = 0; i < PS_HISTORY_PORTS; i++) {
    const PsLinkEvent *link = ps_history_link_named (h, h->names[i].name);
    h->names[i].had_device |= link != NULL && !h->old[link->ifindex];
    h->names[i].unsure |= how.mode == PS_START_COLD && link != NULL;
    h->names[i].replaced |= how.mode == PS_START_COLD;
  }
}

void
ps_history_start (PsHistory *h)
{
  h->n_init_done = 0;
  h->old_settled = FALSE;
  h->flushed_appl = FALSE;
  for (guint i = 0; i < PS_HISTORY_PORTS; i++)
    h->names[i].had_device = FALSE;
  ps_engine_world_start (h->w);
  ps_history_settle_old (h);
}

static void
forget_flaps (PsHistory *h)
{
  for (guint i = 0; i < PS_HISTORY_PORTS; i++)
    h->names[i].unsure = TRUE;
}

static void
end (PsHistory *h)
{
  if (ps_history_draw (h, 3) == 0)
    forget_flaps (h); /* what is queued dies with the process */
  else
    ps_engine_world_run_ms (h->w, 0);
  if (ps_history_draw (h, 3) == 0) {
    ps_engine_drain (h->w->engine);
    ps_engine_world_run_ms (h->w, PS_DRAIN_MAX_US / 1000);
    ps_history_expect (h, h->w->drained, "SIGTERM was not answered");
    ps_history_settle_old (h);
  }
  ps_engine_world_kill (h->w);
  h->silent = FALSE;
  if (ps_history_draw (h, 6) == 0) {
    ps_history_tell (h, "life record lost");
    g_string_truncate (h->w->life, 0);
    h->has_life = FALSE;
    forget_flaps (h);
  }
}

void
ps_history_process_step (PsHistory *h)
{
  if (ps_history_draw (h, 3) > 0)
    return;
  ps_history_tell (h, "%s", h->w->engine == NULL ? "start" : "end");
  if (h->w->engine == NULL)
    ps_history_start (h);
  else
    end (h);
}
