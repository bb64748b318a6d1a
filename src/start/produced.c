/* SPDX-License-Identifier: Apache-2.0 */
#include "start/produced.h"
#include "core/schema.h"

struct _PsProduced {
  PsStore *store;     /* owned */
  PsPortTable *table; /* not owned */
  PsProducedDone done;
  gpointer user_data;
  PsMark reading;         /* of CONFIG_DB, that found the ports that are asked about */
  gboolean counts_staged; /* a staged row will do */
  guint n_open;
  guint n_wanted, n_found; /* rows */
  PsProducedState state;
  PsOutcome outcome; /* of the first request that failed */
  char *reason;      /* owned, nullable */
};

PsProduced *
ps_produced_new (PsStore *store, PsPortTable *table, PsProducedDone done, gpointer user_data)
{
  PsProduced *self = g_new0 (PsProduced, 1);
  self->store = g_object_ref (store);
  self->table = table;
  self->done = done;
  self->user_data = user_data;
  return self;
}

void
ps_produced_free (PsProduced *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->store);
  g_free (self->reason);
  g_free (self);
}

static void
begin (PsProduced *self, PsMark reading, PsProducedState good)
{
  g_assert (self->n_open == 0);
  self->reading = reading;
  self->counts_staged = good == PS_PRODUCED_THERE;
  self->state = good;
  self->n_wanted = self->n_found = 0;
  self->outcome = (PsOutcome){.result = PS_APPLIED};
  g_clear_pointer (&self->reason, g_free);
}

static void
take_outcome (PsProduced *self, const PsOutcome *outcome)
{
  self->n_open--;
  if (outcome->result == PS_APPLIED || self->state == PS_PRODUCED_FAILED)
    return;
  self->state = PS_PRODUCED_FAILED;
  self->outcome = *outcome;
  self->outcome.reason = self->reason = g_strdup (outcome->reason);
}

static void
finish_if_answered (PsProduced *self)
{
  if (self->n_open > 0)
    return;
  if (self->state != PS_PRODUCED_FAILED && self->n_found < self->n_wanted)
    self->state = PS_PRODUCED_LOST;
  self->done (self->state, &self->outcome, self->user_data);
}

static void
on_rows (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  PsProduced *self = user_data;
  self->n_found += n_existing;
  take_outcome (self, outcome);
  finish_if_answered (self);
}

static void
ask_rows (PsProduced *self, GPtrArray *keys)
{
  if (keys->len == 0)
    return;
  self->n_open++;
  ps_store_exists (self->store, PS_DB_APPL, "", (const char *const *)keys->pdata, keys->len,
                   on_rows, self);
  g_ptr_array_set_size (keys, 0);
}

/* A port is asked about in one command: the consumer takes its row from here to there at an
 * instant. */
static void
ask_all_rows (PsProduced *self)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    const PsPort *port = ps_port_table_nth (self->table, i);
    if (!ps_mark_is_of (port->boot.configured, self->reading))
      continue;
    self->n_wanted++;
    g_ptr_array_add (keys, g_strconcat (PS_TABLE_PORT_TABLE PS_STORE_SEPARATOR, port->name, NULL));
    if (self->counts_staged)
      g_ptr_array_add (keys,
                       g_strconcat (PS_TABLE_PORT_STAGED PS_STORE_SEPARATOR, port->name, NULL));
    if (keys->len + 2 > PS_STORE_EXISTS_MAX)
      ask_rows (self, keys);
  }
  ask_rows (self, keys);
}

static void
on_queue (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  PsProduced *self = user_data;
  take_outcome (self, outcome);
  if (n_existing > 0)
    self->state = PS_PRODUCED_QUEUED;
  if (self->state == PS_PRODUCED_TAKEN)
    ask_all_rows (self);
  finish_if_answered (self);
}

void
ps_produced_ask_taken (PsProduced *self, PsMark reading)
{
  static const char *const keys[] = {PS_KEY_SET};
  begin (self, reading, PS_PRODUCED_TAKEN);
  self->n_open++;
  ps_store_exists (self->store, PS_DB_APPL, "", keys, 1, on_queue, self);
}

void
ps_produced_ask_there (PsProduced *self, PsMark reading)
{
  begin (self, reading, PS_PRODUCED_THERE);
  ask_all_rows (self);
}
