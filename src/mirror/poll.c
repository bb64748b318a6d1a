/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/poll.h"
#include "base/timer.h"
#include "core/schema.h"

enum { TIMER_TICK, TIMER_AWAIT, N_TIMERS };

struct _PsPoll {
  PsClock *clock;       /* owned */
  PsStore *store;       /* owned */
  PsLog *log;           /* not owned */
  PsRefusals *refusals; /* not owned */
  PsPortTable *table;   /* not owned */
  const PsPollSink *sink;
  gpointer user_data;
  PsTimer timers[N_TIMERS];
  guint64 n_ticks;
  gint64 awaiting_until_us; /* often until then */
  guint n_open[PS_N_DBS];   /* requests of the last tick without an answer */
  guint n_open_await;
  GHashTable *looks; /* owned set; owns the open ones: a stopped store forgets its requests */
  gboolean markers, missing_told;
  gboolean live_due; /* it is time to look at live rows that were there */
  gboolean changed;  /* a live row came or went since the sink heard looked */
};

/* A request for the existence of some ports' rows. Ports are only forgotten by the audit: an answer
 * that comes after one that did is not listened to, and the next look asks again. */
typedef struct {
  PsPoll *poll;
  PsMark asked; /* of the table, when it was asked */
  guint n_ports;
  PsPort *ports[]; /* not owned */
} PsLook;

void
ps_poll_free (PsPoll *self)
{
  if (self == NULL)
    return;
  ps_clock_cancel_all (self->clock, self->timers, N_TIMERS);
  g_hash_table_unref (self->looks);
  g_object_unref (self->store);
  g_object_unref (self->clock);
  g_free (self);
}

static PsLook *
look_new (PsPoll *self, guint n_ports_max)
{
  PsLook *look = g_malloc (sizeof *look + n_ports_max * sizeof look->ports[0]);
  look->poll = self;
  look->n_ports = 0;
  look->asked = ps_port_table_mark (self->table);
  g_hash_table_add (self->looks, look);
  return look;
}

static void
look_free (PsLook *look)
{
  g_hash_table_remove (look->poll->looks, look);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLook, look_free)

static PsTask
task_in (PsDb db)
{
  return db == PS_DB_STATE ? PS_TASK_LOOK_ROWS : PS_TASK_LOOK_LIVE;
}

static gboolean
may_ask (const PsPoll *self, PsDb db)
{
  return ps_store_is_db_online (self->store, db) &&
         !ps_refusals_is_waiting (self->refusals, task_in (db));
}

/* FALSE: it says nothing. */
static gboolean
take_outcome (PsPoll *self, PsDb db, const PsOutcome *outcome)
{
  if (outcome->result == PS_REFUSED)
    ps_refusals_note (self->refusals, task_in (db), outcome,
                      "%s refused to say which rows exist (EXISTS)", ps_schema_db_name (db));
  else if (outcome->result == PS_APPLIED)
    ps_refusals_clear (self->refusals, task_in (db));
  return outcome->result == PS_APPLIED;
}

static gboolean
is_answered (const PsLook *look, const PsOutcome *outcome)
{
  return take_outcome (look->poll, PS_DB_APPL, outcome) &&
         ps_port_table_is_whole_since (look->poll->table, look->asked);
}

static void
set_live (PsPoll *self, PsPort *port, gboolean live)
{
  port->live.stood = FALSE;
  if (port->live.there == live)
    return;
  port->live.there = live;
  if (live)
    port->live.told_missing = FALSE;
  self->changed = TRUE;
  self->sink->live (port, self->user_data);
}

/* Also when there is nothing to wait for any more. */
static void
end_answer (PsPoll *self)
{
  gboolean tells = self->changed || self->n_open_await == 0;
  self->changed = FALSE;
  if (tells)
    self->sink->looked (self->user_data);
}

static void
on_one_live (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  g_autoptr (PsLook) look = user_data;
  PsPoll *self = look->poll;
  self->n_open_await--;
  if (!is_answered (look, outcome)) {
    end_answer (self);
    return;
  }
  PsPort *port = look->ports[0];
  set_live (self, port, n_existing > 0);
  end_answer (self);
  if (n_existing > 0 || port->device.presence != PS_PRESENCE_PRESENT || port->live.told_missing)
    return;
  port->live.told_missing = TRUE;
  ps_notice (self->log, "Cannot find %s in port table", port->name);
}

