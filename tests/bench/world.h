/* SPDX-License-Identifier: Apache-2.0 */
/* The measuring layout of docs/predecessor.md 2: private namespace, Redis on a unix socket with
 * keyspace events AKE, syslog drained by a process of its own; Redis and the measured process on
 * one CPU, the rest on the other. */
#pragma once
#include "tests/support/daemon.h"
#include "tests/support/db.h"
#include "tests/support/netdevs.h"
#include "tests/support/port-names.h"
#include "tests/support/redis-server.h"
#include <sys/types.h>
G_BEGIN_DECLS

typedef struct {
  gboolean quick;
  guint n_reps;
  char *limit; /* path of the bare program */
  char *dir;
  guint n_ports; /* of CONFIG_DB */
  guint n_links; /* netdevs made so far, of ports 0 .. n_links - 1 */
  PsNetdevs *netdevs;
  PsRedisServer *redis;
  PsDb *db;
  PsDaemon *daemon;
  gint64 looks_wanted; /* EXISTS commands, while ps_world_await_links waits */
} PsWorld;

/* Once a process: private mounts, the drain of syslog. */
void ps_world_prepare (void);

/* A new network namespace and an empty Redis. Link namespaces of earlier worlds stay until the
 * process ends: to destroy thousands of links would disturb the next measurement. */
PsWorld *ps_world_new (gboolean quick, guint n_reps);
void ps_world_free (PsWorld *self);

/* Grow to so many ports: rows of CONFIG_DB, netdevs. The first 128 netdevs are veth pairs, the rest
 * ifb; all are up. */
void ps_world_set_ports (PsWorld *self, guint n);
void ps_world_set_links (PsWorld *self, guint n);

/* The daemon's log level from its next start on, such as "ERROR". */
void ps_world_set_log_level (PsWorld *self, const char *level);

/* Removes the life record, as a reboot of the system does. */
void ps_world_forget_life (PsWorld *self);

/* The same, and empties APPL_DB and STATE_DB: the next start is cold. */
void ps_world_forget (PsWorld *self);

/* exec of the daemon, or of the bare program with these arguments (NULL ended), on Redis' CPU. The
 * bare program's standard output is *out_pipe, unless that is NULL. */
void ps_world_exec_daemon (PsWorld *self);
pid_t ps_world_exec_limit (PsWorld *self, const char *const *args, int *out_pipe);

/* The daemon, cold, with the netdevs taken for current: returns when all markers are out and every
 * row shows its netdev. An orchagent takes part until then. */
void ps_world_boot_daemon (PsWorld *self);
/* Waits until it has read all that the kernel had for it, the listing after a loss included. */
void ps_world_await_links (PsWorld *self);
/* SIGTERM. */
void ps_world_stop_daemon (PsWorld *self);

/* The bare mirror; returns when it listens. with_log: it writes lines to syslog as the daemon. */
pid_t ps_world_start_mirror (PsWorld *self, gboolean with_log);
void ps_world_stop (pid_t pid); /* SIGKILL, and collected */

/* Waits for the end of a bare program; ends the process if it failed. */
void ps_world_collect (pid_t pid);

static inline gint64
ps_now_us (void)
{
  return g_get_monotonic_time ();
}
G_END_DECLS
