/* SPDX-License-Identifier: Apache-2.0 */
#include "start/marker-count.h"
#include "base/told.h"
#include "core/port-name.h"
#include "core/schema.h"
#include "start/name-set.h"
#include <string.h>

struct _PsMarkerCount {
  PsClock *clock; /* owned */
  PsStore *store; /* owned */
  PsNames *names; /* not owned, like the following */
  PsLog *log;
  PsRefusals *refusals;
  PsPortTable *table;
  PsMarkerCountLooked looked;
  gpointer user_data;
  gboolean is_awaited; /* looked is due, or was not sound: only a wrong count matters */
  gint64 due_us;
  guint n_looks;                /* left */
  guint n_open;                 /* parts of this look without an answer */
  gboolean is_told;             /* ... one of which is the names of CONFIG_DB, which others read */
  gboolean refused, broken;     /* a part of this look: by the server, or so that it was none */
  gboolean unloaded;            /* ... since CONFIG_DB does not say that it is loaded */
  gboolean has_live;            /* this look asked for the live names, too */
  gboolean was_short;           /* it did without them: a whole look is due at once */
  PsMark began;                 /* of the table, when this look began */
  PsNameSet *configured, *live; /* owned; of this look */
  char *count;                  /* owned, nullable; as the marker says */
  char *told_foreign;           /* owned, nullable; the row that was reported last */
  char *told_count;             /* owned, nullable; likewise the correction */
};

PsMarkerCount *
ps_marker_count_new (PsClock *clock, PsStore *store, PsNames *names, PsLog *log,
                     PsRefusals *refusals, PsPortTable *table, PsMarkerCountLooked looked,
                     gpointer user_data)
{
  PsMarkerCount *self = g_new0 (PsMarkerCount, 1);
  self->clock = g_object_ref (clock);
  self->store = g_object_ref (store);
  self->names = names;
  self->log = log;
  self->refusals = refusals;
  self->table = table;
  self->looked = looked;
  self->user_data = user_data;
  self->configured = ps_name_set_new (table, PS_NAMES_CONFIGURED);
  self->live = ps_name_set_new (table, PS_NAMES_LIVE);
  return self;
}

void
ps_marker_count_free (PsMarkerCount *self)
{
  if (self == NULL)
    return;
  ps_name_set_free (self->configured);
  ps_name_set_free (self->live);
  g_free (self->count);
  g_free (self->told_foreign);
  g_free (self->told_count);
  g_object_unref (self->store);
  g_object_unref (self->clock);
  g_free (self);
}

static void
look_again (PsMarkerCount *self)
{
  self->due_us = ps_clock_now_us (self->clock) + PS_MARKER_COUNT_PAUSE_US;
}

/* The connection broke, CONFIG_DB is not loaded, or the server refused: that was no look. The next
 * one is as soon as another connection stands, a second later, or when the refusal's pause is over.
 */
static void
look_soon (PsMarkerCount *self)
{
  self->n_looks++;
  self->due_us = ps_clock_now_us (self->clock) + (self->unloaded ? PS_CONFIG_POLL_US : 0);
}

static void
tell_looked (PsMarkerCount *self)
{
  if (self->n_open > 0 || !self->is_awaited)
    return;
  self->is_awaited = self->broken;
  self->looked (!self->broken, self->user_data);
}

static void
on_corrected (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsMarkerCount *self = user_data;
  self->n_open--;
  self->broken = outcomes[0].result == PS_UNKNOWN;
  if (outcomes[0].result != PS_APPLIED)
    look_soon (self);
  if (outcomes[0].result == PS_REFUSED)
    ps_refusals_note (self->refusals, PS_TASK_COUNT, &outcomes[0],
                      "APPL_DB refused to correct the count of " PS_KEY_CONFIG_DONE);
  if (outcomes[0].result == PS_APPLIED)
    ps_refusals_clear (self->refusals, PS_TASK_COUNT);
  tell_looked (self);
}

static void
tell_count (PsMarkerCount *self, const char *wanted)
{
  if (!ps_told_is_news (&self->told_count, wanted))
    return;
  g_autofree char *was = ps_log_escape (self->count, strlen (self->count));
  ps_notice (self->log, PS_KEY_CONFIG_DONE " count is %s with %s ports live: correcting it", was,
             wanted);
}

