/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/record.h"
#include <string.h>

#define ENTRIES_MAX 5000
#define WIDTH_MIN   20
#define SECONDS     " s  " /* behind the six columns of the time */
#define DEEPER      2      /* columns by which what is continued stands further in */

typedef struct {
  char *start; /* owned: what stands before the text */
  char *text;  /* owned */
} Entry;

struct _PsRecord {
  GPtrArray *entries;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;
  g_free (entry->start);
  g_free (entry->text);
  g_free (entry);
}

PsRecord *
ps_record_new (void)
{
  PsRecord *self = g_new0 (PsRecord, 1);
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  return self;
}

void
ps_record_free (PsRecord *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->entries);
  g_free (self);
}

void
ps_record_add (PsRecord *self, PsRecordKind kind, double seconds, const char *text)
{
  Entry *entry = g_new0 (Entry, 1);
  if (kind == PS_RECORD_HAPPENING)
    entry->start = g_strdup_printf ("%6.1f" SECONDS, seconds);
  else
    entry->start = g_strdup (kind == PS_RECORD_LOG ? "          | " : "          ");
  entry->text = g_strdup (text);
  g_ptr_array_add (self->entries, entry);
  if (self->entries->len > ENTRIES_MAX)
    g_ptr_array_remove_index (self->entries, 0);
}

/* How much of a text goes onto a line of that many columns: up to its last blank, if it has one. */
static gsize
fitting (const char *text, gsize columns)
{
  gsize size = strlen (text);
  if (size <= columns)
    return size;
  gsize end = columns;
  while (end > 0 && text[end] != ' ')
    end--;
  return end > 0 ? end : columns;
}

static void
cut (const Entry *entry, gsize width, GPtrArray *lines)
{
  gsize indent = strlen (entry->start);
  const char *text = entry->text;
  g_autofree char *deeper = g_strdup (entry->start);
  if (strchr (deeper, '|') == NULL)
    memset (deeper, ' ', indent);
  for (gboolean first = TRUE; first || *text != '\0'; first = FALSE) {
    gsize n = fitting (text, width - indent - (first ? 0 : DEEPER));
    g_ptr_array_add (lines, g_strdup_printf ("%s%s%.*s", first ? entry->start : deeper,
                                             first ? "" : "  ", (int)n, text));
    for (text += n; *text == ' '; text++)
      ;
  }
}

GPtrArray *
ps_record_tail (const PsRecord *self, guint n_lines, guint width)
{
  GPtrArray *tail = g_ptr_array_new_with_free_func (g_free);
  for (guint i = self->entries->len; i > 0 && tail->len < n_lines; i--) {
    g_autoptr (GPtrArray) lines = g_ptr_array_new ();
    cut (g_ptr_array_index (self->entries, i - 1), MAX (width, WIDTH_MIN), lines);
    gboolean fits = tail->len + lines->len <= n_lines;
    for (guint k = 0; k < lines->len; k++) {
      char *line = g_ptr_array_index (lines, k);
      if (fits || (tail->len < n_lines && i == self->entries->len))
        g_ptr_array_insert (tail, (int)k, line);
      else
        g_free (line);
    }
    if (!fits)
      break;
  }
  return tail;
}

gboolean
ps_record_is_happening (const char *line)
{
  const char *at = strstr (line, SECONDS);
  return at != NULL && at > line && strspn (line, " .0123456789") == (gsize)(at - line) + 1;
}
