/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/json-guard.h"
#include <errno.h>
#include <string.h>

G_DEFINE_QUARK (ps_json_error, ps_json_error)

/* The guard has seen the text: it is UTF-8 without a NUL, its texts hold no control character and
 * escapes that stand for one character each, and nothing is nested deeper than PS_JSON_DEPTH_MAX.
 */
typedef struct {
  const char *at, *end;
  const char *fault; /* nullable; what is wrong at `at` */
  guint line;        /* of `at` */
  PsJson *open[PS_JSON_DEPTH_MAX];
  guint depth; /* how many are */
} Reader;

static gpointer
refuse (Reader *self, const char *fault)
{
  self->fault = fault;
  return NULL;
}

static void
skip_space (Reader *self)
{
  while (self->at < self->end && strchr (" \t\r\n", *self->at) != NULL)
    self->line += *self->at++ == '\n';
}

/* Whether it is the next character but space; only then it is passed. */
static gboolean
take (Reader *self, char c)
{
  skip_space (self);
  if (self->at == self->end || *self->at != c)
    return FALSE;
  self->at++;
  return TRUE;
}

/* --- texts ---------------------------------------------------------------------------------- */

/* The four digits at `at` are passed. */
static gunichar
take_unit (Reader *self)
{
  gunichar unit = 0;
  for (guint i = 0; i < 4; i++)
    unit = unit * 16 + (gunichar)g_ascii_xdigit_value (*self->at++);
  return unit;
}

/* What follows a backslash. */
static void
take_escape (Reader *self, GString *out)
{
  static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  char letter = *self->at++;
  if (letter != 'u') {
    g_string_append_c (out, meant[strchr (letters, letter) - letters]);
    return;
  }
  gunichar c = take_unit (self);
  if (c >= 0xd800 && c <= 0xdbff) {
    self->at += strlen ("\\u");
    c = 0x10000 + ((c & 0x3ff) << 10) + (take_unit (self) & 0x3ff);
  }
  g_string_append_unichar (out, c);
}

