/* SPDX-License-Identifier: Apache-2.0 */
/* One process of the daemon: the product's instance over simulated ports. */
#pragma once
#include "backends/netlink/datagram-port.h"
#include "backends/redis/stream-port.h"
#include "core/host.h"
#include "engine/engine.h"
#include "sim/world/disk.h"
#include "sim/world/tap.h"
G_BEGIN_DECLS

typedef struct {
  PsClock *clock;
  PsDatagramPort *netlink;           /* a socket of the process's own */
  PsStreamPort *databases[PS_N_DBS]; /* likewise */
  const PsConfig *config;            /* must outlive the process */
  const PsLifeIdentity *identity;
  PsSimDisk *disk; /* holds the life record; must outlive the process */
  PsHostSeeds seeds;
  PsLogWriter writer; /* of the log */
  gpointer user_data;
} PsSimProcessParts;

typedef struct _PsSimProcess PsSimProcess;

/* Runs up to its first wait. The ports are referenced. */
PsSimProcess *ps_sim_process_start (const PsSimProcessParts *parts);

/* Ends it at this instant, wherever it stands: what a process that dies leaves behind. Not from
 * inside a call of the process. */
void ps_sim_process_free (PsSimProcess *self);

/* Something that the record is to hold is not on the disk: a kill now loses it. */
gboolean ps_sim_process_is_unrecorded (const PsSimProcess *self);

void ps_sim_process_terminate (PsSimProcess *self); /* SIGTERM */

/* TRUE once it is over: the process is to be freed, with this exit code; 128 and the number of the
 * signal if it would have ended by one. */
gboolean ps_sim_process_has_ended (const PsSimProcess *self, int *out_exit_code);

const PsEngine *ps_sim_process_engine (const PsSimProcess *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimProcess, ps_sim_process_free)
G_END_DECLS
