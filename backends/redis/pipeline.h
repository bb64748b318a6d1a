/* SPDX-License-Identifier: Apache-2.0 */
/* The commands in flight on one connection: Redis answers them in the order of sending. */
#pragma once
#include "backends/redis/request.h"
G_BEGIN_DECLS

#define PS_PIPELINE_MAX 512

typedef struct {
  PsRequest *request; /* not owned; NULL: tag.kind is a step of the handshake */
  PsCommandTag tag;
  gboolean script; /* an EVALSHA or EVAL */
  gboolean again;  /* the EVAL after a NOSCRIPT */
} PsInFlight;

typedef struct {
  PsInFlight slots[PS_PIPELINE_MAX];
  guint head, n;
  guint n_scripts, n_again; /* of those in flight */
} PsPipeline;

gboolean ps_pipeline_is_full (const PsPipeline *self);
void ps_pipeline_push (PsPipeline *self, PsInFlight command); /* not when full */
PsInFlight ps_pipeline_pop (PsPipeline *self);                /* not when empty */
void ps_pipeline_clear (PsPipeline *self);
G_END_DECLS
