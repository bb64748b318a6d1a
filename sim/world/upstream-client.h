/* SPDX-License-Identifier: Apache-2.0 */
/* A Redis client that blocks, as SONiC's does, in simulated time: one command, then nothing until
 * its reply came. It has no deadline, does not connect again, and does not look at its socket
 * between commands. */
#pragma once
#include "backends/redis/codec.h"
#include "backends/redis/stream-port.h"
G_BEGIN_DECLS

typedef enum {
  PS_UPSTREAM_REPLIED, /* the reply is given */
  PS_UPSTREAM_ENDED,   /* the connection ended before the reply, or did so for an earlier command */
  PS_UPSTREAM_SIGPIPE, /* it had ended before the command was written: that is deadly */
} PsUpstreamOutcome;

/* reply is valid during the call; NULL unless REPLIED (and for a connection that stands). */
typedef void (*PsUpstreamReplied) (PsUpstreamOutcome outcome, const PsRedisReply *reply,
                                   gpointer user_data);

typedef struct _PsUpstreamClient PsUpstreamClient;

/* The port is referenced. replied ends each of the calls below, exactly once, maybe from inside
 * it; no second one may be made before. */
PsUpstreamClient *
ps_upstream_client_new (PsStreamPort *port, PsUpstreamReplied replied, gpointer user_data);
void ps_upstream_client_free (PsUpstreamClient *self);

/* REPLIED without a reply: the connection stands. */
void ps_upstream_client_connect (PsUpstreamClient *self);
void ps_upstream_client_call (PsUpstreamClient *self, const char *const *words, gsize n_words);
G_END_DECLS
