/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIG_DB LOGGER|portsyncd: the log level and where lines go, changed at run time by
 * swssloglevel (docs/sonic-protocol.md 3.8). */
#pragma once
#include "core/refusals.h"
G_BEGIN_DECLS

/* Only called when the output changes. */
typedef void (*PsLogOutputFn) (PsLogOutput output, gpointer user_data);

typedef struct _PsLogRow PsLogRow;

/* log and refusals must outlive it. */
PsLogRow *ps_log_row_new (PsStore *store, PsLog *log, PsRefusals *refusals,
                          PsLogOutputFn set_output, gpointer user_data);
void ps_log_row_free (PsLogRow *self);

/* Reads the row and applies it. What is missing, at the start, after FLUSHDB or because a client
 * deleted it, is written with the values that are in force, since swssloglevel works on existing
 * rows only; what an operator writes in between is kept (decision 0018). Nonsense is reported once
 * and changes nothing. Called when CONFIG_DB is online and once a second. */
void ps_log_row_look (PsLogRow *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLogRow, ps_log_row_free)
G_END_DECLS
