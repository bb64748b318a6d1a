/* SPDX-License-Identifier: Apache-2.0 */
#include "start/prune.h"
#include "start/name-set.h"

struct _PsPrune {
  PsNames *names; /* not owned, like the following */
  PsRefusals *refusals;
  PsPortTable *table;
  const PsPruneSink *sink;
  gpointer user_data;
  gboolean under_way;
  PsNameSet *kept; /* owned; the names of the reading under way */
};

PsPrune *
ps_prune_new (PsNames *names, PsRefusals *refusals, PsPortTable *table, const PsPruneSink *sink,
              gpointer user_data)
{
  PsPrune *self = g_new0 (PsPrune, 1);
  self->names = names;
  self->refusals = refusals;
  self->table = table;
  self->kept = ps_name_set_new (table, PS_NAMES_KEPT);
  self->sink = sink;
  self->user_data = user_data;
  return self;
}

void
ps_prune_free (PsPrune *self)
{
  if (self == NULL)
    return;
  ps_name_set_free (self->kept);
  g_free (self);
}

static void
on_name (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsPrune *self = user_data;
  ps_name_set_add (self->kept, &row->key);
}

static void
take_names (PsPrune *self)
{
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    if (ps_mark_is_set (port->boot.configured) && !ps_name_set_has_port (self->kept, port))
      self->sink->gone (port, self->user_data);
  }
  self->sink->done (self->user_data);
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
  if (how == PS_CONFIG_WHOLE && ps_name_set_size (self->kept) > 0)
    take_names (self);
  ps_name_set_clear (self->kept);
}

void
ps_prune_run (PsPrune *self)
{
  if (self->under_way || ps_refusals_is_waiting (self->refusals, PS_TASK_PRUNE))
    return;
  self->under_way = TRUE;
  ps_names_read (self->names, TRUE, on_name, on_names, self);
}