static void
look_at_one (PsPoll *self, PsPort *port)
{
  if (self->n_open_await >= PS_POLL_LOOKS_MAX)
    return;
  PsLook *look = look_new (self, 1);
  look->ports[look->n_ports++] = port;
  self->n_open_await++;
  const char *key = port->name;
  ps_store_exists (self->store, PS_DB_APPL, PS_TABLE_PORT_TABLE, &key, 1, on_one_live, look);
}

/* All or none of a slice is there, or it takes a question for each. */
static void
take_live_slice (PsPoll *self, const PsLook *look, guint n_existing)
{
  for (guint i = 0; i < look->n_ports; i++) {
    if (n_existing > 0 && n_existing < look->n_ports)
      look_at_one (self, look->ports[i]);
    else
      set_live (self, look->ports[i], n_existing > 0);
  }
}

static void
on_live_slice (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  g_autoptr (PsLook) look = user_data;
  PsPoll *self = look->poll;
  self->n_open[PS_DB_APPL]--;
  if (is_answered (look, outcome))
    take_live_slice (self, look, n_existing);
  end_answer (self);
}

static void
on_awaited_slice (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  g_autoptr (PsLook) look = user_data;
  PsPoll *self = look->poll;
  self->n_open_await--;
  if (is_answered (look, outcome))
    take_live_slice (self, look, n_existing);
  end_answer (self);
}

static void
on_row_slice (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  g_autoptr (PsLook) look = user_data;
  PsPoll *self = look->poll;
  self->n_open[PS_DB_STATE]--;
  if (!take_outcome (self, PS_DB_STATE, outcome) || n_existing == look->n_ports ||
      self->missing_told)
    return;
  self->missing_told = TRUE;
  self->sink->rows_missing (self->user_data);
}

static gboolean
row_should_exist (const PsPort *port)
{
  return port->row.have.present && !port->queue.dirty && !port->queue.in_flight;
}

static gboolean
is_live_here (const PsPort *port)
{
  return port->device.presence == PS_PRESENCE_PRESENT && port->live.there;
}

static gboolean
is_awaited (const PsPort *port)
{
  return port->device.presence == PS_PRESENCE_PRESENT && !port->live.there;
}

static gboolean
is_awaited_now (const PsPort *port)
{
  return is_awaited (port) && !ps_port_is_published (port);
}

static void
send_look (PsPoll *self, PsDb db, PsLook *look, guint *n_open, PsExistsDone done)
{
  const char *keys[PS_STORE_EXISTS_MAX];
  for (guint i = 0; i < look->n_ports; i++)
    keys[i] = look->ports[i]->name;
  (*n_open)++;
  ps_store_exists (self->store, db, PS_TABLE_PORT_TABLE, keys, look->n_ports, done, look);
}

/* Asks, a slice at a time, how many rows of the ports that match exist. Returns how many match. */
static guint
look_at (PsPoll *self, PsDb db, gboolean (*match) (const PsPort *), guint *n_open,
         PsExistsDone done)
{
  PsLook *look = NULL;
  guint n = 0;
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    if (!match (port))
      continue;
    if (look == NULL)
      look = look_new (self, PS_STORE_EXISTS_MAX);
    look->ports[look->n_ports++] = port;
    n++;
    if (look->n_ports < PS_STORE_EXISTS_MAX)
      continue;
    send_look (self, db, look, n_open, done);
    look = NULL;
  }
  if (look != NULL)
    send_look (self, db, look, n_open, done);
  return n;
}

static void
on_markers (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  PsPoll *self = user_data;
  self->n_open[PS_DB_APPL]--;
  if (take_outcome (self, PS_DB_APPL, outcome))
    self->sink->markers (n_existing > 0, self->user_data);
}

static void
look_at_markers (PsPoll *self)
{
  static const char *const keys[] = {PS_TABLE_PORT_TABLE PS_STORE_SEPARATOR PS_KEY_CONFIG_DONE,
                                     PS_TABLE_PORT_STAGED PS_STORE_SEPARATOR PS_KEY_CONFIG_DONE};
  if (!self->markers)
    return;
  self->n_open[PS_DB_APPL]++;
  ps_store_exists (self->store, PS_DB_APPL, "", keys, G_N_ELEMENTS (keys), on_markers, self);
}

static guint
look_at_awaited (PsPoll *self)
{
  return look_at (self, PS_DB_APPL, is_awaited, &self->n_open_await, on_awaited_slice);
}

static void
on_await_timer (gpointer user_data)
{
  PsPoll *self = user_data;
  gint64 now_us = ps_clock_now_us (self->clock);
  gboolean waiting = TRUE;
  if (self->n_open_await == 0 && may_ask (self, PS_DB_APPL))
    waiting = look_at_awaited (self) > 0;
  if (waiting && now_us < self->awaiting_until_us)
    ps_clock_rearm_in (self->clock, &self->timers[TIMER_AWAIT], PS_POLL_AWAIT_US);
}

