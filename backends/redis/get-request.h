/* SPDX-License-Identifier: Apache-2.0 */
/* The string that a key holds: one GET. */
#pragma once
#include "backends/redis/request.h"
G_BEGIN_DECLS

PsRedisRequest *ps_redis_get_request_new (const PsRedisRequestTarget *target, PsTicket ticket,
                                          const char *key, PsGetDone done, gpointer user_data);
G_END_DECLS
