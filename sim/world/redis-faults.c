/* SPDX-License-Identifier: Apache-2.0 */
/* What can go wrong with the simulated Redis and the way to it. */
#include "sim/world/redis-private.h"

void
ps_sim_redis_set_latency_us (PsSimRedis *self, gint64 latency_us)
{
  g_assert (latency_us >= 0);
  self->listener->requests.latency_us = latency_us / 2;
  self->listener->replies.latency_us = latency_us - latency_us / 2;
}

gint64
ps_sim_redis_latency_us (PsSimRedis *self)
{
  return self->listener->requests.latency_us + self->listener->replies.latency_us;
}

void
ps_sim_redis_set_chunk (PsSimRedis *self, gsize n_bytes)
{
  self->listener->requests.chunk = self->listener->replies.chunk = n_bytes;
}

void
ps_sim_redis_black_hole (PsSimRedis *self, gboolean on)
{
  if (on && !self->listener->requests.held && self->clients->len > 0)
    self->counters.faults[PS_SIM_REDIS_BLACK_HOLE]++;
  ps_sim_listener_hold (self->listener, on);
}

void
ps_sim_redis_cut_after_bytes (PsSimRedis *self, PsSimDirection direction, gsize n_bytes)
{
  PsSimListener *listener = self->listener;
  PsSimWay *way = direction == PS_SIM_REQUESTS ? &listener->requests : &listener->replies;
  way->cut_left = n_bytes;
}

guint64
ps_sim_redis_n_cut (PsSimRedis *self, PsSimDirection direction)
{
  const PsSimListener *listener = self->listener;
  return direction == PS_SIM_REQUESTS ? listener->requests.n_cut : listener->replies.n_cut;
}

void
ps_sim_redis_script_flush (PsSimRedis *self)
{
  ps_sim_lua_forget_all (self->lua);
}

void
ps_sim_redis_stop (PsSimRedis *self, gboolean stopped)
{
  gboolean goes_on = self->stopped && !stopped && self->running;
  self->stopped = stopped && self->running;
  if (goes_on)
    ps_sim_redis_serve_all (self);
}

gboolean
ps_sim_redis_is_answering (PsSimRedis *self)
{
  return self->running && !self->stopped && !self->listener->requests.held &&
         !self->listener->replies.held;
}

static void
set_refusing (PsSimRedis *self)
{
  self->listener->refuses = self->refuses_connect || !self->running;
}

void
ps_sim_redis_refuse_connect (PsSimRedis *self, gboolean on)
{
  self->refuses_connect = on;
  set_refusing (self);
}

void
ps_sim_redis_stray (PsSimRedis *self, const char *bytes)
{
  if (self->running && !self->stopped)
    ps_sim_redis_tell_all (self, bytes);
}

void
ps_sim_redis_kill (PsSimRedis *self)
{
  if (!self->running)
    return;
  self->running = self->stopped = FALSE;
  set_refusing (self);
  self->counters.faults[PS_SIM_REDIS_KILLED]++;
  ps_sim_redis_end_clients (self);
}

/* Effects of a start are nobody's command. */
static void
restore (PsSimRedis *self, PsSimRedisData data)
{
  guint64 connection = self->connection, command = self->command;
  self->connection = self->command = 0;
  for (guint i = 0; i < PS_SIM_REDIS_DBS; i++) {
    gboolean was_empty = ps_sim_redis_db_n_keys (self->dbs[i]) == 0;
    const PsSimRedisDb *old = data == PS_SIM_REDIS_OLD ? self->snapshot[i] : NULL;
    if (was_empty && (old == NULL || ps_sim_redis_db_n_keys (old) == 0))
      continue;
    ps_sim_redis_restore_db (self, i, old);
  }
  self->connection = connection;
  self->command = command;
}

void
ps_sim_redis_start (PsSimRedis *self, PsSimRedisData data)
{
  ps_sim_redis_kill (self);
  self->running = TRUE;
  set_refusing (self);
  ps_sim_redis_script_flush (self);
  self->loading_until_us = ps_clock_now_us (self->clock) + self->loading_us;
  if (data != PS_SIM_REDIS_KEEP)
    restore (self, data);
}

void
ps_sim_redis_snapshot (PsSimRedis *self)
{
  for (guint i = 0; i < PS_SIM_REDIS_DBS; i++) {
    ps_sim_redis_db_free (self->snapshot[i]);
    self->snapshot[i] = ps_sim_redis_db_copy (self->dbs[i]);
  }
}

gboolean
ps_sim_redis_is_running (PsSimRedis *self)
{
  return self->running;
}

void
ps_sim_redis_set_loading_us (PsSimRedis *self, gint64 loading_us)
{
  g_assert (loading_us >= 0);
  self->loading_us = loading_us;
}

void
ps_sim_redis_set_scan (PsSimRedis *self, guint n_keys, guint repeat_percent)
{
  self->scan_keys = n_keys;
  self->scan_repeat_percent = repeat_percent;
}
