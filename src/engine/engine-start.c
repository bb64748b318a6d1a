/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"
#include "engine/engine-private.h"
#include "mirror/row.h"

static void
restore_port (PsEngine *self, const PsLifePort *old)
{
  PsPort *port = ps_links_restore_flaps (self->links, old->name, &old->flap);
  if (port == NULL)
    return;
  ps_port_row_restore (port, old->row_ifindex);
  ps_engine_journal_has_row (port);
  ps_markers_set_precleared (port, self->whose == PS_LIFE_OURS && old->precleared);
}

void
ps_engine_restore (PsEngine *self)
{
  if (self->life == NULL)
    return;
  /* The table's order decides that of the writes, so it is not that of a hash. */
  for (guint i = 0; i < self->life->order->len; i++)
    restore_port (self, g_ptr_array_index (self->life->order, i));
  ps_life_record_drop_ports (self->life);
}

static void
on_evidence (const PsOutcome *outcome, const PsEvidence *evidence, gpointer user_data)
{
  PsEngine *self = user_data;
  if (outcome->result != PS_APPLIED)
    ps_refusals_note (self->refusals, PS_TASK_START, outcome,
                      "Redis does not let us read how to start");
  if (outcome->result == PS_APPLIED && !self->started) {
    ps_refusals_clear (self->refusals, PS_TASK_START);
    ps_evidence_copy (&self->evidence, evidence);
    self->has_evidence = TRUE;
  }
  g_clear_pointer (&self->evidence_reader, ps_evidence_reader_free);
  if (self->has_evidence)
    ps_engine_try_start (self);
}

static void
on_evidence_retry (PsRetryPace pace, gpointer user_data)
{
  PsEngine *self = user_data;
  if (!self->started && !self->has_evidence && ps_store_is_online (self->store))
    ps_engine_read_evidence (self);
}

void
ps_engine_await_evidence (PsEngine *self)
{
  ps_refusals_set_retry (self->refusals, PS_TASK_START, on_evidence_retry, self);
}

void
ps_engine_read_evidence (PsEngine *self)
{
  /* One that is under way belongs to the old connection, ends incomplete, and asks again. */
  self->has_evidence = FALSE;
  if (self->evidence_reader == NULL)
    self->evidence_reader = ps_evidence_read (self->store, self->whose, on_evidence, self);
}

static void
fix_old_set (PsEngine *self)
{
  g_autoptr (GArray) old = NULL;
  if (self->start.ignore_old)
    old = ps_links_listed (self->links);
  else if (self->whose == PS_LIFE_OURS && self->start.mode != PS_START_COLD)
    old = ps_links_still_old (self->links, self->life->old);
  else
    old = g_array_new (FALSE, FALSE, sizeof (guint32));
  ps_links_set_old (self->links, (const guint32 *)(void *)old->data, old->len);
  if (!self->start.ignore_old || old->len == 0) {
    self->hooks->links_settled (self->user_data);
    return;
  }
  ps_notice (self->log, "Taking down %u links of an earlier run; they are ignored until they go",
             old->len);
  ps_link_source_set_admin_down (self->source, (const guint32 *)(void *)old->data, old->len);
}

static void
forget_other_life (PsEngine *self)
{
  for (guint i = 0; i < ps_port_table_length (self->table); i++)
    ps_markers_set_precleared (ps_port_table_nth (self->table, i), FALSE);
}

static void
start_markers (PsEngine *self)
{
  if (!self->start.copy)
    ps_poll_markers (self->poll);
  ps_markers_start (self->markers, self->start.copy ? PS_COPY_ROWS : PS_COPY_NAMES);
}

static void
on_copy_timer (gpointer user_data)
{
  PsEngine *self = user_data;
  self->copy_timer = 0;
  ps_warn (self->log, "The configuration does not wait for the life record any longer");
  ps_engine_check_copy (self);
}

void
ps_engine_check_copy (PsEngine *self)
{
  if (!self->copy_due || self->draining)
    return;
  if (!ps_engine_is_recorded (self) && !self->life_broken && self->copy_timer != 0)
    return;
  self->copy_due = FALSE;
  ps_clock_clear (self->clock, &self->copy_timer);
  start_markers (self);
}

/* What is old, and who was in use, nobody can tell once orchagent has the configuration: that is
 * written before (decision 0015). */
static void
start_cold_markers (PsEngine *self)
{
  self->copy_due = TRUE;
  self->copy_timer = ps_clock_arm (
      self->clock, ps_clock_now_us (self->clock) + PS_COPY_WAITS_MAX_US, on_copy_timer, self);
  ps_engine_write_journal (self);
  ps_engine_check_copy (self);
}

static void
on_live_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsEngine *self = user_data;
  PsPort *port = ps_port_table_find (self->table, row->key.data);
  for (gsize i = 0; port != NULL && i < row->n_fields; i++) {
    if (!ps_text_equal (row->fields[i].name, ps_text (PS_FIELD_ADMIN)))
      continue;
    ps_markers_set_precleared (port, TRUE);
    ps_engine_journal_precleared (self, port);
  }
}

