/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"
#include "base/timer.h"
#include "base/told.h"
#include "core/schema.h"
#include "engine/drain.h"
#include "engine/missing.h"
#include "engine/starter.h"
#include "engine/warm-start.h"
#include "mirror/row.h"

#define PRUNE_EVERY_TICKS 10

enum { TIMER_EOIU, TIMER_AUDIT, N_TIMERS };

struct _PsEngine {
  PsMembers m;        /* owned */
  PsStarter *starter; /* owned, like the following */
  PsWarmStart *warm;
  PsDrain *drain;
  PsTold markers_told;
  guint64 progress;
  PsTimer timers[N_TIMERS];
};

/* --- from the parts ------------------------------------------------------------------------- */

static void
on_port_changed (PsPort *port, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_flush_mark (self->m.flush, port);
  ps_poll_port_changed (self->m.poll, port);
}

static void
on_baseline (PsPort *port, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_journal_port (self->m.journal, port);
}

static void
on_old_gone (guint32 ifindex, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_journal_old_gone (self->m.journal, ifindex);
}

static const PsLinksSink links_sink = {on_port_changed, on_baseline, on_old_gone};

/* What may have become due with an acknowledgement or a batch of events. */
static void
check_all (PsEngine *self)
{
  ps_markers_check (self->m.markers);
  ps_warm_start_check (self->warm);
  ps_drain_check (self->drain);
  ps_journal_write (self->m.journal);
}

static void
on_acknowledged (PsPort *port, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_port_row_adopt (port);
  ps_journal_row (self->m.journal, port);
  /* The live row of a device that is gone is not looked at: the next device asks anew. */
  if (port->device.presence == PS_PRESENCE_GONE) {
    ps_poll_forget (port);
    ps_marker_count_request (self->m.count);
  }
  ps_markers_port_done (self->m.markers, port);
}

static void
on_batch_done (gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  check_all (self);
}

static const PsFlushSink flush_sink = {on_acknowledged, on_batch_done};

static void
on_reconciled (guint n_rows, guint n_differences, gboolean live_due, gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  ps_info (self->m.log, "Read %u rows of STATE_DB, %u ports differ", n_rows, n_differences);
  if (live_due)
    ps_poll_warm (self->m.poll);
  check_all (self);
  ps_host_burst_over (self->m.host);
}

static const PsReconcileSink reconcile_sink = {on_reconciled};

static void
on_config_done (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_journal_copied (self->m.journal);
  ps_journal_write (self->m.journal);
  ps_poll_markers (self->m.poll);
}

static void
on_counted (gboolean sound, gpointer user_data)
{
  PsEngine *self = user_data;
  if (sound)
    ps_markers_hold (self->m.markers, FALSE);
  else
    ps_marker_count_run (self->m.count);
  check_all (self);
}

static void
on_init_done (gpointer user_data)
{
  PsEngine *self = user_data;
  check_all (self);
  ps_host_burst_over (self->m.host);
}

static const PsMarkersSink markers_sink = {on_config_done, on_init_done};

static void
on_live (PsPort *port, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_marker_count_request (self->m.count);
  ps_flush_mark (self->m.flush, port);
}

static void
on_looked (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_flush_run (self->m.flush);
  if (!ps_warm_start_is_under_way (self->warm))
    ps_marker_count_run (self->m.count); /* What a warm start left out, once it is reconciled. */
  check_all (self);
}

static void
on_rows_missing (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_warn (self->m.log, "Rows of ours are missing from STATE_DB: comparing all");
  ps_reconcile_read (self->m.reconcile);
}

/* Markers are never invented: an APPL_DB that lost them has lost the configuration with them. */
static void
on_markers (gboolean there, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_markers_set_lost (self->m.markers, !there);
  if (there) {
    self->markers_told = (PsTold){0};
    return;
  }
  if (!ps_told_take (&self->markers_told, ps_clock_now_us (self->m.clock)))
    return;
  ps_error (self->m.log, "APPL_DB has lost " PS_KEY_CONFIG_DONE " and with it the ports' "
                         "configuration: restart swss");
}

static void
on_tick (guint64 n_ticks, gpointer user_data)
{
  PsEngine *self = user_data;
  if (ps_store_is_db_online (self->m.store, PS_DB_APPL))
    ps_reconcile_asked_early (self->m.reconcile);
  ps_reconcile_retry (self->m.reconcile);
  ps_starter_retry (self->starter);
  if (n_ticks % PRUNE_EVERY_TICKS == 0)
    ps_markers_prune (self->m.markers);
  ps_log_row_look (self->m.log_row);
  ps_warm_start_write (self->warm);
  ps_marker_count_run (self->m.count);
  check_all (self);
}

