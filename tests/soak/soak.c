/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/soak.h"
#include "tests/support/proc.h"
#include <signal.h>

guint
ps_soak_draw (PsSoak *self, guint n)
{
  return (guint)g_rand_int_range (self->random, 0, (gint32)n);
}

gboolean
ps_soak_redis_answers (const PsSoak *self)
{
  return self->redis_up && !self->redis_stopped;
}

gboolean
ps_soak_can_configure (const PsSoak *self)
{
  return ps_soak_redis_answers (self) && !self->redis_full && !self->swss_lost;
}

/* --- the daemon ----------------------------------------------------------------------------- */

void
ps_soak_take_daemon_counts (PsSoak *self)
{
  self->figures->n_drops += ps_daemon_netlink_drops (self->rig->daemon);
}

void
ps_soak_start_daemon (PsSoak *self)
{
  ps_journal_say (self->journal, "start of the daemon, process %u", self->process + 1);
  ps_orchagent_clear (self->rig->orchagent);
  ps_daemon_start (self->rig->daemon);
  self->daemon_up = self->copying = TRUE;
  self->process++;
  self->process_s = ps_journal_seconds (self->journal);
  ps_soak_set_copied (self, ps_soak_n_configured (self));
}

void
ps_soak_kill_daemon (PsSoak *self)
{
  ps_soak_take_daemon_counts (self);
  ps_daemon_kill (self->rig->daemon);
  self->daemon_up = self->daemon_stopped = FALSE;
  self->figures->n_kills++;
}

static gboolean
takes_sigterm (gpointer user_data)
{
  return ps_proc_blocks (ps_daemon_pid (user_data), SIGTERM);
}

/* Before that the signal would hit the loader, not the program. */
void
ps_soak_terminate_daemon (PsSoak *self)
{
  if (!ps_wait_until (takes_sigterm, self->rig->daemon, PS_WAIT_MS))
    g_error ("the daemon does not wait for SIGTERM");
  ps_soak_take_daemon_counts (self);
  ps_daemon_terminate (self->rig->daemon);
  self->daemon_up = FALSE;
  self->figures->n_stops++;
}

void
ps_soak_continue_daemon (PsSoak *self)
{
  ps_journal_say (self->journal, "SIGCONT to the daemon");
  ps_daemon_signal (self->rig->daemon, SIGCONT);
  self->daemon_stopped = FALSE;
}

/* --- Redis ---------------------------------------------------------------------------------- */

void
ps_soak_take_redis_counts (PsSoak *self)
{
  PsRig *rig = self->rig;
  gint64 n = ps_db_info (rig->db, "stats", "total_commands_processed:", ":");
  self->figures->n_commands += (guint64)(n - self->n_commands_seen);
  self->n_commands_seen = n;
  self->figures->n_writes += ps_rig_n_events (rig, NULL, NULL);
  ps_keyspace_clear (rig->keyspace);
}

gint64
ps_soak_n_announced (PsSoak *self)
{
  g_autofree char *count =
      ps_db_hget (self->rig->db, PS_DB_APPL, "PORT_TABLE:PortConfigDone", "count");
  return count != NULL ? g_ascii_strtoll (count, NULL, 10) : -1;
}

void
ps_soak_save (PsSoak *self)
{
  ps_db_do (self->rig->db, PS_DB_APPL, "SAVE");
  self->n_copied_saved = ps_soak_n_announced (self);
}

void
ps_soak_start_redis (PsSoak *self)
{
  ps_journal_say (self->journal, "start of Redis");
  ps_redis_server_start (self->rig->redis);
  ps_rig_redis_is_back (self->rig);
  ps_orchagent_hold (self->rig->orchagent, FALSE);
  self->redis_up = self->redis_is_old = TRUE;
  self->n_commands_seen = 0;
}

void
ps_soak_continue_redis (PsSoak *self)
{
  ps_journal_say (self->journal, "SIGCONT to Redis");
  ps_redis_server_resume (self->rig->redis);
  self->redis_stopped = FALSE;
}

void
ps_soak_give_memory (PsSoak *self)
{
  ps_journal_say (self->journal, "CONFIG SET maxmemory 0");
  ps_db_do (self->rig->db, PS_DB_APPL, "CONFIG SET maxmemory 0");
  ps_orchagent_hold (self->rig->orchagent, FALSE);
  self->redis_full = FALSE;
}

