/* SPDX-License-Identifier: Apache-2.0 */
#include "start/markers.h"
#include "base/timer.h"
#include "core/schema.h"
#include "start/awaited.h"
#include "start/marker.h"
#include "start/produced.h"
#include "start/prune.h"

#define QUEUE_POLL_US (100 * 1000)

typedef enum {
  AT_START,
  AT_COPY,        /* the configuration is being read and produced; until CONFIG_DB is loaded */
  AT_QUEUE,       /* until the consumer has taken every port */
  AT_CONFIG_DONE, /* the marker is on its way */
  AT_WITNESS,     /* are the rows that it speaks of still in APPL_DB? */
  AT_PORTS,       /* until every port is published */
  AT_INIT_CHECK,  /* the marker's fate is unknown: is it there? */
  AT_INIT_DONE,   /* the marker is on its way */
  AT_END,
} PsMarkersStep;

enum { TIMER_AGAIN, N_TIMERS };

struct _PsMarkers {
  PsClock *clock;       /* owned */
  PsStore *store;       /* owned */
  PsLog *log;           /* not owned */
  PsRefusals *refusals; /* not owned */
  PsLinks *links;       /* not owned */
  const PsMarkersSink *sink;
  gpointer user_data;
  PsCopyMode mode;
  PsMarkersStep step;
  gboolean stalled;   /* the step failed; the end of a pause or online does it again */
  PsConfigCopy *copy; /* owned; nullable */
  PsOddNames *odd;    /* owned */
  PsAwaited *awaited; /* owned */
  guint n_produced;   /* rows that the last copy produced */
  gboolean told_queue;
  PsTimer timers[N_TIMERS]; /* of the next question for a queue or a loaded CONFIG_DB */
  PsNames *names;           /* not owned */
  PsProduced *produced;     /* owned */
  PsPrune *prune;           /* owned */
  gboolean lost, held;
  gboolean announced; /* PortInitDone was given once */
};

/* ring: each step's callback goes to the next step */
static void go (PsMarkers *self, PsMarkersStep step);

static void
on_timer (gpointer user_data)
{
  PsMarkers *self = user_data;
  go (self, self->step);
}

static void
on_retry (PsRetryPace pace, gpointer user_data)
{
  PsMarkers *self = user_data;
  if (!self->stalled)
    return;
  self->stalled = FALSE;
  go (self, self->step);
}

static void
again_in (PsMarkers *self, PsMarkersStep step, gint64 delay_us)
{
  self->step = step;
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_AGAIN], delay_us);
}

/* Before PortConfigDone everything is copied again: what was acknowledged may be lost with the
 * server, and to produce a row twice is harmless. Behind it, while the connection stands, it is
 * enough to ask again. */
static void
stall (PsMarkers *self, const char *what, const PsOutcome *outcome)
{
  PsMarkersStep step = self->step == AT_INIT_DONE ? AT_INIT_CHECK : self->step;
  gboolean asks_again = step == AT_WITNESS && outcome->result == PS_REFUSED;
  if (step < AT_PORTS && !asks_again)
    step = AT_COPY;
  self->step = step;
  self->stalled = TRUE;
  ps_refusals_note (self->refusals, PS_TASK_MARKERS, outcome, "%s refused", what);
}

static void
finish (PsMarkers *self)
{
  self->step = AT_END;
  self->announced = TRUE;
  ps_refusals_clear (self->refusals, PS_TASK_MARKERS);
  ps_notice (self->log, PS_KEY_INIT_DONE);
  self->sink->init_done (self->user_data);
}

static void
on_init_done (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsMarkers *self = user_data;
  if (outcomes[0].result != PS_APPLIED) {
    stall (self, PS_KEY_INIT_DONE, &outcomes[0]);
    return;
  }
  finish (self);
}

/* It is there: no port is awaited any more. */
static void
take_init_done (PsMarkers *self)
{
  ps_awaited_stop_all (self->awaited);
  if (self->announced)
    self->step = AT_END;
  else
    finish (self);
}

static void
on_init_checked (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  PsMarkers *self = user_data;
  if (outcome->result != PS_APPLIED) {
    stall (self, PS_KEY_INIT_DONE, outcome);
    return;
  }
  if (n_existing > 0) {
    take_init_done (self);
    return;
  }
  go (self, AT_PORTS);
}

static void
on_config_done (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsMarkers *self = user_data;
  if (outcomes[0].result != PS_APPLIED) {
    stall (self, PS_KEY_CONFIG_DONE, &outcomes[0]);
    return;
  }
  go (self, AT_WITNESS);
}

static void
config_is_done (PsMarkers *self)
{
  ps_refusals_clear (self->refusals, PS_TASK_MARKERS);
  ps_notice (self->log, PS_KEY_CONFIG_DONE " count %u", self->n_produced);
  self->step = AT_PORTS;
  self->sink->config_done (self->user_data);
  go (self, AT_PORTS);
}

