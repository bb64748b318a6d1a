/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/world.h"
#include "base/hash.h"
#include "core/schema.h"
#include "sim/world/process.h"
#include "sim/world/stop-clock.h"
#include "sim/world/upstream.h"
#include <string.h>

#define INIT_START 100 /* of the first PID 1, in clock ticks, as in /proc/1/stat */
#define NETNS      "4:4026531840"
#define US         G_USEC_PER_SEC

struct _PsSimWorld {
  PsSimWorldOptions options;
  PsVirtualClock *time; /* not owned: the clock's */
  PsSimClock *clock;    /* owned, like the following */
  PsSimKernel *kernel;
  PsSimRedis *redis;
  PsSimOrchagent *orchagent;
  PsConfig *config;
  PsLifeIdentity *identity;
  PsSimDisk *disk;
  gboolean record_is_behind;  /* the last process was killed before it was written */
  GQueue *lines;              /* of char *; the newest at the tail */
  PsSimProcess *process;      /* owned; NULL when none lives */
  PsUpstream *upstream;       /* likewise: of the two at most one lives */
  PsSimStopClock *stop_clock; /* owned, of that one; NULL: it cannot be stopped */
  PsDatagramPort *netlink;    /* owned taps, of that one */
  PsStreamPort *databases[PS_N_DBS];
  gboolean stopped, term_due;
  PsSimProcessState state;
  int exit_code;
  guint n_starts, n_boots, n_inits, n_starts_before_life;
  gboolean stepping, kill_due;
  guint64 n_commands, n_crashes;
  guint64 crash_at; /* number of a command; 0: none */
  gboolean crash_after;
  gint64 crash_pause_us;
  PsTimerId restart;
  const PsSimWorldObserver *observer; /* nullable */
  gpointer user_data;
  PsSimTapSink tap;
};

/* A stream of chance of its own for each purpose, so that one more draw here moves none there. */
static guint64
seed_for (const PsSimWorld *self, const char *label)
{
  return self->options.seed ^ ps_hash_64 (label, strlen (label));
}

static void
on_tapped (guint channel, PsSimTapEvent event, const guint8 *bytes, gsize n_bytes,
           gpointer user_data)
{
  PsSimWorld *self = user_data;
  if (self->observer != NULL && self->observer->bytes != NULL)
    self->observer->bytes (channel, event, bytes, n_bytes, self->user_data);
}

static void
on_log (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  PsSimWorld *self = user_data;
  gint64 now_us = ps_sim_world_now_us (self);
  if (g_queue_get_length (self->lines) >= PS_SIM_LOG_LINES)
    g_free (g_queue_pop_head (self->lines));
  g_queue_push_tail (self->lines,
                     g_strdup_printf ("%" G_GINT64_FORMAT ".%06d %s %s", now_us / US,
                                      (int)(now_us % US), ps_log_level_name (level), text));
  if (self->observer != NULL && self->observer->log != NULL)
    self->observer->log (level, text, self->user_data);
}

static void
set_state (PsSimWorld *self, PsSimProcessState state)
{
  self->state = state;
  if (self->observer != NULL && self->observer->process != NULL)
    self->observer->process (state, self->user_data);
}

static void
new_identity (PsSimWorld *self)
{
  g_autofree char *boot_id = g_strdup_printf ("boot-%u", self->n_boots);
  g_clear_pointer (&self->identity, ps_life_identity_free);
  self->identity = ps_life_identity_new (boot_id, INIT_START + self->n_inits, NETNS);
  self->n_starts_before_life = self->n_starts;
}

static void
make_config (PsSimWorld *self)
{
  self->config = ps_config_new ();
  if (self->options.audit_interval_us > 0)
    self->config->audit_interval_us = self->options.audit_interval_us;
  if (self->options.reply_deadline_us > 0)
    self->config->reply_deadline_us = self->options.reply_deadline_us;
  if (self->options.adopt)
    self->config->old_interfaces = PS_OLD_ADOPT;
}

/* --- crash points --------------------------------------------------------------------------- */

static void
on_restart_due (gpointer user_data)
{
  PsSimWorld *self = user_data;
  self->restart = 0;
  ps_sim_world_start_daemon (self);
}

