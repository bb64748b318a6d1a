/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/log-row.h"
#include "core/schema.h"

#define DEFAULT_LEVEL  "NOTICE"
#define DEFAULT_OUTPUT "SYSLOG"

struct _PsLogRow {
  PsStore *store;       /* owned */
  PsHost *host;         /* owned */
  PsLog *log;           /* not owned */
  PsRefusals *refusals; /* not owned */
  PsLogOutput output;
  char *level_text, *output_text;  /* owned, nullable; as last read */
  gboolean has_level, has_output;  /* one that the row held once is in force */
  gboolean looking, missing, read; /* of the look at hand: read: the row was delivered */
};

PsLogRow *
ps_log_row_new (PsStore *store, PsHost *host, PsLog *log, PsRefusals *refusals)
{
  PsLogRow *self = g_new0 (PsLogRow, 1);
  self->store = g_object_ref (store);
  self->host = g_object_ref (host);
  self->log = log;
  self->refusals = refusals;
  return self;
}

void
ps_log_row_free (PsLogRow *self)
{
  if (self == NULL)
    return;
  g_free (self->level_text);
  g_free (self->output_text);
  g_object_unref (self->host);
  g_object_unref (self->store);
  g_free (self);
}

static void
apply_level (PsLogRow *self, const char *text)
{
  PsLogLevel level;
  if (!ps_log_level_from_name (text, &level)) {
    ps_error (self->log, "CONFIG_DB LOGGER|portsyncd LOGLEVEL %s is no level; %s stays", text,
              ps_log_level_name (ps_log_level (self->log)));
    return;
  }
  ps_log_set_level (self->log, level);
  self->has_level = TRUE;
}

static void
apply_output (PsLogRow *self, const char *text)
{
  PsLogOutput output;
  if (!ps_log_output_from_name (text, &output)) {
    ps_error (self->log, "CONFIG_DB LOGGER|portsyncd LOGOUTPUT %s is no output; %s stays", text,
              ps_log_output_name (self->output));
    return;
  }
  if (self->output != output)
    ps_host_log_output (self->host, output);
  self->output = output;
  self->has_output = TRUE;
}

/* FALSE if the field is missing. Applies a value only when it is not the one read before. */
static gboolean
take_field (PsLogRow *self, const PsRow *row, const char *name, char **last,
            void (*apply) (PsLogRow *, const char *))
{
  for (gsize i = 0; i < row->n_fields; i++) {
    if (!ps_text_equal (row->fields[i].name, ps_text (name)))
      continue;
    g_autofree char *text = ps_log_escape (row->fields[i].value.data, row->fields[i].value.size);
    if (g_strcmp0 (text, *last) == 0)
      return TRUE;
    g_free (*last);
    *last = g_steal_pointer (&text);
    apply (self, *last);
    return TRUE;
  }
  return FALSE;
}

static void
note (PsLogRow *self, PsTask task, const PsOutcome *outcome)
{
  ps_refusals_note (self->refusals, task, outcome,
                    "CONFIG_DB refuses %s %s|%s, so %s stays the level",
                    task == PS_TASK_LOGGER ? "to read" : "to write", PS_TABLE_LOGGER,
                    PS_KEY_PORTSYNCD, ps_log_level_name (ps_log_level (self->log)));
}

static void
on_written (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsLogRow *self = user_data;
  const PsOutcome *bad = NULL;
  self->looking = FALSE;
  for (gsize i = 0; i < n && bad == NULL; i++)
    if (outcomes[i].result != PS_APPLIED)
      bad = &outcomes[i];
  if (bad != NULL)
    note (self, PS_TASK_LOGGER_DEFAULTS, bad);
  else
    ps_refusals_clear (self->refusals, PS_TASK_LOGGER_DEFAULTS);
}

static void
add_field (PsBatch *batch, const char *name, const char *value)
{
  ps_batch_op (batch, PS_OP_ADD, PS_TABLE_LOGGER, ps_text (PS_KEY_PORTSYNCD));
  ps_batch_field (batch, ps_text (name), ps_text (value));
}

/* Only what is not there at that instant is added: an operator's level is not overwritten. */
static void
write_missing (PsLogRow *self)
{
  PsBatch *batch = ps_batch_new (PS_DB_CONFIG);
  const char *level = ps_log_level_name (ps_log_level (self->log));
  add_field (batch, PS_FIELD_LOGLEVEL, self->has_level ? level : DEFAULT_LEVEL);
  add_field (batch, PS_FIELD_LOGOUTPUT,
             self->has_output ? ps_log_output_name (self->output) : DEFAULT_OUTPUT);
  self->looking = TRUE;
  ps_store_commit (self->store, batch, on_written, self);
}

static void
on_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsLogRow *self = user_data;
  self->read = row->outcome.result == PS_APPLIED;
  /* Any other refusal is that of the whole reading. */
  if (row->outcome.refusal == PS_REFUSAL_WRONGTYPE)
    note (self, PS_TASK_LOGGER, &row->outcome);
  if (!self->read)
    return;
  gboolean level = take_field (self, row, PS_FIELD_LOGLEVEL, &self->level_text, apply_level);
  gboolean output = take_field (self, row, PS_FIELD_LOGOUTPUT, &self->output_text, apply_output);
  self->missing = !level || !output;
}

static void
on_read (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsLogRow *self = user_data;
  self->looking = FALSE;
  if (outcome->result == PS_REFUSED)
    note (self, PS_TASK_LOGGER, outcome);
  if (outcome->result != PS_APPLIED || !self->read)
    return;
  ps_refusals_clear (self->refusals, PS_TASK_LOGGER);
  if (self->missing && !ps_refusals_is_waiting (self->refusals, PS_TASK_LOGGER_DEFAULTS))
    write_missing (self);
}

void
ps_log_row_look (PsLogRow *self)
{
  static const char *const keys[] = {PS_KEY_PORTSYNCD};
  if (self->looking || !ps_store_is_db_online (self->store, PS_DB_CONFIG) ||
      ps_refusals_is_waiting (self->refusals, PS_TASK_LOGGER))
    return;
  self->looking = TRUE;
  self->missing = self->read = FALSE;
  PsRead read = {.db = PS_DB_CONFIG, .table = PS_TABLE_LOGGER, .keys = keys, .n_keys = 1};
  ps_store_read_rows (self->store, &read, on_row, on_read, self);
}
