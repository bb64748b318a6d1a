/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/starter.h"
#include "base/timer.h"
#include "core/schema.h"
#include "mirror/row.h"
#include "start/awaited.h"

enum { TIMER_COPY, TIMER_CONFIG, N_TIMERS };

struct _PsStarter {
  const PsMembers *m;
  const PsStarterSink *sink;
  gpointer user_data;
  PsLifeRecord *life; /* owned, nullable: the record of an earlier process of this kernel */
  PsLifeWhose whose;  /* PS_LIFE_OURS: of this same life, of the same PID 1, too */
  PsEvidenceReader *evidence_reader; /* owned, nullable */
  PsEvidence evidence;               /* its texts are owned */
  gboolean has_evidence;             /* read on the connection that stands */
  gboolean config_asked;             /* whether it is loaded, since the start waits for that */
  gboolean expired, stopped;
  gboolean decided;
  PsStart start;
  gboolean preclearing, preclear_due;
  gboolean copy_due; /* when the life record is written, or TIMER_COPY has fired */
  PsTimer timers[N_TIMERS];
};

static void
restore_port (PsStarter *self, const PsLifePort *old)
{
  PsPort *port = ps_links_restore_flaps (self->m->links, old->name, &old->flap);
  if (port == NULL)
    return;
  ps_port_row_restore (port, old->row_ifindex);
  ps_journal_has_row (port);
  ps_awaited_set_precleared (port, self->whose == PS_LIFE_OURS && old->precleared);
}

static void
restore (PsStarter *self)
{
  if (self->life == NULL)
    return;
  /* The table's order decides that of the writes, so it is not that of a hash. */
  for (guint i = 0; i < self->life->order->len; i++)
    restore_port (self, g_ptr_array_index (self->life->order, i));
  ps_life_record_drop_ports (self->life);
}

static void
fix_old_set (PsStarter *self)
{
  g_autoptr (GArray) old = NULL;
  if (self->start.ignore_old)
    old = ps_links_listed (self->m->links);
  else if (self->whose == PS_LIFE_OURS && self->start.mode != PS_START_COLD)
    old = ps_links_still_old (self->m->links, self->life->old);
  else
    old = g_array_new (FALSE, FALSE, sizeof (guint32));
  ps_links_set_old (self->m->links, (const guint32 *)(void *)old->data, old->len);
  if (!self->start.ignore_old || old->len == 0) {
    ps_host_links_settled (self->m->host);
    return;
  }
  ps_notice (self->m->log, "Taking down %u links of an earlier run; they are ignored until they go",
             old->len);
  ps_link_source_set_admin_down (self->m->source, (const guint32 *)(void *)old->data, old->len);
}

static void
forget_other_life (PsStarter *self)
{
  for (guint i = 0; i < ps_port_table_length (self->m->table); i++)
    ps_awaited_set_precleared (ps_port_table_nth (self->m->table, i), FALSE);
}

void
ps_starter_recorded (PsStarter *self)
{
  if (!self->copy_due || self->stopped)
    return;
  if (!ps_journal_is_recorded (self->m->journal) && !ps_journal_is_broken (self->m->journal) &&
      ps_timer_is_armed (&self->timers[TIMER_COPY]))
    return;
  self->copy_due = FALSE;
  ps_clock_cancel (self->m->clock, &self->timers[TIMER_COPY]);
  self->sink->announce (self->user_data);
}

static void
on_copy_timer (gpointer user_data)
{
  PsStarter *self = user_data;
  ps_warn (self->m->log, "The configuration does not wait for the life record any longer");
  ps_starter_recorded (self);
}

static void
announce_recorded (PsStarter *self)
{
  self->copy_due = TRUE;
  ps_clock_rearm_in (self->m->clock, &self->timers[TIMER_COPY], PS_COPY_WAITS_MAX_US);
  ps_journal_write (self->m->journal);
  ps_starter_recorded (self);
}

static void
on_live_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsStarter *self = user_data;
  PsPort *port = ps_port_table_find (self->m->table, row->key.data);
  for (gsize i = 0; port != NULL && i < row->n_fields; i++) {
    if (!ps_text_equal (row->fields[i].name, ps_text (PS_FIELD_ADMIN)))
      continue;
    ps_awaited_set_precleared (port, TRUE);
    ps_journal_precleared (self->m->journal, port);
  }
}

