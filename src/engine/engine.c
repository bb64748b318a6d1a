/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"
#include "engine/engine-private.h"
#include "mirror/row.h"

#define MARKERS_TOLD_EVERY_US (60 * G_USEC_PER_SEC)
#define PRUNE_EVERY_TICKS     10

/* --- from the parts ------------------------------------------------------------------------- */

void
ps_engine_port_changed (PsEngine *self, PsPort *port)
{
  ps_flush_mark (self->flush, port);
  ps_poll_port_changed (self->poll, port);
}

static void
on_port_changed (PsPort *port, gpointer user_data)
{
  ps_engine_port_changed (user_data, port);
}

static void
on_baseline (PsPort *port, gpointer user_data)
{
  ps_engine_journal_port (user_data, port);
}

static void
on_old_gone (guint32 ifindex, gpointer user_data)
{
  ps_engine_journal_old_gone (user_data, ifindex);
}

static const PsLinksSink links_sink = {on_port_changed, on_baseline, on_old_gone};

static void
finish_drain (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_clock_clear (self->clock, &self->drain_timer);
  ps_link_source_stop (self->source);
  self->drained = TRUE;
  guint n = ps_flush_n_waiting (self->flush);
  if (n > 0)
    ps_warn (self->log, "Leaving with %u ports not written; the next start writes them", n);
  ps_engine_leave (self);
}

static void
check_drained (PsEngine *self)
{
  if (!self->draining || self->drained)
    return;
  if (!ps_flush_is_idle (self->flush) && ps_store_is_db_online (self->store, PS_DB_STATE))
    return;
  ps_clock_clear (self->clock, &self->drain_timer);
  self->drain_timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock), finish_drain, self);
}

/* What may have become due with an acknowledgement or a batch of events. */
static void
check_all (PsEngine *self)
{
  ps_markers_check (self->markers);
  ps_engine_check_warm (self);
  check_drained (self);
  ps_engine_write_journal (self);
}

static void
on_acknowledged (PsPort *port, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_port_row_adopt (port);
  if (port->row.have.ifindex != port->record.row_ifindex)
    ps_engine_journal_port (self, port);
  /* Nobody looks at the live row of a device that is gone: the next one asks anew. */
  if (port->device.presence == PS_PRESENCE_GONE) {
    ps_poll_forget (port);
    ps_marker_count_request (self->count);
  }
  ps_markers_port_done (self->markers, port);
}

static void
on_batch_done (gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  check_all (self);
}

static const PsFlushSink flush_sink = {on_acknowledged, on_batch_done};

/* All live rows are asked for now. */
static void
ask_no_later (PsEngine *self)
{
  self->asks_later = FALSE;
  ps_reconcile_trust (self->reconcile, FALSE);
}

static void
on_reconciled (guint n_rows, guint n_differences, gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  ps_info (self->log, "Read %u rows of STATE_DB, %u ports differ", n_rows, n_differences);
  if (self->asks_later)
    ps_poll_warm (self->poll);
  ask_no_later (self);
  check_all (self);
  self->hooks->burst_over (self->user_data);
}

static const PsReconcileSink reconcile_sink = {on_reconciled};

static void
on_config_done (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_engine_journal_copied (self);
  ps_engine_write_journal (self);
  ps_poll_markers (self->poll);
}

static void
on_counted (gboolean sound, gpointer user_data)
{
  PsEngine *self = user_data;
  if (sound)
    ps_markers_hold (self->markers, FALSE);
  else
    ps_marker_count_run (self->count);
  check_all (self);
}

static void
on_init_done (gpointer user_data)
{
  PsEngine *self = user_data;
  check_all (self);
  self->hooks->burst_over (self->user_data);
}

static void
on_config_name (const PsText *name, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_marker_count_tell_configured (self->count, name);
}

static void
on_config_named (PsConfigReading how, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_marker_count_told_configured (self->count, how);
}

static const PsMarkersSink markers_sink = {on_config_done, on_init_done, on_config_name,
                                           on_config_named};

static void
on_live (PsPort *port, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_marker_count_request (self->count);
  ps_flush_mark (self->flush, port);
}

static void
on_looked (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_flush_run (self->flush);
  if (self->warm_timer == 0)
    ps_marker_count_run (self->count); /* What a warm start left out, once it is reconciled. */
  check_all (self);
}

static void
on_rows_missing (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_warn (self->log, "Rows of ours are missing from STATE_DB: comparing all");
  ps_reconcile_read (self->reconcile);
}

