/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/flush.h"
#include "core/schema.h"
#include "mirror/row.h"

#define NO_OP G_MAXUINT

/* What was sent for one port. */
typedef struct {
  PsPort *port;
  guint delete_op, put_op; /* index into the batch, or NO_OP */
  gboolean unregistered;   /* the mark that the deletion was sent for */
  PsRowState row;          /* what the put writes */
} PsSent;

struct _PsFlush {
  PsStore *store;       /* owned */
  PsLog *log;           /* not owned */
  PsRefusals *refusals; /* not owned */
  const PsFlushSink *sink;
  gpointer user_data;
  PsPort *first, *last; /* marked ports, in order of marking: a busy port cannot starve another */
  guint n_marked;
  GPtrArray *listed[PS_N_RETRIES]; /* owned; ports whose write was refused; of them wait those that
                                    * are still marked so (refused) */
  guint n_refused;
  GArray *sent; /* owned; of PsSent: the batch in flight */
  gboolean in_flight, open;
  guint n_repaired;
};

/* Some were marked or written since, and perhaps refused at the other pace. */
static void
mark_refused (PsFlush *self, PsRetryPace pace)
{
  GPtrArray *ports = self->listed[pace];
  for (guint i = 0; i < ports->len; i++) {
    PsPort *port = g_ptr_array_index (ports, i);
    port->queue.listed &= ~(1u << pace);
    if (port->queue.refused == 1 + pace)
      ps_flush_mark (self, port);
  }
  g_ptr_array_set_size (ports, 0);
}

static void
on_retry (PsRetryPace pace, gpointer user_data)
{
  mark_refused (user_data, pace);
  ps_flush_run (user_data);
}

PsFlush *
ps_flush_new (PsStore *store, PsLog *log, PsRefusals *refusals, const PsFlushSink *sink,
              gpointer user_data)
{
  PsFlush *self = g_new0 (PsFlush, 1);
  self->store = g_object_ref (store);
  self->log = log;
  self->refusals = refusals;
  self->sink = sink;
  self->user_data = user_data;
  self->sent = g_array_new (FALSE, FALSE, sizeof (PsSent));
  for (guint i = 0; i < PS_N_RETRIES; i++)
    self->listed[i] = g_ptr_array_new ();
  ps_refusals_set_retry (refusals, PS_TASK_ROWS, on_retry, self);
  return self;
}

void
ps_flush_free (PsFlush *self)
{
  if (self == NULL)
    return;
  ps_refusals_set_retry (self->refusals, PS_TASK_ROWS, NULL, NULL);
  for (guint i = 0; i < PS_N_RETRIES; i++)
    g_ptr_array_unref (self->listed[i]);
  g_array_unref (self->sent);
  g_object_unref (self->store);
  g_free (self);
}

void
ps_flush_mark (PsFlush *self, PsPort *port)
{
  self->n_refused -= port->queue.refused != 0;
  port->queue.refused = 0;
  if (port->queue.dirty)
    return;
  port->queue.dirty = TRUE;
  port->queue.next = NULL;
  if (self->last != NULL)
    self->last->queue.next = port;
  else
    self->first = port;
  self->last = port;
  self->n_marked++;
}

static PsPort *
pop_marked (PsFlush *self)
{
  PsPort *port = self->first;
  if (port == NULL)
    return NULL;
  self->first = port->queue.next;
  if (self->first == NULL)
    self->last = NULL;
  port->queue.dirty = FALSE;
  port->queue.next = NULL;
  self->n_marked--;
  return port;
}

static void
add_port (PsFlush *self, PsBatch *batch, PsPort *port)
{
  PsSent sent = {.port = port, .delete_op = NO_OP, .put_op = NO_OP};
  gboolean put = ps_port_must_put (port);
  if (ps_port_must_delete (port)) {
    sent.delete_op = ps_batch_op (batch, PS_OP_DELETE, PS_TABLE_PORT_TABLE, ps_text (port->name));
    sent.unregistered = ps_port_row_sent_delete (port);
  }
  if (put) {
    sent.row = ps_port_wanted_row (port);
    sent.put_op = ps_batch_length (batch);
    ps_port_row_put (batch, port->name, &sent.row);
  }
  port->queue.in_flight = TRUE;
  g_array_append_val (self->sent, sent);
}

/* No reader can use a row that is no hash, so nothing is lost with it. Once, until a write
 * succeeds: with a client that spoils it again and again the daemon does not compete. */
static gboolean
repair (PsFlush *self, PsPort *port, const PsOutcome *outcome)
{
  if (outcome->refusal != PS_REFUSAL_WRONGTYPE || !ps_port_row_repair (port))
    return FALSE;
  self->n_repaired++;
  ps_refusals_tell_repair (self->refusals, PS_TABLE_PORT_TABLE, port->name);
  ps_flush_mark (self, port);
  return TRUE;
}