static void
on_live_rows (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsStarter *self = user_data;
  self->preclearing = FALSE;
  if (outcome->result != PS_APPLIED) {
    self->preclear_due = TRUE;
    ps_refusals_note (self->m->refusals, PS_TASK_LIVE_ROWS, outcome,
                      "APPL_DB refused the rows of old ports");
    return;
  }
  ps_refusals_clear (self->m->refusals, PS_TASK_LIVE_ROWS);
  announce_recorded (self);
}

/* Which old ports are in use already? Asked before the first SET of this process, which would make
 * all live rows look alike (docs/rules.md 3.3). */
static void
preclear (PsStarter *self)
{
  if (self->preclearing)
    return;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (guint i = 0; i < ps_port_table_length (self->m->table); i++) {
    PsPort *port = ps_port_table_nth (self->m->table, i);
    if (port->device.had_old)
      g_ptr_array_add (names, port->name);
  }
  self->preclear_due = FALSE;
  if (names->len == 0) {
    announce_recorded (self);
    return;
  }
  self->preclearing = TRUE;
  PsRead read = {.db = PS_DB_APPL, .table = PS_TABLE_PORT_TABLE, .n_keys = names->len};
  read.keys = (const char *const *)names->pdata;
  ps_store_read_rows (self->m->store, &read, on_live_row, on_live_rows, self);
}

static void
tell_start (PsStarter *self)
{
  g_autofree char *text = ps_start_explain (&self->start, &self->evidence);
  ps_notice (self->m->log, "%s", text);
  if (self->start.no_count)
    ps_warn (self->m->log,
             "Warm restart is enabled, but WARM_RESTART_TABLE|portsyncd has no "
             "restore_count: starting %s",
             ps_start_mode_name (self->start.mode));
  if (self->start.bad_count)
    ps_warn (self->m->log, "restore_count %s is no number: counting from 0",
             self->evidence.restore_count);
}

/* A cold start must know every old device before it goes on, or it would mirror one as new; the
 * others need one listing only, complete or not. */
static gboolean
is_listing_enough (PsStarter *self)
{
  if (!self->start.ignore_old)
    return ps_listings_has_ended (self->m->listings);
  return ps_links_n_snapshots (self->m->links) > 0 ||
         (ps_listings_has_ended (self->m->listings) && self->expired);
}

static gboolean
is_living (const char *name, gpointer user_data)
{
  PsStarter *self = user_data;
  const PsPort *port = ps_port_table_find (self->m->table, name);
  return port != NULL && port->device.presence == PS_PRESENCE_PRESENT;
}

/* As the links are known by now. */
static PsStart
weigh (PsStarter *self)
{
  const PsSurroundings around = {self->life, self->whose, self->m->config, is_living, self};
  return ps_start_weigh (&self->evidence, &around);
}

/* PortConfigDone was acknowledged by an earlier process of this life. */
static gboolean
was_copied (const PsStarter *self)
{
  const PsLifeRecord *life = self->evidence.life;
  return self->start.mode == PS_START_RESUME && (life == NULL || life->copied);
}

/* --- what Redis says ------------------------------------------------------------------------- */

static void
on_config_name (PsTicket ticket, const PsRow *row, gpointer user_data)
{
}

static void
on_config_read (PsConfigReading how, const PsOutcome *outcome, gpointer user_data)
{
  PsStarter *self = user_data;
  self->config_asked = FALSE;
  self->sink->progressed (self->user_data);
  if (outcome->result == PS_REFUSED)
    ps_refusals_note (self->m->refusals, PS_TASK_START, outcome,
                      "CONFIG_DB does not let us read whether it is loaded");
  if (how != PS_CONFIG_WHOLE || self->decided || !ps_store_is_online (self->m->store))
    return;
  ps_clock_cancel (self->m->clock, &self->timers[TIMER_CONFIG]);
  ps_starter_online (self);
}

static void
on_config_timer (gpointer user_data)
{
  PsStarter *self = user_data;
  ps_clock_rearm_in (self->m->clock, &self->timers[TIMER_CONFIG], PS_CONFIG_POLL_US);
  if (self->config_asked || self->stopped ||
      !ps_store_is_db_online (self->m->store, PS_DB_CONFIG) ||
      ps_refusals_is_waiting (self->m->refusals, PS_TASK_START))
    return;
  self->config_asked = TRUE;
  ps_names_read (self->m->names, TRUE, on_config_name, on_config_read, self);
}

/* The links that are taken down then are still those of the first listing (decision 0027). */
static void
await_config (PsStarter *self)
{
  ps_clock_arm_in (self->m->clock, &self->timers[TIMER_CONFIG], PS_CONFIG_POLL_US);
}

