/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/redis-db.h"
#include "base/hash.h"
#include "sim/world/field-list.h"
#include <string.h>

/* What trees are ordered by: a place, then the bytes. First in entries and members. */
typedef struct {
  guint64 place;
  PsText text; /* owned */
} Node;

typedef struct {
  Node node;
  PsSimRedisType type;
  GArray *fields; /* hash: owned; of PsField, whose texts are owned */
  GTree *members; /* set: owned; of Node */
  PsText string;  /* string: owned */
} Entry;

struct _PsSimRedisDb {
  guint64 seed;
  GTree *entries;    /* owned; Node * -> the same as Entry *; the order of SCAN */
  GHashTable *index; /* owned; the same pairs: most commands ask for one key */
};

/* One step of the generator, so that alike names are far apart. Never 0. */
static guint64
place_of (const PsSimRedisDb *self, PsText text)
{
  PsRng rng;
  ps_rng_seed (&rng, ps_hash_64 (text.data, text.size) ^ self->seed);
  return MAX (ps_rng_next (&rng), 1);
}

static gint
compare_nodes (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const Node *left = a, *right = b;
  if (left->place != right->place)
    return left->place < right->place ? -1 : 1;
  gsize n = MIN (left->text.size, right->text.size);
  int order = n == 0 ? 0 : memcmp (left->text.data, right->text.data, n);
  if (order != 0)
    return order;
  return left->text.size < right->text.size ? -1 : left->text.size > right->text.size;
}

static guint
hash_node (gconstpointer data)
{
  const Node *node = data;
  return (guint)node->place;
}

static gboolean
equal_nodes (gconstpointer a, gconstpointer b)
{
  return compare_nodes (a, b, NULL) == 0;
}

static Node
probe (const PsSimRedisDb *self, PsText text)
{
  return (Node){place_of (self, text), text};
}

static void
member_free (gpointer data)
{
  Node *member = data;
  ps_sim_text_free (member->text);
  g_free (member);
}

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  ps_sim_text_free (entry->node.text);
  g_clear_pointer (&entry->fields, g_array_unref);
  g_clear_pointer (&entry->members, g_tree_unref);
  ps_sim_text_free (entry->string);
  g_free (entry);
}

PsSimRedisDb *
ps_sim_redis_db_new (guint64 seed)
{
  PsSimRedisDb *self = g_new0 (PsSimRedisDb, 1);
  self->seed = seed;
  self->entries = g_tree_new_full (compare_nodes, NULL, NULL, entry_free);
  self->index = g_hash_table_new (hash_node, equal_nodes);
  return self;
}

void
ps_sim_redis_db_free (PsSimRedisDb *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->index);
  g_tree_unref (self->entries);
  g_free (self);
}

void
ps_sim_redis_db_clear (PsSimRedisDb *self)
{
  g_hash_table_remove_all (self->index);
  g_tree_remove_all (self->entries);
}

/* Frees it. */
static void
drop (PsSimRedisDb *self, Entry *entry)
{
  g_hash_table_remove (self->index, &entry->node);
  g_tree_remove (self->entries, &entry->node);
}

static Entry *
find (const PsSimRedisDb *self, PsText key)
{
  Node node = probe (self, key);
  return g_hash_table_lookup (self->index, &node);
}

static Entry *
find_typed (const PsSimRedisDb *self, PsText key, PsSimRedisType type)
{
  Entry *entry = find (self, key);
  return entry != NULL && entry->type == type ? entry : NULL;
}

/* NULL if the key holds another type. */
static Entry *
obtain (PsSimRedisDb *self, PsText key, PsSimRedisType type)
{
  Entry *entry = find (self, key);
  if (entry != NULL)
    return entry->type == type ? entry : NULL;
  entry = g_new0 (Entry, 1);
  entry->node = probe (self, ps_sim_text_copy (key));
  entry->type = type;
  if (type == PS_SIM_HASH)
    entry->fields = ps_sim_field_list_new ();
  if (type == PS_SIM_SET)
    entry->members = g_tree_new_full (compare_nodes, NULL, NULL, member_free);
  g_tree_insert (self->entries, &entry->node, entry);
  g_hash_table_insert (self->index, &entry->node, entry);
  return entry;
}

static PsField *
find_field (const Entry *entry, PsText name, guint *out_index)
{
  for (guint i = 0; i < entry->fields->len; i++) {
    PsField *field = &g_array_index (entry->fields, PsField, i);
    *out_index = i;
    if (ps_text_equal (field->name, name))
      return field;
  }
  return NULL;
}