/* We never invent markers: who lost them has lost the configuration with them. */
static void
on_markers (gboolean there, gpointer user_data)
{
  PsEngine *self = user_data;
  gint64 now_us = ps_clock_now_us (self->clock);
  ps_markers_set_lost (self->markers, !there);
  if (there) {
    self->told_markers_us = 0;
    return;
  }
  if (self->told_markers_us != 0 && now_us - self->told_markers_us < MARKERS_TOLD_EVERY_US)
    return;
  self->told_markers_us = now_us;
  ps_error (self->log, "APPL_DB has lost " PS_KEY_CONFIG_DONE " and with it the ports' "
                       "configuration: restart swss");
}

static void
on_tick (guint64 n_ticks, gpointer user_data)
{
  PsEngine *self = user_data;
  if (ps_store_is_db_online (self->store, PS_DB_APPL))
    ps_reconcile_trust (self->reconcile, FALSE); /* The poll has asked for live rows. */
  ps_reconcile_retry (self->reconcile);
  if (self->preclear_due && ps_store_is_db_online (self->store, PS_DB_APPL) &&
      !ps_refusals_is_waiting (self->refusals, PS_TASK_LIVE_ROWS))
    ps_engine_preclear (self);
  if (n_ticks % PRUNE_EVERY_TICKS == 0)
    ps_markers_prune (self->markers);
  ps_log_row_look (self->log_row);
  ps_warm_row_run (self->warm);
  ps_marker_count_run (self->count);
  check_all (self);
}

static const PsPollSink poll_sink = {on_live, on_looked, on_rows_missing, on_markers, on_tick};

static void
on_log_output (PsLogOutput output, gpointer user_data)
{
  PsEngine *self = user_data;
  self->hooks->log_output (output, self->user_data);
}

/* --- from the link source ------------------------------------------------------------------- */

static void
on_snapshot_end (PsEngine *self, gboolean complete)
{
  self->listed = TRUE;
  if (!complete) {
    self->n_interrupted++;
    ps_link_source_request_snapshot (self->source);
    return;
  }
  if (self->told_loss)
    ps_notice (self->log, "All links are listed again: what was missed is known");
  self->told_loss = FALSE;
  if (self->has_eoiu)
    return;
  self->has_eoiu = TRUE;
  self->eoiu_us = ps_clock_now_us (self->clock) - self->started_us;
  ps_notice (self->log,
             "The first picture of the links is complete (EOIU) after %" G_GINT64_FORMAT
             " ms and %u interrupted listings",
             self->eoiu_us / 1000, self->n_interrupted);
}

static void
on_loss (PsEngine *self)
{
  if (!self->told_loss)
    ps_warn (self->log, "Link messages were lost: asking the kernel for all links");
  self->told_loss = TRUE;
  ps_link_source_request_snapshot (self->source);
}

static void
on_events (const PsLinkEvent *events, gsize n_events, gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  for (gsize i = 0; i < n_events; i++) {
    ps_links_apply (self->links, &events[i]);
    if (events[i].type == PS_LINK_LOST)
      on_loss (self);
    else if (events[i].type == PS_LINK_SNAPSHOT_END)
      on_snapshot_end (self, events[i].complete);
  }
  ps_engine_try_start (self);
  ps_engine_write_journal (self);
  ps_flush_run (self->flush);
  if (self->started)
    check_all (self);
}

static void
on_admin_down_done (const PsNetlinkAdminDownResult *result, gpointer user_data)
{
  PsEngine *self = user_data;
  if (result->n_failed > 0)
    ps_warn (self->log,
             "%u of %u old links stay up (%s): until swss removes them they carry traffic that "
             "nobody mirrors",
             result->n_failed, result->n_failed + result->n_done, g_strerror (result->first_errno));
  else
    ps_info (self->log, "%u old links are down", result->n_done);
  self->hooks->links_settled (self->user_data);
}

static void
on_source_failed (const GError *error, gpointer user_data)
{
  PsEngine *self = user_data;
  self->hooks->failed (error, self->user_data);
}

static const PsLinkSink link_sink = {on_events, on_admin_down_done, on_source_failed};

/* --- from the store ------------------------------------------------------------------------- */