static PsSimGate
on_command (const PsSimRedisCommand *command, gpointer user_data)
{
  PsSimWorld *self = user_data;
  PsClock *clock = PS_CLOCK (self->clock);
  if (self->observer != NULL && self->observer->command != NULL)
    self->observer->command (command, self->user_data);
  if (++self->n_commands != self->crash_at)
    return PS_SIM_GATE_RUN;
  self->n_crashes++;
  ps_sim_world_kill_daemon (self);
  ps_clock_clear (clock, &self->restart);
  self->restart =
      ps_clock_arm (clock, ps_sim_world_now_us (self) + self->crash_pause_us, on_restart_due, self);
  return self->crash_after ? PS_SIM_GATE_CUT_AFTER : PS_SIM_GATE_CUT_BEFORE;
}

static const guint db_ids[PS_N_DBS] = {
    [PS_DB_CONFIG] = PS_SIM_CONFIG_DB,
    [PS_DB_APPL] = PS_SIM_APPL_DB,
    [PS_DB_STATE] = PS_SIM_STATE_DB,
};

/* --- the world ----------------------------------------------------------------------------- */

PsSimWorld *
ps_sim_world_new (const PsSimWorldOptions *options)
{
  PsSimWorld *self = g_new0 (PsSimWorld, 1);
  if (options != NULL)
    self->options = *options;
  gint64 latency_us = self->options.latency_us;
  self->clock = ps_sim_clock_new ();
  self->time = ps_sim_clock_time (self->clock);
  self->kernel = ps_sim_kernel_new (PS_CLOCK (self->clock), seed_for (self, "kernel"));
  self->redis = ps_sim_redis_new (PS_CLOCK (self->clock), seed_for (self, "redis"));
  ps_sim_redis_set_gate (self->redis, on_command, self);
  ps_sim_redis_set_latency_us (self->redis, PS_SIM_REDIS_ALL,
                               latency_us > 0 ? latency_us : PS_SIM_LATENCY_US);
  ps_sim_redis_set_kind (self->redis, self->options.redis);
  for (guint i = 0; i < PS_N_DBS; i++)
    if (self->options.own_server[i])
      ps_sim_redis_set_apart (self->redis, db_ids[i]);
  self->orchagent = ps_sim_orchagent_new (PS_CLOCK (self->clock), self->redis, self->kernel,
                                          seed_for (self, "orchagent"), &self->options.orchagent);
  make_config (self);
  new_identity (self);
  self->disk = ps_sim_disk_new ();
  self->lines = g_queue_new ();
  self->tap = (PsSimTapSink){on_tapped, self};
  return self;
}

static void
end_process (PsSimWorld *self)
{
  self->record_is_behind = self->process != NULL && ps_sim_process_is_unrecorded (self->process);
  g_clear_pointer (&self->process, ps_sim_process_free);
  g_clear_pointer (&self->upstream, ps_upstream_free);
  g_clear_object (&self->netlink);
  for (guint i = 0; i < PS_N_DBS; i++)
    g_clear_object (&self->databases[i]);
  g_clear_object (&self->stop_clock);
  self->stopped = self->term_due = FALSE;
}

void
ps_sim_world_free (PsSimWorld *self)
{
  if (self == NULL)
    return;
  self->observer = NULL;
  ps_clock_clear (PS_CLOCK (self->clock), &self->restart);
  end_process (self);
  ps_sim_orchagent_free (self->orchagent);
  ps_sim_redis_free (self->redis);
  ps_sim_kernel_free (self->kernel);
  g_object_unref (self->clock);
  ps_config_free (self->config);
  ps_life_identity_free (self->identity);
  ps_sim_disk_free (self->disk);
  g_queue_free_full (self->lines, g_free);
  g_free (self);
}

void
ps_sim_world_observe (PsSimWorld *self, const PsSimWorldObserver *observer, gpointer user_data)
{
  self->observer = observer;
  self->user_data = user_data;
}

PsSimClock *
ps_sim_world_clock (PsSimWorld *self)
{
  return self->clock;
}

PsSimKernel *
ps_sim_world_kernel (PsSimWorld *self)
{
  return self->kernel;
}

PsSimRedis *
ps_sim_world_redis (PsSimWorld *self)
{
  return self->redis;
}

PsSimOrchagent *
ps_sim_world_orchagent (PsSimWorld *self)
{
  return self->orchagent;
}

