/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/write-log.h"

struct _PsWriteLog {
  GPtrArray *lines;   /* owned; of char * */
  GHashTable *counts; /* owned; "DB KEY" -> number */
};

static const char *const db_names[PS_N_DBS] = {"CONFIG", "APPL", "STATE"};

PsWriteLog *
ps_write_log_new (void)
{
  PsWriteLog *self = g_new0 (PsWriteLog, 1);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
ps_write_log_free (PsWriteLog *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->lines);
  g_hash_table_unref (self->counts);
  g_free (self);
}

void
ps_write_log_add (PsWriteLog *self, const char *verb, const char *key, const PsBatch *batch,
                  guint op)
{
  const char *db = db_names[ps_batch_db (batch)];
  GString *line = g_string_new (NULL);
  g_string_printf (line, "%s %s %s", db, verb, key);
  for (guint i = 0; i < ps_batch_get_op (batch, op).n_fields; i++) {
    PsField field = ps_batch_get_field (batch, op, i);
    g_string_append_printf (line, " %s=%s", field.name.data, field.value.data);
  }
  g_ptr_array_add (self->lines, g_string_free (line, FALSE));
  char *id = g_strdup_printf ("%s %s", db, key);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, id));
  g_hash_table_replace (self->counts, id, GUINT_TO_POINTER (n + 1));
}

const GPtrArray *
ps_write_log_lines (const PsWriteLog *self)
{
  return self->lines;
}

char *
ps_write_log_text (const PsWriteLog *self)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < self->lines->len; i++)
    g_string_append_printf (text, "%s\n", (char *)g_ptr_array_index (self->lines, i));
  return g_string_free (text, FALSE);
}

guint
ps_write_log_count (const PsWriteLog *self, PsDb db, const char *key)
{
  g_autofree char *id = g_strdup_printf ("%s %s", db_names[db], key);
  return GPOINTER_TO_UINT (g_hash_table_lookup (self->counts, id));
}

void
ps_write_log_clear (PsWriteLog *self)
{
  g_ptr_array_set_size (self->lines, 0);
  g_hash_table_remove_all (self->counts);
}
