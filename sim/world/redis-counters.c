/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulated Redis counts of itself. */
#include "sim/world/redis-private.h"

void
ps_sim_redis_note (PsSimRedisDoor *door, PsSimRedisFault fault)
{
  door->faults[fault]++;
  door->redis->counters.faults[fault]++;
}

const char *
ps_sim_redis_fault_name (PsSimRedisFault fault)
{
  static const char *const names[PS_SIM_REDIS_N_FAULTS] = {
      [PS_SIM_REDIS_BLACK_HOLE] = "black-hole",
      [PS_SIM_REDIS_CUT] = "cut",
      [PS_SIM_REDIS_REFUSED] = "refused",
      [PS_SIM_REDIS_NOSCRIPT] = "no-script",
      [PS_SIM_REDIS_STOPPED] = "stopped",
      [PS_SIM_REDIS_KILLED] = "killed",
      [PS_SIM_REDIS_CONNECT_REFUSED] = "connect-refused",
      [PS_SIM_REDIS_LOADING] = "loading",
      [PS_SIM_REDIS_STRAY] = "stray",
  };
  g_assert (fault < PS_SIM_REDIS_N_FAULTS);
  return names[fault];
}

const PsSimRedisCounters *
ps_sim_redis_counters (PsSimRedis *self)
{
  guint64 n_cut = self->cut_requests.n_done + self->cut_replies.n_done, n_refused = 0;
  for (guint i = 0; i < PS_SIM_REDIS_DBS; i++) {
    const PsSimListener *listener = self->doors[i].listener;
    n_cut += listener->requests.cut.n_done + listener->replies.cut.n_done;
    n_refused += listener->n_refused;
  }
  self->counters.faults[PS_SIM_REDIS_CUT] = n_cut;
  self->counters.faults[PS_SIM_REDIS_CONNECT_REFUSED] = n_refused;
  return &self->counters;
}

static gboolean
is_of_server (PsSimRedisFault fault)
{
  return fault == PS_SIM_REDIS_STOPPED || fault == PS_SIM_REDIS_KILLED ||
         fault == PS_SIM_REDIS_LOADING || fault == PS_SIM_REDIS_NOSCRIPT;
}

guint64
ps_sim_redis_n_faults (PsSimRedis *self, guint db, PsSimRedisFault fault)
{
  guint64 n = 0;
  if (db == PS_SIM_REDIS_ALL)
    return ps_sim_redis_counters (self)->faults[fault];
  for (guint i = 0; i < PS_SIM_REDIS_DBS; i++) {
    const PsSimRedisDoor *door = &self->doors[i];
    if (i == db || (is_of_server (fault) && door->server == self->doors[db].server))
      n += fault == PS_SIM_REDIS_CONNECT_REFUSED ? door->listener->n_refused : door->faults[fault];
  }
  return n;
}
