/* SPDX-License-Identifier: Apache-2.0 */
/* One running portsyncd: session, store and engine over the four ports (datagrams, byte streams,
 * time, host). The daemon, the simulator and the tests run this one composition (decision 0028). */
#pragma once
#include "backends/netlink/datagram-port.h"
#include "backends/redis/store.h"
#include "core/host.h"
#include "engine/engine.h"
G_BEGIN_DECLS

typedef struct {
  PsClock *clock;
  PsDatagramPort *netlink;
  PsHost *host;
  PsLog *log;             /* must outlive the instance */
  const PsConfig *config; /* likewise */
} PsInstanceParts;

typedef struct _PsInstance PsInstance;

PsInstance *ps_instance_new (const PsInstanceParts *parts);

/* Ends it at this instant, wherever it stands. Not from inside a call of one of the ports. */
void ps_instance_free (PsInstance *self);

/* Where the databases are is told to the store by ps_redis_store_place, once, before the start or
 * after it. Owned by the instance. */
PsRedisStore *ps_instance_store (PsInstance *self);

/* Mirrors until the host passes on a signal to leave; ps_host_ended is the end. */
void ps_instance_start (PsInstance *self);

const PsEngine *ps_instance_engine (const PsInstance *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsInstance, ps_instance_free)
G_END_DECLS
