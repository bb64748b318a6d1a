/* SPDX-License-Identifier: Apache-2.0 */
/* CONFIG_DB LOGGER|portsyncd: the log level and where lines go, changed at run time by
 * swssloglevel (contract.md 3.8). */
#pragma once
#include "core/log.h"
#include "core/store.h"
G_BEGIN_DECLS

/* Only called when the output changes. */
typedef void (*PsLogOutputFn) (PsLogOutput output, gpointer user_data);

typedef struct _PsLogger PsLogger;

PsLogger *ps_logger_new (PsStore *store, PsLog *log, PsLogOutputFn set_output, gpointer user_data);
void ps_logger_free (PsLogger *self);

/* Reads the row and applies it. Once, at the start, fields that are missing are written with their
 * defaults; a row that is deleted later is left deleted, and the level stays (contract.md 3.8).
 * Nonsense is reported once and changes nothing. Called when the store is online and once a
 * second. */
void ps_logger_look (PsLogger *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLogger, ps_logger_free)
G_END_DECLS
