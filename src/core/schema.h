/* SPDX-License-Identifier: Apache-2.0 */
/* Every table, key and field of SONiC's databases that portsyncd touches, once
 * (docs/sonic-protocol.md 1.3, 3.2). */
#pragma once
#include "core/batch.h"
G_BEGIN_DECLS

#define PS_TABLE_PORT         "PORT"                      /* CONFIG_DB */
#define PS_TABLE_PORT_TABLE   "PORT_TABLE"                /* APPL_DB and STATE_DB */
#define PS_TABLE_PORT_STAGED  "_PORT_TABLE"               /* APPL_DB: produced, not yet popped */
#define PS_TABLE_METADATA     "DEVICE_METADATA"           /* CONFIG_DB */
#define PS_TABLE_LOGGER       "LOGGER"                    /* CONFIG_DB */
#define PS_TABLE_WARM_ENABLE  "WARM_RESTART_ENABLE_TABLE" /* STATE_DB */
#define PS_TABLE_WARM_RESTART "WARM_RESTART_TABLE"        /* STATE_DB */

#define PS_KEY_LOCALHOST   "localhost"
#define PS_KEY_SYSTEM      "system"
#define PS_KEY_SWSS        "swss"
#define PS_KEY_PORTSYNCD   "portsyncd"
#define PS_KEY_CONFIG_DONE "PortConfigDone"
#define PS_KEY_INIT_DONE   "PortInitDone"

#define PS_FIELD_STATE         "state"
#define PS_FIELD_OPER          "netdev_oper_status"
#define PS_FIELD_ADMIN         "admin_status"
#define PS_FIELD_MTU           "mtu"
#define PS_FIELD_COUNT         "count"
#define PS_FIELD_LANES         "lanes"
#define PS_FIELD_SWITCH_TYPE   "switch_type"
#define PS_FIELD_ENABLE        "enable"
#define PS_FIELD_RESTORE_COUNT "restore_count"
#define PS_FIELD_LOGLEVEL      "LOGLEVEL"
#define PS_FIELD_LOGOUTPUT     "LOGOUTPUT"

#define PS_VALUE_OK   "ok"
#define PS_VALUE_UP   "up"
#define PS_VALUE_DOWN "down"
#define PS_VALUE_TRUE "true"
#define PS_VALUE_DPU  "dpu"

/* Keys that are not tables: a bare key (table "", no separator). */
#define PS_KEY_SET               "PORT_TABLE_KEY_SET" /* APPL_DB: produced, not yet popped */
#define PS_CONFIG_DB_INITIALIZED "CONFIG_DB_INITIALIZED"

/* The name as SONiC's database_config.json spells it. */
const char *ps_schema_db_name (PsDb db);
G_END_DECLS
