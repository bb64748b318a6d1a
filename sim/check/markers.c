/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/markers.h"
#include "sim/check/account.h"
#include "sim/check/config.h"
#include "sim/check/write.h"
#include <string.h>

/* A row that stands without a write of ours is worth nothing without a device. */
static gboolean
was_published (const PsFacts *self, const char *name)
{
  g_autofree char *key = g_strconcat (PS_SEEN_STATE_KEY, name, NULL);
  const PsTruthPort *port = ps_truth_find (self->truth, name);
  return (port != NULL && port->put_process == self->process.number) ||
         g_hash_table_contains (self->markers.precleared, name) ||
         (port != NULL && ps_truth_had_device (port) &&
          ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, key, PS_FIELD_STATE) != NULL);
}

/* In CONFIG_DB's order, so that the same port is named in every run. */
char *
ps_facts_first_not_published (const PsFacts *self)
{
  g_autoptr (GPtrArray) names = ps_facts_configured (self);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    if (g_hash_table_contains (self->config.awaited, name) && !was_published (self, name))
      return g_strdup (name);
  }
  return NULL;
}

gboolean
ps_facts_is_in_appl (const PsFacts *self, const char *name)
{
  g_autofree char *live = g_strconcat (PS_SEEN_LIVE_KEY, name, NULL);
  g_autofree char *staged = g_strconcat (PS_SEEN_STAGED_KEY, name, NULL);
  return ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, live) ||
         ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, staged);
}

gboolean
ps_facts_is_init_done_due (const PsFacts *self)
{
  g_autoptr (GPtrArray) names = ps_facts_configured (self);
  if (self->config.known == NULL || !ps_facts_is_in_appl (self, PS_KEY_CONFIG_DONE))
    return FALSE; /* Who lost that one has to restart swss; we invent nothing. */
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *key = g_strconcat (PS_TABLE_PORT_TABLE "|", name, NULL);
    if (g_hash_table_contains (self->config.known, name) &&
        !g_hash_table_contains (self->markers.precleared, name) &&
        ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, key, PS_FIELD_STATE) == NULL)
      return FALSE;
  }
  return TRUE;
}

static void
lose_init_done (PsFacts *self, gboolean by_restart)
{
  self->markers.init_lost = TRUE;
  self->markers.init_lost_at = ps_sim_redis_counters (self->redis)->connects;
  self->markers.init_outlived = by_restart;
}

void
ps_marker_facts_foreign (PsFacts *self, const PsSimRedisWrite *write)
{
  const char *live = ps_write_key_after (write, PS_SEEN_LIVE_KEY);
  gboolean restores = ps_write_is_verb (write, "RESTORE");
  gboolean removes =
      ps_write_is_verb (write, "DEL") || ps_write_is_verb (write, "FLUSHDB") || restores;
  self->markers.rows_gone |= restores || (live != NULL && ps_write_is_verb (write, "DEL"));
  self->markers.config_done_live =
      ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, PS_SEEN_LIVE_KEY PS_KEY_CONFIG_DONE);
  if (removes && (live == NULL || strcmp (live, PS_KEY_INIT_DONE) == 0) &&
      ps_write_key_after (write, PS_SEEN_STAGED_KEY) == NULL)
    lose_init_done (self, restores);
  if (ps_write_is_key (write, PS_KEY_SET) && ps_write_is_verb (write, "SADD"))
    self->markers.foreign_queued_us = ps_sim_world_now_us (self->world);
}

/* A cold start does not wait for ports whose old device stands and whose live row is in use
 * (docs/rules.md 3.3); what the process before found stays so. */
void
ps_marker_facts_decided (PsFacts *self)
{
  if (self->process.start.mode != PS_START_COLD)
    return;
  g_hash_table_remove_all (self->markers.precleared);
  for (guint i = 0; i < ps_sim_kernel_length (self->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self->kernel, i);
    g_autofree char *key = g_strdup_printf (PS_TABLE_PORT_TABLE ":%s", link->name);
    if (ps_truth_is_old (self->truth, link->ifindex) &&
        ps_sim_redis_hget (self->redis, PS_SIM_APPL_DB, key, PS_FIELD_ADMIN) != NULL)
      g_hash_table_add (self->markers.precleared, g_strdup (link->name));
  }
}

const char *
ps_facts_corrected_count (const PsFacts *self, const PsSimRedisWrite *write)
{
  static const char *const fields[] = {PS_FIELD_COUNT, NULL};
  if (write->db != PS_SIM_APPL_DB || !self->markers.config_done_live ||
      !ps_write_is_key (write, PS_SEEN_LIVE_KEY PS_KEY_CONFIG_DONE) ||
      !ps_write_is_verb (write, "HSET") || !ps_write_has_only (write, fields))
    return NULL;
  return ps_write_value_of (write, PS_FIELD_COUNT);
}

void
ps_marker_facts_begin (PsFacts *self)
{
  PsMarkerFacts *markers = &self->markers;
  *markers = (PsMarkerFacts){.precleared = markers->precleared,
                             .foreign_queued_us = markers->foreign_queued_us,
                             .config_done_live = markers->config_done_live};
}

void
ps_marker_facts_staged (PsFacts *self, const PsSimRedisWrite *write, const char *name)
{
  PsMarkerFacts *markers = &self->markers;
  markers->connection = write->connection;
  if (strcmp (name, PS_KEY_CONFIG_DONE) == 0) {
    markers->config_done = TRUE;
    ps_account_facts_config_done (self, write->connection);
    ps_config_facts_await (self);
  } else if (strcmp (name, PS_KEY_INIT_DONE) == 0) {
    markers->init_done = TRUE;
    markers->init_lost = markers->init_outlived = FALSE;
  } else if (ps_truth_is_port_name (name, strlen (name))) {
    ps_truth_port (self->truth, name)->staged_connection = write->connection;
  }
}
