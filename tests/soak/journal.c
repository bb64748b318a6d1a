/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/journal.h"
#include <errno.h>
#include <stdio.h>

#define TAIL_LINES 40

struct _PsJournal {
  char *path; /* owned */
  FILE *file; /* owned */
  gint64 start_us;
  GQueue tail; /* of char*, owned; newest last */
};

PsJournal *
ps_journal_new (const char *path, GError **error)
{
  FILE *file = fopen (path, "we");
  if (file == NULL) {
    g_set_error (error, G_FILE_ERROR, g_file_error_from_errno (errno),
                 "cannot write the log %s: %s (--log FILE names another)", path,
                 g_strerror (errno));
    return NULL;
  }
  PsJournal *self = g_new0 (PsJournal, 1);
  self->path = g_strdup (path);
  self->file = file;
  self->start_us = g_get_monotonic_time ();
  g_queue_init (&self->tail);
  return self;
}

void
ps_journal_free (PsJournal *self)
{
  if (self == NULL)
    return;
  fclose (self->file);
  g_queue_clear_full (&self->tail, g_free);
  g_free (self->path);
  g_free (self);
}

void
ps_journal_add (PsJournal *self, const char *text)
{
  fprintf (self->file, "%s\n", text);
  fflush (self->file);
}

void
ps_journal_say (PsJournal *self, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  char *line = g_strdup_printf ("%10.3f  %s", ps_journal_seconds (self), text);
  ps_journal_add (self, line);
  g_queue_push_tail (&self->tail, line);
  if (self->tail.length > TAIL_LINES)
    g_free (g_queue_pop_head (&self->tail));
}

char *
ps_journal_tail (PsJournal *self)
{
  GString *text = g_string_new ("");
  for (GList *link = self->tail.head; link != NULL; link = link->next)
    g_string_append_printf (text, "%s\n", (const char *)link->data);
  return g_string_free (text, FALSE);
}

double
ps_journal_seconds (const PsJournal *self)
{
  return (double)(g_get_monotonic_time () - self->start_us) / G_USEC_PER_SEC;
}

const char *
ps_journal_path (const PsJournal *self)
{
  return self->path;
}
