/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/reconcile.h"
#include "core/port-name.h"
#include "core/schema.h"
#include "mirror/poll.h"
#include "mirror/row.h"

/* What a row that the reading finds, or does not find, says of the port's live row in APPL_DB. */
typedef enum {
  PS_LIVE_ASKED,       /* nothing: live rows are asked for themselves */
  PS_LIVE_TRUSTED,     /* A row that is found stands for its live one, until that is asked for. */
  PS_LIVE_ASKED_EARLY, /* nothing any more; yet the others are asked for after the reading */
  PS_LIVE_DOUBTED,     /* A row that is not found was lost, perhaps with its live one. */
} PsLiveRows;

struct _PsReconcile {
  PsStore *store;       /* owned */
  PsRefusals *refusals; /* not owned */
  PsPortTable *table;   /* not owned */
  PsLinks *links;       /* not owned */
  PsFlush *flush;       /* not owned */
  const PsReconcileSink *sink;
  gpointer user_data;
  PsMarks readings; /* the one under way or last done */
  gboolean under_way, again, done;
  PsLiveRows live_rows;
  guint n_rows;
};

PsReconcile *
ps_reconcile_new (PsStore *store, PsRefusals *refusals, PsPortTable *table, PsLinks *links,
                  PsFlush *flush, const PsReconcileSink *sink, gpointer user_data)
{
  PsReconcile *self = g_new0 (PsReconcile, 1);
  self->store = g_object_ref (store);
  self->refusals = refusals;
  self->table = table;
  self->links = links;
  self->flush = flush;
  self->sink = sink;
  self->user_data = user_data;
  return self;
}

void
ps_reconcile_free (PsReconcile *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->store);
  g_free (self);
}

/* Something is there, and not what the daemon wrote: it must not outlive its device. */
static void
take_unreadable (PsReconcile *self, const PsRow *row)
{
  PsPort *port = NULL;
  if (ps_name_is_port (row->key.data, row->key.size))
    port = ps_port_table_find (self->table, row->key.data);
  if (port == NULL)
    return;
  ps_port_row_found (port, (PsRowState){.present = TRUE}, ps_marks_now (&self->readings));
}

static void
on_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsReconcile *self = user_data;
  if (row->outcome.result != PS_APPLIED) {
    g_autofree char *name = ps_log_escape (row->key.data, row->key.size);
    /* Any other refusal is that of the whole reading. */
    if (row->outcome.refusal == PS_REFUSAL_WRONGTYPE)
      ps_refusals_tell (self->refusals, PS_TASK_READING, &row->outcome,
                        "Cannot read STATE_DB %s|%s", PS_TABLE_PORT_TABLE, name);
    take_unreadable (self, row);
    return;
  }
  if (!ps_name_is_port (row->key.data, row->key.size))
    return; /* a sub-interface, PortChannel or the like: another daemon's */
  PsRowState state = ps_port_row_parse (row);
  PsPort *port = ps_port_table_find (self->table, row->key.data);
  if (port == NULL && state.present)
    port = ps_links_add_port (self->links, row->key.data);
  if (port == NULL)
    return;
  self->n_rows++;
  ps_port_row_found (port, state, ps_marks_now (&self->readings));
  ps_poll_set_stood (port, self->live_rows == PS_LIVE_TRUSTED);
}

static guint
mark_differences (PsReconcile *self)
{
  guint n = 0;
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    if (!ps_mark_is_current (port->row.read, &self->readings)) {
      ps_port_row_not_found (port);
      if (self->live_rows == PS_LIVE_DOUBTED)
        ps_poll_forget (port);
    }
    if (ps_port_must_delete (port) || ps_port_must_put (port) ||
        (self->live_rows == PS_LIVE_TRUSTED && port->device.presence == PS_PRESENCE_PRESENT &&
         !ps_port_is_published (port)))
      n++;
    /* Equal rows too: they count as acknowledged. */
    ps_flush_mark (self->flush, port);
  }
  return n;
}

/* The gate stays closed until a reading ends well: the caller tries again while not done. */
static void
broke_off (PsReconcile *self, const PsOutcome *outcome)
{
  self->done = FALSE;
  if (outcome->result == PS_REFUSED)
    ps_refusals_note (self->refusals, PS_TASK_READING, outcome, "STATE_DB refused to list %s",
                      PS_TABLE_PORT_TABLE);
}

static void
on_read (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsReconcile *self = user_data;
  self->under_way = FALSE;
  if (outcome->result != PS_APPLIED) {
    broke_off (self, outcome);
    return;
  }
  gboolean again = self->again;
  ps_refusals_clear (self->refusals, PS_TASK_READING);
  self->again = FALSE;
  self->done = TRUE;
  guint n = mark_differences (self);
  gboolean live_due = self->live_rows == PS_LIVE_TRUSTED || self->live_rows == PS_LIVE_ASKED_EARLY;
  self->live_rows = PS_LIVE_ASKED;
  ps_flush_set_gate (self->flush, TRUE);
  ps_flush_run (self->flush);
  self->sink->done (self->n_rows, n, live_due, self->user_data);
  /* Only now: a caller that asks once a second must not keep a slow reading from its end. */
  if (again)
    ps_reconcile_read (self);
}

void
ps_reconcile_read (PsReconcile *self)
{
  if (!ps_store_is_db_online (self->store, PS_DB_STATE))
    return;
  if (self->under_way) {
    self->again = TRUE;
    return;
  }
  self->under_way = TRUE;
  ps_marks_begin (&self->readings);
  self->n_rows = 0;
  ps_flush_set_gate (self->flush, FALSE);
  PsRead read = {.db = PS_DB_STATE, .table = PS_TABLE_PORT_TABLE};
  ps_store_read_rows (self->store, &read, on_row, on_read, self);
}

void
ps_reconcile_trust (PsReconcile *self)
{
  self->live_rows = PS_LIVE_TRUSTED;
}

void
ps_reconcile_asked_early (PsReconcile *self)
{
  if (self->live_rows == PS_LIVE_TRUSTED)
    self->live_rows = PS_LIVE_ASKED_EARLY;
}

void
ps_reconcile_asked (PsReconcile *self)
{
  if (self->live_rows != PS_LIVE_DOUBTED)
    self->live_rows = PS_LIVE_ASKED;
}

void
ps_reconcile_retry (PsReconcile *self)
{
  if (!self->done && !self->under_way && !ps_refusals_is_waiting (self->refusals, PS_TASK_READING))
    ps_reconcile_read (self);
}

void
ps_reconcile_doubt_live (PsReconcile *self)
{
  self->live_rows = PS_LIVE_DOUBTED;
}

void
ps_reconcile_offline (PsReconcile *self)
{
  self->done = FALSE;
  self->again = FALSE;
  ps_flush_set_gate (self->flush, FALSE);
}

gboolean
ps_reconcile_is_done (const PsReconcile *self)
{
  return self->done;
}
