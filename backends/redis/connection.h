/* SPDX-License-Identifier: Apache-2.0 */
/* A stream port as commands and replies, from one connect to the end of that connection. It forms
 * no command of its own and knows nothing of what they mean. It gives up on a server that is silent
 * for the deadline while it owes something, and on one that sends what answers no command. */
#pragma once
#include "backends/redis/pipeline.h"
#include "backends/redis/stream-port.h"
#include "base/clock.h"
G_BEGIN_DECLS

/* Beyond it, no further command is formed. */
#define PS_REDIS_CONNECTION_UNSENT_BYTES (1024 * 1024)

/* How many deadlines a command may wait while others are answered: a server that trickles is not
 * much better than a silent one. At the latest twice that is noticed. */
#define PS_REDIS_CONNECTION_TRICKLE 10

typedef struct _PsRedisConnection PsRedisConnection;

typedef enum {
  PS_REDIS_CONNECTION_ENDED,    /* refused, or closed by the other side */
  PS_REDIS_CONNECTION_GARBLED,  /* a protocol error */
  PS_REDIS_CONNECTION_DEADLINE, /* no reply in time */
} PsRedisConnectionEnd;

/* All are called from the loop; each may close and free the connection. */
typedef struct {
  void (*opened) (gpointer user_data);
  /* The reply to the oldest command in flight. FALSE: it does not fit, which is a protocol error.
   */
  gboolean (*replied) (const PsRedisInFlight *command, const PsRedisReply *reply,
                       gpointer user_data);
  /* An error reply while no command is in flight: the server's reason to turn the daemon away. */
  void (*rejected) (PsText error, gpointer user_data);
  void (*turned) (gpointer user_data); /* after the replies of one read */
  void (*ended) (PsRedisConnectionEnd end, const char *reason,
                 gpointer user_data); /* It is closed. */
} PsRedisConnectionSink;

PsRedisConnection *ps_redis_connection_new (PsClock *clock, PsStreamPort *port, gint64 deadline_us,
                                            const PsRedisConnectionSink *sink, gpointer user_data);
void ps_redis_connection_free (PsRedisConnection *self);

/* Not while it is open. Ends in opened or in ended. */
void ps_redis_connection_open (PsRedisConnection *self);

/* Without a word to the sink. Idempotent. */
void ps_redis_connection_close (PsRedisConnection *self);

/* Room for one more command: in the pipeline, and in the buffer of what is not sent yet. */
gboolean ps_redis_connection_has_room (const PsRedisConnection *self);

/* To form a command: write it, push it, and when all are formed, flush. */
PsRespWriter *ps_redis_connection_writer (PsRedisConnection *self);
void ps_redis_connection_push (PsRedisConnection *self, PsRedisInFlight command);
void ps_redis_connection_flush (PsRedisConnection *self);

const PsRedisPipeline *ps_redis_connection_pipeline (const PsRedisConnection *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRedisConnection, ps_redis_connection_free)
G_END_DECLS