/* The marker may be gone or staged anew by now, which the server looks at in the same instant. */
static void
correct (PsMarkerCount *self, guint n)
{
  char count[16];
  g_snprintf (count, sizeof count, "%u", n);
  tell_count (self, count);
  PsBatch *batch = ps_batch_new (PS_DB_APPL);
  ps_batch_op (batch, PS_OP_CORRECT, PS_TABLE_PORT_TABLE, ps_text (PS_KEY_CONFIG_DONE));
  ps_batch_field (batch, ps_text (PS_FIELD_COUNT), ps_text (self->count));
  ps_batch_field (batch, ps_text (PS_FIELD_COUNT), ps_text (count));
  self->n_open++;
  ps_store_commit (self->store, batch, on_corrected, self);
}

/* One of them, the first by name: no order of a hash in the log. */
static const char *
find_foreign (const PsMarkerCount *self)
{
  GHashTable *configured = ps_name_set_others (self->configured);
  const char *first = NULL;
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, ps_name_set_others (self->live));
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (configured, key) && !ps_name_is_port (key, strlen (key)) &&
        (first == NULL || strcmp (key, first) < 0))
      first = key;
  return first;
}

static void
tell_foreign (PsMarkerCount *self)
{
  const char *foreign = find_foreign (self);
  if (!ps_told_is_news (&self->told_foreign, foreign))
    return;
  if (foreign == NULL)
    return;
  g_autofree char *name = ps_log_escape (foreign, strlen (foreign));
  ps_warn (self->log,
           "APPL_DB " PS_TABLE_PORT_TABLE ":%s is no configured port, but orchagent will count it "
           "at its next warm start and refuse; who writes it?",
           name);
}

/* Whether the same names are on both sides. out_n: how many are live. */
static gboolean
agree (const PsMarkerCount *self, guint *out_n)
{
  guint n_both = ps_name_set_n_common (self->live, self->configured);
  *out_n = ps_name_set_size (self->live);
  return n_both == *out_n && n_both == ps_name_set_size (self->configured);
}

static gboolean
counts (const PsMarkerCount *self, guint n)
{
  char text[16];
  g_snprintf (text, sizeof text, "%u", n);
  return strcmp (self->count, text) == 0;
}

static gboolean
is_left_out (const char *name)
{
  return !ps_name_is_usable (ps_name_kind (name, strlen (name)));
}

/* portsyncd does not produce such a port, but another daemon may have: portmgrd copies what it
 * knows of each. Then it counts. */
static void
forget_left_out (PsMarkerCount *self)
{
  GHashTable *live = ps_name_set_others (self->live);
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, ps_name_set_others (self->configured));
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (is_left_out (key) && !g_hash_table_contains (live, key))
      g_hash_table_iter_remove (&iter);
}

static void
judge (PsMarkerCount *self)
{
  guint n;
  if (self->count == NULL)
    return;
  ps_name_set_settle (self->live);
  forget_left_out (self);
  tell_foreign (self);
  if (!agree (self, &n)) {
    look_again (self);
  } else if (counts (self, n)) {
    self->n_looks = 0;
    ps_refusals_clear (self->refusals, PS_TASK_COUNT);
    g_clear_pointer (&self->told_count, g_free);
  } else {
    correct (self, n);
    look_again (self); /* A row may be about to come or to go. */
  }
}

static gboolean
any_left_out (const PsMarkerCount *self)
{
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, ps_name_set_others (self->configured));
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (is_left_out (key))
      return TRUE;
  return FALSE;
}

/* As many as are configured: right if those are live, and not to be corrected here if not. */
static gboolean
is_right_anyway (const PsMarkerCount *self)
{
  return self->count == NULL ||
         (!any_left_out (self) && counts (self, ps_name_set_size (self->configured)));
}

static void
on_configured (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsMarkerCount *self = user_data;
  ps_name_set_add (self->configured, &row->key);
}

static void
on_marker (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsMarkerCount *self = user_data;
  for (gsize i = 0; i < row->n_fields; i++)
    if (ps_text_equal (row->fields[i].name, ps_text (PS_FIELD_COUNT))) {
      g_free (self->count);
      self->count = g_strndup (row->fields[i].value.data, row->fields[i].value.size);
    }
}

static void
on_live (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsMarkerCount *self = user_data;
  if (ps_text_equal (row->key, ps_text (PS_KEY_CONFIG_DONE)) ||
      ps_text_equal (row->key, ps_text (PS_KEY_INIT_DONE)))
    return;
  ps_name_set_add (self->live, &row->key);
}

static void
end_look (PsMarkerCount *self)
{
  ps_name_set_clear (self->configured);
  ps_name_set_clear (self->live);
  g_clear_pointer (&self->count, g_free);
  tell_looked (self);
}

