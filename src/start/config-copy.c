/* SPDX-License-Identifier: Apache-2.0 */
#include "start/config-copy.h"
#include "core/port-name.h"
#include "core/schema.h"
#include <string.h>

struct _PsConfigCopy {
  PsStore *store;       /* owned */
  PsRefusals *refusals; /* not owned, like the following */
  PsLinks *links;
  PsOddNames *odd;
  PsAwaited *awaited;
  PsCopyMode mode;
  PsCopyDone done;
  gpointer user_data;
  PsBatch *batch;      /* owned; nullable: rows not sent yet */
  GPtrArray *produced; /* owned; port of each row produced, in order; NULL: no port's name */
  guint n_answered;    /* of them; answers come in order */
  guint n_open;        /* requests without an answer */
  char *reason;        /* owned; nullable: that of the first failure */
  PsCopyResult result;
};

static void
fail (PsConfigCopy *self, const PsOutcome *outcome)
{
  self->result.reading = PS_CONFIG_FAILED;
  if (self->result.outcome.result != PS_APPLIED)
    return;
  self->reason = g_strdup (outcome->reason);
  self->result.outcome = *outcome;
  self->result.outcome.reason = self->reason;
}

static void
finish_if_done (PsConfigCopy *self)
{
  if (self->n_open > 0)
    return;
  PsCopyResult result = self->result;
  self->done (&result, self->user_data);
}

/* A row that can never be staged must not hold up the others; anything else may pass, so the whole
 * copy is tried again. */
static void
take_outcome (PsConfigCopy *self, const PsOutcome *outcome)
{
  PsPort *port = g_ptr_array_index (self->produced, self->n_answered++);
  if (outcome->result == PS_APPLIED) {
    self->result.n_produced++;
  } else if (outcome->result == PS_REFUSED && outcome->refusal == PS_REFUSAL_WRONGTYPE) {
    ps_refusals_tell (self->refusals, PS_TASK_MARKERS, outcome,
                      "APPL_DB refused the row %s:%s, it is left out", PS_TABLE_PORT_TABLE,
                      port != NULL ? port->name : "(no port)");
    if (port != NULL)
      ps_awaited_leave_out (self->awaited, port);
  } else {
    fail (self, outcome);
  }
}

static void
on_produced (PsTicket ticket, const PsOutcome *outcomes, gsize n_outcomes, gpointer user_data)
{
  PsConfigCopy *self = user_data;
  for (gsize i = 0; i < n_outcomes; i++)
    take_outcome (self, &outcomes[i]);
  self->n_open--;
  finish_if_done (self);
}

static void
send_batch (PsConfigCopy *self)
{
  if (self->batch == NULL || ps_batch_length (self->batch) == 0)
    return;
  self->n_open++;
  ps_store_commit (self->store, g_steal_pointer (&self->batch), on_produced, self);
}

/* Redis holds no empty hash, so CONFIG_DB fills a row without attributes with NULL = NULL. */
static gboolean
is_placeholder (const PsField *field)
{
  return ps_text_equal (field->name, ps_text ("NULL")) &&
         ps_text_equal (field->value, ps_text ("NULL"));
}

static guint
n_real_fields (const PsRow *row)
{
  guint n = 0;
  for (gsize i = 0; i < row->n_fields; i++)
    n += !is_placeholder (&row->fields[i]);
  return n;
}

/* Lists are stored as `adv_speeds@`: readers know the name without the mark
 * (docs/sonic-protocol.md 2.8). */
static PsText
cut_at_mark (PsText name)
{
  const char *mark = name.size > 0 ? memchr (name.data, '@', name.size) : NULL;
  return (PsText){name.data, mark != NULL ? (gsize)(mark - name.data) : name.size};
}

/* The row has a field: a SET without would reach orchagent as a DEL
 * (docs/sonic-protocol.md 2.2). */
static void
produce (PsConfigCopy *self, const PsRow *row, PsPort *port)
{
  g_ptr_array_add (self->produced, port);
  if (self->batch == NULL)
    self->batch = ps_batch_new (PS_DB_APPL);
  ps_batch_op (self->batch, PS_OP_PRODUCE, PS_TABLE_PORT_TABLE, row->key);
  for (gsize i = 0; i < row->n_fields; i++)
    if (!is_placeholder (&row->fields[i]))
      ps_batch_field (self->batch, cut_at_mark (row->fields[i].name), row->fields[i].value);
  if (ps_batch_is_full (self->batch))
    send_batch (self);
}

/* Any other refusal fails the reading as a whole, which is told once. */
static void
tell_unread (PsConfigCopy *self, const PsRow *row)
{
  if (row->outcome.refusal != PS_REFUSAL_WRONGTYPE)
    return;
  g_autofree char *name = ps_log_escape (row->key.data, row->key.size);
  ps_refusals_tell (self->refusals, PS_TASK_MARKERS, &row->outcome,
                    "Cannot read CONFIG_DB %s|%s, it is left out", PS_TABLE_PORT, name);
}

static void
on_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsConfigCopy *self = user_data;
  PsNameKind kind = ps_name_kind (row->key.data, row->key.size);
  if (row->outcome.result != PS_APPLIED) {
    tell_unread (self, row);
    return;
  }
  if (kind != PS_NAME_PORT)
    ps_odd_names_note (self->odd, kind, &row->key);
  /* Gone between the listing and the reading, or nothing but the placeholder: what is not produced
   * is not awaited either. */
  if (!ps_name_is_usable (kind) || (self->mode == PS_COPY_ROWS && n_real_fields (row) == 0))
    return;
  self->result.n_ports++;
  PsPort *port = kind == PS_NAME_PORT ? ps_links_add_port (self->links, row->key.data) : NULL;
  if (port != NULL)
    ps_awaited_found (self->awaited, port);
  if (self->mode == PS_COPY_ROWS)
    produce (self, row, port);
}

static void
on_read (PsConfigReading how, const PsOutcome *outcome, gpointer user_data)
{
  PsConfigCopy *self = user_data;
  self->n_open--;
  if (how == PS_CONFIG_FAILED)
    fail (self, outcome);
  self->result.reading = MAX (self->result.reading, how);
  ps_odd_names_tell (self->odd);
  send_batch (self);
  finish_if_done (self);
}

PsConfigCopy *
ps_config_copy_start (PsNames *names, const PsCopyParts *parts, PsCopyMode mode, PsCopyDone done,
                      gpointer user_data)
{
  PsConfigCopy *self = g_new0 (PsConfigCopy, 1);
  self->store = g_object_ref (parts->store);
  self->refusals = parts->refusals;
  self->links = parts->links;
  self->odd = parts->odd;
  self->awaited = parts->awaited;
  ps_odd_names_begin (self->odd);
  ps_awaited_begin (self->awaited);
  self->mode = mode;
  self->done = done;
  self->user_data = user_data;
  self->produced = g_ptr_array_new ();
  self->n_open = 1;
  ps_names_read (names, mode == PS_COPY_NAMES, on_row, on_read, self);
  return self;
}

void
ps_config_copy_break (PsConfigCopy *self)
{
  fail (self, &(PsOutcome){.result = PS_UNKNOWN, .reason = "the connection was lost"});
}

void
ps_config_copy_free (PsConfigCopy *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->batch, ps_batch_free);
  g_ptr_array_unref (self->produced);
  g_object_unref (self->store);
  g_free (self->reason);
  g_free (self);
}
