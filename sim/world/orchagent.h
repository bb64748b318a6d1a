/* SPDX-License-Identifier: Apache-2.0 */
/* What orchagent, syncd and portmgrd do to PORT_TABLE of APPL_DB and to the kernel
 * (docs/sonic-protocol.md 2.3, 2.5, 4.1): pops what was produced, makes the netdevs once the
 * configuration is complete. */
#pragma once
#include "base/clock.h"
#include "core/batch.h"
#include "sim/world/kernel.h"
#include "sim/world/redis.h"
G_BEGIN_DECLS

#define PS_SIM_APPL_DB 0 /* as SONiC's default configuration numbers it */

typedef struct {
  guint batch;             /* keys one pop takes at most; 0: 1024, as on most switches */
  gint64 start_delay_us;   /* from a start to the first pop */
  gint64 pop_delay_us;     /* from a wake-up to its pop, and from one pop to the next */
  gint64 device_delay_us;  /* from one netdev made or removed to the next */
  gboolean leaves_netdevs; /* makes and removes none: the scenario does, or they never come */
  const char *kind;        /* of the netdevs; static; NULL: "veth" */
} PsSimOrchagentOptions;

typedef struct _PsSimOrchagent PsSimOrchagent;

/* Not started. clock is referenced; redis and kernel must outlive it. */
PsSimOrchagent *ps_sim_orchagent_new (PsClock *clock, PsSimRedis *redis, PsSimKernel *kernel,
                                      guint64 seed, const PsSimOrchagentOptions *options);
void ps_sim_orchagent_free (PsSimOrchagent *self);

/* A new process, which knows nothing and hears PUBLISH from now on. Cold: the netdevs that it made
 * before are removed first, as a new switch chip does; the backlog is popped. Warm: they stay, and
 * the live table says whether the configuration is complete. Ends the process that runs. */
void ps_sim_orchagent_start (PsSimOrchagent *self, gboolean warm);
/* The process ends: nothing is popped, netdevs stay. Idempotent. */
void ps_sim_orchagent_stop (PsSimOrchagent *self);
gboolean ps_sim_orchagent_is_running (PsSimOrchagent *self);

/* TRUE: busy for as long, pops and makes nothing; FALSE: goes on. */
void ps_sim_orchagent_hold (PsSimOrchagent *self, gboolean hold);

/* --- As portmgrd: producer's SET of one field and DEL (docs/sonic-protocol.md 2.2, 2.3) --- */
void ps_sim_orchagent_produce (PsSimOrchagent *self, const char *key, const char *field,
                               const char *value);
void ps_sim_orchagent_produce_del (PsSimOrchagent *self, const char *key);

/* --- What was seen --- */

/* Keys in the order of their pops since the last cold start, as char *, the latest 4096 at
 * least. */
const GPtrArray *ps_sim_orchagent_popped (PsSimOrchagent *self);
guint64 ps_sim_orchagent_n_popped (PsSimOrchagent *self);     /* ever */
gboolean ps_sim_orchagent_config_done (PsSimOrchagent *self); /* popped by this process */
gboolean ps_sim_orchagent_init_done (PsSimOrchagent *self);
/* Ports that were popped after PortConfigDone had been, although it counted them: portsorch takes
 * those for removed (docs/sonic-protocol.md 2.7). 0 if the producer keeps the order. */
guint ps_sim_orchagent_n_late (PsSimOrchagent *self);
/* Nothing to pop, make or remove, and running. */
gboolean ps_sim_orchagent_is_idle (PsSimOrchagent *self);

/* For each SET or DEL as orchagent gets it; fields are those of this pop only, none: a DEL. */
typedef void (*PsSimOrchagentFn) (PsText key, const PsField *fields, gsize n_fields,
                                  gpointer user_data);
void ps_sim_orchagent_set_observer (PsSimOrchagent *self, PsSimOrchagentFn fn, gpointer user_data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimOrchagent, ps_sim_orchagent_free)
G_END_DECLS
