/* SPDX-License-Identifier: Apache-2.0 */
/* What a write to the databases says, and SONiC's names in them. */
#pragma once
#include "core/schema.h"
#include "sim/world/world.h"
G_BEGIN_DECLS

#define PS_SEEN_STATE_KEY   PS_TABLE_PORT_TABLE "|"
#define PS_SEEN_LIVE_KEY    PS_TABLE_PORT_TABLE ":"
#define PS_SEEN_STAGED_KEY  PS_TABLE_PORT_STAGED ":"
#define PS_SEEN_CONFIG_KEY  PS_TABLE_PORT "|"
#define PS_SEEN_RESTORE_KEY PS_TABLE_WARM_RESTART "|" PS_KEY_PORTSYNCD

gboolean ps_write_is_verb (const PsSimRedisWrite *write, const char *verb);
gboolean ps_write_is_key (const PsSimRedisWrite *write, const char *key);
/* What follows prefix in the key; NULL if that is not how it begins. */
const char *ps_write_key_after (const PsSimRedisWrite *write, const char *prefix);
gboolean ps_write_has_only (const PsSimRedisWrite *write, const char *const *names);
/* The value that a field gets; NULL: it is not written. */
const char *ps_write_value_of (const PsSimRedisWrite *write, const char *name);
/* HSET of this name's staged row in APPL_DB. */
gboolean ps_write_stages (const PsSimRedisWrite *write, const char *name);
/* The port whose row in STATE_DB our four fields are written to, or that is deleted; else NULL. */
const char *ps_write_port_row (const PsSimRedisWrite *write);
/* Our fields of the row of WARM_RESTART_TABLE. */
gboolean ps_write_is_warm_row (const PsSimRedisWrite *write);
/* Key, names and values, safe to print. Free with g_free. */
char *ps_write_describe (gconstpointer write);
G_END_DECLS
