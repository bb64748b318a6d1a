/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated switch: clock, kernel, Redis, orchagent, and the daemon between them.
 *
 * The daemon is the product's own session, store and engine; only its descriptors are simulated.
 * A process takes no time: what it does at one instant is done before the next. Everything it says
 * and hears passes taps (tap.h), which show it to an observer.
 *
 * The databases have SONiC's ids and separators: APPL_DB 0 ":", CONFIG_DB 4 "|", STATE_DB 6 "|". */
#pragma once
#include "engine/engine.h"
#include "sim/world/disk.h"
#include "sim/world/kernel.h"
#include "sim/world/orchagent.h"
#include "sim/world/redis.h"
#include "sim/world/sim-clock.h"
#include "sim/world/tap.h"
G_BEGIN_DECLS

/* PS_SIM_APPL_DB is in orchagent.h. */
#define PS_SIM_CONFIG_DB 4
#define PS_SIM_STATE_DB  6

#define PS_SIM_LATENCY_US 100
#define PS_SIM_LOG_LINES  200 /* The newest lines of the daemon's log that are kept. */

/* Who stands between kernel and databases. */
typedef enum {
  PS_SIM_ACTOR_DAEMON,   /* ours */
  PS_SIM_ACTOR_UPSTREAM, /* SONiC's: sim/world/upstream.h */
} PsSimActor;

typedef struct {
  guint64 seed;
  PsSimActor actor;
  gsize receive_buffer_bytes; /* of the daemon's netlink socket, as the kernel accounts; 0: 32 MiB,
                               * what the daemon gets with CAP_NET_ADMIN */
  gint64 audit_interval_us;   /* 0: the product's default */
  gint64 reply_deadline_us;   /* 0: the product's default */
  gboolean may_stop;          /* ps_sim_world_stop_daemon will be called: costs time */
  gboolean adopt;             /* [netlink] old_interfaces = adopt */
  gint64 latency_us;          /* of Redis, from a command to its reply; 0: PS_SIM_LATENCY_US */
  PsSimRedisKind redis;       /* whose words Redis uses */
  gboolean own_server[PS_N_DBS]; /* This database has a server of its own. */
  PsSimOrchagentOptions orchagent;
} PsSimWorldOptions;

typedef enum {
  PS_SIM_PROCESS_NONE, /* never started */
  PS_SIM_PROCESS_RUNNING,
  PS_SIM_PROCESS_LEAVING, /* SIGTERM was sent */
  PS_SIM_PROCESS_KILLED,  /* by SIGKILL, or by SIGTERM if it does not handle it */
  PS_SIM_PROCESS_EXITED,  /* by itself; see the exit code */
} PsSimProcessState;

/* All are called at the instant at which it happens; each may be NULL. None may change the world.
 * stepped: a timer was run and all that it led to was seen. FALSE: stop to run.
 * process: the daemon's state changes; one that ended can still be looked at.
 * log: the daemon said something. command: Redis is about to carry out a client's command. */
typedef struct {
  gboolean (*stepped) (gpointer user_data);
  void (*process) (PsSimProcessState state, gpointer user_data);
  void (*log) (PsLogLevel level, const char *text, gpointer user_data);
  void (*command) (const PsSimRedisCommand *command, gpointer user_data);
  PsSimTapFn bytes;
} PsSimWorldObserver;

typedef struct _PsSimWorld PsSimWorld;

/* The switch before swss starts: empty databases, no links; neither orchagent nor daemon runs.
 * options NULL: all zero. */
PsSimWorld *ps_sim_world_new (const PsSimWorldOptions *options);
void ps_sim_world_free (PsSimWorld *self);

/* One observer; NULL: none. It must outlive the world or be taken away. */
void
ps_sim_world_observe (PsSimWorld *self, const PsSimWorldObserver *observer, gpointer user_data);

/* Owned by the world. */
PsSimClock *ps_sim_world_clock (PsSimWorld *self);
PsSimKernel *ps_sim_world_kernel (PsSimWorld *self);
PsSimRedis *ps_sim_world_redis (PsSimWorld *self);
PsSimOrchagent *ps_sim_world_orchagent (PsSimWorld *self);
gint64 ps_sim_world_now_us (PsSimWorld *self);
const PsSimWorldOptions *ps_sim_world_options (const PsSimWorld *self);

/* Runs everything that is due until t_us, and leaves the clock there. FALSE if the observer stopped
 * it: the clock then stands where that happened. */
