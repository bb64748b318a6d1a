/* SPDX-License-Identifier: Apache-2.0 */
/* How many of some keys exist: one EXISTS. */
#pragma once
#include "backends/redis/request.h"
G_BEGIN_DECLS

PsRedisRequest *ps_redis_exists_request_new (const PsRedisRequestTarget *target, PsTicket ticket,
                                             const char *table, const char *const *keys,
                                             gsize n_keys, PsExistsDone done, gpointer user_data);
G_END_DECLS
