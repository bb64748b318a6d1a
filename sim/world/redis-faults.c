/* SPDX-License-Identifier: Apache-2.0 */
/* What can go wrong with the simulated Redis and the way to it. */
#include "sim/world/redis-private.h"

/* For each door of the database, or of all. */
#define EACH_DOOR(self, db, door)                                                                  \
  for (PsSimRedisDoor *door = (self)->doors; door < (self)->doors + PS_SIM_REDIS_DBS; door++)      \
    if ((db) == PS_SIM_REDIS_ALL || door == &(self)->doors[db])

/* Likewise for the server that holds it. */
#define EACH_SERVER(self, db, server)                                                              \
  for (PsSimRedisServer *server = (self)->servers; server < (self)->servers + (self)->n_servers;   \
       server++)                                                                                   \
    if ((db) == PS_SIM_REDIS_ALL || server == (self)->doors[db].server)

void
ps_sim_redis_set_latency_us (PsSimRedis *self, guint db, gint64 latency_us)
{
  g_assert (latency_us >= 0);
  EACH_DOOR (self, db, door)
  {
    door->listener->requests.latency_us = latency_us / 2;
    door->listener->replies.latency_us = latency_us - latency_us / 2;
  }
}

gint64
ps_sim_redis_latency_us (PsSimRedis *self)
{
  gint64 slowest_us = 0;
  EACH_DOOR (self, PS_SIM_REDIS_ALL, door)
  {
    const PsSimListener *listener = door->listener;
    slowest_us = MAX (slowest_us, listener->requests.latency_us + listener->replies.latency_us);
  }
  return slowest_us;
}

void
ps_sim_redis_set_chunk (PsSimRedis *self, guint db, gsize n_bytes)
{
  EACH_DOOR (self, db, door)
  door->listener->requests.chunk = door->listener->replies.chunk = n_bytes;
}

static gboolean
is_used (PsSimRedis *self, const PsSimRedisDoor *door)
{
  for (guint i = 0; i < self->clients->len; i++)
    if (((const PsSimClient *)g_ptr_array_index (self->clients, i))->door == door)
      return TRUE;
  return FALSE;
}

void
ps_sim_redis_black_hole (PsSimRedis *self, guint db, gboolean on)
{
  EACH_DOOR (self, db, door)
  {
    if (on && !door->listener->requests.held && is_used (self, door))
      ps_sim_redis_note (door, PS_SIM_REDIS_BLACK_HOLE);
    ps_sim_listener_hold (door->listener, on);
  }
}

static PsSimCut *
cut_of (PsSimRedis *self, guint db, PsSimDirection direction)
{
  gboolean requests = direction == PS_SIM_REQUESTS;
  if (db == PS_SIM_REDIS_ALL)
    return requests ? &self->cut_requests : &self->cut_replies;
  PsSimListener *listener = self->doors[db].listener;
  return requests ? &listener->requests.cut : &listener->replies.cut;
}

void
ps_sim_redis_cut_after_bytes (PsSimRedis *self, guint db, PsSimDirection direction, gsize n_bytes)
{
  cut_of (self, db, direction)->left = n_bytes;
  for (guint i = 0; i < PS_SIM_REDIS_DBS && db == PS_SIM_REDIS_ALL && n_bytes == 0; i++)
    cut_of (self, i, direction)->left = 0;
}

guint64
ps_sim_redis_n_cut (PsSimRedis *self, guint db, PsSimDirection direction)
{
  return cut_of (self, db, direction)->n_done;
}

void
ps_sim_redis_script_flush (PsSimRedis *self, guint db)
{
  EACH_SERVER (self, db, server)
  if (server->lua != NULL)
    ps_sim_lua_forget_all (server->lua);
}

void
ps_sim_redis_stop (PsSimRedis *self, guint db, gboolean stopped)
{
  EACH_SERVER (self, db, server)
  {
    gboolean goes_on = server->stopped && !stopped && server->running;
    server->stopped = stopped && server->running;
    if (goes_on)
      ps_sim_redis_serve_all (self, server);
  }
}

gboolean
ps_sim_redis_is_answering (PsSimRedis *self)
{
  EACH_DOOR (self, PS_SIM_REDIS_ALL, door)
  if (!door->server->running || door->server->stopped || door->listener->requests.held ||
      door->listener->replies.held)
    return FALSE;
  return TRUE;
}

