/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/warm-rig.h"
#include <string.h>

/* What orchagent, xcvrd and intfmgrd write beside us. */
static void
write_as_others (PsRig *rig)
{
  for (guint i = 0; i < PS_WARM_N_PORTS; i++) {
    g_autofree char *row = g_strdup_printf ("PORT_TABLE|%s", ps_port_name (i).text);
    ps_rig_wait_field (rig, PS_DB_STATE, row, "host_tx_ready", "true");
    ps_db_do (rig->db, PS_DB_STATE,
              "HSET %s supported_speeds 40000,100000 NPU_SI_SETTINGS_SYNC_STATUS "
              "NPU_SI_SETTINGS_DONE CMIS_REINIT_REQUIRED false",
              row);
  }
  ps_db_do (rig->db, PS_DB_STATE, "HSET PORT_TABLE|Ethernet0.10 state ok");
}

void
ps_warm_rig_set_flag (PsWarmRig *self, const char *flag, const char *value)
{
  ps_db_do (self->rig->db, PS_DB_STATE, "HSET WARM_RESTART_ENABLE_TABLE|%s enable %s", flag, value);
}

void
ps_warm_rig_begin (PsWarmRig *self)
{
  ps_rig_settle_and_clear (self->rig);
  ps_keyspace_sync (self->appl, self->rig->db);
  ps_keyspace_clear (self->appl);
  ps_orchagent_clear (self->rig->orchagent);
  ps_syslog_sink_clear (self->rig->syslog);
  g_clear_pointer (&self->before, g_hash_table_unref);
  self->before = ps_db_table (self->rig->db, PS_DB_STATE, "PORT_TABLE|");
  ps_monitor_free (self->monitor);
  self->monitor = ps_monitor_new (ps_redis_server_socket (self->rig->redis));
}

void
ps_warm_rig_set_up (PsWarmRig *self, gconstpointer data)
{
  PsRigSetup setup = {.n_ports = PS_WARM_N_PORTS, .batch = 1024, .makes_netdevs = TRUE};
  setup.host_tx_ready = TRUE;
  self->rig = ps_rig_new (&setup);
  ps_rig_boot (self->rig);
  write_as_others (self->rig);
  ps_daemon_kill (self->rig->daemon);
  /* As the script of a warm reboot does; the cold start may have said reconciled. */
  ps_db_do (self->rig->db, PS_DB_STATE, "HDEL " PS_WARM_ROW " state");
  self->appl =
      ps_keyspace_new (ps_redis_server_socket (self->rig->redis), PS_DB_APPL, "PORT_TABLE:");
  ps_warm_rig_set_flag (self, "swss", "true");
  ps_warm_rig_begin (self);
}

void
ps_warm_rig_tear_down (PsWarmRig *self, gconstpointer data)
{
  g_hash_table_unref (self->before);
  ps_monitor_free (self->monitor);
  ps_keyspace_free (self->appl);
  ps_rig_free (self->rig);
}

void
ps_warm_rig_unplug (PsWarmRig *self, guint port)
{
  PsName peer = ps_peer_name (ps_port_name (port).text);
  ps_netdevs_set_up (self->rig->netdevs, peer.text, FALSE);
  ps_netdevs_commit (self->rig->netdevs);
  ps_rig_settle_links (self->rig);
}

void
ps_warm_rig_reconcile (PsWarmRig *self)
{
  ps_daemon_start (self->rig->daemon);
  ps_rig_wait_popped (self->rig, "PortInitDone");
  ps_rig_wait_field (self->rig, PS_DB_STATE, PS_WARM_ROW, "state", "reconciled");
  ps_rig_wait_polls (self->rig, 2);
}

void
ps_warm_rig_assert_rows_kept (PsWarmRig *self, const char *port, const char *field)
{
  g_autoptr (GHashTable) rows = ps_db_table (self->rig->db, PS_DB_STATE, "PORT_TABLE|");
  GHashTableIter iter, fields;
  gpointer key, was, name, value;
  g_assert_cmpuint (g_hash_table_size (rows), ==, g_hash_table_size (self->before));
  g_hash_table_iter_init (&iter, self->before);
  while (g_hash_table_iter_next (&iter, &key, &was)) {
    GHashTable *is = g_hash_table_lookup (rows, key);
    g_assert_nonnull (is);
    g_assert_cmpuint (g_hash_table_size (is), ==, g_hash_table_size (was));
    g_hash_table_iter_init (&fields, was);
    while (g_hash_table_iter_next (&fields, &name, &value))
      if (g_strcmp0 (key, port) != 0 || g_strcmp0 (name, field) != 0)
        g_assert_cmpstr (g_hash_table_lookup (is, name), ==, value);
  }
}

void
ps_warm_rig_assert_only_init_done (PsWarmRig *self)
{
  ps_keyspace_sync (self->appl, self->rig->db);
  g_assert_cmpuint (ps_keyspace_count (self->appl, "PortInitDone", "hset"), ==, 1);
  g_assert_cmpuint (ps_keyspace_count (self->appl, NULL, NULL), ==, 1);
  g_assert_cmpuint (ps_orchagent_n_popped (self->rig->orchagent), ==, 1);
}

void
ps_warm_rig_assert_history (PsWarmRig *self, const char *port, const char *operations)
{
  ps_keyspace_sync (self->rig->keyspace, self->rig->db);
  g_autofree char *history = ps_keyspace_history (self->rig->keyspace, port);
  if (strcmp (history, operations) != 0)
    g_error ("events of %s: \"%s\", not \"%s\"", port, history, operations);
}

void
ps_warm_rig_assert_states (PsWarmRig *self, const char *states)
{
  GPtrArray *commands = ps_monitor_commands (self->monitor, self->rig->db);
  g_autofree char *written = ps_monitor_values (commands, PS_DB_STATE, PS_WARM_ROW, "state");
  g_assert_cmpstr (written, ==, states);
}

char *
ps_warm_rig_warning (PsWarmRig *self, const char *text)
{
  g_autofree char *all = ps_syslog_sink_text (self->rig->syslog);
  g_auto (GStrv) lines = g_strsplit (all, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], text) != NULL && g_str_has_prefix (lines[i], "<12>"))
      return g_strdup (lines[i]);
  return g_strdup ("");
}