static void
on_live_rows (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsEngine *self = user_data;
  self->preclearing = FALSE;
  if (outcome->result != PS_APPLIED) {
    self->preclear_due = TRUE;
    ps_refusals_note (self->refusals, PS_TASK_LIVE_ROWS, outcome,
                      "APPL_DB refused the rows of old ports");
    return;
  }
  ps_refusals_clear (self->refusals, PS_TASK_LIVE_ROWS);
  start_cold_markers (self);
}

/* Which old ports does somebody use already? Asked before our own first SET, which would make all
 * live rows look alike (docs/rules.md 3.3). */
void
ps_engine_preclear (PsEngine *self)
{
  if (self->preclearing)
    return;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    if (port->device.had_old)
      g_ptr_array_add (names, port->name);
  }
  self->preclear_due = FALSE;
  if (names->len == 0) {
    start_cold_markers (self);
    return;
  }
  self->preclearing = TRUE;
  PsRead read = {.db = PS_DB_APPL, .table = PS_TABLE_PORT_TABLE, .n_keys = names->len};
  read.keys = (const char *const *)names->pdata;
  ps_store_read_rows (self->store, &read, on_live_row, on_live_rows, self);
}

static void
tell_start (PsEngine *self)
{
  g_autofree char *text = ps_start_explain (&self->start, &self->evidence);
  ps_notice (self->log, "%s", text);
  if (self->start.no_count)
    ps_warn (self->log,
             "Warm restart is enabled, but WARM_RESTART_TABLE|portsyncd has no "
             "restore_count: starting %s",
             ps_start_mode_name (self->start.mode));
  if (self->start.bad_count)
    ps_warn (self->log, "restore_count %s is no number: counting from 0",
             self->evidence.restore_count);
}

/* A cold start must know every old device before it goes on, or it would mirror one as new; the
 * others need one listing only, complete or not. */
static gboolean
is_listing_enough (PsEngine *self)
{
  if (!self->start.ignore_old)
    return self->listed;
  return ps_links_n_snapshots (self->links) > 0 || (self->listed && self->listing_expired);
}

static void
on_config_name (PsTicket ticket, const PsRow *row, gpointer user_data)
{
}

static void
on_config_read (PsConfigReading how, const PsOutcome *outcome, gpointer user_data)
{
  PsEngine *self = user_data;
  self->config_asked = FALSE;
  self->progress++;
  if (outcome->result == PS_REFUSED)
    ps_refusals_note (self->refusals, PS_TASK_START, outcome,
                      "CONFIG_DB does not let us read whether it is loaded");
  if (how != PS_CONFIG_WHOLE || self->started || !ps_store_is_online (self->store))
    return;
  ps_clock_clear (self->clock, &self->config_timer);
  ps_engine_read_evidence (self);
}

static void
on_config_timer (gpointer user_data)
{
  PsEngine *self = user_data;
  self->config_timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock) + PS_CONFIG_POLL_US,
                                     on_config_timer, self);
  if (self->config_asked || self->draining || !ps_store_is_db_online (self->store, PS_DB_CONFIG) ||
      ps_refusals_is_waiting (self->refusals, PS_TASK_START))
    return;
  self->config_asked = TRUE;
  ps_config_reader_read (self->reader, TRUE, on_config_name, on_config_read, self);
}

/* The links that are taken down then are still those of the first listing (decision 0027). */
static void
await_config (PsEngine *self)
{
  if (self->config_timer == 0)
    self->config_timer = ps_clock_arm (
        self->clock, ps_clock_now_us (self->clock) + PS_CONFIG_POLL_US, on_config_timer, self);
}

/* A switch that did not change has no use for the answers before it is reconciled. */
static void
ask_later (PsEngine *self)
{
  self->asks_later = TRUE;
  ps_reconcile_trust (self->reconcile, TRUE);
}

static gboolean
is_living (const char *name, gpointer user_data)
{
  PsEngine *self = user_data;
  const PsPort *port = ps_port_table_find (self->table, name);
  return port != NULL && port->device.presence == PS_PRESENCE_PRESENT;
}

/* As the links are known by now. */
static PsStart
weigh (PsEngine *self)
{
  const PsSurroundings around = {self->life, self->whose, self->config, is_living, self};
  return ps_start_weigh (&self->evidence, &around);
}

/* PortConfigDone was acknowledged by an earlier process of this life. */
static gboolean
was_copied (const PsEngine *self)
{
  const PsLifeRecord *life = self->evidence.life;
  return self->start.mode == PS_START_RESUME && (life == NULL || life->copied);
}

void
ps_engine_try_start (PsEngine *self)
{
  if (self->started || self->draining || !self->has_evidence)
    return;
  self->start = weigh (self);
  if (!is_listing_enough (self))
    return;
  if (self->start.waits) {
    await_config (self);
    return;
  }
  ps_clock_clear (self->clock, &self->config_timer);
  tell_start (self);
  if (self->start.mode == PS_START_COLD)
    forget_other_life (self);
  self->started = TRUE;
  self->copied = !self->start.copy || was_copied (self);
  fix_old_set (self);
  ps_engine_start_life (self);
  ps_engine_start_warm (self);
  if (self->start.mode == PS_START_COLD)
    ps_engine_preclear (self);
  else
    start_markers (self);
  ps_poll_start (self->poll);
  if (self->start.mode == PS_START_WARM && !self->start.copy)
    ask_later (self);
  else
    ps_poll_online (self->poll);
  ps_reconcile_read (self->reconcile);
}
