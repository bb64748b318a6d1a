/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/warm-start.h"
#include "base/timer.h"
#include "engine/missing.h"
#include "start/warm-row.h"

enum { TIMER_FORCE, N_TIMERS };

struct _PsWarmStart {
  const PsMembers *m;
  PsWarmRow *row; /* owned */
  PsStart start;
  gboolean reconciled;      /* the start is over, or was declared so */
  PsTimer timers[N_TIMERS]; /* to declare it so */
};

void
ps_warm_start_free (PsWarmStart *self)
{
  if (self == NULL)
    return;
  ps_clock_cancel (self->m->clock, &self->timers[TIMER_FORCE]);
  ps_warm_row_free (self->row);
  g_free (self);
}

/* The row says initialized or restored, and it is for this process to bring it to reconciled. */
static gboolean
is_open (const PsWarmStart *self)
{
  return self->start.mode == PS_START_WARM ||
         (self->start.mode == PS_START_RESUME && ps_warm_state_is_unfinished (self->start.found));
}

static void
warn_forced (PsWarmStart *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_waiting = ps_flush_n_waiting (self->m->flush);
  if (!ps_links_is_complete (self->m->links))
    g_string_append (text, "; no complete picture of the links");
  if (!ps_reconcile_is_done (self->m->reconcile))
    g_string_append (text, "; STATE_DB was not read");
  if (!ps_markers_knows_ports (self->m->markers))
    g_string_append (text, "; the configuration is not known");
  if (n_waiting > 0)
    g_string_append_printf (text, "; rows not written: %u", n_waiting);
  ps_missing_name_ports (self->m->table, text);
  ps_warn (self->m->log, "Warm restart: not all is back after %g s, so it counts as reconciled%s",
           (double)self->m->config->eoiu_timeout_us / G_USEC_PER_SEC, text->str);
}

static void
on_timer (gpointer user_data)
{
  PsWarmStart *self = user_data;
  self->reconciled = TRUE;
  warn_forced (self);
  ps_warm_row_set_state (self->row, PS_WARM_RECONCILED);
  ps_warm_row_run (self->row);
}

static void
on_config_name (const PsText *name, gpointer user_data)
{
  ps_marker_count_tell_configured (user_data, name);
}

static void
on_config_named (PsConfigReading how, gpointer user_data)
{
  ps_marker_count_told_configured (user_data, how);
}

static const PsNamesListener count_listener = {on_config_name, on_config_named};

/* orchagent compares the count with the rows as soon as it starts, a second after portsyncd: the
 * daemon writes nothing to APPL_DB before the count was looked at. */
static void
look_at_count (PsWarmStart *self)
{
  if (self->start.mode != PS_START_WARM || self->start.copy) {
    ps_marker_count_request (self->m->count);
    return;
  }
  ps_markers_hold (self->m->markers, TRUE);
  ps_names_listen (self->m->names, &count_listener, self->m->count);
  ps_marker_count_look (self->m->count);
}

void
ps_warm_start_begin (PsWarmStart *self, const PsStart *start, const PsEvidence *evidence)
{
  gboolean is_warm = start->mode == PS_START_WARM;
  gboolean is_zero = g_strcmp0 (evidence->restore_count, "0") == 0;
  self->start = *start;
  look_at_count (self);
  ps_warm_row_set_found (self->row, self->start.found);
  ps_warm_row_set_count (self->row, self->start.restore_count, !is_warm && is_zero);
  if (is_warm)
    ps_warm_row_set_state (self->row, PS_WARM_INITIALIZED);
  else if (ps_warm_state_is_unfinished (self->start.found) && !is_open (self))
    ps_warm_row_set_state (self->row, PS_WARM_DISABLED);
  if (is_open (self))
    ps_clock_rearm_in (self->m->clock, &self->timers[TIMER_FORCE],
                       self->m->config->eoiu_timeout_us);
  ps_warm_row_run (self->row);
}

/* A warm start is over when all is back; any other when that was announced, too. */
static gboolean
is_over (const PsWarmStart *self)
{
  return ps_links_is_complete (self->m->links) && ps_markers_knows_ports (self->m->markers) &&
         ps_markers_n_pending (self->m->markers) == 0 &&
         (is_open (self) || ps_markers_is_init_done (self->m->markers)) &&
         !ps_poll_is_asking (self->m->poll) && ps_flush_is_idle (self->m->flush);
}

void
ps_warm_start_check (PsWarmStart *self)
{
  if (self->reconciled || !ps_reconcile_is_done (self->m->reconcile))
    return;
  if (is_open (self))
    ps_warm_row_set_state (self->row, PS_WARM_RESTORED);
  if (is_over (self)) {
    ps_clock_cancel (self->m->clock, &self->timers[TIMER_FORCE]);
    self->reconciled = TRUE;
    ps_warm_row_set_state (self->row, PS_WARM_RECONCILED);
  }
  ps_warm_row_run (self->row);
}

void
ps_warm_start_write (PsWarmStart *self)
{
  ps_warm_row_run (self->row);
}

gboolean
ps_warm_start_is_under_way (const PsWarmStart *self)
{
  return ps_timer_is_armed (&self->timers[TIMER_FORCE]);
}

PsWarmStart *
ps_warm_start_new (const PsMembers *members)
{
  PsWarmStart *self = g_new0 (PsWarmStart, 1);
  ps_timer_bind (&self->timers[TIMER_FORCE], on_timer, self);
  self->m = members;
  self->row = ps_warm_row_new (members->store, members->log, members->refusals);
  return self;
}