/* TRUE: it was the last one. */
static gboolean
take_part (PsMarkerCount *self, const PsOutcome *outcome)
{
  if (outcome->result == PS_REFUSED)
    ps_refusals_note (self->refusals, PS_TASK_COUNT, outcome,
                      "The count of " PS_KEY_CONFIG_DONE " cannot be compared");
  self->refused |= outcome->result == PS_REFUSED;
  self->broken |= outcome->result == PS_UNKNOWN;
  if (--self->n_open > 0)
    return FALSE;
  /* With a port that was forgotten its marks are. */
  self->broken |= !ps_port_table_is_whole_since (self->table, self->began);
  ps_name_set_settle (self->configured);
  return TRUE;
}

static void
conclude (PsMarkerCount *self)
{
  if (self->broken || self->refused)
    look_soon (self);
  else
    judge (self);
  end_look (self);
}

static void
on_live_read (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsMarkerCount *self = user_data;
  if (take_part (self, outcome))
    conclude (self);
}

static void
read_live (PsMarkerCount *self)
{
  PsRead live = {.db = PS_DB_APPL, .table = PS_TABLE_PORT_TABLE, .names_only = TRUE};
  self->has_live = TRUE;
  self->n_open++;
  ps_store_read_rows (self->store, &live, on_live, on_live_read, self);
}

static void
on_part (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsMarkerCount *self = user_data;
  if (!take_part (self, outcome))
    return;
  if (self->has_live || self->broken || self->refused) {
    conclude (self);
  } else if (is_right_anyway (self)) {
    self->was_short = TRUE;
    end_look (self);
  } else {
    read_live (self);
  }
}

/* What is wrong with the reading is known: nothing, or that CONFIG_DB is not loaded. */
static void
take_reading (PsMarkerCount *self, PsConfigReading how, const PsOutcome *outcome)
{
  self->unloaded = how == PS_CONFIG_NOT_LOADED;
  self->broken |= self->unloaded;
  on_part (0, outcome, self);
}

static void
on_configured_end (PsConfigReading how, const PsOutcome *outcome, gpointer user_data)
{
  take_reading (user_data, how, outcome);
}

void
ps_marker_count_request (PsMarkerCount *self)
{
  if (self->n_looks == 0)
    look_again (self);
  self->n_looks = PS_MARKER_COUNT_LOOKS;
}

static void
look (PsMarkerCount *self, gboolean is_told)
{
  static const char *const marker[] = {PS_KEY_CONFIG_DONE};
  PsRead count = {.db = PS_DB_APPL, .table = PS_TABLE_PORT_TABLE, .keys = marker, .n_keys = 1};
  self->n_looks--;
  self->refused = self->broken = self->unloaded = self->was_short = FALSE;
  self->began = ps_port_table_mark (self->table);
  self->n_open = 2;
  self->is_told = is_told;
  self->has_live = FALSE;
  if (!is_told)
    ps_names_read (self->names, TRUE, on_configured, on_configured_end, self);
  ps_store_read_rows (self->store, &count, on_marker, on_part, self);
  if (!self->is_awaited)
    read_live (self);
}

static gboolean
can_look (const PsMarkerCount *self)
{
  return ps_store_is_db_online (self->store, PS_DB_CONFIG) &&
         ps_store_is_db_online (self->store, PS_DB_APPL);
}

void
ps_marker_count_run (PsMarkerCount *self)
{
  gboolean is_due = self->was_short || ps_clock_now_us (self->clock) >= self->due_us;
  if (self->n_looks > 0 && self->n_open == 0 && is_due && can_look (self) &&
      !ps_refusals_is_waiting (self->refusals, PS_TASK_COUNT))
    look (self, FALSE);
}

void
ps_marker_count_look (PsMarkerCount *self)
{
  self->n_looks = PS_MARKER_COUNT_LOOKS;
  self->due_us = ps_clock_now_us (self->clock);
  self->is_awaited = TRUE;
  self->broken = !can_look (self);
  if (!self->broken)
    look (self, TRUE);
  tell_looked (self);
}

void
ps_marker_count_tell_configured (PsMarkerCount *self, const PsText *name)
{
  if (self->is_told)
    ps_name_set_add (self->configured, name);
}

void
ps_marker_count_told_configured (PsMarkerCount *self, PsConfigReading how)
{
  if (!self->is_told)
    return;
  self->is_told = FALSE;
  const PsOutcome outcome = {.result = how == PS_CONFIG_FAILED ? PS_UNKNOWN : PS_APPLIED};
  take_reading (self, how, &outcome);
}
