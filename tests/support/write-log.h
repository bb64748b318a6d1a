/* SPDX-License-Identifier: Apache-2.0 */
/* The writes that a memory store applied, as lines to compare, and how often each key was written.
 */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

typedef struct _PsWriteLog PsWriteLog;

PsWriteLog *ps_write_log_new (void);
void ps_write_log_free (PsWriteLog *self);

/* Adds "DB VERB KEY field=value field=value", the fields being those of the operation. */
void ps_write_log_add (PsWriteLog *self, const char *verb, const char *key, const PsBatch *batch,
                       guint op);

const GPtrArray *ps_write_log_lines (const PsWriteLog *self);
char *ps_write_log_text (const PsWriteLog *self); /* Free with g_free. */
guint ps_write_log_count (const PsWriteLog *self, PsDb db, const char *key);
void ps_write_log_clear (PsWriteLog *self);
G_END_DECLS