gboolean ps_sim_world_run_until (PsSimWorld *self, gint64 t_us);
gboolean ps_sim_world_run_for (PsSimWorld *self, gint64 duration_us);

/* --- the daemon. A new process finds the life record that the one before left. A daemon that lives
 * cannot be started, one that does not can be neither killed nor terminated: FALSE, nothing done.
 * From inside a step of the clock the process ends when that step is over. --- */
gboolean ps_sim_world_start_daemon (PsSimWorld *self);
gboolean ps_sim_world_kill_daemon (PsSimWorld *self); /* SIGKILL: at this instant */
gboolean ps_sim_world_term_daemon (PsSimWorld *self); /* SIGTERM */
gboolean ps_sim_world_is_alive (const PsSimWorld *self);

/* SIGSTOP and SIGCONT. While it is stopped it does and hears nothing, and SIGTERM waits; SIGKILL
 * does not. FALSE: it does not live, or is so already. Only with may_stop, and not from inside a
 * call of the daemon. */
gboolean ps_sim_world_stop_daemon (PsSimWorld *self);
gboolean ps_sim_world_continue_daemon (PsSimWorld *self);

/* The daemon dies at its nth command to Redis from now on (from 1), which is carried out or not,
 * and is started again after pause_us. A second call takes the place of the first; nth 0: not at
 * all. */
void ps_sim_world_crash_at (PsSimWorld *self, guint64 nth, gboolean carried_out, gint64 pause_us);
guint64 ps_sim_world_n_commands (const PsSimWorld *self); /* to Redis, so far */
guint64 ps_sim_world_n_crashes (const PsSimWorld *self);  /* of this kind */
int ps_sim_world_exit_code (const PsSimWorld *self);      /* of the last process that exited */
guint ps_sim_world_n_starts (const PsSimWorld *self);

/* As n_starts, of this boot and this PID 1 alone. */
guint ps_sim_world_n_starts_of_life (const PsSimWorld *self);

/* NULL when no daemon lives, and for an actor that has none. */
const PsEngine *ps_sim_world_engine (const PsSimWorld *self);

guint64 ps_sim_world_n_life_writes (const PsSimWorld *self); /* by the daemon, over all processes */
PsSimDisk *ps_sim_world_disk (PsSimWorld *self);             /* with the life record */

/* The process before died while its last lines waited for the disk. */
gboolean ps_sim_world_record_is_behind (const PsSimWorld *self);

/* What tells this life of the system from others: the number of the boot, and of the PID 1. */
guint ps_sim_world_boot (const PsSimWorld *self);
guint ps_sim_world_init (const PsSimWorld *self);

/* A new boot: the run directory is empty and the boot id another. No daemon may live. */
void ps_sim_world_new_boot (PsSimWorld *self);
/* The container is started anew: another PID 1, the run directory is kept. No daemon may live. */
void ps_sim_world_new_init (PsSimWorld *self);
gint64 ps_sim_world_eoiu_timeout_us (const PsSimWorld *self); /* of the daemon's configuration */

/* The last lines of the log, oldest first, each "<seconds> LEVEL text". */
guint ps_sim_world_n_log_lines (const PsSimWorld *self);
const char *ps_sim_world_log_line (const PsSimWorld *self, guint i);

/* --- what an operator does, at once and past the wire --- */

/* CONFIG_DB: PORT|Ethernet0 … PORT|Ethernet<n-1>, DEVICE_METADATA and CONFIG_DB_INITIALIZED. */
void ps_sim_world_configure_ports (PsSimWorld *self, guint n);
void ps_sim_world_configure_port (PsSimWorld *self, const char *name);
void ps_sim_world_unconfigure_port (PsSimWorld *self, const char *name);

/* scope: "system" or "swss". */
void ps_sim_world_set_warm (PsSimWorld *self, const char *scope, gboolean on);

/* Every PORT row is deleted and written again. */
void ps_sim_world_reload_config (PsSimWorld *self);

/* DEVICE_METADATA says that this is a DPU: its netdevs are older than swss. */
void ps_sim_world_set_dpu (PsSimWorld *self);
void ps_sim_world_flush_db (PsSimWorld *self, guint db);

/* STATE_DB as the warm-reboot script leaves it (docs/sonic-protocol.md 5.2): a few tables are kept,
 * of a port's row three fields, everything else goes. */
void ps_sim_world_prune_state (PsSimWorld *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimWorld, ps_sim_world_free)
G_END_DECLS
