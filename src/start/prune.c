/* SPDX-License-Identifier: Apache-2.0 */
#include "start/prune.h"
#include "core/port-name.h"
#include "core/schema.h"

struct _PsPrune {
  PsConfigReader *reader; /* not owned, like the following */
  PsRefusals *refusals;
  PsPortTable *table;
  const PsPruneSink *sink;
  gpointer user_data;
  gboolean under_way;
  PsMarks readings; /* the one under way or last done */
  guint n_names;    /* that it told so far */
};

PsPrune *
ps_prune_new (PsConfigReader *reader, PsRefusals *refusals, PsPortTable *table,
              const PsPruneSink *sink, gpointer user_data)
{
  PsPrune *self = g_new0 (PsPrune, 1);
  self->reader = reader;
  self->refusals = refusals;
  self->table = table;
  self->sink = sink;
  self->user_data = user_data;
  return self;
}

void
ps_prune_free (PsPrune *self)
{
  g_free (self);
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
    port->named.pruned = ps_marks_now (&self->readings);
}

static void
on_names (PsConfigReading how, const PsOutcome *outcome, gpointer user_data)
{
  PsPrune *self = user_data;
  self->under_way = FALSE;
  if (outcome->result == PS_REFUSED)
    ps_refusals_note (self->refusals, PS_TASK_PRUNE, outcome,
                      "CONFIG_DB refused to say which ports are configured");
  if (outcome->result == PS_APPLIED)
    ps_refusals_clear (self->refusals, PS_TASK_PRUNE);
  if (how != PS_CONFIG_WHOLE || self->n_names == 0)
    return;
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    if (ps_mark_is_set (port->boot.configured) &&
        !ps_mark_is_current (port->named.pruned, &self->readings))
      self->sink->gone (port, self->user_data);
  }
  self->sink->done (self->user_data);
}

void
ps_prune_run (PsPrune *self)
{
  if (self->under_way || ps_refusals_is_waiting (self->refusals, PS_TASK_PRUNE))
    return;
  self->under_way = TRUE;
  ps_marks_begin (&self->readings);
  self->n_names = 0;
  ps_config_reader_read (self->reader, TRUE, on_name, on_names, self);
}