static void
decide (PsStarter *self)
{
  ps_clock_cancel (self->m->clock, &self->timers[TIMER_CONFIG]);
  tell_start (self);
  if (self->start.mode == PS_START_COLD)
    forget_other_life (self);
  self->decided = TRUE;
  fix_old_set (self);
  ps_journal_start (self->m->journal, !self->start.copy || was_copied (self));
  self->sink->decided (&self->start, &self->evidence, self->user_data);
}

void
ps_starter_try (PsStarter *self)
{
  if (self->decided || self->stopped || !self->has_evidence)
    return;
  self->start = weigh (self);
  if (!is_listing_enough (self))
    return;
  if (self->start.waits)
    await_config (self);
  else
    decide (self);
}

static void
on_evidence (const PsOutcome *outcome, const PsEvidence *evidence, gpointer user_data)
{
  PsStarter *self = user_data;
  if (outcome->result != PS_APPLIED)
    ps_refusals_note (self->m->refusals, PS_TASK_START, outcome,
                      "Redis does not let us read how to start");
  if (outcome->result == PS_APPLIED && !self->decided) {
    ps_refusals_clear (self->m->refusals, PS_TASK_START);
    ps_evidence_copy (&self->evidence, evidence);
    self->has_evidence = TRUE;
  }
  g_clear_pointer (&self->evidence_reader, ps_evidence_reader_free);
  if (self->has_evidence)
    ps_starter_try (self);
}

static void
read_evidence (PsStarter *self)
{
  /* One that is under way belongs to the old connection, ends incomplete, and asks again. */
  self->has_evidence = FALSE;
  if (self->evidence_reader == NULL)
    self->evidence_reader = ps_evidence_read (self->m->store, self->whose, on_evidence, self);
}

static void
on_evidence_retry (PsRetryPace pace, gpointer user_data)
{
  PsStarter *self = user_data;
  if (!self->decided && !self->has_evidence && ps_store_is_online (self->m->store))
    read_evidence (self);
}

/* --- public --------------------------------------------------------------------------------- */

PsStarter *
ps_starter_new (const PsMembers *members, const PsStarterSink *sink, gpointer user_data)
{
  PsStarter *self = g_new0 (PsStarter, 1);
  ps_timer_bind (&self->timers[TIMER_COPY], on_copy_timer, self);
  ps_timer_bind (&self->timers[TIMER_CONFIG], on_config_timer, self);
  self->m = members;
  self->sink = sink;
  self->user_data = user_data;
  g_autoptr (GBytes) record = ps_host_read_life (members->host);
  self->life =
      ps_life_record_load (record, ps_host_identity (members->host), members->log, &self->whose);
  restore (self);
  ps_refusals_set_retry (members->refusals, PS_TASK_START, on_evidence_retry, self);
  return self;
}

void
ps_starter_free (PsStarter *self)
{
  if (self == NULL)
    return;
  ps_clock_cancel_all (self->m->clock, self->timers, N_TIMERS);
  ps_evidence_reader_free (self->evidence_reader);
  ps_evidence_clear (&self->evidence);
  ps_life_record_free (self->life);
  g_free (self);
}

void
ps_starter_online (PsStarter *self)
{
  if (!self->decided)
    read_evidence (self);
}

void
ps_starter_offline (PsStarter *self)
{
  self->has_evidence = FALSE;
}

void
ps_starter_expire (PsStarter *self)
{
  self->expired = TRUE;
  ps_starter_try (self);
}

void
ps_starter_prepare (PsStarter *self)
{
  if (self->start.mode == PS_START_COLD)
    preclear (self);
  else
    self->sink->announce (self->user_data);
}

void
ps_starter_retry (PsStarter *self)
{
  if (self->preclear_due && ps_store_is_db_online (self->m->store, PS_DB_APPL) &&
      !ps_refusals_is_waiting (self->m->refusals, PS_TASK_LIVE_ROWS))
    preclear (self);
}

void
ps_starter_links_down (PsStarter *self, const PsNetlinkAdminDownResult *result)
{
  if (result->n_failed > 0)
    ps_warn (self->m->log,
             "%u of %u old links stay up (%s): until swss removes them they carry traffic that "
             "is not mirrored",
             result->n_failed, result->n_failed + result->n_done, g_strerror (result->first_errno));
  else
    ps_info (self->m->log, "%u old links are down", result->n_done);
  ps_host_links_settled (self->m->host);
}

void
ps_starter_stop (PsStarter *self)
{
  self->stopped = TRUE;
}

gboolean
ps_starter_has_decided (const PsStarter *self)
{
  return self->decided;
}

const PsStart *
ps_starter_decision (const PsStarter *self)
{
  return &self->start;
}
