/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"
#include "sim/check/check-private.h"
#include <string.h>

/* Messages that did not reach the daemon, whether it was told or not. */
static guint64
count_losses (PsCheck *self)
{
  const PsSimKernelCounters *kernel = ps_sim_kernel_counters (self->kernel);
  return kernel->dropped + kernel->truncated + kernel->silent;
}

gboolean
ps_check_is_lossy (PsCheck *self)
{
  return count_losses (self) != self->process.losses_before ||
         ps_sim_kernel_counters (self->kernel)->closed != self->process.closed_before;
}

/* Which devices are of an earlier run can only be known from the record: what a damaged line said
 * is lost. */
static gboolean
is_still_old (guint32 ifindex, gpointer user_data)
{
  const PsRecord *found = user_data;
  return g_hash_table_contains (found->old, GUINT_TO_POINTER (ifindex));
}

void
ps_check_clear_process (PsCheck *self)
{
  g_clear_pointer (&self->process.awaited, g_hash_table_unref);
  g_clear_pointer (&self->process.live, g_hash_table_unref);
  g_clear_pointer (&self->process.known, g_hash_table_unref);
  g_clear_pointer (&self->process.owed_down, g_hash_table_unref);
  g_clear_pointer (&self->process.count_before, g_free);
  g_clear_pointer (&self->process.found, ps_record_free);
  memset (&self->process, 0, sizeof self->process);
}

void
ps_check_begin_process (PsCheck *self)
{
  guint number = self->process.number + 1;
  ps_check_clear_process (self);
  self->process.number = number;
  ps_check_rates_occasion (self);
  self->process.first_connection = ps_sim_redis_counters (self->redis)->connects + 1;
  self->process.closed_before = ps_sim_kernel_counters (self->kernel)->closed;
  self->process.losses_before = count_losses (self);
  self->process.admin_refusals_before = ps_sim_kernel_counters (self->kernel)->refused;
  ps_truth_begin_process (self->truth);
  ps_check_see_live (self);
  ps_check_begin_account (self);
  ps_check_begin_decision (self);
  ps_check_begin_warm (self);
  self->process.refusals_before = ps_check_count_refusals (self);
  ps_flaps_begin_process (self->flaps, self->process.knows_devices ? self->process.found : NULL);
}

/* A device that came while the first listing was made, and whose registration was lost, cannot be
 * told from one of an earlier run: here the daemon's own record says what it took it for. */
static void
take_doubtful (PsCheck *self)
{
  if (count_losses (self) == self->process.losses_before)
    return;
  g_autoptr (GString) text = ps_sim_disk_life_to_come (ps_sim_world_disk (self->world));
  g_autoptr (PsRecord) record = ps_record_read (text, text);
  for (guint i = 0; record != NULL && i < ps_sim_kernel_length (self->kernel); i++) {
    guint32 ifindex = ps_sim_kernel_nth (self->kernel, i)->ifindex;
    if (g_hash_table_contains (record->old, GUINT_TO_POINTER (ifindex)))
      ps_truth_add_candidate (self->truth, ifindex);
  }
}

void
ps_check_owe_down (PsCheck *self, guint32 ifindex)
{
  if (self->process.owed_down == NULL)
    self->process.owed_down = g_hash_table_new (NULL, NULL);
  g_hash_table_add (self->process.owed_down, GUINT_TO_POINTER (ifindex));
}

/* Once down, another program may take it up again. */
static void
owe_old_links (PsCheck *self)
{
  for (guint i = 0; i < ps_sim_kernel_length (self->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self->kernel, i);
    if (ps_truth_is_old (self->truth, link->ifindex) && (link->flags & IFF_UP) != 0)
      ps_check_owe_down (self, link->ifindex);
  }
}

/* A cold start does not wait for ports whose old device stands and whose live row is in use
 * (docs/rules.md 3.3); what the process before found stays so. */
static void
take_precleared (PsCheck *self)
{
  if (self->process.start.mode != PS_START_COLD)
    return;
  g_hash_table_remove_all (self->precleared);
  for (guint i = 0; i < ps_sim_kernel_length (self->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self->kernel, i);
    g_autofree char *key = g_strdup_printf (PS_TABLE_PORT_TABLE ":%s", link->name);
    if (ps_truth_is_old (self->truth, link->ifindex) &&
        ps_sim_redis_hget (self->redis, PS_SIM_APPL_DB, key, PS_FIELD_ADMIN) != NULL)
      g_hash_table_add (self->precleared, g_strdup (link->name));
  }
}

/* Rows that stand and are right need no write to be published. After a loss without notice the
 * daemon may hold a device for there that is not. */
static void
take_standing_rows (PsCheck *self)
{
  for (guint i = 0; i < ps_truth_length (self->truth); i++) {
    PsTruthPort *port = ps_truth_nth (self->truth, i);
    g_autofree char *key = g_strconcat (PS_TABLE_PORT_TABLE "|", port->name, NULL);
    if ((ps_truth_now (port)->value != PS_TRUTH_ABSENT ||
         ps_sim_kernel_counters (self->kernel)->silent > 0) &&
        ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, key, PS_FIELD_STATE) != NULL)
      port->put_process = self->process.number;
  }
}

/* FALSE: not decided yet. Of an actor that does not say, what it ought to decide is taken. */
static gboolean
read_decision (PsCheck *self, PsStart *out)
{
  const PsEngine *engine = ps_sim_world_engine (self->world);
  *out = self->process.wanted_start;
  if (engine == NULL)
    return ps_sim_world_is_alive (self->world);
  PsEngineStatus status = ps_engine_status (engine);
  ps_check_watch_decision (self);
  ps_check_watch_warm (self);
  *out = status.start;
  return status.started;
}

static void
look_for_listing (PsCheck *self)
{
  const PsEngine *engine = ps_sim_world_engine (self->world);
  if (self->process.listed || engine == NULL || !ps_engine_status (engine).complete)
    return;
  self->process.listed = TRUE;
  ps_flaps_listed (self->flaps);
}

static void
look_for_decision (PsCheck *self)
{
  PsStart start;
  if (!read_decision (self, &start))
    return;
  self->process.decided = TRUE;
  self->process.start = start;
  ps_check_judge_decision (self);
  ps_check_account_decided (self);
  if (!self->process.knows_devices || self->process.record_damaged)
    ps_check_device_forget (self);
  ps_check_decide_warm (self);
  if (start.ignore_old)
    take_doubtful (self);
  if (start.ignore_old)
    ps_truth_decide_old (self->truth, PS_TRUTH_OLD_ALL);
  else if (start.mode == PS_START_COLD)
    ps_truth_decide_old (self->truth, PS_TRUTH_OLD_NONE);
  else
    ps_truth_decide_old (self->truth, PS_TRUTH_OLD_KEEP);
  if (start.mode != PS_START_COLD && self->process.found != NULL && self->process.found->is_damaged)
    ps_truth_keep_old (self->truth, is_still_old, self->process.found);
  if (start.ignore_old)
    owe_old_links (self);
  ps_flaps_decide (self->flaps);
  self->process.decided_us = ps_check_now_us (self);
  self->process.decided_event = ps_truth_n_events (self->truth);
  take_precleared (self);
  take_standing_rows (self);
  ps_check_rows_decided (self);
  ps_check_decide_count (self);
  if (!start.copy)
    ps_check_await_configured (self);
}

void
ps_check_look_for_decision (PsCheck *self)
{
  if (!self->process.decided)
    look_for_decision (self);
  if (self->process.decided)
    look_for_listing (self);
}
