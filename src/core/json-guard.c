/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json-guard.h"
#include <string.h>

/* Brackets in strings do not count; what else the text is, the parser will say. */
static guint
measure_depth (const char *text, gsize size)
{
  guint depth = 0, deepest = 0;
  gboolean quoted = FALSE;
  for (gsize i = 0; i < size; i++) {
    char c = text[i];
    if (quoted && c == '\\')
      i++;
    else if (c == '"')
      quoted = !quoted;
    else if (!quoted && (c == '{' || c == '['))
      depth++;
    else if (!quoted && (c == '}' || c == ']') && depth > 0)
      depth--;
    deepest = MAX (deepest, depth);
  }
  return deepest;
}

const char *
ps_json_guard_fault (const char *text, gsize size)
{
  if (size > PS_JSON_SIZE_MAX)
    return "larger than 1 MiB";
  if (memchr (text, '\0', size) != NULL || !g_utf8_validate (text, (gssize)size, NULL))
    return "not a text in UTF-8";
  if (measure_depth (text, size) > PS_JSON_DEPTH_MAX)
    return "nested more than 64 levels deep";
  return NULL;
}

/* The message begins with "<data>:line:column: Parse error: "; once it has failed, json-glib offers
 * the line in no other way. */
char *
ps_json_guard_explain (const char *origin, const char *message)
{
  const char *colon = strchr (message, ':');
  const char *words = strstr (message, "error: ");
  guint64 line = colon != NULL ? g_ascii_strtoull (colon + 1, NULL, 10) : 0;
  return g_strdup_printf ("%s:%" G_GUINT64_FORMAT ": not JSON: %s", origin, MAX (line, 1),
                          words != NULL ? words + strlen ("error: ") : message);
}