static void
on_refused (PsFlush *self, PsPort *port, const PsOutcome *outcome)
{
  PsRetryPace pace = ps_retry_pace (outcome->refusal);
  if (repair (self, port, outcome))
    return;
  ps_refusals_note (self->refusals, PS_TASK_ROWS, outcome, "STATE_DB refused to write %s|%s",
                    PS_TABLE_PORT_TABLE, port->name);
  if (port->queue.dirty)
    return; /* Something happened since it was sent: tried at once. */
  port->queue.refused = 1 + pace;
  self->n_refused++;
  if ((port->queue.listed & 1u << pace) == 0)
    g_ptr_array_add (self->listed[pace], port);
  port->queue.listed |= 1u << pace;
}

static void
not_written (PsFlush *self, PsPort *port, const PsOutcome *outcome)
{
  if (outcome->result == PS_REFUSED)
    on_refused (self, port, outcome);
  else
    ps_flush_mark (self, port);
}

static void
on_deleted (PsFlush *self, const PsSent *sent)
{
  if (ps_port_row_deleted (sent->port))
    ps_notice (self->log, "Delete %s(ok) from state db", sent->port->name);
}

/* FALSE if something of it was not written. */
static gboolean
take_outcome (PsFlush *self, const PsSent *sent, const PsOutcome *outcomes)
{
  PsPort *port = sent->port;
  if (sent->delete_op != NO_OP && outcomes[sent->delete_op].result != PS_APPLIED) {
    if (sent->unregistered)
      ps_port_row_unregister (port);
    not_written (self, port, &outcomes[sent->delete_op]);
    return FALSE;
  }
  if (sent->delete_op != NO_OP)
    on_deleted (self, sent);
  if (sent->put_op == NO_OP)
    return TRUE;
  if (outcomes[sent->put_op].result != PS_APPLIED) {
    not_written (self, port, &outcomes[sent->put_op]);
    return FALSE;
  }
  ps_port_row_written (port, &sent->row);
  ps_notice (self->log, "Publish %s(ok:%s) to state db", port->name,
             sent->row.running ? PS_VALUE_UP : PS_VALUE_DOWN);
  return TRUE;
}

static void
on_done (PsTicket ticket, const PsOutcome *outcomes, gsize n_outcomes, gpointer user_data)
{
  PsFlush *self = user_data;
  for (guint i = 0; i < self->sent->len; i++) {
    const PsSent *sent = &g_array_index (self->sent, PsSent, i);
    g_assert (sent->delete_op == NO_OP || sent->delete_op < n_outcomes);
    g_assert (sent->put_op == NO_OP || sent->put_op < n_outcomes);
    sent->port->queue.in_flight = FALSE;
    if (take_outcome (self, sent, outcomes))
      self->sink->acknowledged (sent->port, self->user_data);
  }
  g_array_set_size (self->sent, 0);
  self->in_flight = FALSE;
  ps_flush_run (self);
  self->sink->batch_done (self->user_data);
}

/* Nothing is to be written. While a row waits, the success of others says nothing about it. */
static void
clear_refusals (PsFlush *self)
{
  if (self->n_refused > 0 || ps_refusals_since_us (self->refusals, PS_TASK_ROWS) < 0)
    return;
  for (guint pace = 0; pace < PS_N_RETRIES; pace++)
    mark_refused (self, (PsRetryPace)pace);
  ps_refusals_clear (self->refusals, PS_TASK_ROWS);
}

void
ps_flush_run (PsFlush *self)
{
  if (self->in_flight || !self->open || !ps_store_is_db_online (self->store, PS_DB_STATE))
    return;
  g_autoptr (PsBatch) batch = NULL;
  /* Two operations a port at most. */
  while (self->first != NULL &&
         (batch == NULL || ps_batch_length (batch) + 2 <= PS_BATCH_OPS_MAX)) {
    PsPort *port = pop_marked (self);
    if (!ps_port_must_delete (port) && !ps_port_must_put (port)) {
      self->sink->acknowledged (port, self->user_data);
      continue;
    }
    if (batch == NULL)
      batch = ps_batch_new (PS_DB_STATE);
    add_port (self, batch, port);
  }
  if (batch == NULL) {
    clear_refusals (self);
    return;
  }
  self->in_flight = TRUE;
  ps_store_commit (self->store, g_steal_pointer (&batch), on_done, self);
}

void
ps_flush_set_gate (PsFlush *self, gboolean open)
{
  self->open = open;
}

gboolean
ps_flush_is_idle (const PsFlush *self)
{
  return !self->in_flight && self->n_marked == 0 && self->n_refused == 0;
}

guint
ps_flush_n_waiting (const PsFlush *self)
{
  return self->n_marked + self->n_refused + self->sent->len;
}

guint
ps_flush_n_repaired (const PsFlush *self)
{
  return self->n_repaired;
}
