/* SPDX-License-Identifier: Apache-2.0 */
/* Reading rows: given keys by HGETALL, a whole table by SCAN and HGETALL. */
#pragma once
#include "backends/redis/request.h"
G_BEGIN_DECLS

#define PS_READ_SCAN_COUNT 4096          /* keys that Redis looks at for one SCAN */
#define PS_READ_ROWS_MAX   (1024 * 1024) /* A larger table cannot be read as a whole. */

/* Rows are delivered as their replies arrive. A row of a whole table that was deleted between the
 * SCAN and its HGETALL is not delivered. Rows that are not hashes are delivered as refused and do
 * not spoil the rest; a row refused for any other reason makes the whole read refused. */
PsRedisRequest *
ps_redis_read_request_new (const PsRedisRequestTarget *target, PsTicket ticket, const PsRead *read,
                           PsRowFn row, PsReadDone done, gpointer user_data);
G_END_DECLS