/* --- ports ---------------------------------------------------------------------------------- */

void
ps_soak_make_device (PsSoak *self, PsDevice *device)
{
  static const PsDeviceKind kinds[] = {PS_DEVICE_VETH, PS_DEVICE_VETH, PS_DEVICE_VETH,
                                       PS_DEVICE_TAP, PS_DEVICE_IFB};
  static const char *const names[] = {"none", "veth", "tap", "ifb"};
  PsDeviceKind kind = kinds[ps_soak_draw (self, G_N_ELEMENTS (kinds))];
  ps_journal_say (self->journal, "make %s, %s", device->port, names[kind]);
  ps_device_make (device, self->rig->netdevs, kind, self->n_made++);
}

void
ps_soak_write_config (PsSoak *self)
{
  for (guint i = 0; i < self->n_devices; i++)
    if (self->devices[i].configured)
      ps_db_queue (self->rig->db, PS_DB_CONFIG,
                   "HSET PORT|%s index %u lanes %u,%u speed 50000 mtu 9100 admin_status up",
                   self->devices[i].port, i, 2 * i, 2 * i + 1);
  ps_db_queue (self->rig->db, PS_DB_CONFIG, "SET CONFIG_DB_INITIALIZED 1");
  ps_db_flush (self->rig->db);
}

gint64
ps_soak_n_configured (const PsSoak *self)
{
  gint64 n = 0;
  for (guint i = 0; i < self->n_devices; i++)
    n += self->devices[i].configured;
  return n;
}

void
ps_soak_set_copied (PsSoak *self, gint64 n)
{
  self->n_copied = n;
  self->n_least = self->n_most = ps_soak_n_configured (self);
}

void
ps_soak_ports_changed (PsSoak *self)
{
  gint64 n = ps_soak_n_configured (self);
  self->n_least = MIN (self->n_least, n);
  self->n_most = MAX (self->n_most, n);
}

static void
name_ports (PsSoak *self)
{
  for (guint i = 0; i < self->n_devices; i++) {
    g_snprintf (self->devices[i].port, IF_NAMESIZE, "Ethernet%u", 2 * i);
    self->devices[i].configured = i % 2 == 0;
  }
}

/* --- life ----------------------------------------------------------------------------------- */

PsSoak *
ps_soak_new (guint64 seed, guint n_ports, PsJournal *journal)
{
  const guint32 seeds[] = {(guint32)seed, (guint32)(seed >> 32)};
  PsRigSetup setup = {.n_ports = 0, .batch = 1024};
  PsSoak *self = g_new0 (PsSoak, 1);
  self->journal = journal;
  self->rig = ps_rig_new (&setup);
  ps_daemon_set (self->rig->daemon, "database", "reply_deadline", "1s");
  ps_daemon_set (self->rig->daemon, "netlink", "audit_interval", "20s");
  /* A warm start waits so long for ports without a netdev, which there always are some of. */
  ps_daemon_set (self->rig->daemon, "start", "eoiu_timeout", "3s");
  ps_daemon_set (self->rig->daemon, "netlink", "receive_buffer", "256k");
  self->messages = ps_messages_new ();
  self->figures = ps_figures_new ();
  self->random = g_rand_new_with_seed_array (seeds, G_N_ELEMENTS (seeds));
  self->n_devices = 2 * n_ports;
  self->devices = g_new0 (PsDevice, self->n_devices);
  self->redis_up = TRUE;
  name_ports (self);
  ps_netdevs_add (self->rig->netdevs, PS_SOAK_BRIDGE, "bridge", 0);
  ps_netdevs_set_up (self->rig->netdevs, PS_SOAK_BRIDGE, TRUE);
  ps_netdevs_commit (self->rig->netdevs);
  return self;
}

void
ps_soak_free (PsSoak *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->n_devices; i++)
    ps_device_delete (&self->devices[i], self->rig->netdevs);
  ps_rig_free (self->rig);
  ps_messages_free (self->messages);
  ps_figures_free (self->figures);
  g_rand_free (self->random);
  g_free (self->devices);
  g_free (self);
}
