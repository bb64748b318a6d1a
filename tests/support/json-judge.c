/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/json-judge.h"
#include <json-glib/json-glib.h>

typedef struct {
  const PsJson *ours;
  JsonNode *theirs;
} Pair;

/* Of members with one name json-glib keeps the last. */
static void
judge_object (const PsJson *ours, JsonObject *theirs, GArray *open)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  for (const PsJson *at = ours->first; at != NULL; at = at->next) {
    Pair pair = {ps_json_member (ours, at->name), json_object_get_member (theirs, at->name)};
    g_assert_nonnull (pair.theirs);
    if (g_hash_table_add (names, at->name))
      g_array_append_val (open, pair);
  }
  g_assert_cmpuint (g_hash_table_size (names), ==, json_object_get_size (theirs));
}

static void
judge_array (const PsJson *ours, JsonArray *theirs, GArray *open)
{
  guint n = 0;
  for (const PsJson *at = ours->first; at != NULL; at = at->next, n++) {
    g_assert_cmpuint (n, <, json_array_get_length (theirs));
    Pair pair = {at, json_array_get_element (theirs, n)};
    g_array_append_val (open, pair);
  }
  g_assert_cmpuint (n, ==, json_array_get_length (theirs));
}

static void
judge (const PsJson *ours, JsonNode *theirs, GArray *open)
{
  switch (ours->type) {
  case PS_JSON_OBJECT:
    g_assert_true (JSON_NODE_HOLDS_OBJECT (theirs));
    judge_object (ours, json_node_get_object (theirs), open);
    return;
  case PS_JSON_ARRAY:
    g_assert_true (JSON_NODE_HOLDS_ARRAY (theirs));
    judge_array (ours, json_node_get_array (theirs), open);
    return;
  case PS_JSON_TEXT:
    g_assert_true (json_node_get_value_type (theirs) == G_TYPE_STRING);
    g_assert_cmpstr (ours->text, ==, json_node_get_string (theirs));
    return;
  case PS_JSON_INTEGER:
    g_assert_true (json_node_get_value_type (theirs) == G_TYPE_INT64);
    g_assert_cmpint (ours->integer, ==, json_node_get_int (theirs));
    g_assert_cmpfloat (ours->number, ==, json_node_get_double (theirs));
    return;
  case PS_JSON_NUMBER:
    if (json_node_get_value_type (theirs) == G_TYPE_DOUBLE)
      g_assert_cmpfloat (ours->number, ==, json_node_get_double (theirs));
    else /* an integer that neither can hold */
      g_assert_true (json_node_get_value_type (theirs) == G_TYPE_INT64);
    return;
  case PS_JSON_TRUE:
  case PS_JSON_FALSE:
    g_assert_true (json_node_get_value_type (theirs) == G_TYPE_BOOLEAN);
    g_assert_cmpint (json_node_get_boolean (theirs), ==, ours->type == PS_JSON_TRUE);
    return;
  case PS_JSON_NULL:
    g_assert_true (JSON_NODE_HOLDS_NULL (theirs));
    return;
  }
  g_assert_not_reached ();
}

void
ps_json_judge (const PsJson *ours, const char *text, gsize size)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  if (!json_parser_load_from_data (parser, text, (gssize)size, &error))
    g_error ("json-glib refuses what we take: %s", error->message);
  g_autoptr (GArray) open = g_array_new (FALSE, FALSE, sizeof (Pair));
  Pair pair = {ours, json_parser_get_root (parser)};
  g_array_append_val (open, pair);
  while (open->len > 0) {
    pair = g_array_index (open, Pair, open->len - 1);
    g_array_set_size (open, open->len - 1);
    judge (pair.ours, pair.theirs, open);
  }
}
