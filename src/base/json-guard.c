/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json-guard.h"
#include <string.h>

/* A position in the text. */
typedef struct {
  guint line, depth;
  gboolean quoted; /* within a text */
  gboolean word;   /* within a number or a bare word */
  gboolean begun;  /* the document's one value */
} Look;

static gboolean
is_of_word (char c)
{
  return g_ascii_isalnum (c) || c == '+' || c == '-' || c == '.';
}

/* Outside of texts. json-glib takes comments and single quotes, too, and a bracket or a double
 * quote in one of them would spoil the count: without them, a text begins with a double quote and
 * with nothing else. It also takes several values, keeps the last and loses the memory of the rest.
 */
static const char *
look_at (Look *self, char c)
{
  gboolean opens = c == '{' || c == '[', closes = c == '}' || c == ']', word = is_of_word (c);
  gboolean begins = opens || c == '"' || (word && !self->word);
  self->word = word;
  self->quoted = c == '"';
  if (begins && self->depth == 0 && self->begun)
    return "a second value";
  self->begun |= begins;
  if (!begins && !closes && !word && strchr (" \t\r\n,:", c) == NULL)
    return "a character that JSON has in texts only";
  if (closes && self->depth > 0)
    self->depth--;
  self->depth += opens;
  return NULL;
}

/* The four digits of \\uXXXX at text; -1 if they are none. */
static gint32
read_unit (const char *text, gsize size)
{
  gint32 unit = 0;
  if (size < 6 || text[0] != '\\' || text[1] != 'u')
    return -1;
  for (gsize i = 2; i < 6; i++) {
    if (!g_ascii_isxdigit (text[i]))
      return -1;
    unit = unit * 16 + g_ascii_xdigit_value (text[i]);
  }
  return unit;
}

/* How many bytes the escape at text has; 0: it is none. json-glib loses memory on half a pair of
 * surrogates, and ends the text at a NUL. */
static gsize
measure_escape (const char *text, gsize size)
{
  gint32 unit = read_unit (text, size);
  if (size >= 2 && strchr ("\"\\/bfnrt", text[1]) != NULL)
    return 2;
  if (unit <= 0 || (unit >= 0xdc00 && unit <= 0xdfff))
    return 0;
  if (unit < 0xd800 || unit > 0xdbff)
    return 6;
  gint32 low = read_unit (text + 6, size - 6);
  return low >= 0xdc00 && low <= 0xdfff ? 12 : 0;
}

/* Within a text; *i is moved to the last byte of an escape. */
static const char *
look_within (Look *self, const char *text, gsize size, gsize *i)
{
  gsize n = text[*i] == '\\' ? measure_escape (text + *i, size - *i) : 1;
  if ((guchar)text[*i] < ' ') /* Older json-glib takes them, newer does not. */
    return "a control character within a text";
  if (n == 0)
    return "an escape that stands for no character";
  self->quoted = text[*i] != '"';
  *i += n - 1;
  return NULL;
}

static char *
find_fault (const char *origin, const char *text, gsize size)
{
  Look look = {.line = 1};
  const char *fault = NULL;
  for (gsize i = 0; i < size && fault == NULL && look.depth <= PS_JSON_DEPTH_MAX; i++) {
    look.line += text[i] == '\n';
    fault = look.quoted ? look_within (&look, text, size, &i) : look_at (&look, text[i]);
  }
  if (look.depth > PS_JSON_DEPTH_MAX)
    return g_strdup_printf ("%s: nested more than %d levels deep", origin, PS_JSON_DEPTH_MAX);
  return fault != NULL ? g_strdup_printf ("%s:%u: not JSON: %s", origin, look.line, fault) : NULL;
}

char *
ps_json_guard_fault (const char *origin, const char *text, gsize size)
{
  if (size > PS_JSON_SIZE_MAX)
    return g_strdup_printf ("%s: larger than 1 MiB", origin);
  if (memchr (text, '\0', size) != NULL || !g_utf8_validate (text, (gssize)size, NULL))
    return g_strdup_printf ("%s: not a text in UTF-8", origin);
  return find_fault (origin, text, size);
}
