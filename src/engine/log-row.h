/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIG_DB LOGGER|portsyncd: the log level and where lines go, changed at run time by
 * swssloglevel (docs/sonic-protocol.md 3.8). */
#pragma once
#include "core/host.h"
#include "core/refusals.h"
G_BEGIN_DECLS

typedef struct _PsLogRow PsLogRow;

/* Tells the host where lines go when that changes. log and refusals must outlive it. */
PsLogRow *ps_log_row_new (PsStore *store, PsHost *host, PsLog *log, PsRefusals *refusals);
void ps_log_row_free (PsLogRow *self);

/* Reads the row and applies it. What is missing, at the start, after FLUSHDB or because a client
 * deleted it, is written with the values that are in force, since swssloglevel works on existing
 * rows only; what an operator writes in between is kept (decision 0018). Nonsense is reported once
 * and changes nothing. Called when CONFIG_DB is online and once a second. */
void ps_log_row_look (PsLogRow *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLogRow, ps_log_row_free)
G_END_DECLS
