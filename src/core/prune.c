/* SPDX-License-Identifier: Apache-2.0 */
#include "core/prune.h"
#include "core/port-name.h"
#include "core/schema.h"

#define PROOFS 2 /* of "loaded", or of absence */

struct _PsPrune {
  PsStore *store;       /* owned */
  PsRefusals *refusals; /* not owned */
  PsPortTable *table;   /* not owned */
  const PsPruneSink *sink;
  gpointer user_data;
  gboolean under_way, wants_key, failed;
  guint32 reading; /* number of the current or last reading */
  guint n_names, n_keys;
};

PsPrune *
ps_prune_new (PsStore *store, PsRefusals *refusals, PsPortTable *table, const PsPruneSink *sink,
              gpointer user_data)
{
  PsPrune *self = g_new0 (PsPrune, 1);
  self->store = g_object_ref (store);
  self->refusals = refusals;
  self->table = table;
  self->sink = sink;
  self->user_data = user_data;
  return self;
}

void
ps_prune_free (PsPrune *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->store);
  g_free (self);
}

static void
judge (PsPrune *self, PsPort *port)
{
  if (port->named == self->reading) {
    port->missed = 0;
    return;
  }
  port->missed = MIN (port->missed + 1, PROOFS);
  if (port->config_read != 0 && port->missed >= (self->wants_key ? 1 : PROOFS))
    self->sink->gone (port, self->user_data);
}

static void
end_reading (PsPrune *self)
{
  self->under_way = FALSE;
  if (!self->failed)
    ps_refusals_clear (self->refusals, PS_TASK_PRUNE);
  if (self->failed || self->n_names == 0 || (self->wants_key && self->n_keys < PROOFS))
    return;
  for (guint i = 0; i < ps_port_table_length (self->table); i++)
    judge (self, ps_port_table_nth (self->table, i));
  self->sink->done (self->user_data);
}

static void
take (PsPrune *self, const PsOutcome *outcome, guint n_keys)
{
  self->failed |= outcome->result != PS_APPLIED;
  if (outcome->result == PS_REFUSED)
    ps_refusals_note (self->refusals, PS_TASK_PRUNE, outcome,
                      "CONFIG_DB refused to say which ports are configured");
  self->n_keys += n_keys;
}

static void
on_key_before (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  take (user_data, outcome, n_existing);
}

static void
on_name (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsPrune *self = user_data;
  PsPort *port = NULL;
  self->n_names++;
  if (ps_name_is_port (row->key.data, row->key.size))
    port = ps_port_table_find (self->table, row->key.data);
  if (port != NULL)
    port->named = self->reading;
}

static void
on_names (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  take (user_data, outcome, 0);
}

static void
on_key_after (PsTicket ticket, const PsOutcome *outcome, guint n_existing, gpointer user_data)
{
  take (user_data, outcome, n_existing);
  end_reading (user_data);
}

/* Requests of one database are answered in order. */
void
ps_prune_run (PsPrune *self, gboolean loaded)
{
  static const char *const keys[] = {PS_CONFIG_DB_INITIALIZED};
  if (self->under_way || ps_refusals_is_waiting (self->refusals, PS_TASK_PRUNE))
    return;
  self->under_way = TRUE;
  self->wants_key = loaded;
  self->failed = FALSE;
  self->reading++;
  self->n_names = self->n_keys = 0;
  PsRead read = {.db = PS_DB_CONFIG, .table = PS_TABLE_PORT, .names_only = TRUE};
  ps_store_exists (self->store, PS_DB_CONFIG, "", keys, 1, on_key_before, self);
  ps_store_read_rows (self->store, &read, on_name, on_names, self);
  ps_store_exists (self->store, PS_DB_CONFIG, "", keys, 1, on_key_after, self);
}