gint64
ps_sim_world_now_us (PsSimWorld *self)
{
  return ps_virtual_clock_now_us (self->time);
}

const PsSimWorldOptions *
ps_sim_world_options (const PsSimWorld *self)
{
  return &self->options;
}

/* --- time ----------------------------------------------------------------------------------- */

static gboolean
has_ended (PsSimWorld *self)
{
  return self->upstream != NULL ? ps_upstream_has_ended (self->upstream, &self->exit_code)
                                : ps_sim_process_has_ended (self->process, &self->exit_code);
}

/* What could not be done in the midst of the daemon's own call. */
static void
reap (PsSimWorld *self)
{
  if (!ps_sim_world_is_alive (self))
    return;
  if (self->kill_due) {
    self->kill_due = FALSE;
    set_state (self, PS_SIM_PROCESS_KILLED);
    end_process (self);
  } else if (has_ended (self)) {
    set_state (self, PS_SIM_PROCESS_EXITED);
    end_process (self);
  }
}

static gboolean
step (PsSimWorld *self)
{
  self->stepping = TRUE;
  (void)ps_virtual_clock_step (self->time);
  self->stepping = FALSE;
  reap (self);
  return self->observer == NULL || self->observer->stepped == NULL ||
         self->observer->stepped (self->user_data);
}

gboolean
ps_sim_world_run_until (PsSimWorld *self, gint64 t_us)
{
  g_assert (!self->stepping);
  while (ps_virtual_clock_next_due_us (self->time) <= t_us)
    if (!step (self))
      return FALSE;
  ps_virtual_clock_advance_to (self->time, t_us);
  return TRUE;
}

gboolean
ps_sim_world_run_for (PsSimWorld *self, gint64 duration_us)
{
  return ps_sim_world_run_until (self, ps_sim_world_now_us (self) + duration_us);
}

/* --- the daemon ----------------------------------------------------------------------------- */

static PsUpstream *
start_upstream (PsSimWorld *self, PsClock *clock)
{
  PsUpstreamParts parts = {
      .clock = clock,
      .netlink = self->netlink,
      .kernel = self->kernel,
      .writer = on_log,
      .user_data = self,
  };
  for (guint i = 0; i < PS_N_DBS; i++)
    parts.databases[i] = self->databases[i];
  return ps_upstream_start (&parts);
}

static PsSimProcess *
start_process (PsSimWorld *self, PsClock *clock)
{
  PsSimProcessParts parts = {
      .clock = clock,
      .config = self->config,
      .identity = self->identity,
      .disk = self->disk,
      .seeds = {seed_for (self, "daemon") + self->n_starts, (guint32)(self->n_starts << 24)},
      .netlink = self->netlink,
      .writer = on_log,
      .user_data = self,
  };
  for (guint i = 0; i < PS_N_DBS; i++)
    parts.databases[i] = self->databases[i];
  return ps_sim_process_start (&parts);
}

/* With descriptors of its own. */
static void
start_actor (PsSimWorld *self)
{
  PsClock *clock = PS_CLOCK (self->clock);
  g_autoptr (PsDatagramPort) socket =
      ps_sim_kernel_open (self->kernel, self->options.receive_buffer_bytes);
  self->netlink = ps_sim_tap_datagram_port (socket, &self->tap);
  for (guint i = 0; i < PS_N_DBS; i++) {
    g_autoptr (PsStreamPort) stream = ps_sim_redis_port (self->redis, db_ids[i]);
    self->databases[i] = ps_sim_tap_stream_port (stream, i, &self->tap);
  }
  if (self->options.may_stop)
    self->stop_clock = ps_sim_stop_clock_new (clock);
  if (self->stop_clock != NULL)
    clock = PS_CLOCK (self->stop_clock);
  if (self->options.actor == PS_SIM_ACTOR_UPSTREAM)
    self->upstream = start_upstream (self, clock);
  else
    self->process = start_process (self, clock);
}

gboolean
ps_sim_world_start_daemon (PsSimWorld *self)
{
  if (ps_sim_world_is_alive (self))
    return FALSE;
  self->n_starts++;
  set_state (self, PS_SIM_PROCESS_RUNNING);
  start_actor (self);
  return TRUE;
}