/* With STATE_DB the server may have lost APPL_DB, too, or have come back with older data. */
static void
state_online (PsEngine *self)
{
  ask_no_later (self);
  if (ps_store_is_db_online (self->store, PS_DB_APPL))
    ps_poll_online (self->poll);
  else
    ps_reconcile_doubt_live (self->reconcile);
  ps_warm_row_run (self->warm);
  ps_link_source_request_snapshot (self->source);
  ps_reconcile_read (self->reconcile);
}

static void
appl_online (PsEngine *self)
{
  ask_no_later (self);
  if (self->preclear_due)
    ps_engine_preclear (self);
  ps_poll_online (self->poll);
}

static void
on_online (PsDb db, guint64 generation, gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  ps_refusals_online (self->refusals, db);
  if (db == PS_DB_CONFIG)
    ps_log_row_look (self->log_row);
  if (!self->started) {
    if (ps_store_is_online (self->store))
      ps_engine_read_evidence (self);
    return;
  }
  if (db == PS_DB_STATE)
    state_online (self);
  if (db == PS_DB_APPL)
    appl_online (self);
  ps_marker_count_run (self->count);
  ps_markers_online (self->markers);
}

static void
on_offline (PsDb db, const char *reason, gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  ps_markers_offline (self->markers, db);
  if (db == PS_DB_STATE)
    ps_reconcile_offline (self->reconcile);
  self->has_evidence = FALSE;
  check_drained (self);
}

static const PsStoreSink store_sink = {on_online, on_offline};

/* --- timers --------------------------------------------------------------------------------- */

static void
on_audit (gpointer user_data)
{
  PsEngine *self = user_data;
  self->audit_timer = ps_clock_arm (
      self->clock, ps_clock_now_us (self->clock) + self->config->audit_interval_us, on_audit, self);
  if (!self->started || self->draining)
    return;
  ps_port_table_drop_idle (self->table);
  ps_marker_count_request (self->count);
  ps_engine_rewrite_life (self);
  ps_link_source_request_snapshot (self->source);
  ps_reconcile_read (self->reconcile);
}

/* What is not connected: a database, or all of Redis; NULL: nothing. */
static const char *
away_database (const PsEngine *self)
{
  const char *away = NULL;
  guint n = 0;
  for (PsDb db = PS_N_DBS; db-- > 0;)
    if (!ps_store_is_db_online (self->store, db)) {
      away = ps_schema_db_name (db);
      n++;
    }
  return n == PS_N_DBS ? "Redis" : away;
}

/* What PortInitDone waits for; nothing if it was announced. */
static void
tell_missing (PsEngine *self)
{
  const char *away = away_database (self);
  g_autoptr (GString) missing = g_string_new (NULL);
  if (ps_markers_is_init_done (self->markers))
    return;
  ps_engine_name_missing (self, missing);
  if (away != NULL)
    ps_warn (self->log, PS_KEY_INIT_DONE " still waits: %s is not connected", away);
  else if (missing->len > 0)
    ps_warn (self->log, PS_KEY_INIT_DONE " still waits for %u ports%s",
             ps_markers_n_pending (self->markers), missing->str);
}

static void
on_eoiu_timeout (gpointer user_data)
{
  PsEngine *self = user_data;
  self->eoiu_timer = 0;
  self->listing_expired = TRUE;
  if (!ps_links_is_complete (self->links))
    ps_warn (self->log, "No complete picture of the links yet: deletions wait");
  tell_missing (self);
  ps_engine_try_start (self);
}

/* --- public --------------------------------------------------------------------------------- */

static void
make_parts (PsEngine *self)
{
  self->refusals = ps_refusals_new (self->clock, self->log);
  self->table = ps_port_table_new ();
  self->links = ps_links_new (self->table, self->log, &links_sink, self);
  self->flush = ps_flush_new (self->store, self->log, self->refusals, &flush_sink, self);
  self->reconcile = ps_reconcile_new (self->store, self->refusals, self->table, self->links,
                                      self->flush, &reconcile_sink, self);
  self->reader = ps_config_reader_new (self->clock, self->store, self->log);
  self->markers = ps_markers_new (self->clock, self->store, self->reader, self->log, self->refusals,
                                  self->table, self->links, &markers_sink, self);
  self->count = ps_marker_count_new (self->clock, self->store, self->reader, self->log,
                                     self->refusals, self->table, on_counted, self);
  self->poll = ps_poll_new (self->clock, self->store, self->log, self->refusals, self->table,
                            &poll_sink, self);
  self->warm = ps_warm_row_new (self->store, self->log, self->refusals);
  self->log_row = ps_log_row_new (self->store, self->log, self->refusals, on_log_output, self);
}

