/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/soak/soak.h"
#include <glib/gstdio.h>
#include <signal.h>

/* --- what may be done when ------------------------------------------------------------------ */

static gboolean
daemon_runs (const PsSoak *self)
{
  return self->daemon_up && !self->daemon_stopped;
}

static gboolean
may_kill_daemon (const PsSoak *self)
{
  return self->daemon_up && self->violent;
}

/* One that is stopped cannot take SIGTERM. */
static gboolean
may_terminate_daemon (const PsSoak *self)
{
  return daemon_runs (self) && self->violent;
}

static gboolean
daemon_is_dead (const PsSoak *self)
{
  return !self->daemon_up;
}

static gboolean
daemon_is_stopped (const PsSoak *self)
{
  return self->daemon_stopped;
}

static gboolean
redis_is_dead (const PsSoak *self)
{
  return !self->redis_up;
}

static gboolean
redis_is_stopped (const PsSoak *self)
{
  return self->redis_stopped;
}

static gboolean
redis_is_full (const PsSoak *self)
{
  return self->redis_full && ps_soak_redis_answers (self);
}

/* What empties APPL_DB is followed by a restart of swss, and so of the daemon. */
static gboolean
may_lose_swss (const PsSoak *self)
{
  return ps_soak_redis_answers (self) && self->violent && !self->swss_lost;
}

static gboolean
may_restart_orchagent (const PsSoak *self)
{
  return ps_soak_can_configure (self) && !self->copying;
}

/* --- the daemon ----------------------------------------------------------------------------- */

static void
kill_daemon (PsSoak *self)
{
  ps_journal_say (self->journal, "kill -9 of the daemon");
  ps_soak_kill_daemon (self);
}

static void
terminate_daemon (PsSoak *self)
{
  ps_journal_say (self->journal, "SIGTERM to the daemon");
  ps_soak_terminate_daemon (self);
}

static void
stop_daemon (PsSoak *self)
{
  ps_journal_say (self->journal, "SIGSTOP to the daemon");
  ps_daemon_signal (self->rig->daemon, SIGSTOP);
  self->daemon_stopped = TRUE;
}

/* --- Redis ---------------------------------------------------------------------------------- */

static void
kill_redis (PsSoak *self)
{
  ps_journal_say (self->journal, "kill -9 of Redis");
  if (ps_soak_redis_answers (self))
    ps_soak_take_redis_counts (self);
  self->figures->n_redis_deaths++;
  ps_redis_server_kill (self->rig->redis);
  self->redis_up = self->redis_stopped = self->redis_full = FALSE;
}

static void
save_and_kill_redis (PsSoak *self)
{
  ps_journal_say (self->journal, "SAVE");
  ps_soak_save (self);
  kill_redis (self);
}

static void
kill_and_empty_redis (PsSoak *self)
{
  g_autofree char *dump =
      g_build_filename (ps_redis_server_dir (self->rig->redis), "dump.rdb", NULL);
  kill_redis (self);
  ps_journal_say (self->journal, "what Redis had saved is removed");
  g_unlink (dump);
  self->swss_lost = TRUE;
}

static gboolean
redis_may_die (const PsSoak *self)
{
  return self->redis_up;
}

static void
stop_redis (PsSoak *self)
{
  ps_journal_say (self->journal, "SIGSTOP to Redis");
  ps_soak_take_redis_counts (self);
  ps_redis_server_pause (self->rig->redis);
  self->redis_stopped = TRUE;
}

static void
flush_state (PsSoak *self)
{
  ps_journal_say (self->journal, "FLUSHDB of STATE_DB");
  ps_db_do (self->rig->db, PS_DB_STATE, "FLUSHDB");
}

static void
flush_appl (PsSoak *self)
{
  ps_journal_say (self->journal, "FLUSHDB of APPL_DB");
  ps_db_do (self->rig->db, PS_DB_APPL, "FLUSHDB");
  self->swss_lost = TRUE;
}

static void
flush_all (PsSoak *self)
{
  ps_journal_say (self->journal, "FLUSHALL");
  ps_db_do (self->rig->db, PS_DB_APPL, "FLUSHALL");
  self->swss_lost = TRUE;
}

static void
flush_scripts (PsSoak *self)
{
  ps_journal_say (self->journal, "SCRIPT FLUSH");
  ps_db_do (self->rig->db, PS_DB_APPL, "SCRIPT FLUSH");
}

static void
kill_clients (PsSoak *self)
{
  ps_journal_say (self->journal, "CLIENT KILL of all");
  ps_db_do (self->rig->db, PS_DB_APPL, "CLIENT KILL TYPE normal");
}

static void
drop_row (PsSoak *self)
{
  PsDevice *device = &self->devices[ps_soak_draw (self, self->n_devices)];
  ps_journal_say (self->journal, "DEL of the row of %s in STATE_DB", device->port);
  ps_db_do (self->rig->db, PS_DB_STATE, "DEL PORT_TABLE|%s", device->port);
}

static gboolean
orchagent_rests (gpointer user_data)
{
  return !ps_orchagent_is_busy (user_data);
}

/* The stand-in's pops would lose what they cannot write, which is not what is tried here. */
static void
fill_redis (PsSoak *self)
{
  ps_journal_say (self->journal, "CONFIG SET maxmemory 1");
  ps_orchagent_hold (self->rig->orchagent, TRUE);
  if (!ps_wait_until (orchagent_rests, self->rig->orchagent, PS_WAIT_MS))
    g_error ("orchagent's stand-in does not come to rest");
  ps_db_do (self->rig->db, PS_DB_APPL, "CONFIG SET maxmemory 1");
  self->redis_full = TRUE;
}

static void
restart_orchagent (PsSoak *self)
{
  ps_journal_say (self->journal, "restart of orchagent's stand-in");
  ps_rig_start_orchagent (self->rig);
}

/* What ends a fault is likelier than what begins one, so that most of the time all is there. */
const PsSoakAction ps_soak_fault_actions[] = {
    {"kill", 4, may_kill_daemon, kill_daemon},
    {"terminate", 4, may_terminate_daemon, terminate_daemon},
    {"start", 30, daemon_is_dead, ps_soak_start_daemon},
    {"stop", 2, daemon_runs, stop_daemon},
    {"continue", 10, daemon_is_stopped, ps_soak_continue_daemon},
    {"redis-kill", 2, redis_may_die, kill_redis},
    {"redis-save-kill", 2, ps_soak_can_configure, save_and_kill_redis},
    {"redis-kill-empty", 1, may_lose_swss, kill_and_empty_redis},
    {"redis-start", 30, redis_is_dead, ps_soak_start_redis},
    {"redis-stop", 1, ps_soak_redis_answers, stop_redis},
    {"redis-continue", 10, redis_is_stopped, ps_soak_continue_redis},
    {"flush-state", 1, ps_soak_redis_answers, flush_state},
    {"flush-appl", 1, may_lose_swss, flush_appl},
    {"flush-all", 1, may_lose_swss, flush_all},
    {"script-flush", 1, ps_soak_redis_answers, flush_scripts},
    {"client-kill", 1, ps_soak_redis_answers, kill_clients},
    {"row-del", 2, ps_soak_redis_answers, drop_row},
    {"redis-full", 1, ps_soak_can_configure, fill_redis},
    {"redis-room", 10, redis_is_full, ps_soak_give_memory},
    {"orchagent", 1, may_restart_orchagent, restart_orchagent},
    {NULL},
};
