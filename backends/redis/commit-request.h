/* SPDX-License-Identifier: Apache-2.0 */
/* A batch of writes as commands. */
#pragma once
#include "backends/redis/request.h"
G_BEGIN_DECLS

/* batch becomes the request's own. A PUT without fields is applied without a command; a PRODUCE
 * without fields is refused, because the consumer would take it for a deletion. */
PsRedisRequest *ps_redis_commit_request_new (const PsRedisRequestTarget *target, PsTicket ticket,
                                             PsBatch *batch, PsCommitDone done, gpointer user_data);
G_END_DECLS
