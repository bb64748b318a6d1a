/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/document.h"
#include "base/log.h"
#include "base/nearest.h"
#include "base/units.h"
#include <string.h>

G_DEFINE_QUARK (ps_document_error, ps_document_error)

/* --- the text ------------------------------------------------------------------------------- */

/* The reader lets the last of two members of one name win; NULL if there are no two. */
static const PsJson *
find_twice (const PsJson *value)
{
  const PsJson *twice = NULL;
  if (value->first == NULL)
    return NULL;
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  for (const PsJson *at = value->first; at != NULL && twice == NULL; at = at->next)
    twice = at->name != NULL && !g_hash_table_add (names, at->name) ? at : find_twice (at);
  return twice;
}

PsJson *
ps_document_parse (const char *text, gsize size, const char *origin, GError **error)
{
  g_autoptr (PsJson) root = ps_json_parse (text, size, origin, error);
  const PsJson *twice = root != NULL ? find_twice (root) : NULL;
  if (twice == NULL)
    return g_steal_pointer (&root);
  g_autofree char *name = ps_log_escape (twice->name, strlen (twice->name));
  g_set_error (error, PS_DOCUMENT_ERROR, PS_DOCUMENT_ERROR_INVALID,
               "%s:%u: an object names a member twice: \"%s\"", origin, twice->line, name);
  return NULL;
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
ps_place_root (const char *origin, const PsJson *value, GPtrArray *faults)
{
  return (PsPlace){.origin = origin, .value = value, .faults = faults};
}

gboolean
ps_place_is (const PsPlace *self, PsJsonType type)
{
  return self->value->type == type;
}

static PsPlace
within (const PsPlace *parent, const PsJson *value)
{
  return (PsPlace){
      .origin = parent->origin, .parent = parent, .value = value, .faults = parent->faults};
}

gboolean
ps_place_member (const PsPlace *self, const char *name, PsPlace *out)
{
  *out = within (self, ps_json_member (self->value, name));
  out->member = name;
  return out->value != NULL;
}

PsPlace
ps_place_first (const PsPlace *self)
{
  return within (self, self->value->first);
}

void
ps_place_next (PsPlace *self)
{
  self->value = self->value->next;
  self->index++;
}

PsPlace
ps_place_element (const PsPlace *self, guint index)
{
  PsPlace at = ps_place_first (self);
  while (at.index < index)
    ps_place_next (&at);
  return at;
}

guint
ps_place_length (const PsPlace *self)
{
  guint n = 0;
  for (const PsJson *at = self->value->first; at != NULL; at = at->next)
    n++;
  return n;
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

gboolean
ps_place_fail_unknown (const PsPlace *self, const char *what, const char *word,
                       const char *const *known, GError **error)
{
  const char *near = ps_nearest (word, known);
  return near != NULL
             ? ps_place_fail (self, error, "%s \"%s\"; did you mean \"%s\"?", what, word, near)
             : ps_place_fail (self, error, "%s \"%s\"", what, word);
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
ps_place_require_object (const PsPlace *self, GError **error)
{
  return ps_place_is (self, PS_JSON_OBJECT) || ps_place_fail (self, error, "must be an object");
}

gboolean
ps_place_check_object (const PsPlace *self, const char *const *known, GError **error)
{
  gboolean ok = TRUE;
  if (!ps_place_require_object (self, error))
    return FALSE;
  for (const PsJson *at = self->value->first; at != NULL; at = at->next) {
    if (g_strv_contains (known, at->name))
      continue;
    PsPlace member = within (self, at);
    member.member = at->name;
    ok = fail_unknown (&member, "member", at->name, known, error);
  }
  return ok;
}

gboolean
ps_place_check_array (const PsPlace *self, guint max, GError **error)
{
  if (!ps_place_is (self, PS_JSON_ARRAY))
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
  if (!ps_place_is (self, PS_JSON_TEXT))
    return ps_place_fail (self, error, "must be a text");
  *out = self->value->text;
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
  *out = ps_place_is (self, PS_JSON_TRUE);
  return *out || ps_place_is (self, PS_JSON_FALSE) ||
         ps_place_fail (self, error, "must be true or false");
}

gboolean
ps_place_read_integer (const PsPlace *self, gint64 min, gint64 max, gint64 *out, GError **error)
{
  if (!ps_place_is (self, PS_JSON_INTEGER))
    return ps_place_fail (self, error, "must be a whole number");
  *out = self->value->integer;
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
