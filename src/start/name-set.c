/* SPDX-License-Identifier: Apache-2.0 */
#include "start/name-set.h"

struct _PsNameSet {
  PsPortTable *table; /* not owned */
  PsNameSetId id;
  PsMarks marks;      /* each clearing begins a generation */
  GHashTable *others; /* owned set of char * */
};

PsNameSet *
ps_name_set_new (PsPortTable *table, PsNameSetId id)
{
  PsNameSet *self = g_new0 (PsNameSet, 1);
  self->table = table;
  self->id = id;
  self->others = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  ps_marks_begin (&self->marks);
  return self;
}

void
ps_name_set_free (PsNameSet *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->others);
  g_free (self);
}

void
ps_name_set_clear (PsNameSet *self)
{
  ps_marks_begin (&self->marks);
  g_hash_table_remove_all (self->others);
}

void
ps_name_set_add (PsNameSet *self, const PsText *name)
{
  PsPort *port = ps_port_table_find (self->table, name->data);
  if (port != NULL)
    port->named.in[self->id] = ps_marks_now (&self->marks);
  else
    g_hash_table_add (self->others, g_strndup (name->data, name->size));
}

void
ps_name_set_settle (PsNameSet *self)
{
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, self->others);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    PsPort *port = ps_port_table_find (self->table, key);
    if (port == NULL)
      continue;
    port->named.in[self->id] = ps_marks_now (&self->marks);
    g_hash_table_iter_remove (&iter);
  }
}

gboolean
ps_name_set_has_port (const PsNameSet *self, const PsPort *port)
{
  return ps_mark_is_current (port->named.in[self->id], &self->marks);
}

guint
ps_name_set_size (const PsNameSet *self)
{
  guint n = g_hash_table_size (self->others);
  for (guint i = 0; i < ps_port_table_length (self->table); i++)
    n += ps_name_set_has_port (self, ps_port_table_nth (self->table, i));
  return n;
}

guint
ps_name_set_n_common (const PsNameSet *self, const PsNameSet *other)
{
  guint n = 0;
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, self->others);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    n += g_hash_table_contains (other->others, key);
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    const PsPort *port = ps_port_table_nth (self->table, i);
    n += ps_name_set_has_port (self, port) && ps_name_set_has_port (other, port);
  }
  return n;
}

GHashTable *
ps_name_set_others (const PsNameSet *self)
{
  return self->others;
}