/* TRUE: it is new. A value of the same length is overwritten in its place. */
static gboolean
put_field (Entry *entry, const PsField *field)
{
  guint index;
  PsField *found = find_field (entry, field->name, &index);
  if (found == NULL) {
    ps_sim_field_list_add (entry->fields, field, 1);
    return TRUE;
  }
  if (found->value.size == field->value.size && field->value.size > 0) {
    memmove ((char *)found->value.data, field->value.data, field->value.size);
    return FALSE;
  }
  PsText old = found->value;
  found->value = ps_sim_text_copy (field->value);
  ps_sim_text_free (old);
  return FALSE;
}

PsSimChange
ps_sim_redis_db_hset (PsSimRedisDb *self, PsText key, const PsField *fields, gsize n_fields,
                      guint *out_n_new)
{
  Entry *entry = n_fields > 0 ? obtain (self, key, PS_SIM_HASH) : NULL;
  *out_n_new = 0;
  if (entry == NULL)
    return n_fields > 0 ? PS_SIM_WRONG_TYPE : PS_SIM_SAME;
  for (gsize i = 0; i < n_fields; i++)
    *out_n_new += put_field (entry, &fields[i]) != FALSE;
  return *out_n_new > 0 ? PS_SIM_CHANGED : PS_SIM_SAME;
}

PsSimChange
ps_sim_redis_db_hdel (PsSimRedisDb *self, PsText key, PsText field)
{
  Entry *entry = find (self, key);
  guint index;
  if (entry == NULL)
    return PS_SIM_SAME;
  if (entry->type != PS_SIM_HASH)
    return PS_SIM_WRONG_TYPE;
  if (find_field (entry, field, &index) == NULL)
    return PS_SIM_SAME;
  g_array_remove_index (entry->fields, index);
  if (entry->fields->len == 0)
    drop (self, entry);
  return PS_SIM_CHANGED;
}

PsSimChange
ps_sim_redis_db_sadd (PsSimRedisDb *self, PsText key, PsText member)
{
  Entry *entry = obtain (self, key, PS_SIM_SET);
  if (entry == NULL)
    return PS_SIM_WRONG_TYPE;
  Node node = probe (self, member);
  if (g_tree_lookup (entry->members, &node) != NULL)
    return PS_SIM_SAME;
  Node *added = g_new (Node, 1);
  *added = (Node){node.place, ps_sim_text_copy (member)};
  g_tree_insert (entry->members, added, added);
  return PS_SIM_CHANGED;
}

PsSimChange
ps_sim_redis_db_srem (PsSimRedisDb *self, PsText key, PsText member)
{
  Entry *entry = find (self, key);
  if (entry == NULL)
    return PS_SIM_SAME;
  if (entry->type != PS_SIM_SET)
    return PS_SIM_WRONG_TYPE;
  Node node = probe (self, member);
  if (!g_tree_remove (entry->members, &node))
    return PS_SIM_SAME;
  if (g_tree_nnodes (entry->members) == 0)
    drop (self, entry);
  return PS_SIM_CHANGED;
}

gboolean
ps_sim_redis_db_del (PsSimRedisDb *self, PsText key)
{
  Entry *entry = find (self, key);
  if (entry != NULL)
    drop (self, entry);
  return entry != NULL;
}

void
ps_sim_redis_db_set (PsSimRedisDb *self, PsText key, PsText value)
{
  PsText copy = ps_sim_text_copy (value);
  ps_sim_redis_db_del (self, key);
  obtain (self, key, PS_SIM_STRING)->string = copy;
}

PsSimRedisType
ps_sim_redis_db_type (const PsSimRedisDb *self, PsText key)
{
  Entry *entry = find (self, key);
  return entry == NULL ? PS_SIM_NONE : entry->type;
}

guint
ps_sim_redis_db_n_keys (const PsSimRedisDb *self)
{
  return (guint)g_tree_nnodes (self->entries);
}

const PsField *
ps_sim_redis_db_fields (const PsSimRedisDb *self, PsText key, gsize *out_n)
{
  Entry *entry = find_typed (self, key, PS_SIM_HASH);
  *out_n = entry == NULL ? 0 : entry->fields->len;
  return entry == NULL ? NULL : (const PsField *)(gpointer)entry->fields->data;
}

const PsText *
ps_sim_redis_db_field (const PsSimRedisDb *self, PsText key, PsText field)
{
  Entry *entry = find_typed (self, key, PS_SIM_HASH);
  guint index;
  PsField *found = entry == NULL ? NULL : find_field (entry, field, &index);
  return found == NULL ? NULL : &found->value;
}

