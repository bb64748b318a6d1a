/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/memory-db.h"
#include <string.h>

typedef enum { KIND_HASH, KIND_SET, KIND_STRING } Kind;

typedef struct {
  Kind kind;
  GArray *fields; /* owned; of PsField, whose texts are owned: a hash */
  GTree *members; /* owned; of char *, sorted: a set */
  char *string;   /* owned; nullable: not a string */
} Value;

struct _PsMemoryDb {
  GTree *values; /* owned; char * -> Value, both owned */
};

static void
clear_field (gpointer data)
{
  PsField *field = data;
  g_free ((char *)field->name.data);
  g_free ((char *)field->value.data);
}

static void
value_free (gpointer data)
{
  Value *value = data;
  g_array_unref (value->fields);
  g_tree_unref (value->members);
  g_free (value->string);
  g_free (value);
}

static gint
compare_keys (gconstpointer a, gconstpointer b, gpointer user_data)
{
  return strcmp (a, b);
}

PsMemoryDb *
ps_memory_db_new (void)
{
  PsMemoryDb *self = g_new0 (PsMemoryDb, 1);
  self->values = g_tree_new_full (compare_keys, NULL, g_free, value_free);
  return self;
}

void
ps_memory_db_free (PsMemoryDb *self)
{
  if (self == NULL)
    return;
  g_tree_unref (self->values);
  g_free (self);
}

static PsText
own (PsText text)
{
  char *copy = g_malloc (text.size + 1);
  if (text.size > 0)
    memcpy (copy, text.data, text.size);
  copy[text.size] = '\0';
  return (PsText){copy, text.size};
}

static Value *
obtain (PsMemoryDb *self, const char *key, Kind kind)
{
  Value *value = g_tree_lookup (self->values, key);
  if (value != NULL)
    return value;
  value = g_new0 (Value, 1);
  value->kind = kind;
  value->fields = g_array_new (FALSE, FALSE, sizeof (PsField));
  g_array_set_clear_func (value->fields, clear_field);
  value->members = g_tree_new_full (compare_keys, NULL, g_free, NULL);
  g_tree_insert (self->values, g_strdup (key), value);
  return value;
}

static Value *
find (PsMemoryDb *self, const char *key, Kind kind)
{
  Value *value = g_tree_lookup (self->values, key);
  return value != NULL && value->kind == kind ? value : NULL;
}

gboolean
ps_memory_db_put (PsMemoryDb *self, const char *key, PsText name, PsText value)
{
  Value *hash = obtain (self, key, KIND_HASH);
  if (hash->kind != KIND_HASH)
    return FALSE;
  for (guint i = 0; i < hash->fields->len; i++) {
    PsField *field = &g_array_index (hash->fields, PsField, i);
    if (!ps_text_equal (field->name, name))
      continue;
    PsText old = field->value;
    field->value = own (value);
    g_free ((char *)old.data);
    return TRUE;
  }
  PsField field = {own (name), own (value)};
  g_array_append_val (hash->fields, field);
  return TRUE;
}

gboolean
ps_memory_db_delete (PsMemoryDb *self, const char *key)
{
  return g_tree_remove (self->values, key);
}

gboolean
ps_memory_db_exists (PsMemoryDb *self, const char *key)
{
  return g_tree_lookup (self->values, key) != NULL;
}

gboolean
ps_memory_db_is_hash (PsMemoryDb *self, const char *key)
{
  return find (self, key, KIND_HASH) != NULL;
}

gboolean
ps_memory_db_is_set (PsMemoryDb *self, const char *key)
{
  return find (self, key, KIND_SET) != NULL;
}

gboolean
ps_memory_db_add (PsMemoryDb *self, const char *key, const char *member)
{
  Value *set = obtain (self, key, KIND_SET);
  g_assert (set->kind == KIND_SET);
  if (g_tree_lookup_extended (set->members, member, NULL, NULL))
    return FALSE;
  g_tree_insert (set->members, g_strdup (member), NULL);
  return TRUE;
}

gboolean
ps_memory_db_remove (PsMemoryDb *self, const char *key, const char *member)
{
  Value *set = find (self, key, KIND_SET);
  if (set == NULL || !g_tree_remove (set->members, member))
    return FALSE;
  if (g_tree_nnodes (set->members) == 0)
    g_tree_remove (self->values, key);
  return TRUE;
}

guint
ps_memory_db_set_size (PsMemoryDb *self, const char *key)
{
  Value *set = find (self, key, KIND_SET);
  return set == NULL ? 0 : (guint)g_tree_nnodes (set->members);
}