static void
wait_for_queue (PsMarkers *self)
{
  if (!self->told_queue)
    ps_notice (self->log,
               "%u ports are queued; " PS_KEY_CONFIG_DONE " waits for orchagent to take them",
               self->n_produced);
  self->told_queue = TRUE;
  again_in (self, AT_QUEUE, QUEUE_POLL_US);
}

/* Another client emptied APPL_DB meanwhile: an empty queue is not a taken one. */
static void
copy_again (PsMarkers *self)
{
  ps_warn (self->log, "APPL_DB has lost ports that were just copied to it: copying them again");
  again_in (self, AT_COPY, PS_CONFIG_POLL_US);
}

static void
on_produced (PsProducedState state, const PsOutcome *outcome, gpointer user_data)
{
  PsMarkers *self = user_data;
  switch (state) {
  case PS_PRODUCED_TAKEN:
    go (self, AT_CONFIG_DONE);
    return;
  case PS_PRODUCED_THERE:
    config_is_done (self);
    return;
  case PS_PRODUCED_QUEUED:
    wait_for_queue (self);
    return;
  case PS_PRODUCED_LOST:
    copy_again (self);
    return;
  case PS_PRODUCED_FAILED:
    stall (self, PS_TABLE_PORT_TABLE, outcome);
    return;
  }
  g_assert_not_reached ();
}

static void
check_queue (PsMarkers *self)
{
  if (self->n_produced <= PS_MARKERS_QUEUE_MAX)
    go (self, AT_CONFIG_DONE);
  else
    ps_produced_ask_taken (self->produced, ps_awaited_reading (self->awaited));
}

static void
look_for_witness (PsMarkers *self)
{
  if (ps_awaited_n_configured (self->awaited) == 0)
    config_is_done (self);
  else
    ps_produced_ask_there (self->produced, ps_awaited_reading (self->awaited));
}

static void
end_copy (PsMarkers *self, const PsCopyResult *result)
{
  switch (result->reading) {
  case PS_CONFIG_FAILED:
    stall (self, "Copying " PS_TABLE_PORT " from CONFIG_DB", &result->outcome);
    return;
  case PS_CONFIG_NOT_LOADED:
    again_in (self, AT_COPY, PS_CONFIG_POLL_US);
    return;
  case PS_CONFIG_WHOLE:
    ps_awaited_end (self->awaited);
    if (result->n_ports == 0)
      ps_notice (self->log, "CONFIG_DB holds 0 ports");
    go (self, self->mode == PS_COPY_NAMES ? AT_PORTS : AT_QUEUE);
    return;
  }
  g_assert_not_reached ();
}

static void
on_copied (const PsCopyResult *result, gpointer user_data)
{
  PsMarkers *self = user_data;
  PsConfigCopy *copy = g_steal_pointer (&self->copy);
  self->n_produced = result->n_produced;
  end_copy (self, result);
  ps_config_copy_free (copy);
}

static void
start_copy (PsMarkers *self)
{
  if (self->copy != NULL)
    return; /* the one under way will end, one way or the other */
  const PsCopyParts parts = {self->store, self->refusals, self->links, self->odd, self->awaited};
  self->copy = ps_config_copy_start (self->names, &parts, self->mode, on_copied, self);
}

static void
announce_init_if_due (PsMarkers *self)
{
  if (self->lost || self->held || ps_awaited_length (self->awaited) > 0 ||
      (ps_awaited_n_configured (self->awaited) == 0 && !ps_links_is_complete (self->links)))
    return;
  if (self->announced)
    ps_warn (self->log, "Redis came back without " PS_KEY_INIT_DONE ": announcing it again");
  self->step = AT_INIT_DONE;
  ps_marker_produce_init_done (self->store, on_init_done, self);
}

/* The databases that a step needs are there. */
static gboolean
can_go (const PsMarkers *self, PsMarkersStep step)
{
  gboolean needs_config = step < AT_QUEUE;
  gboolean needs_appl = !needs_config || self->mode == PS_COPY_ROWS;
  return (!needs_config || ps_store_is_db_online (self->store, PS_DB_CONFIG)) &&
         (!needs_appl || ps_store_is_db_online (self->store, PS_DB_APPL));
}

static void
go (PsMarkers *self, PsMarkersStep step)
{
  self->step = step;
  if (!can_go (self, step)) {
    /* What was produced on the connection before may be lost with it. */
    if (step < AT_PORTS)
      self->step = AT_COPY;
    self->stalled = TRUE;
    return;
  }
  switch (step) {
  case AT_COPY:
    start_copy (self);
    return;
  case AT_QUEUE:
    check_queue (self);
    return;
  case AT_CONFIG_DONE:
    ps_marker_produce_config_done (self->store, self->n_produced, on_config_done, self);
    return;
  case AT_WITNESS:
    look_for_witness (self);
    return;
  case AT_PORTS:
  case AT_INIT_DONE:
    announce_init_if_due (self);
    return;
  case AT_INIT_CHECK:
    ps_marker_look_for_init_done (self->store, on_init_checked, self);
    return;
  case AT_START:
  case AT_END:
    return;
  }
  g_assert_not_reached ();
}

