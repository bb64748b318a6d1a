/* SPDX-License-Identifier: Apache-2.0 */
/* The store of the daemon: from database_config.json and the configuration to three connections. */
#pragma once
#include "core/config.h"
#include "core/log.h"
#include "core/store.h"
G_BEGIN_DECLS

typedef struct _PsDatabases PsDatabases;

#define PS_DATABASES_ERROR (ps_databases_error_quark ())
GQuark ps_databases_error_quark (void);
typedef enum { PS_DATABASES_ERROR_UNREADABLE } PsDatabasesError;

/* Reads the files; nothing is connected yet. log and config must outlive it. */
PsDatabases *ps_databases_new (PsClock *clock, PsLog *log, const PsConfig *config,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ps_databases_free (PsDatabases *self);

/* Owned by self, which must outlive it. */
PsStore *ps_databases_store (PsDatabases *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsDatabases, ps_databases_free)
G_END_DECLS
