/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/json-line.h"
#include <string.h>

static void
put_string (GString *out, const char *text)
{
  g_autoptr (JsonNode) node = json_node_init_string (json_node_alloc (), text);
  g_autofree char *quoted = json_to_string (node, FALSE);
  g_string_append (out, quoted);
}

static void
put_fraction (GString *out, gdouble number)
{
  char text[64];
  g_ascii_formatd (text, sizeof text, "%.6f", number);
  gsize size = strlen (text);
  while (text[size - 1] == '0' && text[size - 2] != '.')
    size--;
  g_string_append_len (out, text, (gssize)size);
}

static void
put_value (GString *out, JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_NULL (node) ? G_TYPE_NONE : json_node_get_value_type (node);
  if (type == G_TYPE_STRING)
    put_string (out, json_node_get_string (node));
  else if (type == G_TYPE_INT64)
    g_string_append_printf (out, "%" G_GINT64_FORMAT, json_node_get_int (node));
  else if (type == G_TYPE_DOUBLE)
    put_fraction (out, json_node_get_double (node));
  else if (type == G_TYPE_BOOLEAN)
    g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
  else
    g_string_append (out, "null");
}

void
ps_json_put_line (GString *out, JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);
    g_string_append_c (out, '[');
    for (guint i = 0; i < json_array_get_length (array); i++) {
      g_string_append (out, i > 0 ? ", " : "");
      ps_json_put_line (out, json_array_get_element (array, i));
    }
    g_string_append_c (out, ']');
  } else if (JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObject *object = json_node_get_object (node);
    g_autoptr (GList) names = json_object_get_members (object);
    g_string_append (out, "{");
    for (GList *at = names; at != NULL; at = at->next) {
      g_string_append (out, at != names ? ", " : " ");
      put_string (out, at->data);
      g_string_append (out, ": ");
      ps_json_put_line (out, json_object_get_member (object, at->data));
    }
    g_string_append (out, names != NULL ? " }" : "}");
  } else {
    put_value (out, node);
  }
}