static const PsPollSink poll_sink = {on_live, on_looked, on_rows_missing, on_markers, on_tick};

/* --- from the link source ------------------------------------------------------------------- */

static void
on_events (const PsLinkEvent *events, gsize n_events, gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  for (gsize i = 0; i < n_events; i++) {
    ps_links_apply (self->m.links, &events[i]);
    ps_listings_take (self->m.listings, &events[i]);
  }
  ps_starter_try (self->starter);
  ps_journal_write (self->m.journal);
  ps_flush_run (self->m.flush);
  if (ps_starter_has_decided (self->starter))
    check_all (self);
}

static void
on_admin_down_done (const PsNetlinkAdminDownResult *result, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_starter_links_down (self->starter, result);
}

static void
on_source_failed (const GError *error, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_host_ended (self->m.host, error);
}

static const PsLinkSink link_sink = {on_events, on_admin_down_done, on_source_failed};

/* --- from the store ------------------------------------------------------------------------- */

/* With STATE_DB the server may have lost APPL_DB, too, or have come back with older data. */
static void
state_online (PsEngine *self)
{
  ps_reconcile_asked (self->m.reconcile);
  if (ps_store_is_db_online (self->m.store, PS_DB_APPL))
    ps_poll_online (self->m.poll);
  else
    ps_reconcile_doubt_live (self->m.reconcile);
  ps_warm_start_write (self->warm);
  ps_link_source_request_snapshot (self->m.source);
  ps_reconcile_read (self->m.reconcile);
}

static void
appl_online (PsEngine *self)
{
  ps_reconcile_asked (self->m.reconcile);
  ps_starter_retry (self->starter);
  ps_poll_online (self->m.poll);
}

static void
on_online (PsDb db, guint64 generation, gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  ps_refusals_online (self->m.refusals, db);
  if (db == PS_DB_CONFIG)
    ps_log_row_look (self->m.log_row);
  if (!ps_starter_has_decided (self->starter)) {
    if (ps_store_is_online (self->m.store))
      ps_starter_online (self->starter);
    return;
  }
  if (db == PS_DB_STATE)
    state_online (self);
  if (db == PS_DB_APPL)
    appl_online (self);
  ps_marker_count_run (self->m.count);
  ps_markers_online (self->m.markers);
}

static void
on_offline (PsDb db, const char *reason, gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
  ps_markers_offline (self->m.markers, db);
  if (db == PS_DB_STATE)
    ps_reconcile_offline (self->m.reconcile);
  ps_starter_offline (self->starter);
  ps_drain_check (self->drain);
}

static const PsStoreSink store_sink = {on_online, on_offline};

/* --- from the start ------------------------------------------------------------------------- */

static void
on_decided (const PsStart *start, const PsEvidence *evidence, gpointer user_data)
{
  PsEngine *self = user_data;
  ps_warm_start_begin (self->warm, start, evidence);
  ps_starter_prepare (self->starter);
  ps_poll_start (self->m.poll);
  if (start->mode == PS_START_WARM && !start->copy)
    ps_reconcile_trust (self->m.reconcile);
  else
    ps_poll_online (self->m.poll);
  ps_reconcile_read (self->m.reconcile);
}

static void
on_announce (gpointer user_data)
{
  PsEngine *self = user_data;
  const PsStart *start = ps_starter_decision (self->starter);
  if (!start->copy)
    ps_poll_markers (self->m.poll);
  ps_markers_start (self->m.markers, start->copy ? PS_COPY_ROWS : PS_COPY_NAMES);
}

static void
on_progressed (gpointer user_data)
{
  PsEngine *self = user_data;
  self->progress++;
}

static const PsStarterSink starter_sink = {on_decided, on_announce, on_progressed};

/* --- from the journal ----------------------------------------------------------------------- */

static void
on_answered (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_starter_recorded (self->starter);
}

static void
on_left (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_host_ended (self->m.host, NULL);
}

static const PsJournalSink journal_sink = {on_answered, on_left};

/* --- timers --------------------------------------------------------------------------------- */

static void
on_audit (gpointer user_data)
{
  PsEngine *self = user_data;
  ps_clock_rearm_in (self->m.clock, &self->timers[TIMER_AUDIT], self->m.config->audit_interval_us);
  if (!ps_starter_has_decided (self->starter) || ps_drain_has_begun (self->drain))
    return;
  ps_port_table_drop_idle (self->m.table);
  ps_marker_count_request (self->m.count);
  ps_journal_rewrite (self->m.journal);
  ps_link_source_request_snapshot (self->m.source);
  ps_reconcile_read (self->m.reconcile);
}

