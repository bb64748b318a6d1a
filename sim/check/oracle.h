/* SPDX-License-Identifier: Apache-2.0 */
/* What STATE_DB must hold when everything has come to rest: slow, obvious, and made of nothing that
 * the product is made of. It looks at the kernel, CONFIG_DB and APPL_DB, and at which devices are
 * of an earlier run. */
#pragma once
#include "sim/world/kernel.h"
#include "sim/world/redis.h"
G_BEGIN_DECLS

/* TRUE if ifindex is of an earlier run of swss (docs/sonic-protocol.md 3.4). */
typedef gboolean (*PsOracleIsOld) (guint32 ifindex, gpointer user_data);

/* The text "ok oper admin mtu" of each row PORT_TABLE|<name> that must be there, by name. A row
 * whose value is "?" may be there or not, with any value: its device has no configured port. Free
 * with g_hash_table_unref. */
GHashTable *ps_oracle_state_rows (PsSimKernel *kernel, PsSimRedis *redis, PsOracleIsOld is_old,
                                  gpointer user_data);

/* NULL, or the first difference between these rows and STATE_DB, as "name: expected" and "seen".
 * Free out_seen and the result with g_free. */
char *ps_oracle_compare (PsSimRedis *redis, GHashTable *rows, char **out_seen);
G_END_DECLS
