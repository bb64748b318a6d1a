/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/document.h"
#include "base/json-guard.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/units.h"
#include <string.h>

G_DEFINE_QUARK (ps_document_error, ps_document_error)

/* json-glib lets the last of two members of one name win; this counts what it reads. */
typedef struct {
  GArray *counts; /* guint for each open object */
  char *twice;    /* nullable: where the first such object ends */
} Members;

/* --- the text ------------------------------------------------------------------------------- */

static JsonNode *
refuse (const char *origin, GError **error, const char *why)
{
  g_set_error (error, PS_DOCUMENT_ERROR, PS_DOCUMENT_ERROR_SYNTAX, "%s: %s", origin, why);
  return NULL;
}

static void
on_object_start (JsonParser *parser, gpointer user_data)
{
  Members *members = user_data;
  guint none = 0;
  g_array_append_val (members->counts, none);
}

static void
on_object_member (JsonParser *parser, JsonObject *object, const char *name, gpointer user_data)
{
  Members *members = user_data;
  if (members->counts->len > 0)
    g_array_index (members->counts, guint, members->counts->len - 1)++;
}

static void
on_object_end (JsonParser *parser, JsonObject *object, gpointer user_data)
{
  Members *members = user_data;
  if (members->counts->len == 0)
    return;
  guint read = g_array_index (members->counts, guint, members->counts->len - 1);
  g_array_set_size (members->counts, members->counts->len - 1);
  if (read != json_object_get_size (object) && members->twice == NULL)
    members->twice = g_strdup_printf ("the object that ends at line %u names a member twice",
                                      json_parser_get_current_line (parser));
}

/* "origin:line: not JSON: …", escaped: json-glib's message may quote the text. It begins with
 * "<data>:line:column: Parse error: "; once it has failed, the line is offered in no other way. */
static char *
explain (const char *origin, const char *message)
{
  const char *colon = strchr (message, ':');
  const char *words = strstr (message, "error: ");
  guint64 line = colon != NULL ? g_ascii_strtoull (colon + 1, NULL, 10) : 0;
  if (words != NULL)
    message = words + strlen ("error: ");
  g_autofree char *safe = ps_log_escape (message, strlen (message));
  return g_strdup_printf ("%s:%" G_GUINT64_FORMAT ": not JSON: %s", origin, MAX (line, 1), safe);
}

static JsonNode *
parse (JsonParser *parser, const char *text, gsize size, const char *origin, GError **error)
{
  g_autoptr (GError) why = NULL;
  if (!json_parser_load_from_data (parser, text, (gssize)size, &why)) {
    g_autofree char *line = explain (origin, why->message);
    g_set_error_literal (error, PS_DOCUMENT_ERROR, PS_DOCUMENT_ERROR_SYNTAX, line);
    return NULL;
  }
  JsonNode *root = json_parser_steal_root (parser);
  return root != NULL ? root : refuse (origin, error, "empty");
}

JsonNode *
ps_document_parse (const char *text, gsize size, const char *origin, GError **error)
{
  g_autofree char *fault = ps_json_guard_fault (origin, text, size);
  if (fault != NULL) {
    g_set_error_literal (error, PS_DOCUMENT_ERROR, PS_DOCUMENT_ERROR_SYNTAX, fault);
    return NULL;
  }
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GArray) counts = g_array_new (FALSE, FALSE, sizeof (guint));
  Members members = {counts, NULL};
  g_signal_connect (parser, "object-start", G_CALLBACK (on_object_start), &members);
  g_signal_connect (parser, "object-member", G_CALLBACK (on_object_member), &members);
  g_signal_connect (parser, "object-end", G_CALLBACK (on_object_end), &members);
  g_autoptr (JsonNode) root = parse (parser, text, size, origin, error);
  g_autofree char *twice = members.twice;
  if (root == NULL)
    return NULL;
  return twice != NULL ? refuse (origin, error, twice) : g_steal_pointer (&root);
}

/* --- places --------------------------------------------------------------------------------- */

/* As RFC 6901 wants it. */
static void
put_pointer (const PsPlace *self, GString *out)
{
  if (self->parent == NULL)
    return;
  put_pointer (self->parent, out);
  if (self->member == NULL) {
    g_string_append_printf (out, "/%u", self->index);
    return;
  }
  g_autoptr (GString) name = g_string_new (self->member);
  g_string_replace (name, "~", "~0", 0);
  g_string_replace (name, "/", "~1", 0);
  g_string_append_printf (out, "/%s", name->str);
}

PsPlace
ps_place_root (const char *origin, JsonNode *node, GPtrArray *faults)
{
  return (PsPlace){.origin = origin, .node = node, .faults = faults};
}

gboolean
ps_place_member (const PsPlace *self, const char *name, PsPlace *out)
{
  JsonNode *node = JSON_NODE_HOLDS_OBJECT (self->node)
                       ? json_object_get_member (json_node_get_object (self->node), name)
                       : NULL;
  *out = (PsPlace){
      .origin = self->origin, .parent = self, .member = name, .node = node, .faults = self->faults};
  return node != NULL;
}

PsPlace
ps_place_element (const PsPlace *self, guint index)
{
  JsonNode *node = json_array_get_element (json_node_get_array (self->node), index);
  return (PsPlace){
      .origin = self->origin, .parent = self, .index = index, .node = node, .faults = self->faults};
}

guint
ps_place_length (const PsPlace *self)
{
  return json_array_get_length (json_node_get_array (self->node));
}

