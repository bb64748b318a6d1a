/* SPDX-License-Identifier: Apache-2.0 */
/* What a soak did, line by line: all of it in a file, the end of it in memory for the report of a
 * failure. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsJournal PsJournal;

/* Replaces the file. NULL with an error that names it if it cannot be written. */
PsJournal *ps_journal_new (const char *path, GError **error);
void ps_journal_free (PsJournal *self);

/* A line, with the seconds since the beginning before it. */
void ps_journal_say (PsJournal *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Text into the file as it is, a line feed after it. */
void ps_journal_add (PsJournal *self, const char *text);

/* The last lines said, each with a line feed. Free with g_free. */
char *ps_journal_tail (PsJournal *self);

double ps_journal_seconds (const PsJournal *self); /* since the beginning */
const char *ps_journal_path (const PsJournal *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsJournal, ps_journal_free)
G_END_DECLS
