/* SPDX-License-Identifier: Apache-2.0 */
#include "core/warm.h"
#include "core/schema.h"

struct _PsWarm {
  PsStore *store; /* owned */
  PsLog *log;     /* not owned */
  gboolean has_count, count_written, in_flight, refused;
  guint64 count;
  PsWarmState wanted, written, sent;
};

PsWarm *
ps_warm_new (PsStore *store, PsLog *log)
{
  PsWarm *self = g_new0 (PsWarm, 1);
  self->store = g_object_ref (store);
  self->log = log;
  return self;
}

void
ps_warm_free (PsWarm *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->store);
  g_free (self);
}

void
ps_warm_set_count (PsWarm *self, guint64 restore_count)
{
  self->has_count = TRUE;
  self->count = restore_count;
  self->count_written = FALSE;
}

void
ps_warm_set_state (PsWarm *self, PsWarmState state)
{
  self->wanted = MAX (self->wanted, state);
}

static const char *
state_name (PsWarmState state)
{
  switch (state) {
  case PS_WARM_INITIALIZED:
    return "initialized";
  case PS_WARM_RESTORED:
    return "restored";
  case PS_WARM_RECONCILED:
    return "reconciled";
  case PS_WARM_NONE:
    break;
  }
  g_assert_not_reached ();
}

static void
on_written (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsWarm *self = user_data;
  self->in_flight = FALSE;
  if (outcomes[0].result != PS_APPLIED) {
    if (outcomes[0].result == PS_REFUSED && !self->refused)
      ps_error (self->log, "STATE_DB refused %s|%s, trying again: %s", PS_TABLE_WARM_RESTART,
                PS_KEY_PORTSYNCD, outcomes[0].reason != NULL ? outcomes[0].reason : "no reason");
    self->refused = outcomes[0].result == PS_REFUSED;
    return;
  }
  self->refused = FALSE;
  self->count_written = TRUE;
  if (self->sent != PS_WARM_NONE) {
    self->written = self->sent;
    ps_notice (self->log, "Warm restart: %s", state_name (self->written));
  }
  ps_warm_run (self);
}

void
ps_warm_run (PsWarm *self)
{
  gboolean state_due = self->written < self->wanted;
  gboolean count_due = self->has_count && !self->count_written;
  if (self->in_flight || (!state_due && !count_due) || !ps_store_is_online (self->store))
    return;
  PsBatch *batch = ps_batch_new (PS_DB_STATE);
  ps_batch_op (batch, PS_OP_PUT, PS_TABLE_WARM_RESTART, ps_text (PS_KEY_PORTSYNCD));
  if (count_due) {
    g_autofree char *count = g_strdup_printf ("%" G_GUINT64_FORMAT, self->count);
    ps_batch_field (batch, ps_text (PS_FIELD_RESTORE_COUNT), ps_text (count));
  }
  self->sent = state_due ? self->written + 1 : PS_WARM_NONE;
  if (state_due)
    ps_batch_field (batch, ps_text (PS_FIELD_STATE), ps_text (state_name (self->sent)));
  self->in_flight = TRUE;
  ps_store_commit (self->store, batch, on_written, self);
}
