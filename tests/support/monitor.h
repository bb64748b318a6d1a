/* SPDX-License-Identifier: Apache-2.0 */
/* Every command that a Redis server runs, in its order: those of clients and those of scripts. */
#pragma once
#include "tests/support/db.h"
G_BEGIN_DECLS

typedef struct _PsMonitor PsMonitor;

typedef struct {
  int db;
  gboolean by_script; /* run by a script; the call of the script is a command of its own */
  char **words;       /* NULL at the end */
} PsMonitorCommand;

/* Returns once the server tells. */
PsMonitor *ps_monitor_new (const char *unix_socket_path);
void ps_monitor_free (PsMonitor *self);

/* Every command from the start to this call; owned by the monitor. */
GPtrArray *ps_monitor_commands (PsMonitor *self, PsDb *db);

/* The first command from a place on with this verb and key; the number of commands if there is
 * none. */
guint
ps_monitor_find (const GPtrArray *commands, guint from, int db, const char *verb, const char *key);

/* Likewise the first HSET that gives this value to a field. */
guint ps_monitor_find_value (const GPtrArray *commands, int db, const char *key, const char *field,
                             const char *value);

/* All values that HSETs gave to a field, in order, such as "initialized restored". Free with
 * g_free. */
char *ps_monitor_values (const GPtrArray *commands, int db, const char *key, const char *field);

/* Whether it can only read. */
gboolean ps_monitor_only_reads (const PsMonitorCommand *command);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsMonitor, ps_monitor_free)
G_END_DECLS