/* Texts of the file may hold anything, also line ends. */
static void
escape_controls (GString *text)
{
  for (gsize i = 0; i < text->len; i++)
    if (g_ascii_iscntrl (text->str[i])) {
      g_autofree char *code = g_strdup_printf ("\\x%02x", (guint)text->str[i]);
      g_string_erase (text, (gssize)i, 1);
      g_string_insert (text, (gssize)i, code);
    }
}

gboolean
ps_place_fail (const PsPlace *self, GError **error, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_autoptr (GString) line = g_string_new (NULL);
  put_pointer (self, line);
  g_string_append_printf (line, "%s: %s", line->len > 0 ? "" : "/", what);
  escape_controls (line);
  g_string_prepend (line, ": ");
  g_string_prepend (line, self->origin);
  if (error != NULL && *error == NULL)
    g_set_error_literal (error, PS_DOCUMENT_ERROR, PS_DOCUMENT_ERROR_INVALID, line->str);
  if (self->faults != NULL)
    g_ptr_array_add (self->faults, g_strdup (line->str));
  return FALSE;
}

static gboolean
fail_unknown (const PsPlace *self, const char *kind, const char *word, const char *const *known,
              GError **error)
{
  const char *near = ps_nearest (word, known);
  g_autofree char *all = g_strjoinv (", ", (char **)known);
  if (near != NULL)
    return ps_place_fail (self, error, "unknown %s \"%s\"; did you mean \"%s\"?", kind, word, near);
  return ps_place_fail (self, error, "unknown %s \"%s\"; known are %s", kind, word, all);
}

gboolean
ps_place_check_object (const PsPlace *self, const char *const *known, GError **error)
{
  gboolean ok = TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (self->node))
    return ps_place_fail (self, error, "must be an object");
  g_autoptr (GList) names = json_object_get_members (json_node_get_object (self->node));
  for (GList *at = names; at != NULL; at = at->next) {
    PsPlace member;
    ps_place_member (self, at->data, &member);
    if (!g_strv_contains (known, at->data))
      ok = fail_unknown (&member, "member", at->data, known, error);
  }
  return ok;
}

gboolean
ps_place_check_array (const PsPlace *self, guint max, GError **error)
{
  if (!JSON_NODE_HOLDS_ARRAY (self->node))
    return ps_place_fail (self, error, "must be a list");
  guint length = ps_place_length (self);
  if (length == 0 || length > max)
    return ps_place_fail (self, error, "must have 1 to %u elements, not %u", max, length);
  return TRUE;
}

gboolean
ps_place_require (const PsPlace *self, const char *name, PsPlace *out, GError **error)
{
  return ps_place_member (self, name, out) || ps_place_fail (self, error, "lacks \"%s\"", name);
}

gboolean
ps_place_read_text (const PsPlace *self, const char **out, GError **error)
{
  if (!JSON_NODE_HOLDS_VALUE (self->node) || json_node_get_value_type (self->node) != G_TYPE_STRING)
    return ps_place_fail (self, error, "must be a text");
  *out = json_node_get_string (self->node);
  return (*out)[0] != '\0' || ps_place_fail (self, error, "must not be empty");
}

gboolean
ps_place_read_name (const PsPlace *self, const char **out, GError **error)
{
  if (!ps_place_read_text (self, out, error))
    return FALSE;
  for (const char *c = *out; *c != '\0'; c = g_utf8_next_char (c)) {
    gunichar letter = g_utf8_get_char (c);
    if (g_unichar_iscntrl (letter) || letter == 0x2028 || letter == 0x2029)
      return ps_place_fail (self, error, "must not have control characters (U+%04X)", letter);
  }
  return TRUE;
}

gboolean
ps_place_read_flag (const PsPlace *self, gboolean *out, GError **error)
{
  if (!JSON_NODE_HOLDS_VALUE (self->node) ||
      json_node_get_value_type (self->node) != G_TYPE_BOOLEAN)
    return ps_place_fail (self, error, "must be true or false");
  *out = json_node_get_boolean (self->node);
  return TRUE;
}

gboolean
ps_place_read_integer (const PsPlace *self, gint64 min, gint64 max, gint64 *out, GError **error)
{
  if (!JSON_NODE_HOLDS_VALUE (self->node) || json_node_get_value_type (self->node) != G_TYPE_INT64)
    return ps_place_fail (self, error, "must be a whole number");
  *out = json_node_get_int (self->node);
  if (*out >= min && *out <= max)
    return TRUE;
  return ps_place_fail (self, error,
                        "must be from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT
                        ", not %" G_GINT64_FORMAT,
                        min, max, *out);
}

gboolean
ps_place_read_duration (const PsPlace *self, gint64 *out, GError **error)
{
  const char *text;
  if (!ps_place_read_text (self, &text, error))
    return FALSE;
  if (text[0] == '-')
    return ps_place_fail (self, error, "\"%s\": a duration is never negative", text);
  if (ps_units_parse (PS_UNITS_DURATION, text, 0, PS_DURATION_MAX_US, out))
    return TRUE;
  return ps_place_fail (self, error,
                        "\"%s\" is no duration: a whole number and us, ms, s, m or h, at most a "
                        "year",
                        text);
}

gboolean
ps_place_read_word (const PsPlace *self, const char *kind, const char *const *words, guint *out,
                    GError **error)
{
  const char *text;
  if (!ps_place_read_text (self, &text, error))
    return FALSE;
  for (guint i = 0; words[i] != NULL; i++)
    if (strcmp (words[i], text) == 0) {
      *out = i;
      return TRUE;
    }
  return fail_unknown (self, kind, text, words, error);
}
