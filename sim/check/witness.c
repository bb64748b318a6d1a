/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/witness.h"
#include "sim/check/account.h"
#include "sim/check/config.h"
#include "sim/check/deeds.h"
#include "sim/check/evidence.h"
#include "sim/check/markers.h"
#include "sim/check/process.h"
#include "sim/check/request.h"
#include "sim/check/rows.h"
#include "sim/check/unanswered.h"
#include "sim/check/warm.h"
#include "sim/check/write.h"
#include <string.h>

void
ps_facts_init (PsFacts *self, PsSimWorld *world)
{
  self->world = world;
  self->kernel = ps_sim_world_kernel (world);
  self->redis = ps_sim_world_redis (world);
  self->truth = ps_truth_new (self->kernel);
  self->flaps = ps_flaps_new (self->kernel, self->truth);
  self->rows.unanswered = ps_unanswered_new (self->truth);
  self->markers.precleared = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->markers.foreign_queued_us = G_MININT64 / 2;
}

void
ps_facts_clear (PsFacts *self)
{
  g_clear_pointer (&self->evidence.found, ps_record_free);
  ps_warm_facts_clear (self);
  ps_config_facts_clear (self);
  g_hash_table_unref (self->markers.precleared);
  ps_unanswered_free (self->rows.unanswered);
  ps_flaps_free (self->flaps);
  ps_truth_free (self->truth);
}

/* --- a process ------------------------------------------------------------------------------ */

void
ps_facts_begin_process (PsFacts *self)
{
  ps_process_facts_begin (self);
  ps_deed_facts_occasion (self);
  ps_config_facts_begin (self);
  ps_marker_facts_begin (self);
  ps_truth_begin_process (self->truth);
  ps_row_facts_see_all_live (self);
  ps_account_facts_begin (self);
  ps_evidence_facts_begin (self);
  ps_warm_facts_begin (self);
  ps_flaps_begin_process (self->flaps, self->evidence.knows_devices ? self->evidence.found : NULL);
}

void
ps_facts_end_process (PsFacts *self)
{
  ps_unanswered_end (self->rows.unanswered);
}

/* --- how it decides to start ---------------------------------------------------------------- */

/* Which devices are of an earlier run can only be known from the record: what a damaged line said
 * is lost. */
static gboolean
is_still_old (guint32 ifindex, gpointer user_data)
{
  const PsRecord *found = user_data;
  return g_hash_table_contains (found->old, GUINT_TO_POINTER (ifindex));
}

/* A device that came while the first listing was made, and whose registration was lost, cannot be
 * told from one of an earlier run: here the daemon's own record says what it took it for. */
static void
take_doubtful (PsFacts *self)
{
  if (ps_facts_count_losses (self) == self->process.losses_before)
    return;
  g_autoptr (GString) text = ps_sim_disk_life_to_come (ps_sim_world_disk (self->world));
  g_autoptr (PsRecord) record = ps_record_read (text, text);
  for (guint i = 0; record != NULL && i < ps_sim_kernel_length (self->kernel); i++) {
    guint32 ifindex = ps_sim_kernel_nth (self->kernel, i)->ifindex;
    if (g_hash_table_contains (record->old, GUINT_TO_POINTER (ifindex)))
      ps_truth_add_candidate (self->truth, ifindex);
  }
}

/* Which devices are of an earlier run follows from how the process starts. */
static void
decide_old (PsFacts *self)
{
  const PsStart *start = &self->process.start;
  const PsRecord *found = self->evidence.found;
  if (start->ignore_old)
    take_doubtful (self);
  ps_truth_decide_old (self->truth, start->ignore_old              ? PS_TRUTH_OLD_ALL
                                    : start->mode == PS_START_COLD ? PS_TRUTH_OLD_NONE
                                                                   : PS_TRUTH_OLD_KEEP);
  if (start->mode != PS_START_COLD && found != NULL && found->is_damaged)
    ps_truth_keep_old (self->truth, is_still_old, self->evidence.found);
}

/* FALSE: not decided yet. Of an actor that does not say, what it ought to decide is taken. */
static gboolean
read_decision (PsFacts *self, PsStart *out)
{
  *out = self->evidence.wanted;
  if (!ps_sim_world_is_alive (self->world))
    return FALSE;
  if (!ps_facts_is_ours (self))
    return TRUE;
  ps_evidence_facts_watch (self);
  ps_warm_facts_watch (self);
  *out = self->process.said_start;
  return self->process.said;
}

