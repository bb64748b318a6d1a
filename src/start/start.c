/* SPDX-License-Identifier: Apache-2.0 */
#include "start/start.h"
#include "core/schema.h"
#include "start/names.h"
#include <string.h>

/* Of what must be there for a warm start, apart from the evidence that decides the rest. */
static gboolean
is_warm (const PsEvidence *evidence)
{
  return (evidence->warm_system || evidence->warm_swss) && evidence->restore_count != NULL &&
         *evidence->restore_count != '\0';
}

static PsStart
warm_start (const PsEvidence *evidence)
{
  PsStart start = {.mode = PS_START_WARM, .copy = !evidence->config_done_live};
  guint64 count = 0;
  start.bad_count =
      !g_ascii_string_to_unsigned (evidence->restore_count, 10, 0, G_MAXUINT32, &count, NULL);
  start.restore_count = count + 1;
  return start;
}

/* Without a record Redis is a witness: the script that starts swss cold empties both tables
 * first. */
static gboolean
can_resume (const PsEvidence *evidence)
{
  if (evidence->life == NULL)
    return evidence->config_done_live && evidence->rows_live;
  return !evidence->life->copied || evidence->config_done_live || evidence->config_done_staged;
}

PsStart
ps_start_decide (const PsEvidence *evidence)
{
  if (is_warm (evidence))
    return warm_start (evidence);
  PsStart start = {.mode = PS_START_COLD, .copy = TRUE};
  start.no_count = evidence->warm_system || evidence->warm_swss;
  start.found = ps_warm_state_parse (evidence->warm_state);
  if (can_resume (evidence))
    start.mode = PS_START_RESUME;
  else
    start.ignore_old = !evidence->dpu && !evidence->adopt;
  start.waits = start.ignore_old && evidence->config_unloaded && !evidence->has_switch_type;
  return start;
}

PsStart
ps_start_weigh (PsEvidence *evidence, const PsSurroundings *around)
{
  evidence->life = around->whose == PS_LIFE_OURS ? around->life : NULL;
  evidence->adopt = around->config->old_interfaces == PS_OLD_ADOPT;
  evidence->rows_live = FALSE;
  for (guint i = 0; evidence->rows != NULL && i < evidence->rows->len; i++)
    evidence->rows_live |= around->is_living (evidence->rows->pdata[i], around->user_data);
  return ps_start_decide (evidence);
}

void
ps_evidence_copy (PsEvidence *to, const PsEvidence *from)
{
  ps_evidence_clear (to);
  *to = *from;
  to->restore_count = g_strdup (from->restore_count);
  to->warm_state = g_strdup (from->warm_state);
  to->rows = from->rows != NULL ? g_ptr_array_ref (from->rows) : NULL;
}

void
ps_evidence_clear (PsEvidence *self)
{
  g_clear_pointer (&self->restore_count, g_free);
  g_clear_pointer (&self->warm_state, g_free);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
}

const char *
ps_start_mode_name (PsStartMode mode)
{
  switch (mode) {
  case PS_START_COLD:
    return "cold";
  case PS_START_RESUME:
    return "resume";
  case PS_START_WARM:
    return "warm";
  }
  g_assert_not_reached ();
}

static const char *
yes_no (gboolean yes)
{
  return yes ? "yes" : "no";
}

static const char *
explain_rows (const PsEvidence *evidence)
{
  if (evidence->rows == NULL)
    return "";
  return evidence->rows_live ? " beside rows of living links" : " beside no row of a living link";
}