char *
ps_memory_db_take (PsMemoryDb *self, const char *key, guint index)
{
  g_assert (index < ps_memory_db_set_size (self, key));
  GTreeNode *node = g_tree_node_first (find (self, key, KIND_SET)->members);
  for (; index > 0; index--)
    node = g_tree_node_next (node);
  char *member = g_strdup (g_tree_node_key (node));
  ps_memory_db_remove (self, key, member);
  return member;
}

void
ps_memory_db_set_string (PsMemoryDb *self, const char *key, const char *string)
{
  ps_memory_db_delete (self, key);
  obtain (self, key, KIND_STRING)->string = g_strdup (string);
}

const char *
ps_memory_db_string (PsMemoryDb *self, const char *key)
{
  Value *value = find (self, key, KIND_STRING);
  return value == NULL ? NULL : value->string;
}

void
ps_memory_db_spoil (PsMemoryDb *self, const char *key)
{
  ps_memory_db_set_string (self, key, "spoiled");
}

const PsField *
ps_memory_db_fields (PsMemoryDb *self, const char *key, gsize *out_n)
{
  Value *hash = find (self, key, KIND_HASH);
  *out_n = hash == NULL ? 0 : hash->fields->len;
  return hash == NULL ? NULL : (const PsField *)(gpointer)hash->fields->data;
}

const char *
ps_memory_db_get (PsMemoryDb *self, const char *key, const char *field)
{
  gsize n;
  const PsField *fields = ps_memory_db_fields (self, key, &n);
  for (gsize i = 0; i < n; i++)
    if (ps_text_equal (fields[i].name, ps_text (field)))
      return fields[i].value.data;
  return NULL;
}

char *
ps_memory_db_row (PsMemoryDb *self, const char *key)
{
  gsize n;
  const PsField *fields = ps_memory_db_fields (self, key, &n);
  if (n == 0)
    return NULL;
  GString *text = g_string_new (NULL);
  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s=%s", i > 0 ? " " : "", fields[i].name.data,
                            fields[i].value.data);
  return g_string_free (text, FALSE);
}

void
ps_memory_db_set (PsMemoryDb *self, const char *key, const char *field, const char *value)
{
  g_assert_true (ps_memory_db_put (self, key, ps_text (field), ps_text (value)));
}

typedef struct {
  const char *prefix;
  GPtrArray *keys;
} Collect;

static gboolean
collect_key (gpointer key, gpointer value, gpointer user_data)
{
  Collect *collect = user_data;
  if (g_str_has_prefix (key, collect->prefix))
    g_ptr_array_add (collect->keys, g_strdup (key));
  return FALSE;
}

GPtrArray *
ps_memory_db_keys (PsMemoryDb *self, const char *prefix)
{
  Collect collect = {prefix, g_ptr_array_new_with_free_func (g_free)};
  g_tree_foreach (self->values, collect_key, &collect);
  return collect.keys;
}

void
ps_memory_db_flush (PsMemoryDb *self)
{
  g_tree_remove_all (self->values);
}

/* Each member of the set, behind the prefix, is a key that exists, and not this one. */
static gboolean
exist_beside (PsMemoryDb *self, const char *set, const char *prefix, const char *key)
{
  Value *value = find (self, set, KIND_SET);
  GTreeNode *at = value == NULL ? NULL : g_tree_node_first (value->members);
  for (; at != NULL; at = g_tree_node_next (at)) {
    g_autofree char *member = g_strconcat (prefix, (const char *)g_tree_node_key (at), NULL);
    if (strcmp (member, key) == 0 || !ps_memory_db_exists (self, member))
      return FALSE;
  }
  return TRUE;
}

PsMemoryCorrection
ps_memory_db_correct (PsMemoryDb *self, const char *key, PsField expected, PsText value,
                      const char *table)
{
  g_autofree char *pending = g_strdup_printf ("%s_KEY_SET", table);
  g_autofree char *deletions = g_strdup_printf ("%s_DEL_SET", table);
  g_autofree char *prefix = g_strndup (key, strlen (table) + 1);
  if (ps_memory_db_exists (self, key) && !ps_memory_db_is_hash (self, key))
    return PS_MEMORY_WRONG_TYPE;
  if (g_strcmp0 (ps_memory_db_get (self, key, expected.name.data), expected.value.data) != 0 ||
      ps_memory_db_exists (self, deletions))
    return PS_MEMORY_LEFT;
  if (ps_memory_db_exists (self, pending) && !ps_memory_db_is_set (self, pending))
    return PS_MEMORY_WRONG_TYPE;
  if (!exist_beside (self, pending, prefix, key))
    return PS_MEMORY_LEFT;
  ps_memory_db_put (self, key, expected.name, value);
  return PS_MEMORY_CORRECTED;
}