const PsText *
ps_sim_redis_db_string (const PsSimRedisDb *self, PsText key)
{
  Entry *entry = find_typed (self, key, PS_SIM_STRING);
  return entry == NULL ? NULL : &entry->string;
}

guint
ps_sim_redis_db_n_members (const PsSimRedisDb *self, PsText key)
{
  Entry *entry = find_typed (self, key, PS_SIM_SET);
  return entry == NULL ? 0 : (guint)g_tree_nnodes (entry->members);
}

gboolean
ps_sim_redis_db_has_member (const PsSimRedisDb *self, PsText key, PsText member)
{
  Entry *entry = find_typed (self, key, PS_SIM_SET);
  Node node = probe (self, member);
  return entry != NULL && g_tree_lookup (entry->members, &node) != NULL;
}

void
ps_sim_redis_db_members (const PsSimRedisDb *self, PsText key, GArray *members)
{
  Entry *entry = find_typed (self, key, PS_SIM_SET);
  GTreeNode *at = entry == NULL ? NULL : g_tree_node_first (entry->members);
  for (; at != NULL; at = g_tree_node_next (at))
    g_array_append_val (members, ((const Node *)g_tree_node_key (at))->text);
}

PsText
ps_sim_redis_db_any_member (const PsSimRedisDb *self, PsText key, PsRng *rng)
{
  Entry *entry = find_typed (self, key, PS_SIM_SET);
  g_assert (entry != NULL);
  Node from = {ps_rng_next (rng), {"", 0}};
  GTreeNode *node = g_tree_lower_bound (entry->members, &from);
  if (node == NULL)
    node = g_tree_node_first (entry->members);
  return ((const Node *)g_tree_node_key (node))->text;
}

guint64
ps_sim_redis_db_walk (const PsSimRedisDb *self, guint64 cursor, guint n, GArray *keys)
{
  Node from = {cursor, {"", 0}};
  guint64 last = 0;
  GTreeNode *at = g_tree_lower_bound (self->entries, &from);
  for (guint i = 0; at != NULL; at = g_tree_node_next (at), i++) {
    const Node *node = g_tree_node_key (at);
    if (i >= n && node->place != last)
      return node->place;
    last = node->place;
    g_array_append_val (keys, node->text);
  }
  return 0;
}

guint64
ps_sim_redis_db_cursor_at (const PsSimRedisDb *self, PsText key)
{
  return place_of (self, key);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Copies of those that begin with prefix. */
static GPtrArray *
sort_names (const GArray *names, const char *prefix)
{
  GPtrArray *sorted = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < names->len; i++) {
    PsText name = g_array_index (names, PsText, i);
    if (g_str_has_prefix (name.data, prefix))
      g_ptr_array_add (sorted, g_strdup (name.data));
  }
  g_ptr_array_sort (sorted, compare_names);
  return sorted;
}

GPtrArray *
ps_sim_redis_db_sorted_keys (const PsSimRedisDb *self, const char *prefix)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (PsText));
  ps_sim_redis_db_walk (self, 0, G_MAXUINT, all);
  return sort_names (all, prefix);
}

GPtrArray *
ps_sim_redis_db_sorted_members (const PsSimRedisDb *self, PsText key)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (PsText));
  ps_sim_redis_db_members (self, key, all);
  return sort_names (all, "");
}

static gboolean
copy_member (gpointer key, gpointer value, gpointer user_data)
{
  const Node *node = key;
  Node *copy = g_new (Node, 1);
  *copy = (Node){node->place, ps_sim_text_copy (node->text)};
  g_tree_insert (user_data, copy, copy);
  return FALSE;
}

static gboolean
copy_entry (gpointer key, gpointer value, gpointer user_data)
{
  const Entry *entry = value;
  Entry *copy = obtain (user_data, entry->node.text, entry->type);
  if (entry->type == PS_SIM_HASH)
    ps_sim_field_list_add (copy->fields, &g_array_index (entry->fields, PsField, 0),
                           entry->fields->len);
  if (entry->type == PS_SIM_SET)
    g_tree_foreach (entry->members, copy_member, copy->members);
  if (entry->type == PS_SIM_STRING)
    copy->string = ps_sim_text_copy (entry->string);
  return FALSE;
}

PsSimRedisDb *
ps_sim_redis_db_copy (const PsSimRedisDb *self)
{
  PsSimRedisDb *copy = ps_sim_redis_db_new (self->seed);
  g_tree_foreach (self->entries, copy_entry, copy);
  return copy;
}
