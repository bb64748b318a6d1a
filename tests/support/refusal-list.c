/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/refusal-list.h"

static void
entry_free (gpointer data)
{
  PsRefusalEntry *entry = data;
  g_free (entry->key);
  g_free (entry->text);
  g_free (entry);
}

GPtrArray *
ps_refusal_list_new (void)
{
  return g_ptr_array_new_with_free_func (entry_free);
}

void
ps_refusal_list_add (GPtrArray *self, PsDb db, const char *key, PsRefusal refusal, const char *text,
                     guint n_times)
{
  g_assert (n_times > 0);
  PsRefusalEntry entry = {db, g_strdup (key), refusal, g_strdup (text), n_times};
  g_ptr_array_add (self, g_memdup2 (&entry, sizeof entry));
}

static gboolean
fits (const PsRefusalEntry *entry, PsDb db, const char *verb, const char *key)
{
  g_autofree char *both = g_strconcat (verb, *key != '\0' ? " " : "", key, NULL);
  return entry->db == db && (g_str_equal (entry->key, "*") || g_str_equal (entry->key, key) ||
                             g_str_equal (entry->key, both));
}

gboolean
ps_refusal_list_take (GPtrArray *self, PsDb db, const char *verb, const char *key,
                      PsRefusal *out_refusal, char **out_text)
{
  for (guint i = 0; i < self->len; i++) {
    PsRefusalEntry *entry = g_ptr_array_index (self, i);
    if (!fits (entry, db, verb, key))
      continue;
    *out_refusal = entry->refusal;
    *out_text = g_strdup (entry->text);
    if (--entry->n_left == 0)
      g_ptr_array_remove_index (self, i);
    return TRUE;
  }
  return FALSE;
}