static void
set_refusing (PsSimRedis *self)
{
  EACH_DOOR (self, PS_SIM_REDIS_ALL, door)
  door->listener->refuses = door->refuses_connect || !door->server->running;
}

void
ps_sim_redis_refuse_connect (PsSimRedis *self, guint db, gboolean on)
{
  EACH_DOOR (self, db, door)
  door->refuses_connect = on;
  set_refusing (self);
}

void
ps_sim_redis_stray (PsSimRedis *self, guint db, const char *bytes)
{
  ps_sim_redis_tell_all (self, db, bytes);
}

/* The first of the databases that the server holds. */
static PsSimRedisDoor *
first_door (PsSimRedis *self, const PsSimRedisServer *server)
{
  PsSimRedisDoor *door = self->doors;
  while (door->server != server)
    door++;
  return door;
}

static void
kill_server (PsSimRedis *self, PsSimRedisServer *server)
{
  if (!server->running)
    return;
  server->running = server->stopped = FALSE;
  set_refusing (self);
  ps_sim_redis_note (first_door (self, server), PS_SIM_REDIS_KILLED);
  ps_sim_redis_end_clients (self, server);
}

void
ps_sim_redis_kill (PsSimRedis *self, guint db)
{
  EACH_SERVER (self, db, server)
  kill_server (self, server);
}

/* Effects of a start belong to no command. */
static void
restore (PsSimRedis *self, const PsSimRedisServer *server, PsSimRedisData data)
{
  guint64 connection = self->connection, command = self->command;
  self->connection = self->command = 0;
  for (guint i = 0; i < PS_SIM_REDIS_DBS; i++) {
    gboolean was_empty = ps_sim_redis_db_n_keys (self->dbs[i]) == 0;
    const PsSimRedisDb *old = data == PS_SIM_REDIS_OLD ? self->snapshot[i] : NULL;
    gboolean stays_empty = was_empty && (old == NULL || ps_sim_redis_db_n_keys (old) == 0);
    if (self->doors[i].server == server && !stays_empty)
      ps_sim_redis_restore_db (self, i, old);
  }
  self->connection = connection;
  self->command = command;
}

static void
start_server (PsSimRedis *self, PsSimRedisServer *server, PsSimRedisData data)
{
  kill_server (self, server);
  server->running = TRUE;
  set_refusing (self);
  if (server->lua != NULL)
    ps_sim_lua_forget_all (server->lua);
  server->loading_until_us = ps_clock_now_us (self->clock) + server->loading_us;
  if (data != PS_SIM_REDIS_KEEP)
    restore (self, server, data);
}

void
ps_sim_redis_start (PsSimRedis *self, guint db, PsSimRedisData data)
{
  EACH_SERVER (self, db, server)
  start_server (self, server, data);
}

void
ps_sim_redis_start_dead (PsSimRedis *self)
{
  EACH_SERVER (self, PS_SIM_REDIS_ALL, server)
  if (!server->running)
    start_server (self, server, PS_SIM_REDIS_KEEP);
}

void
ps_sim_redis_snapshot (PsSimRedis *self, guint db)
{
  for (guint i = 0; i < PS_SIM_REDIS_DBS; i++) {
    if (db != PS_SIM_REDIS_ALL && self->doors[i].server != self->doors[db].server)
      continue;
    ps_sim_redis_db_free (self->snapshot[i]);
    self->snapshot[i] = ps_sim_redis_db_copy (self->dbs[i]);
  }
}

gboolean
ps_sim_redis_is_running (PsSimRedis *self, guint db)
{
  EACH_SERVER (self, db, server)
  if (!server->running)
    return FALSE;
  return TRUE;
}

void
ps_sim_redis_set_loading_us (PsSimRedis *self, guint db, gint64 loading_us)
{
  g_assert (loading_us >= 0);
  EACH_SERVER (self, db, server)
  server->loading_us = loading_us;
}

void
ps_sim_redis_set_scan (PsSimRedis *self, guint n_keys, guint repeat_percent)
{
  self->scan_keys = n_keys;
  self->scan_repeat_percent = repeat_percent;
}