char *
ps_start_explain (const PsStart *start, const PsEvidence *evidence)
{
  return g_strdup_printf (
      "%s start: warm restart system=%s swss=%s restore_count=%s state=%s; life record of this "
      "boot=%s "
      "copied=%s; PortConfigDone live=%s%s staged=%s; switch_type dpu=%s; configuration is %s, old "
      "links are %s%s",
      ps_start_mode_name (start->mode), yes_no (evidence->warm_system),
      yes_no (evidence->warm_swss),
      evidence->restore_count != NULL ? evidence->restore_count : "none",
      evidence->warm_state != NULL ? evidence->warm_state : "none", yes_no (evidence->life != NULL),
      yes_no (evidence->life != NULL && evidence->life->copied),
      yes_no (evidence->config_done_live), explain_rows (evidence),
      yes_no (evidence->config_done_staged), start->waits ? "unknown" : yes_no (evidence->dpu),
      start->copy ? "copied" : "left as it is", start->ignore_old ? "taken down" : "kept",
      start->waits ? " when CONFIG_DB is loaded, unless it says then that this is a DPU" : "");
}

/* What is read where. */
typedef enum { ASK_METADATA, ASK_ENABLE, ASK_WARM_ROW, ASK_LIVE, ASK_STAGED, N_ASKS } PsAsk;

struct _PsEvidenceReader {
  PsStore *store; /* owned */
  PsLifeWhose whose;
  PsEvidence evidence;
  PsEvidenceDone done;
  gpointer user_data;
  PsTicket asks[N_ASKS];
  guint n_open;
  PsOutcome outcome; /* of all; the first refusal, if there was one */
  char *reason;      /* owned, nullable; its text */
};

static const PsText *
value_of (const PsRow *row, const char *field)
{
  for (gsize i = 0; i < row->n_fields; i++)
    if (ps_text_equal (row->fields[i].name, ps_text (field)))
      return &row->fields[i].value;
  return NULL;
}

static gboolean
holds (const PsRow *row, const char *field, const char *wanted)
{
  const PsText *value = value_of (row, field);
  return value != NULL && ps_text_equal (*value, ps_text (wanted));
}

static void
take_metadata (PsEvidence *evidence, const PsRow *row)
{
  evidence->has_switch_type = value_of (row, PS_FIELD_SWITCH_TYPE) != NULL;
  evidence->dpu = holds (row, PS_FIELD_SWITCH_TYPE, PS_VALUE_DPU);
}

static void
take_enable (PsEvidence *evidence, const PsRow *row)
{
  gboolean enabled = holds (row, PS_FIELD_ENABLE, PS_VALUE_TRUE);
  if (ps_text_equal (row->key, ps_text (PS_KEY_SYSTEM)))
    evidence->warm_system = enabled;
  else
    evidence->warm_swss = enabled;
}

/* Fit for the log. NULL if the row has no such field. */
static char *
text_of (const PsRow *row, const char *field)
{
  const PsText *value = value_of (row, field);
  return value != NULL ? ps_log_escape (value->data, value->size) : NULL;
}

static void
take_warm_row (PsEvidence *evidence, const PsRow *row)
{
  ps_evidence_clear (evidence);
  evidence->restore_count = text_of (row, PS_FIELD_RESTORE_COUNT);
  evidence->warm_state = text_of (row, PS_FIELD_STATE);
}

static void
on_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsEvidenceReader *self = user_data;
  if (ticket == self->asks[ASK_METADATA])
    take_metadata (&self->evidence, row);
  else if (ticket == self->asks[ASK_ENABLE])
    take_enable (&self->evidence, row);
  else if (ticket == self->asks[ASK_WARM_ROW])
    take_warm_row (&self->evidence, row);
  else if (ticket == self->asks[ASK_LIVE])
    self->evidence.config_done_live = row->n_fields > 0;
  else if (ticket == self->asks[ASK_STAGED])
    self->evidence.config_done_staged = row->n_fields > 0;
}

static void
on_state_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsEvidenceReader *self = user_data;
  if (holds (row, PS_FIELD_STATE, PS_VALUE_OK))
    g_ptr_array_add (self->evidence.rows, g_strdup (row->key.data));
}

static void
take_outcome (PsEvidenceReader *self, const PsOutcome *outcome)
{
  if (outcome->result == PS_APPLIED || self->outcome.result == PS_REFUSED)
    return;
  g_free (self->reason);
  self->reason = g_strdup (outcome->reason);
  self->outcome = (PsOutcome){outcome->result, outcome->refusal, self->reason};
}

