/* SPDX-License-Identifier: Apache-2.0 */
/* The commands in flight on one connection: Redis answers them in the order of sending. */
#pragma once
#include "backends/redis/request.h"
G_BEGIN_DECLS

#define PS_REDIS_PIPELINE_MAX 512

typedef struct {
  PsRedisRequest *request; /* not owned; NULL: tag.kind is a step of the handshake */
  PsRedisCommandTag tag;
  gboolean script; /* an EVALSHA or EVAL */
  gboolean again;  /* the EVAL after a NOSCRIPT */
} PsRedisInFlight;

typedef struct {
  PsRedisInFlight slots[PS_REDIS_PIPELINE_MAX];
  guint head, n;
  guint n_scripts, n_again; /* of those in flight */
} PsRedisPipeline;

gboolean ps_redis_pipeline_is_full (const PsRedisPipeline *self);
void ps_redis_pipeline_push (PsRedisPipeline *self, PsRedisInFlight command); /* not when full */
PsRedisInFlight ps_redis_pipeline_pop (PsRedisPipeline *self);                /* not when empty */
void ps_redis_pipeline_clear (PsRedisPipeline *self);
G_END_DECLS
