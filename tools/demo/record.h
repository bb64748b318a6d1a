/* SPDX-License-Identifier: Apache-2.0 */
/* What was told so far, in order, cut into lines that fit a terminal. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsRecord PsRecord;

typedef enum {
  PS_RECORD_HAPPENING,
  PS_RECORD_OUTCOME, /* of the happening before */
  PS_RECORD_LOG,     /* a line of the daemon's log */
} PsRecordKind;

PsRecord *ps_record_new (void);
void ps_record_free (PsRecord *self);

/* seconds: since the start. The oldest entries go when there are thousands. */
void ps_record_add (PsRecord *self, PsRecordKind kind, double seconds, const char *text);

/* The end of the record in at most n_lines lines of at most width columns: whole entries, cut
 * between words, the newest last. If the newest alone is longer, its end is left out. Free with
 * g_ptr_array_unref; of char*. */
GPtrArray *ps_record_tail (const PsRecord *self, guint n_lines, guint width);

/* Whether such a line begins a happening. */
gboolean ps_record_is_happening (const char *line);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRecord, ps_record_free)
G_END_DECLS