/* From behind the opening quote to behind the closing one; NULL if there is none. */
static char *
take_text (Reader *self)
{
  g_autoptr (GString) out = g_string_new (NULL);
  while (self->at < self->end && *self->at != '"')
    if (*self->at == '\\') {
      self->at++;
      take_escape (self, out);
    } else {
      g_string_append_c (out, *self->at++);
    }
  if (self->at == self->end)
    return refuse (self, "the end of a text is missing");
  self->at++;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* --- values --------------------------------------------------------------------------------- */

static PsJson *
make (PsJsonType type)
{
  PsJson *self = g_new0 (PsJson, 1);
  self->type = type;
  return self;
}

static void
append (PsJson *self, PsJson *child)
{
  if (self->last != NULL)
    self->last->next = child;
  else
    self->first = child;
  self->last = child;
}

static PsJson *
read_text (Reader *self)
{
  g_autofree char *text = take_text (self);
  if (text == NULL)
    return NULL;
  PsJson *value = make (PS_JSON_TEXT);
  value->text = g_steal_pointer (&text);
  return value;
}

static gsize
count_digits (const char *text)
{
  return strspn (text, "0123456789");
}

/* -?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)? and nothing behind it. */
static gboolean
is_number (const char *word, gboolean *out_whole)
{
  word += *word == '-';
  gsize n = count_digits (word);
  if (n == 0 || (n > 1 && *word == '0'))
    return FALSE;
  word += n;
  *out_whole = *word == '\0';
  if (*word == '.') {
    n = count_digits (word + 1);
    if (n == 0)
      return FALSE;
    word += 1 + n;
  }
  if (*word == 'e' || *word == 'E') {
    word += word[1] == '+' || word[1] == '-' ? 2 : 1;
    n = count_digits (word);
    if (n == 0)
      return FALSE;
    word += n;
  }
  return *word == '\0';
}

static PsJson *
number_new (const char *word, gboolean whole)
{
  errno = 0;
  gint64 integer = whole ? g_ascii_strtoll (word, NULL, 10) : 0;
  PsJson *value = make (whole && errno == 0 ? PS_JSON_INTEGER : PS_JSON_NUMBER);
  value->integer = value->type == PS_JSON_INTEGER ? integer : 0;
  value->number = g_ascii_strtod (word, NULL);
  return value;
}

/* A number, true, false or null. */
static PsJson *
read_word (Reader *self)
{
  static const char *const names[] = {"true", "false", "null"};
  static const PsJsonType types[] = {PS_JSON_TRUE, PS_JSON_FALSE, PS_JSON_NULL};
  const char *end = self->at;
  while (end < self->end && (g_ascii_isalnum (*end) || strchr ("+-.", *end) != NULL))
    end++;
  g_autofree char *word = g_strndup (self->at, (gsize)(end - self->at));
  gboolean whole;
  PsJson *value = is_number (word, &whole) ? number_new (word, whole) : NULL;
  for (guint i = 0; i < G_N_ELEMENTS (names) && value == NULL; i++)
    value = strcmp (word, names[i]) == 0 ? make (types[i]) : NULL;
  if (value == NULL)
    return refuse (self, word[0] == '\0' ? "a value is missing" : "a word that JSON does not have");
  self->at = end;
  return value;
}

/* The name of a member, and the colon behind it. */
static char *
take_name (Reader *self)
{
  if (!take (self, '"'))
    return refuse (self, "the name of a member is missing");
  g_autofree char *name = take_text (self);
  if (name != NULL && !take (self, ':'))
    return refuse (self, "a colon is missing");
  return g_steal_pointer (&name);
}

/* Of an object or an array only the opening bracket. */
static PsJson *
read_value (Reader *self)
{
  if (take (self, '{'))
    return make (PS_JSON_OBJECT);
  if (take (self, '['))
    return make (PS_JSON_ARRAY);
  return take (self, '"') ? read_text (self) : read_word (self);
}

/* --- the document --------------------------------------------------------------------------- */

static PsJson *
innermost (const Reader *self)
{
  return self->depth > 0 ? self->open[self->depth - 1] : NULL;
}

/* The document's value, an element, or a member with its name. */
static PsJson *
read_part (Reader *self)
{
  const PsJson *within = innermost (self);
  g_autofree char *name = NULL;
  if (within != NULL && within->type == PS_JSON_OBJECT && (name = take_name (self)) == NULL)
    return NULL;
  skip_space (self);
  guint line = self->line;
  PsJson *part = read_value (self);
  if (part == NULL)
    return NULL;
  part->line = line;
  part->name = g_steal_pointer (&name);
  return part;
}

static gboolean
close_innermost (Reader *self)
{
  if (!take (self, innermost (self)->type == PS_JSON_OBJECT ? '}' : ']'))
    return FALSE;
  self->depth--;
  return TRUE;
}

/* Whether another part follows; if not, all is closed, or there is a fault. */
static gboolean
go_on_behind (Reader *self, PsJson *part)
{
  if (part->type == PS_JSON_OBJECT || part->type == PS_JSON_ARRAY) {
    g_assert (self->depth < G_N_ELEMENTS (self->open));
    self->open[self->depth++] = part;
    if (!close_innermost (self))
      return TRUE;
  }
  while (self->depth > 0 && !take (self, ','))
    if (!close_innermost (self))
      return refuse (self, "a comma or the closing bracket is missing") != NULL;
  return self->depth > 0;
}

static PsJson *
read_document (Reader *self)
{
  g_autoptr (PsJson) root = NULL;
  PsJson *part;
  do {
    part = read_part (self);
    if (part == NULL)
      return NULL;
    if (root == NULL)
      root = part;
    else
      append (innermost (self), part);
  } while (go_on_behind (self, part));
  if (self->fault != NULL)
    return NULL;
  skip_space (self);
  return self->at == self->end ? g_steal_pointer (&root)
                               : refuse (self, "something follows the value");
}

/* --- public --------------------------------------------------------------------------------- */

PsJson *
ps_json_parse (const char *text, gsize size, const char *origin, GError **error)
{
  g_autofree char *fault = ps_json_guard_fault (origin, text, size);
  if (fault != NULL) {
    g_set_error_literal (error, PS_JSON_ERROR, PS_JSON_ERROR_SYNTAX, fault);
    return NULL;
  }
  Reader reader = {.at = text, .end = text + size, .line = 1};
  PsJson *root = read_document (&reader);
  if (root == NULL)
    g_set_error (error, PS_JSON_ERROR, PS_JSON_ERROR_SYNTAX, "%s:%u: not JSON: %s", origin,
                 reader.line, reader.fault);
  return root;
}

void
ps_json_free (PsJson *self)
{
  while (self != NULL) {
    PsJson *next = self->next;
    ps_json_free (self->first);
    g_free (self->text);
    g_free (self->name);
    g_free (self);
    self = next;
  }
}

const PsJson *
ps_json_member (const PsJson *self, const char *name)
{
  const PsJson *found = NULL;
  for (const PsJson *at = self->type == PS_JSON_OBJECT ? self->first : NULL; at != NULL;
       at = at->next)
    if (strcmp (at->name, name) == 0)
      found = at;
  return found;
}
