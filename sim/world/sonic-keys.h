/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of SONiC's databases as they stand in Redis, with the separators that a switch has. */
#pragma once
#include "core/schema.h"
G_BEGIN_DECLS

/* What stands before the name of a port (or of a marker). */
#define PS_SIM_CONFIG_KEY PS_TABLE_PORT "|"        /* CONFIG_DB */
#define PS_SIM_LIVE_KEY   PS_TABLE_PORT_TABLE ":"  /* APPL_DB: popped */
#define PS_SIM_STAGED_KEY PS_TABLE_PORT_STAGED ":" /* APPL_DB: produced, not yet popped */
#define PS_SIM_STATE_KEY  PS_TABLE_PORT_TABLE "|"  /* STATE_DB */

#define PS_SIM_DEL_SET "PORT_TABLE_DEL_SET" /* APPL_DB: to delete when it is popped */
#define PS_SIM_CHANNEL "PORT_TABLE_CHANNEL@0"

#define PS_SIM_METADATA_KEY PS_TABLE_METADATA "|" PS_KEY_LOCALHOST
#define PS_SIM_LOGGER_KEY   PS_TABLE_LOGGER "|" PS_KEY_PORTSYNCD
#define PS_SIM_RESTORE_KEY  PS_TABLE_WARM_RESTART "|" PS_KEY_PORTSYNCD

/* The whole key. Free with g_free. */
static inline char *
ps_sim_config_key (const char *name)
{
  return g_strconcat (PS_SIM_CONFIG_KEY, name, NULL);
}

static inline char *
ps_sim_live_key (const char *name)
{
  return g_strconcat (PS_SIM_LIVE_KEY, name, NULL);
}

static inline char *
ps_sim_staged_key (const char *name)
{
  return g_strconcat (PS_SIM_STAGED_KEY, name, NULL);
}

static inline char *
ps_sim_state_key (const char *name)
{
  return g_strconcat (PS_SIM_STATE_KEY, name, NULL);
}
G_END_DECLS