/* A server that has not answered the last look gets no further one: the session's deadline decides
 * about it. */
static gboolean
is_answered_for (const PsPoll *self, PsDb db)
{
  return self->n_open[db] == 0 && may_ask (self, db);
}

static void
look_at_rows (PsPoll *self)
{
  if (!is_answered_for (self, PS_DB_STATE))
    return;
  self->missing_told = FALSE;
  look_at (self, PS_DB_STATE, row_should_exist, &self->n_open[PS_DB_STATE], on_row_slice);
}

static void
look_at_live (PsPoll *self)
{
  self->live_due |= self->n_ticks % PS_POLL_LIVE_EVERY == 0;
  if (!is_answered_for (self, PS_DB_APPL))
    return;
  if (self->live_due)
    look_at (self, PS_DB_APPL, is_live_here, &self->n_open[PS_DB_APPL], on_live_slice);
  self->live_due = FALSE;
  if (!ps_timer_is_armed (&self->timers[TIMER_AWAIT]) && self->n_open_await == 0)
    look_at_awaited (self);
  look_at_markers (self);
}

static void
on_tick (gpointer user_data)
{
  PsPoll *self = user_data;
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_TICK], PS_POLL_INTERVAL_US);
  self->n_ticks++;
  look_at_rows (self);
  look_at_live (self);
  self->sink->tick (self->n_ticks, self->user_data);
}

void
ps_poll_start (PsPoll *self)
{
  g_assert (!ps_timer_is_armed (&self->timers[TIMER_TICK]));
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_TICK], PS_POLL_INTERVAL_US);
}

static void
await_often (PsPoll *self)
{
  gint64 now_us = ps_clock_now_us (self->clock);
  self->awaiting_until_us = now_us + PS_POLL_AWAIT_MAX_US;
  ps_clock_arm_in (self->clock, &self->timers[TIMER_AWAIT], PS_POLL_AWAIT_US);
}

void
ps_poll_online (PsPoll *self)
{
  /* The server may have come back with other rows, or with none: what was seen before may be
   * wrong. */
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    port->live.there = port->live.stood = FALSE;
  }
  look_at_markers (self);
  if (look_at_awaited (self) > 0)
    await_often (self);
}

void
ps_poll_warm (PsPoll *self)
{
  look_at_markers (self);
  look_at (self, PS_DB_APPL, is_awaited_now, &self->n_open_await, on_awaited_slice);
  await_often (self);
}

gboolean
ps_poll_is_asking (const PsPoll *self)
{
  return self->n_open_await > 0 || !ps_store_is_db_online (self->store, PS_DB_APPL) ||
         ps_refusals_since_us (self->refusals, PS_TASK_LOOK_LIVE) >= 0;
}

static void
await (PsPoll *self, PsPort *port)
{
  await_often (self);
  if (may_ask (self, PS_DB_APPL))
    look_at_one (self, port);
}

void
ps_poll_port_changed (PsPoll *self, PsPort *port)
{
  if (port->device.presence != PS_PRESENCE_PRESENT) {
    port->live.looked_for = port->live.told_missing = FALSE;
    return;
  }
  if (!ps_timer_is_armed (&self->timers[TIMER_TICK]) || port->live.there || port->live.looked_for)
    return;
  port->live.looked_for = TRUE;
  await (self, port);
}

void
ps_poll_set_stood (PsPort *port, gboolean stood)
{
  port->live.stood = stood && !port->live.looked_for;
}

void
ps_poll_forget (PsPort *port)
{
  port->live.there = FALSE;
}

void
ps_poll_markers (PsPoll *self)
{
  self->markers = TRUE;
}

PsPoll *
ps_poll_new (PsClock *clock, PsStore *store, PsLog *log, PsRefusals *refusals, PsPortTable *table,
             const PsPollSink *sink, gpointer user_data)
{
  PsPoll *self = g_new0 (PsPoll, 1);
  ps_timer_bind (&self->timers[TIMER_TICK], on_tick, self);
  ps_timer_bind (&self->timers[TIMER_AWAIT], on_await_timer, self);
  self->clock = g_object_ref (clock);
  self->store = g_object_ref (store);
  self->log = log;
  self->refusals = refusals;
  self->table = table;
  self->looks = g_hash_table_new_full (g_direct_hash, g_direct_equal, g_free, NULL);
  self->sink = sink;
  self->user_data = user_data;
  return self;
}