gboolean
ps_sim_world_kill_daemon (PsSimWorld *self)
{
  if (!ps_sim_world_is_alive (self))
    return FALSE;
  self->kill_due = TRUE;
  if (!self->stepping)
    reap (self);
  return TRUE;
}

gboolean
ps_sim_world_term_daemon (PsSimWorld *self)
{
  if (!ps_sim_world_is_alive (self))
    return FALSE;
  self->term_due = self->stopped;
  if (self->stopped)
    return TRUE;
  if (self->state == PS_SIM_PROCESS_RUNNING)
    set_state (self, PS_SIM_PROCESS_LEAVING);
  if (self->upstream != NULL)
    return ps_sim_world_kill_daemon (self);
  ps_sim_process_terminate (self->process);
  return TRUE;
}

static void
hold_actor (PsSimWorld *self, gboolean hold)
{
  self->stopped = hold;
  ps_sim_tap_datagram_hold (self->netlink, hold);
  for (guint i = 0; i < PS_N_DBS; i++)
    ps_sim_tap_stream_hold (self->databases[i], hold);
  ps_sim_stop_clock_hold (self->stop_clock, hold);
}

gboolean
ps_sim_world_stop_daemon (PsSimWorld *self)
{
  g_assert (self->options.may_stop);
  if (!ps_sim_world_is_alive (self) || self->stopped)
    return FALSE;
  hold_actor (self, TRUE);
  return TRUE;
}

gboolean
ps_sim_world_continue_daemon (PsSimWorld *self)
{
  if (!self->stopped)
    return FALSE;
  gboolean term_due = self->term_due;
  hold_actor (self, FALSE);
  self->term_due = FALSE;
  return !term_due || ps_sim_world_term_daemon (self);
}

void
ps_sim_world_crash_at (PsSimWorld *self, guint64 nth, gboolean carried_out, gint64 pause_us)
{
  self->crash_at = self->n_commands + nth;
  self->crash_after = carried_out;
  self->crash_pause_us = pause_us;
}

guint64
ps_sim_world_n_commands (const PsSimWorld *self)
{
  return self->n_commands;
}

guint64
ps_sim_world_n_crashes (const PsSimWorld *self)
{
  return self->n_crashes;
}

gboolean
ps_sim_world_is_alive (const PsSimWorld *self)
{
  return self->process != NULL || self->upstream != NULL;
}

int
ps_sim_world_exit_code (const PsSimWorld *self)
{
  return self->exit_code;
}

guint
ps_sim_world_n_starts (const PsSimWorld *self)
{
  return self->n_starts;
}

guint
ps_sim_world_n_starts_of_life (const PsSimWorld *self)
{
  return self->n_starts - self->n_starts_before_life;
}

const PsEngine *
ps_sim_world_engine (const PsSimWorld *self)
{
  return self->process != NULL ? ps_sim_process_engine (self->process) : NULL;
}

guint64
ps_sim_world_n_life_writes (const PsSimWorld *self)
{
  return ps_sim_disk_n_writes (self->disk);
}

PsSimDisk *
ps_sim_world_disk (PsSimWorld *self)
{
  return self->disk;
}

gboolean
ps_sim_world_record_is_behind (const PsSimWorld *self)
{
  return self->record_is_behind;
}

guint
ps_sim_world_boot (const PsSimWorld *self)
{
  return self->n_boots;
}

guint
ps_sim_world_init (const PsSimWorld *self)
{
  return self->n_inits;
}

void
ps_sim_world_new_boot (PsSimWorld *self)
{
  g_assert (!ps_sim_world_is_alive (self));
  ps_sim_disk_lose_life (self->disk);
  self->n_boots++;
  new_identity (self);
}

void
ps_sim_world_new_init (PsSimWorld *self)
{
  g_assert (!ps_sim_world_is_alive (self));
  self->n_inits++;
  new_identity (self);
}

guint
ps_sim_world_n_log_lines (const PsSimWorld *self)
{
  return g_queue_get_length (self->lines);
}

const char *
ps_sim_world_log_line (const PsSimWorld *self, guint i)
{
  return g_queue_peek_nth (self->lines, i);
}

gint64
ps_sim_world_eoiu_timeout_us (const PsSimWorld *self)
{
  return self->config->eoiu_timeout_us;
}