static void
on_eoiu_timeout (gpointer user_data)
{
  PsEngine *self = user_data;
  if (!ps_links_is_complete (self->m.links))
    ps_warn (self->m.log, "No complete picture of the links yet: deletions wait");
  ps_missing_tell (&self->m);
  ps_starter_expire (self->starter);
}

/* --- public --------------------------------------------------------------------------------- */

static const PsMemberSinks member_sinks = {
    .links = &links_sink,
    .flush = &flush_sink,
    .reconcile = &reconcile_sink,
    .markers = &markers_sink,
    .poll = &poll_sink,
    .journal = &journal_sink,
    .counted = on_counted,
};

PsEngine *
ps_engine_new (const PsEngineParts *parts)
{
  PsEngine *self = g_new0 (PsEngine, 1);
  ps_timer_bind (&self->timers[TIMER_EOIU], on_eoiu_timeout, self);
  ps_timer_bind (&self->timers[TIMER_AUDIT], on_audit, self);
  self->m.clock = g_object_ref (parts->clock);
  self->m.source = g_object_ref (parts->source);
  self->m.store = g_object_ref (parts->store);
  self->m.log = parts->log;
  self->m.config = parts->config;
  self->m.host = g_object_ref (parts->host);
  ps_members_make (&self->m, &member_sinks, self);
  self->starter = ps_starter_new (&self->m, &starter_sink, self);
  self->warm = ps_warm_start_new (&self->m);
  self->drain = ps_drain_new (&self->m);
  return self;
}

void
ps_engine_free (PsEngine *self)
{
  if (self == NULL)
    return;
  ps_link_source_stop (self->m.source);
  ps_store_stop (self->m.store);
  ps_clock_cancel_all (self->m.clock, self->timers, N_TIMERS);
  ps_drain_free (self->drain);
  ps_warm_start_free (self->warm);
  ps_starter_free (self->starter);
  ps_members_clear (&self->m);
  g_free (self);
}

void
ps_engine_start (PsEngine *self)
{
  ps_clock_rearm_in (self->m.clock, &self->timers[TIMER_EOIU], self->m.config->eoiu_timeout_us);
  ps_clock_rearm_in (self->m.clock, &self->timers[TIMER_AUDIT], self->m.config->audit_interval_us);
  ps_link_source_start (self->m.source, &link_sink, self);
  ps_listings_start (self->m.listings);
  ps_store_start (self->m.store, &store_sink, self);
}

void
ps_engine_drain (PsEngine *self)
{
  ps_starter_stop (self->starter);
  ps_drain_begin (self->drain);
}

PsEngineStatus
ps_engine_status (const PsEngine *self)
{
  g_autoptr (GArray) old = ps_links_old (self->m.links);
  const char *refused = NULL;
  gint64 eoiu_us = 0;
  gboolean has_eoiu = ps_listings_has_eoiu (self->m.listings, &eoiu_us);
  guint n_refused = ps_refusals_n_refused (self->m.refusals, &refused);
  return (PsEngineStatus){
      .online = ps_store_is_online (self->m.store),
      .state_online = ps_store_is_db_online (self->m.store, PS_DB_STATE),
      .away = ps_missing_database (self->m.store),
      .started = ps_starter_has_decided (self->starter),
      .start = *ps_starter_decision (self->starter),
      .complete = ps_links_is_complete (self->m.links),
      .has_eoiu = has_eoiu,
      .eoiu_us = eoiu_us,
      .n_listings = ps_links_n_snapshots (self->m.links),
      .n_interrupted = ps_listings_n_interrupted (self->m.listings),
      .reconciled = ps_reconcile_is_done (self->m.reconcile),
      .init_done = ps_markers_is_init_done (self->m.markers),
      .n_ports = ps_port_table_length (self->m.table),
      .n_pending = ps_markers_n_pending (self->m.markers),
      .n_waiting = ps_flush_n_waiting (self->m.flush),
      .record_waits = ps_journal_has_lines (self->m.journal),
      .n_old = old->len,
      .n_refused = n_refused,
      .refused = refused,
      .n_repaired = ps_flush_n_repaired (self->m.flush),
      .progress = self->progress,
  };
}

const PsPort *
ps_engine_find_port (const PsEngine *self, const char *name)
{
  return ps_port_table_find (self->m.table, name);
}

void
ps_engine_life_written (PsEngine *self, const char *error)
{
  ps_journal_written (self->m.journal, error);
}
