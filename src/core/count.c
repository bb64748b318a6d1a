/* SPDX-License-Identifier: Apache-2.0 */
#include "core/count.h"
#include "core/schema.h"
#include <string.h>

struct _PsCount {
  PsClock *clock; /* owned */
  PsStore *store; /* owned */
  PsLog *log;     /* not owned */
  PsCountLooked looked;
  gpointer user_data;
  gboolean is_awaited; /* looked is due */
  gint64 due_us;
  guint n_looks;                 /* left */
  guint n_open;                  /* requests of this look without an answer */
  gboolean refused, broken;      /* a part of this look: by the server, with the connection */
  GHashTable *configured, *live; /* owned sets of char *, of this look */
  char *count;                   /* owned, nullable; as the marker says */
  char *told_foreign;            /* owned, nullable; the row that was reported last */
  char *told_count;              /* owned, nullable; likewise the correction */
};

PsCount *
ps_count_new (PsClock *clock, PsStore *store, PsLog *log, PsCountLooked looked, gpointer user_data)
{
  PsCount *self = g_new0 (PsCount, 1);
  self->clock = g_object_ref (clock);
  self->store = g_object_ref (store);
  self->log = log;
  self->looked = looked;
  self->user_data = user_data;
  self->configured = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->live = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
ps_count_free (PsCount *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->configured);
  g_hash_table_unref (self->live);
  g_free (self->count);
  g_free (self->told_foreign);
  g_free (self->told_count);
  g_object_unref (self->store);
  g_object_unref (self->clock);
  g_free (self);
}

static void
look_again (PsCount *self)
{
  self->due_us = ps_clock_now_us (self->clock) + PS_COUNT_QUIET_US;
}

/* The connection broke: that was no look. The next one is as soon as another stands. */
static void
look_soon (PsCount *self)
{
  self->n_looks++;
  self->due_us = ps_clock_now_us (self->clock);
}

static void
end_look (PsCount *self)
{
  if (self->n_open > 0 || !self->is_awaited)
    return;
  self->is_awaited = FALSE;
  self->looked (self->user_data);
}

static void
on_corrected (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  PsCount *self = user_data;
  self->n_open--;
  if (outcomes[0].result == PS_UNKNOWN)
    look_soon (self);
  if (outcomes[0].result == PS_REFUSED)
    ps_error (self->log, "APPL_DB refused to correct the count of " PS_KEY_CONFIG_DONE ": %s",
              outcomes[0].reason != NULL ? outcomes[0].reason : "no reason given");
  end_look (self);
}

static void
tell_count (PsCount *self, const char *wanted)
{
  if (g_strcmp0 (self->told_count, wanted) == 0)
    return;
  g_free (self->told_count);
  self->told_count = g_strdup (wanted);
  g_autofree char *was = ps_log_escape (self->count, strlen (self->count));
  ps_notice (self->log, PS_KEY_CONFIG_DONE " count is %s with %s ports live: correcting it", was,
             wanted);
}

/* The marker may be gone or staged anew by now, which the server looks at in the same instant. */
static void
correct (PsCount *self, guint n)
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
find_foreign (const PsCount *self)
{
  const char *first = NULL;
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (self->configured, key) &&
        !ps_schema_is_port_name (key, strlen (key)) && (first == NULL || strcmp (key, first) < 0))
      first = key;
  return first;
}

static void
tell_foreign (PsCount *self)
{
  const char *foreign = find_foreign (self);
  if (g_strcmp0 (foreign, self->told_foreign) == 0)
    return;
  g_free (self->told_foreign);
  self->told_foreign = g_strdup (foreign);
  if (foreign == NULL)
    return;
  g_autofree char *name = ps_log_escape (foreign, strlen (foreign));
  ps_warn (self->log,
           "APPL_DB " PS_TABLE_PORT_TABLE ":%s is no configured port, but orchagent will count it "
           "at its next warm start and refuse; who writes it?",
           name);
}

static gboolean
agree (const PsCount *self)
{
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, self->live);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (self->configured, key))
      return FALSE;
  return g_hash_table_size (self->live) == g_hash_table_size (self->configured);
}

static void
judge (PsCount *self)
{
  guint n = g_hash_table_size (self->live);
  g_autofree char *wanted = g_strdup_printf ("%u", n);
  if (self->count == NULL)
    return;
  tell_foreign (self);
  if (!agree (self)) {
    look_again (self);
    return;
  }
  if (strcmp (self->count, wanted) == 0) {
    self->n_looks = 0;
    g_clear_pointer (&self->told_count, g_free);
    return;
  }
  correct (self, n);
  look_again (self); /* Something may have been staged. */
}

static void
on_part (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  PsCount *self = user_data;
  self->refused |= outcome->result == PS_REFUSED;
  self->broken |= outcome->result == PS_UNKNOWN;
  if (--self->n_open > 0)
    return;
  if (self->broken)
    look_soon (self);
  else if (self->refused)
    look_again (self);
  else
    judge (self);
  g_hash_table_remove_all (self->configured);
  g_hash_table_remove_all (self->live);
  g_clear_pointer (&self->count, g_free);
  end_look (self);
}

static void
on_configured (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsCount *self = user_data;
  g_hash_table_add (self->configured, g_strndup (row->key.data, row->key.size));
}

static void
on_live (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsCount *self = user_data;
  if (!ps_text_equal (row->key, ps_text (PS_KEY_CONFIG_DONE)) &&
      !ps_text_equal (row->key, ps_text (PS_KEY_INIT_DONE)))
    g_hash_table_add (self->live, g_strndup (row->key.data, row->key.size));
}

static void
on_marker (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsCount *self = user_data;
  for (gsize i = 0; i < row->n_fields; i++)
    if (ps_text_equal (row->fields[i].name, ps_text (PS_FIELD_COUNT))) {
      g_free (self->count);
      self->count = g_strndup (row->fields[i].value.data, row->fields[i].value.size);
    }
}

void
ps_count_request (PsCount *self)
{
  self->n_looks = PS_COUNT_LOOKS;
  look_again (self);
}

void
ps_count_run (PsCount *self)
{
  static const char *const marker[] = {PS_KEY_CONFIG_DONE};
  if (self->n_looks == 0 || self->n_open > 0 || ps_clock_now_us (self->clock) < self->due_us ||
      !ps_store_is_online (self->store))
    return;
  self->n_looks--;
  self->refused = self->broken = FALSE;
  self->n_open = 3;
  PsRead configured = {.db = PS_DB_CONFIG, .table = PS_TABLE_PORT, .names_only = TRUE};
  PsRead live = {.db = PS_DB_APPL, .table = PS_TABLE_PORT_TABLE, .names_only = TRUE};
  PsRead count = {.db = PS_DB_APPL, .table = PS_TABLE_PORT_TABLE, .keys = marker, .n_keys = 1};
  ps_store_read_rows (self->store, &configured, on_configured, on_part, self);
  ps_store_read_rows (self->store, &live, on_live, on_part, self);
  ps_store_read_rows (self->store, &count, on_marker, on_part, self);
}

void
ps_count_look (PsCount *self)
{
  self->n_looks = PS_COUNT_LOOKS;
  self->due_us = ps_clock_now_us (self->clock);
  self->is_awaited = TRUE;
  ps_count_run (self);
  end_look (self);
}
