/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/field-list.h"
#include <string.h>

PsText
ps_sim_text_copy (PsText text)
{
  char *copy = g_malloc (text.size + 1);
  if (text.size > 0)
    memcpy (copy, text.data, text.size);
  copy[text.size] = '\0';
  return (PsText){copy, text.size};
}

void
ps_sim_text_free (PsText text)
{
  g_free ((char *)text.data);
}

static void
clear_field (gpointer data)
{
  PsField *field = data;
  ps_sim_text_free (field->name);
  ps_sim_text_free (field->value);
}

GArray *
ps_sim_field_list_new (void)
{
  GArray *self = g_array_new (FALSE, FALSE, sizeof (PsField));
  g_array_set_clear_func (self, clear_field);
  return self;
}

void
ps_sim_field_list_add (GArray *self, const PsField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++) {
    PsField copy = {ps_sim_text_copy (fields[i].name), ps_sim_text_copy (fields[i].value)};
    g_array_append_val (self, copy);
  }
}