static void
decide (PsFacts *self, const PsStart *start)
{
  PsProcessFacts *process = &self->process;
  process->decided = TRUE;
  process->start = *start;
  ps_account_facts_decided (self);
  if (!self->evidence.knows_devices || self->evidence.record_damaged)
    ps_row_facts_forget_devices (self);
  ps_warm_facts_decided (self);
  decide_old (self);
  ps_flaps_decide (self->flaps);
  process->decided_us = ps_sim_world_now_us (self->world);
  process->decided_event = ps_truth_n_events (self->truth);
  ps_marker_facts_decided (self);
  ps_row_facts_decided (self);
  if (!start->copy)
    ps_config_facts_await (self);
}

static void
look_for_listing (PsFacts *self)
{
  if (self->process.listed || !self->process.said_listed)
    return;
  self->process.listed = TRUE;
  ps_flaps_listed (self->flaps);
}

gboolean
ps_facts_take_step (PsFacts *self)
{
  PsStart start;
  gboolean decides = !self->process.decided && read_decision (self, &start);
  if (decides)
    decide (self, &start);
  if (self->process.decided)
    look_for_listing (self);
  ps_unanswered_end_turn (self->rows.unanswered);
  ps_account_facts_step (self);
  ps_config_facts_step (self);
  return decides;
}

/* --- links and connections ------------------------------------------------------------------ */

void
ps_facts_take_link (PsFacts *self, const PsSimLink *link, gboolean removed)
{
  ps_deed_facts_change (self);
  ps_truth_take (self->truth, link, removed);
  ps_flaps_take (self->flaps, link, removed);
  if (!removed)
    ps_row_facts_see_device (self, link->name);
}

static void
take_connect (PsFacts *self, guint channel)
{
  ps_deed_facts_occasion (self);
  if (channel != PS_DB_APPL)
    return;
  self->config.changed = FALSE;
  self->markers.connection = 0;
}

/* A connection to STATE_DB ends: what is on its way may have been done or not. */
static void
take_loss (PsFacts *self)
{
  ps_unanswered_end (self->rows.unanswered);
  self->rows.given_up_connection = ps_sim_redis_counters (self->redis)->connects;
}

void
ps_facts_take_bytes (PsFacts *self, guint channel, PsSimTapEvent event, const guint8 *bytes,
                     gsize n_bytes)
{
  gboolean is_kernel = channel == PS_SIM_TAP_KERNEL;
  if (is_kernel && event == PS_SIM_TAP_WRITTEN && ps_request_is_dump (bytes, n_bytes))
    ps_deed_facts_occasion (self);
  if (is_kernel)
    return;
  if (event == PS_SIM_TAP_CONNECT)
    take_connect (self, channel);
  else if (channel != PS_DB_STATE)
    return;
  else if (event == PS_SIM_TAP_ENDED || event == PS_SIM_TAP_CLOSE)
    take_loss (self);
  else if (event == PS_SIM_TAP_WRITTEN)
    ps_unanswered_take_written (self->rows.unanswered, bytes, n_bytes);
  else if (event == PS_SIM_TAP_READ)
    ps_unanswered_take_read (self->rows.unanswered, bytes, n_bytes);
}

/* --- writes --------------------------------------------------------------------------------- */

static void
take_foreign_appl (PsFacts *self, const PsSimRedisWrite *write)
{
  const char *live = ps_write_key_after (write, PS_SEEN_LIVE_KEY);
  if (live != NULL && ps_write_is_verb (write, "HSET"))
    ps_row_facts_see_live (self, live);
  ps_marker_facts_foreign (self, write);
  if (ps_write_is_verb (write, "RESTORE"))
    ps_row_facts_see_all_live (self);
}

void
ps_facts_take_foreign (PsFacts *self, const PsSimRedisWrite *write)
{
  ps_deed_facts_change (self);
  if (write->db == PS_SIM_APPL_DB)
    take_foreign_appl (self, write);
  else if (write->db == PS_SIM_CONFIG_DB)
    ps_config_facts_foreign (self, write);
  else if (write->db == PS_SIM_STATE_DB) {
    ps_row_facts_foreign (self, write);
    ps_warm_facts_foreign (self, write);
  }
}

static void
take_state (PsFacts *self, const PsSimRedisWrite *write)
{
  if (ps_write_is_warm_row (write) && ps_facts_is_its_own (self, write))
    ps_warm_facts_take (self, write);
  else if (ps_write_is_key (write, PS_SEEN_RESTORE_KEY) && ps_write_is_verb (write, "DEL") &&
           self->warm.row_spoiled)
    ps_warm_facts_take_repair (self);
}

void
ps_facts_take_write (PsFacts *self, const PsSimRedisWrite *write)
{
  const char *staged = ps_write_key_after (write, PS_SEEN_STAGED_KEY);
  if (write->db == PS_SIM_STATE_DB)
    take_state (self, write);
  else if (write->db == PS_SIM_APPL_DB && staged != NULL && ps_write_is_verb (write, "HSET") &&
           write->connection >= self->process.first_connection)
    ps_marker_facts_staged (self, write, staged);
}
