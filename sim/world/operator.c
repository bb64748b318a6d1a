/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"
#include "sim/world/world.h"
#include "sim/world/sonic-keys.h"
#include <string.h>

/* What the warm-reboot script keeps of STATE_DB. */
static const char *const kept_tables[] = {"FAST_RESTART_ENABLE_TABLE", PS_TABLE_WARM_ENABLE,
                                          PS_TABLE_WARM_RESTART, NULL};
static const char *const kept_fields[] = {"host_tx_ready", "NPU_SI_SETTINGS_SYNC_STATUS",
                                          "CMIS_REINIT_REQUIRED", NULL};

static void
set_config (PsSimWorld *self, const char *key, const char *field, const char *value)
{
  ps_sim_redis_hset (ps_sim_world_redis (self), PS_SIM_CONFIG_DB, key, field, value);
}

void
ps_sim_world_configure_port (PsSimWorld *self, const char *name)
{
  g_autofree char *key = ps_sim_config_key (name);
  g_autofree char *alias = g_strdup_printf ("etp-%s", name);
  set_config (self, key, "admin_status", "up");
  set_config (self, key, "alias", alias);
  set_config (self, key, PS_FIELD_LANES, "0,1,2,3");
  set_config (self, key, PS_FIELD_MTU, "9100");
  set_config (self, key, "speed", "100000");
}

void
ps_sim_world_unconfigure_port (PsSimWorld *self, const char *name)
{
  g_autofree char *key = ps_sim_config_key (name);
  ps_sim_redis_del (ps_sim_world_redis (self), PS_SIM_CONFIG_DB, key);
}

void
ps_sim_world_configure_ports (PsSimWorld *self, guint n)
{
  for (guint i = 0; i < n; i++) {
    char name[IFNAMSIZ];
    g_snprintf (name, sizeof name, "Ethernet%u", i);
    ps_sim_world_configure_port (self, name);
  }
  set_config (self, PS_SIM_METADATA_KEY, "hostname", "sonic");
  set_config (self, PS_SIM_METADATA_KEY, "type", "LeafRouter");
  ps_sim_redis_set (ps_sim_world_redis (self), PS_SIM_CONFIG_DB, PS_CONFIG_DB_INITIALIZED, "1");
}

void
ps_sim_world_set_dpu (PsSimWorld *self)
{
  set_config (self, PS_SIM_METADATA_KEY, PS_FIELD_SWITCH_TYPE, PS_VALUE_DPU);
}

void
ps_sim_world_set_warm (PsSimWorld *self, const char *scope, gboolean on)
{
  g_autofree char *key = g_strdup_printf (PS_TABLE_WARM_ENABLE "|%s", scope);
  PsSimRedis *redis = ps_sim_world_redis (self);
  ps_sim_redis_hset (redis, PS_SIM_STATE_DB, key, PS_FIELD_ENABLE, on ? PS_VALUE_TRUE : "false");
}

/* A row as it was. */
typedef struct {
  char *key;
  GPtrArray *texts; /* names and values by turns */
} PsKeptRow;

static void
kept_row_clear (gpointer data)
{
  PsKeptRow *row = data;
  g_free (row->key);
  g_ptr_array_unref (row->texts);
}

static GArray *
keep_rows (PsSimRedis *redis, GPtrArray *keys)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (PsKeptRow));
  g_array_set_clear_func (rows, kept_row_clear);
  for (guint i = 0; i < keys->len; i++) {
    const char *key = g_ptr_array_index (keys, i);
    PsKeptRow row = {g_strdup (key), g_ptr_array_new_with_free_func (g_free)};
    g_autoptr (GArray) fields = ps_sim_redis_hgetall (redis, PS_SIM_CONFIG_DB, key);
    for (guint f = 0; f < fields->len; f++) {
      const PsField *field = &g_array_index (fields, PsField, f);
      g_ptr_array_add (row.texts, g_strndup (field->name.data, field->name.size));
      g_ptr_array_add (row.texts, g_strndup (field->value.data, field->value.size));
    }
    g_array_append_val (rows, row);
  }
  return rows;
}

void
ps_sim_world_reload_config (PsSimWorld *self)
{
  PsSimRedis *redis = ps_sim_world_redis (self);
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (redis, PS_SIM_CONFIG_DB, PS_SIM_CONFIG_KEY);
  g_autoptr (GArray) rows = keep_rows (redis, keys);
  for (guint i = 0; i < keys->len; i++)
    ps_sim_redis_del (redis, PS_SIM_CONFIG_DB, g_ptr_array_index (keys, i));
  for (guint i = 0; i < rows->len; i++) {
    const PsKeptRow *row = &g_array_index (rows, PsKeptRow, i);
    for (guint t = 0; t + 1 < row->texts->len; t += 2)
      set_config (self, row->key, g_ptr_array_index (row->texts, t),
                  g_ptr_array_index (row->texts, t + 1));
  }
}

void
ps_sim_world_flush_db (PsSimWorld *self, guint db)
{
  ps_sim_redis_flushdb (ps_sim_world_redis (self), db);
}

static gboolean
is_kept_table (const char *key)
{
  g_auto (GStrv) parts = g_strsplit (key, "|", 2);
  return parts[0] != NULL && g_strv_contains (kept_tables, parts[0]);
}

static void
prune_row (PsSimRedis *redis, const char *key)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (redis, PS_SIM_STATE_DB, key);
  for (guint i = 0; i < fields->len; i++)
    g_ptr_array_add (names, g_strdup (g_array_index (fields, PsField, i).name.data));
  for (guint i = 0; i < names->len; i++)
    if (!g_strv_contains (kept_fields, names->pdata[i]))
      ps_sim_redis_hdel (redis, PS_SIM_STATE_DB, key, names->pdata[i]);
}

void
ps_sim_world_prune_state (PsSimWorld *self)
{
  static const char ports[] = PS_SIM_STATE_KEY "Ethernet";
  PsSimRedis *redis = ps_sim_world_redis (self);
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (redis, PS_SIM_STATE_DB, "");
  for (guint i = 0; i < keys->len; i++) {
    const char *key = g_ptr_array_index (keys, i);
    if (strncmp (key, ports, sizeof ports - 1) == 0)
      prune_row (redis, key);
    else if (!is_kept_table (key))
      ps_sim_redis_del (redis, PS_SIM_STATE_DB, key);
  }
}
