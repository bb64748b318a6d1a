/* SPDX-License-Identifier: Apache-2.0 */
/* A soak: the real daemon between a real kernel and a real Redis, random operator actions on both,
 * and now and then a quiet point at which everything must agree. Whatever does not ends the process
 * through g_error, which main turns into a report. */
#pragma once
#include "tests/soak/devices.h"
#include "tests/soak/figures.h"
#include "tests/soak/journal.h"
#include "tests/soak/messages.h"
#include "tests/support/rig.h"
G_BEGIN_DECLS

#define PS_SOAK_PORTS_MAX 1024
#define PS_SOAK_BRIDGE    "bridge0"

typedef struct {
  PsRig *rig;
  PsJournal *journal;   /* not owned */
  PsMessages *messages; /* owned */
  PsFigures *figures;   /* owned */
  GRand *random;        /* owned; every decision comes from it */
  PsDevice *devices;    /* owned; each main port, followed by the port it can be broken out into */
  guint n_devices, n_made;

  gboolean daemon_up, daemon_stopped; /* what we did to it: should run, has SIGSTOP */
  guint process;                      /* number of starts */
  double process_s;                   /* when the last one was */
  gboolean redis_up, redis_stopped, redis_full;
  gboolean swss_lost;    /* APPL_DB was emptied: only a restart of swss cures that */
  gboolean copying;      /* the daemon may not have copied CONFIG_DB yet */
  gboolean redis_is_old; /* Redis came back with earlier data since the last quiet point */
  gint64 n_copied, n_copied_saved; /* ports that PortConfigDone should count; did when saved */
  gint64 n_least, n_most;          /* configured ports since then: the count may follow them */
  gint64 n_commands_seen;          /* of the Redis that runs */
  gboolean violent;                /* the daemon may be killed */
} PsSoak;

/* n_ports main ports, configured; ps_soak_restart_swss makes their netdevs and boots the daemon. */
PsSoak *ps_soak_new (guint64 seed, guint n_ports, PsJournal *journal);
void ps_soak_free (PsSoak *self);

/* One random action. */
void ps_soak_act (PsSoak *self);

/* Revives everything, waits until all agrees, and takes the figures. */
void ps_soak_quiet (PsSoak *self);

/* At a quiet point: ends the daemon, compares the carrier counters, starts it again, and sees that
 * nothing was taken down and nothing written. */
void ps_soak_restart_quietly (PsSoak *self);
/* The same with the warm restart flag and without a life record. */
void ps_soak_restart_warm (PsSoak *self);

/* A restart of the container: APPL_DB and STATE_DB flushed, old netdevs there at first. Also the
 * first boot. */
void ps_soak_restart_swss (PsSoak *self);

/* --- between the files of tests/soak ------------------------------------------------------- */

guint ps_soak_draw (PsSoak *self, guint n); /* 0 .. n - 1 */
gboolean ps_soak_redis_answers (const PsSoak *self);
/* TRUE if the rows of CONFIG_DB and APPL_DB can be changed as an operator does. */
gboolean ps_soak_can_configure (const PsSoak *self);

void ps_soak_start_daemon (PsSoak *self);
void ps_soak_kill_daemon (PsSoak *self);
void ps_soak_terminate_daemon (PsSoak *self);
void ps_soak_continue_daemon (PsSoak *self);
void ps_soak_start_redis (PsSoak *self);
void ps_soak_continue_redis (PsSoak *self);
void ps_soak_give_memory (PsSoak *self);
/* What the live PortConfigDone counts; -1 if there is none. */
gint64 ps_soak_n_announced (PsSoak *self);
/* SAVE: what a Redis that is killed comes back with. */
void ps_soak_save (PsSoak *self);
/* Adds to the figures what Redis and the daemon have counted, before either dies. */
void ps_soak_take_redis_counts (PsSoak *self);
void ps_soak_take_daemon_counts (PsSoak *self);

void ps_soak_make_device (PsSoak *self, PsDevice *device);
void ps_soak_write_config (PsSoak *self);
gint64 ps_soak_n_configured (const PsSoak *self);
/* PortConfigDone counts n by now, or will. */
void ps_soak_set_copied (PsSoak *self, gint64 n);
/* A port came or went: ten seconds later the daemon puts the count right, whatever else goes on. */
void ps_soak_ports_changed (PsSoak *self);

/* An action: what it is called, how often compared with others, when it is possible. */
typedef struct {
  const char *name;
  guint weight;
  gboolean (*can) (const PsSoak *self); /* NULL: always */
  void (*act) (PsSoak *self);
} PsSoakAction;

extern const PsSoakAction ps_soak_link_actions[],
    ps_soak_fault_actions[]; /* name NULL at the end */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSoak, ps_soak_free)
G_END_DECLS