PsEngine *
ps_engine_new (const PsEngineParts *parts)
{
  PsEngine *self = g_new0 (PsEngine, 1);
  self->clock = g_object_ref (parts->clock);
  self->source = g_object_ref (parts->source);
  self->store = g_object_ref (parts->store);
  self->log = parts->log;
  self->config = parts->config;
  self->hooks = parts->hooks;
  self->user_data = parts->user_data;
  self->identity = ps_life_identity_new (parts->identity->boot_id, parts->identity->init_start,
                                         parts->identity->netns);
  make_parts (self);
  g_autoptr (GBytes) record = g_bytes_new_static (parts->life, parts->life_size);
  self->life = ps_life_record_load (record, self->identity, self->log, &self->whose);
  ps_engine_restore (self);
  ps_engine_await_evidence (self);
  return self;
}

void
ps_engine_free (PsEngine *self)
{
  if (self == NULL)
    return;
  ps_link_source_stop (self->source);
  ps_store_stop (self->store);
  ps_clock_clear (self->clock, &self->eoiu_timer);
  ps_clock_clear (self->clock, &self->audit_timer);
  ps_clock_clear (self->clock, &self->drain_timer);
  ps_clock_clear (self->clock, &self->warm_timer);
  ps_clock_clear (self->clock, &self->config_timer);
  ps_evidence_reader_free (self->evidence_reader);
  ps_log_row_free (self->log_row);
  ps_warm_row_free (self->warm);
  ps_poll_free (self->poll);
  ps_marker_count_free (self->count);
  ps_markers_free (self->markers);
  ps_config_reader_free (self->reader);
  ps_reconcile_free (self->reconcile);
  ps_flush_free (self->flush);
  ps_links_free (self->links);
  ps_refusals_free (self->refusals);
  ps_port_table_free (self->table);
  ps_life_record_free (self->life);
  ps_life_identity_free (self->identity);
  ps_engine_clear_life (self);
  ps_evidence_clear (&self->evidence);
  g_object_unref (self->store);
  g_object_unref (self->source);
  g_object_unref (self->clock);
  g_free (self);
}

void
ps_engine_start (PsEngine *self)
{
  self->started_us = ps_clock_now_us (self->clock);
  self->eoiu_timer = ps_clock_arm (self->clock, self->started_us + self->config->eoiu_timeout_us,
                                   on_eoiu_timeout, self);
  self->audit_timer = ps_clock_arm (self->clock, self->started_us + self->config->audit_interval_us,
                                    on_audit, self);
  ps_link_source_start (self->source, &link_sink, self);
  ps_link_source_request_snapshot (self->source);
  ps_store_start (self->store, &store_sink, self);
}

void
ps_engine_drain (PsEngine *self)
{
  if (self->draining)
    return;
  self->draining = TRUE;
  ps_flush_run (self->flush);
  self->drain_timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock) + PS_DRAIN_MAX_US,
                                    finish_drain, self);
  check_drained (self);
}

PsEngineStatus
ps_engine_status (const PsEngine *self)
{
  g_autoptr (GArray) old = ps_links_old (self->links);
  const char *refused = NULL;
  guint n_refused = ps_refusals_n_refused (self->refusals, &refused);
  return (PsEngineStatus){
      .online = ps_store_is_online (self->store),
      .state_online = ps_store_is_db_online (self->store, PS_DB_STATE),
      .away = away_database (self),
      .started = self->started,
      .start = self->start,
      .complete = ps_links_is_complete (self->links),
      .has_eoiu = self->has_eoiu,
      .eoiu_us = self->eoiu_us,
      .n_listings = ps_links_n_snapshots (self->links),
      .n_interrupted = self->n_interrupted,
      .reconciled = ps_reconcile_is_done (self->reconcile),
      .init_done = ps_markers_is_init_done (self->markers),
      .n_ports = ps_port_table_length (self->table),
      .n_pending = ps_markers_n_pending (self->markers),
      .n_waiting = ps_flush_n_waiting (self->flush),
      .record_waits = self->life_due || self->journal != NULL,
      .n_old = old->len,
      .n_refused = n_refused,
      .refused = refused,
      .n_repaired = ps_flush_n_repaired (self->flush),
      .progress = self->progress,
  };
}

const PsPort *
ps_engine_find_port (const PsEngine *self, const char *name)
{
  return ps_port_table_find (self->table, name);
}
