/* SPDX-License-Identifier: Apache-2.0 */
/* SONiC's C++ portsyncd as an actor: what it does on the wire and how it fails
 * (docs/predecessor.md 1 and 2.3), so that a scenario shows what differs. It shares no rule with
 * our engine; only bytes are taken apart by the same decoders.
 *
 * It blocks: while it waits for a reply or computes, it reads no link message. Its costs are those
 * of docs/predecessor.md 2.1 and 2.4, measured with Redis on the same machine, for which a latency
 * of PS_UPSTREAM_LATENCY_US stands: two round trips and PS_UPSTREAM_EVENT_US an event are 15,000
 * events a second.
 *
 * Left out: the second thread, which follows LOGGER and spins when Redis is gone (it takes a CPU,
 * not a message); a log that blocks; the growth of the cost of a port beyond some hundred ports. */
#pragma once
#include "base/log.h"
#include "core/batch.h"
#include "sim/world/kernel.h"
#include "sim/world/tap.h"
G_BEGIN_DECLS

#define PS_UPSTREAM_LATENCY_US 16    /* of Redis, where the costs were measured */
#define PS_UPSTREAM_EXEC_US    11000 /* from exec to the first command */
#define PS_UPSTREAM_PORT_US    37    /* to copy a port, beside two round trips */
#define PS_UPSTREAM_EVENT_US   34    /* to log and publish a link, beside two round trips */
#define PS_UPSTREAM_FOREIGN_US 6     /* to take apart a message and drop it */
#define PS_UPSTREAM_FORK_US    2600  /* a shell that sets one link down */

/* Exit codes, as a shell tells them. */
#define PS_UPSTREAM_EXCEPTION    1
#define PS_UPSTREAM_SIGPIPE_CODE 141

typedef struct {
  PsClock *clock;
  PsDatagramPort *netlink;           /* a socket of the process's own */
  PsStreamPort *databases[PS_N_DBS]; /* likewise */
  PsSimKernel *kernel; /* for what libc and `ip` do beside its socket; must outlive it */
  PsLogWriter writer;  /* of the log */
  gpointer user_data;
} PsUpstreamParts;

typedef struct _PsUpstream PsUpstream;

/* Runs up to its first wait. The ports are referenced. */
PsUpstream *ps_upstream_start (const PsUpstreamParts *parts);

/* Ends it at this instant, as any signal does: it handles none, SIGTERM included. Not from inside
 * a call of the process. */
void ps_upstream_free (PsUpstream *self);

/* TRUE once it has ended by itself; it is to be freed then. */
gboolean ps_upstream_has_ended (const PsUpstream *self, int *out_exit_code);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsUpstream, ps_upstream_free)
G_END_DECLS