static void
on_gone (PsPort *port, gpointer user_data)
{
  PsMarkers *self = user_data;
  if (self->step == AT_PORTS)
    ps_awaited_give_up (self->awaited, port);
}

static void
on_pruned (gpointer user_data)
{
  ps_markers_check (user_data);
}

static const PsPruneSink prune_sink = {on_gone, on_pruned};

PsMarkers *
ps_markers_new (PsClock *clock, PsStore *store, PsNames *names, PsLog *log, PsRefusals *refusals,
                PsPortTable *table, PsLinks *links, const PsMarkersSink *sink, gpointer user_data)
{
  PsMarkers *self = g_new0 (PsMarkers, 1);
  ps_timer_bind (&self->timers[TIMER_AGAIN], on_timer, self);
  self->clock = g_object_ref (clock);
  self->store = g_object_ref (store);
  self->log = log;
  self->refusals = refusals;
  self->links = links;
  self->names = names;
  self->awaited = ps_awaited_new (table, log);
  self->produced = ps_produced_new (store, table, on_produced, self);
  self->prune = ps_prune_new (names, refusals, table, &prune_sink, self);
  self->odd = ps_odd_names_new (log);
  self->sink = sink;
  self->user_data = user_data;
  ps_refusals_set_retry (refusals, PS_TASK_MARKERS, on_retry, self);
  return self;
}

void
ps_markers_free (PsMarkers *self)
{
  if (self == NULL)
    return;
  ps_refusals_set_retry (self->refusals, PS_TASK_MARKERS, NULL, NULL);
  ps_clock_cancel (self->clock, &self->timers[TIMER_AGAIN]);
  ps_prune_free (self->prune);
  ps_produced_free (self->produced);
  ps_config_copy_free (self->copy);
  ps_odd_names_free (self->odd);
  ps_awaited_free (self->awaited);
  g_object_unref (self->store);
  g_object_unref (self->clock);
  g_free (self);
}

void
ps_markers_start (PsMarkers *self, PsCopyMode mode)
{
  g_assert (self->step == AT_START);
  self->mode = mode;
  go (self, AT_COPY);
}

/* The server may come back with older rows, without the marker that stood there: then it is due
 * again, when all that it speaks of stands in STATE_DB (docs/decisions/0009). */
static void
doubt_init_done (PsMarkers *self)
{
  self->step = AT_INIT_CHECK;
  self->stalled = TRUE;
  ps_awaited_start_again (self->awaited);
}

static void
offline_appl (PsMarkers *self)
{
  /* Whether PortConfigDone outlived what happens now, the poll tells when Redis is back. */
  if (self->step >= AT_PORTS || self->mode == PS_COPY_NAMES)
    self->lost = TRUE;
  if (self->announced && (self->step == AT_END || self->step == AT_PORTS))
    doubt_init_done (self);
}

void
ps_markers_offline (PsMarkers *self, PsDb db)
{
  if (db == PS_DB_STATE || (db == PS_DB_CONFIG && self->step >= AT_QUEUE))
    return;
  if (db == PS_DB_APPL)
    offline_appl (self);
  if (self->copy != NULL) {
    ps_config_copy_break (self->copy);
    ps_names_break (self->names);
  }
  if (self->step != AT_QUEUE && self->step != AT_COPY && self->step != AT_WITNESS)
    return;
  /* Between two polls: nothing was open that would say so. */
  if (ps_timer_is_armed (&self->timers[TIMER_AGAIN]) || self->stalled) {
    ps_clock_cancel (self->clock, &self->timers[TIMER_AGAIN]);
    self->step = AT_COPY;
    self->stalled = TRUE;
  }
}

void
ps_markers_online (PsMarkers *self)
{
  if (!self->stalled)
    return;
  self->stalled = FALSE;
  ps_clock_cancel (self->clock, &self->timers[TIMER_AGAIN]);
  go (self, self->step);
}

void
ps_markers_port_done (PsMarkers *self, PsPort *port)
{
  ps_awaited_port_done (self->awaited, port);
}

void
ps_markers_check (PsMarkers *self)
{
  if (self->step == AT_PORTS && !self->stalled && ps_store_is_db_online (self->store, PS_DB_APPL))
    announce_init_if_due (self);
}

void
ps_markers_prune (PsMarkers *self)
{
  if (self->step == AT_PORTS && ps_awaited_length (self->awaited) > 0 &&
      ps_store_is_db_online (self->store, PS_DB_CONFIG))
    ps_prune_run (self->prune);
}

void
ps_markers_set_lost (PsMarkers *self, gboolean lost)
{
  self->lost = lost;
  if (!lost)
    ps_markers_check (self);
}

void
ps_markers_hold (PsMarkers *self, gboolean hold)
{
  self->held = hold;
  if (!hold)
    ps_markers_check (self);
}

gboolean
ps_markers_knows_ports (const PsMarkers *self)
{
  return self->step >= AT_PORTS;
}

guint
ps_markers_n_pending (const PsMarkers *self)
{
  return ps_awaited_length (self->awaited);
}

gboolean
ps_markers_is_init_done (const PsMarkers *self)
{
  return self->announced;
}
