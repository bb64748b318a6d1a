/* SPDX-License-Identifier: Apache-2.0 */
#include "start/warm-row.h"
#include "core/schema.h"
#include <string.h>

struct _PsWarmRow {
  PsStore *store;       /* owned */
  PsLog *log;           /* not owned */
  PsRefusals *refusals; /* not owned */
  gboolean has_count, count_written, in_flight;
  gboolean by_steps;          /* of a warm start */
  gboolean spoiled, repaired; /* the row is no hash; it was deleted, and no write succeeded since */
  guint64 count;
  PsWarmState wanted, written, sent;
};

PsWarmRow *
ps_warm_row_new (PsStore *store, PsLog *log, PsRefusals *refusals)
{
  PsWarmRow *self = g_new0 (PsWarmRow, 1);
  self->store = g_object_ref (store);
  self->log = log;
  self->refusals = refusals;
  return self;
}

void
ps_warm_row_free (PsWarmRow *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->store);
  g_free (self);
}

void
ps_warm_row_set_count (PsWarmRow *self, guint64 restore_count, gboolean found)
{
  self->has_count = TRUE;
  self->count = restore_count;
  self->count_written = found;
}

gboolean
ps_warm_state_is_unfinished (PsWarmState state)
{
  return state == PS_WARM_INITIALIZED || state == PS_WARM_RESTORED;
}

void
ps_warm_row_set_found (PsWarmRow *self, PsWarmState state)
{
  self->written = state;
  self->by_steps = ps_warm_state_is_unfinished (state);
}

void
ps_warm_row_set_state (PsWarmRow *self, PsWarmState state)
{
  if (self->wanted == PS_WARM_RECONCILED)
    return;
  self->wanted = state;
  self->by_steps |= ps_warm_state_is_unfinished (state);
  if (state == PS_WARM_DISABLED)
    self->by_steps = FALSE;
}

static const char *const state_names[] = {
    [PS_WARM_INITIALIZED] = "initialized",
    [PS_WARM_RESTORED] = "restored",
    [PS_WARM_RECONCILED] = "reconciled",
    [PS_WARM_DISABLED] = "disabled",
};

PsWarmState
ps_warm_state_parse (const char *text)
{
  for (PsWarmState s = PS_WARM_INITIALIZED; text != NULL && s <= PS_WARM_DISABLED; s++)
    if (strcmp (text, state_names[s]) == 0)
      return s;
  return PS_WARM_NONE;
}

static PsWarmState
next_state (const PsWarmRow *self)
{
  if (self->wanted == PS_WARM_NONE || self->written == self->wanted)
    return PS_WARM_NONE;
  return self->by_steps ? self->written + 1 : self->wanted;
}

/* No other daemon writes the row, so one that is no hash may go; all that it said is written
 * anew. */
static void
take_refusal (PsWarmRow *self, const PsOutcome *outcome)
{
  gboolean spoiled = outcome->result == PS_REFUSED && outcome->refusal == PS_REFUSAL_WRONGTYPE;
  self->spoiled = spoiled && !self->repaired;
  if (!self->spoiled) {
    ps_refusals_note (self->refusals, PS_TASK_WARM, outcome, "STATE_DB refused %s|%s",
                      PS_TABLE_WARM_RESTART, PS_KEY_PORTSYNCD);
    return;
  }
  self->count_written = FALSE;
  ps_refusals_tell_repair (self->refusals, PS_TABLE_WARM_RESTART, PS_KEY_PORTSYNCD);
}

static void
on_written (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsWarmRow *self = user_data;
  self->in_flight = FALSE;
  const PsOutcome *outcome = &outcomes[n - 1];
  if (outcome->result != PS_APPLIED) {
    take_refusal (self, outcome);
    if (self->spoiled)
      ps_warm_row_run (self);
    return;
  }
  ps_refusals_clear (self->refusals, PS_TASK_WARM);
  self->repaired = FALSE;
  self->count_written = TRUE;
  if (self->sent != PS_WARM_NONE) {
    self->written = self->sent;
    ps_notice (self->log, "%s: %s", self->by_steps ? "Warm restart" : "Start",
               state_names[self->written]);
  }
  ps_warm_row_run (self);
}

void
ps_warm_row_run (PsWarmRow *self)
{
  PsWarmState next = next_state (self);
  gboolean count_due = self->has_count && !self->count_written;
  if (self->in_flight || (next == PS_WARM_NONE && !count_due) ||
      ps_refusals_is_waiting (self->refusals, PS_TASK_WARM) ||
      !ps_store_is_db_online (self->store, PS_DB_STATE))
    return;
  PsBatch *batch = ps_batch_new (PS_DB_STATE);
  if (self->spoiled)
    ps_batch_op (batch, PS_OP_DELETE, PS_TABLE_WARM_RESTART, ps_text (PS_KEY_PORTSYNCD));
  self->repaired |= self->spoiled;
  self->spoiled = FALSE;
  ps_batch_op (batch, PS_OP_PUT, PS_TABLE_WARM_RESTART, ps_text (PS_KEY_PORTSYNCD));
  if (count_due) {
    g_autofree char *count = g_strdup_printf ("%" G_GUINT64_FORMAT, self->count);
    ps_batch_field (batch, ps_text (PS_FIELD_RESTORE_COUNT), ps_text (count));
  }
  self->sent = next;
  if (next != PS_WARM_NONE)
    ps_batch_field (batch, ps_text (PS_FIELD_STATE), ps_text (state_names[next]));
  self->in_flight = TRUE;
  ps_store_commit (self->store, batch, on_written, self);
}