static void
on_state_read (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsEvidenceReader *self = user_data;
  take_outcome (self, outcome);
  self->done (&self->outcome, &self->evidence, self->user_data);
}

static gboolean
needs_rows (const PsEvidenceReader *self)
{
  const PsEvidence *evidence = &self->evidence;
  return self->outcome.result == PS_APPLIED && self->whose == PS_LIFE_UNKNOWN &&
         evidence->config_done_live && !is_warm (evidence);
}

static void
end_part (PsEvidenceReader *self)
{
  if (--self->n_open > 0)
    return;
  if (!needs_rows (self)) {
    self->done (&self->outcome, &self->evidence, self->user_data);
    return;
  }
  self->evidence.rows = g_ptr_array_new_with_free_func (g_free);
  PsRead read = {PS_DB_STATE, PS_TABLE_PORT_TABLE, NULL, 0, FALSE};
  ps_store_read_rows (self->store, &read, on_state_row, on_state_read, self);
}

static void
on_read (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsEvidenceReader *self = user_data;
  take_outcome (self, outcome);
  end_part (self);
}

/* Who is not told, for whatever reason, does not know that it is loaded: only a cold start minds.
 */
static void
on_flag (PsTicket ticket, const PsOutcome *outcome, const PsText *value, gpointer user_data)
{
  PsEvidenceReader *self = user_data;
  self->evidence.config_unloaded |= !ps_config_says_loaded (value);
  if (outcome->result == PS_UNKNOWN)
    take_outcome (self, outcome);
  end_part (self);
}

static void
ask_flag (PsEvidenceReader *self)
{
  self->n_open++;
  ps_store_get (self->store, PS_DB_CONFIG, PS_CONFIG_DB_INITIALIZED, on_flag, self);
}

static void
ask (PsEvidenceReader *self, PsAsk which, const PsRead *read)
{
  self->n_open++;
  self->asks[which] = ps_store_read_rows (self->store, read, on_row, on_read, self);
}

PsEvidenceReader *
ps_evidence_read (PsStore *store, PsLifeWhose whose, PsEvidenceDone done, gpointer user_data)
{
  static const char *const localhost[] = {PS_KEY_LOCALHOST};
  static const char *const enables[] = {PS_KEY_SYSTEM, PS_KEY_SWSS};
  static const char *const portsyncd[] = {PS_KEY_PORTSYNCD};
  static const char *const config_done[] = {PS_KEY_CONFIG_DONE};
  PsEvidenceReader *self = g_new0 (PsEvidenceReader, 1);
  self->store = g_object_ref (store);
  self->whose = whose;
  self->done = done;
  self->user_data = user_data;
  ask_flag (self);
  ask (self, ASK_METADATA, &(PsRead){PS_DB_CONFIG, PS_TABLE_METADATA, localhost, 1, FALSE});
  ask_flag (self);
  ask (self, ASK_ENABLE, &(PsRead){PS_DB_STATE, PS_TABLE_WARM_ENABLE, enables, 2, FALSE});
  ask (self, ASK_WARM_ROW, &(PsRead){PS_DB_STATE, PS_TABLE_WARM_RESTART, portsyncd, 1, FALSE});
  /* In the order in which the marker moves: a pop between the two shows it twice, never not at all.
   */
  ask (self, ASK_STAGED, &(PsRead){PS_DB_APPL, PS_TABLE_PORT_STAGED, config_done, 1, FALSE});
  ask (self, ASK_LIVE, &(PsRead){PS_DB_APPL, PS_TABLE_PORT_TABLE, config_done, 1, FALSE});
  return self;
}

void
ps_evidence_reader_free (PsEvidenceReader *self)
{
  if (self == NULL)
    return;
  ps_evidence_clear (&self->evidence);
  g_object_unref (self->store);
  g_free (self->reason);
  g_free (self);
}
