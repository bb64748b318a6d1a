/* SPDX-License-Identifier: Apache-2.0 */
#include "core/logger.h"
#include "core/retry.h"
#include "core/schema.h"

#define DEFAULT_LEVEL  "NOTICE"
#define DEFAULT_OUTPUT "SYSLOG"

struct _PsLogger {
  PsStore *store; /* owned */
  PsLog *log;     /* not owned */
  PsLogOutputFn set_output;
  gpointer user_data;
  PsLogOutput output;
  char *level_text, *output_text; /* owned, nullable; as last read */
  gboolean looking, missing, unreadable;
  gboolean refused; /* as last told */
  gboolean settled; /* the row was found whole, or written, once */
};

PsLogger *
ps_logger_new (PsStore *store, PsLog *log, PsLogOutputFn set_output, gpointer user_data)
{
  PsLogger *self = g_new0 (PsLogger, 1);
  self->store = g_object_ref (store);
  self->log = log;
  self->set_output = set_output;
  self->user_data = user_data;
  return self;
}

void
ps_logger_free (PsLogger *self)
{
  if (self == NULL)
    return;
  g_free (self->level_text);
  g_free (self->output_text);
  g_object_unref (self->store);
  g_free (self);
}

static void
apply_level (PsLogger *self, const char *text)
{
  PsLogLevel level;
  if (ps_log_level_from_name (text, &level))
    ps_log_set_level (self->log, level);
  else
    ps_error (self->log, "CONFIG_DB LOGGER|portsyncd LOGLEVEL %s is no level; %s stays", text,
              ps_log_level_name (ps_log_level (self->log)));
}

static void
apply_output (PsLogger *self, const char *text)
{
  PsLogOutput output;
  if (!ps_log_output_from_name (text, &output)) {
    ps_error (self->log, "CONFIG_DB LOGGER|portsyncd LOGOUTPUT %s is no output; %s stays", text,
              ps_log_output_name (self->output));
    return;
  }
  if (self->output != output)
    self->set_output (output, self->user_data);
  self->output = output;
}

/* FALSE if the field is missing. Applies a value only when it is not the one read before. */
static gboolean
take_field (PsLogger *self, const PsRow *row, const char *name, char **last,
            void (*apply) (PsLogger *, const char *))
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

/* Once, until it goes well again: without the row the level works anyway. */
static void
note_outcome (PsLogger *self, const PsOutcome *outcome)
{
  gboolean refused = outcome->result == PS_REFUSED;
  if (refused && !self->refused)
    ps_error (self->log, "CONFIG_DB refuses %s|%s, so %s stays the level: %s%s", PS_TABLE_LOGGER,
              PS_KEY_PORTSYNCD, ps_log_level_name (ps_log_level (self->log)),
              outcome->reason != NULL ? outcome->reason : "no reason given",
              ps_retry_advice (outcome->refusal));
  self->refused = refused;
}

static void
on_written (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsLogger *self = user_data;
  self->looking = FALSE;
  note_outcome (self, &outcomes[0]);
  self->settled = outcomes[0].result == PS_APPLIED;
}

/* Both, when either is missing, as SONiC's logger does: swssloglevel works on existing rows only.
 */
static void
write_defaults (PsLogger *self)
{
  PsBatch *batch = ps_batch_new (PS_DB_CONFIG);
  ps_batch_op (batch, PS_OP_PUT, PS_TABLE_LOGGER, ps_text (PS_KEY_PORTSYNCD));
  ps_batch_field (batch, ps_text (PS_FIELD_LOGLEVEL),
                  ps_text (self->level_text != NULL ? self->level_text : DEFAULT_LEVEL));
  ps_batch_field (batch, ps_text (PS_FIELD_LOGOUTPUT),
                  ps_text (self->output_text != NULL ? self->output_text : DEFAULT_OUTPUT));
  self->looking = TRUE;
  ps_store_commit (self->store, batch, on_written, self);
}

static void
on_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsLogger *self = user_data;
  note_outcome (self, &row->outcome);
  self->unreadable = row->outcome.result != PS_APPLIED;
  if (self->unreadable)
    return;
  gboolean level = take_field (self, row, PS_FIELD_LOGLEVEL, &self->level_text, apply_level);
  gboolean output = take_field (self, row, PS_FIELD_LOGOUTPUT, &self->output_text, apply_output);
  self->missing = !level || !output;
}

static void
on_read (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsLogger *self = user_data;
  self->looking = FALSE;
  if (outcome->result != PS_APPLIED || self->unreadable || self->settled)
    return;
  if (self->missing)
    write_defaults (self);
  else
    self->settled = TRUE;
}

void
ps_logger_look (PsLogger *self)
{
  static const char *const keys[] = {PS_KEY_PORTSYNCD};
  if (self->looking || !ps_store_is_online (self->store))
    return;
  self->looking = TRUE;
  self->missing = FALSE;
  PsRead read = {.db = PS_DB_CONFIG, .table = PS_TABLE_LOGGER, .keys = keys, .n_keys = 1};
  ps_store_read_rows (self->store, &read, on_row, on_read, self);
}
