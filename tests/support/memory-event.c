/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/memory-event.h"
#include "sim/world/field-list.h"

static void
row_free (gpointer data)
{
  PsMemoryRow *row = data;
  g_free (row->key);
  g_array_unref (row->fields);
  g_free (row);
}

void
ps_memory_event_free (gpointer data)
{
  PsMemoryEvent *self = data;
  g_array_unref (self->outcomes);
  g_ptr_array_unref (self->reasons);
  g_ptr_array_unref (self->rows);
  g_free (self->value);
  g_free (self);
}

PsMemoryEvent *
ps_memory_event_new (PsMemoryEventType type)
{
  PsMemoryEvent *self = g_new0 (PsMemoryEvent, 1);
  self->type = type;
  self->outcomes = g_array_new (FALSE, TRUE, sizeof (PsOutcome));
  self->reasons = g_ptr_array_new_with_free_func (g_free);
  self->rows = g_ptr_array_new_with_free_func (row_free);
  return self;
}

gboolean
ps_memory_event_is_request (const PsMemoryEvent *self)
{
  return self->type != PS_MEMORY_EVENT_ONLINE && self->type != PS_MEMORY_EVENT_OFFLINE;
}

void
ps_memory_event_make_unknown (PsMemoryEvent *self, guint n_outcomes, const char *reason)
{
  self->forced = TRUE;
  g_array_set_size (self->outcomes, n_outcomes);
  for (guint i = 0; i < n_outcomes; i++)
    g_array_index (self->outcomes, PsOutcome, i) =
        (PsOutcome){.result = PS_UNKNOWN, .reason = reason};
}

PsOutcome
ps_memory_event_refuse (PsMemoryEvent *self, PsRefusal refusal, const char *text)
{
  char *copy = g_strdup (text);
  g_ptr_array_add (self->reasons, copy);
  return (PsOutcome){PS_REFUSED, refusal, copy};
}

PsMemoryRow *
ps_memory_event_add_row (PsMemoryEvent *self, const char *key)
{
  PsMemoryRow *row = g_new0 (PsMemoryRow, 1);
  row->key = g_strdup (key);
  row->fields = ps_sim_field_list_new ();
  g_ptr_array_add (self->rows, row);
  return row;
}
