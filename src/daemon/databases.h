/* SPDX-License-Identifier: Apache-2.0 */
/* Where the databases are: waits for database_config.json and gives the store its three
 * connections. */
#pragma once
#include "backends/redis/store.h"
#include "base/log.h"
G_BEGIN_DECLS

/* How often a database_config.json that is not there or not whole is looked at, and how often the
 * log says so. */
#define PS_DATABASES_LOOK_US (250 * 1000)

typedef struct _PsDatabases PsDatabases;

#define PS_DATABASES_ERROR (ps_databases_error_quark ())
GQuark ps_databases_error_quark (void);
typedef enum { PS_DATABASES_ERROR_UNREADABLE } PsDatabasesError;

/* The error, which is the callee's to copy, ends all. */
typedef void (*PsDatabasesFailed) (const GError *error, gpointer user_data);

/* Reads the file at path; nothing is connected yet. A database_config.json that cannot be read or
 * is no JSON is waited for, since its writer may be about to make it: the store is offline until it
 * is whole. One that is JSON and does not say what it must is an error, here or, if it comes later,
 * to failed. log and path must outlive it. */
PsDatabases *ps_databases_new (PsClock *clock, PsLog *log, const char *path, PsRedisStore *store,
                               PsDatabasesFailed failed, gpointer user_data,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;
void ps_databases_free (PsDatabases *self);

/* The file as it is now. */
PsRedisDbConfig *ps_databases_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsDatabases, ps_databases_free)
G_END_DECLS
