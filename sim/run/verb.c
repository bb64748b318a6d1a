/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/verb.h"

static PsVerb *all_verbs;
static const char **all_names;

static void
take_part (GArray *verbs, GPtrArray *names, const PsVerb *part)
{
  for (; part->name != NULL; part++) {
    g_array_append_val (verbs, *part);
    g_ptr_array_add (names, (gpointer)part->name);
  }
}

/* Once; kept for the life of the process. */
static void
make_tables (void)
{
  if (all_verbs != NULL)
    return;
  GArray *verbs = g_array_new (TRUE, TRUE, sizeof (PsVerb));
  GPtrArray *names = g_ptr_array_new ();
  take_part (verbs, names, ps_verbs_link);
  take_part (verbs, names, ps_verbs_redis);
  take_part (verbs, names, ps_verbs_actor);
  take_part (verbs, names, ps_verbs_bytes);
  take_part (verbs, names, ps_verbs_disk);
  g_ptr_array_add (names, NULL);
  all_verbs = (PsVerb *)(void *)g_array_free (verbs, FALSE);
  all_names = (const char **)g_ptr_array_free (names, FALSE);
}

const PsVerb *
ps_verbs (void)
{
  make_tables ();
  return all_verbs;
}

const char *const *
ps_verb_names (void)
{
  make_tables ();
  return all_names;
}

void
ps_verbs_heal_world (PsSimWorld *world)
{
  PsSimRedis *redis = ps_sim_world_redis (world);
  PsSimOrchagent *orchagent = ps_sim_world_orchagent (world);
  ps_sim_kernel_heal (ps_sim_world_kernel (world));
  ps_sim_disk_set_latency_us (ps_sim_world_disk (world), 0);
  ps_sim_disk_stall (ps_sim_world_disk (world), FALSE);
  ps_sim_disk_fill (ps_sim_world_disk (world), FALSE);
  ps_verbs_heal_latency (world, PS_SIM_REDIS_ALL);
  ps_sim_redis_cut_after_bytes (redis, PS_SIM_REDIS_ALL, PS_SIM_REQUESTS, 0);
  ps_sim_redis_cut_after_bytes (redis, PS_SIM_REDIS_ALL, PS_SIM_REPLIES, 0);
  ps_sim_redis_set_chunk (redis, PS_SIM_REDIS_ALL, 0);
  ps_sim_redis_set_loading_us (redis, PS_SIM_REDIS_ALL, 0);
  ps_sim_redis_black_hole (redis, PS_SIM_REDIS_ALL, FALSE);
  ps_sim_redis_refuse_nothing (redis);
  ps_sim_redis_refuse_connect (redis, PS_SIM_REDIS_ALL, FALSE);
  ps_sim_redis_stop (redis, PS_SIM_REDIS_ALL, FALSE);
  ps_sim_redis_start_dead (redis);
  ps_sim_orchagent_hold (orchagent, FALSE);
  if (!ps_sim_orchagent_is_running (orchagent))
    ps_sim_orchagent_start (orchagent, TRUE);
  ps_sim_world_continue_daemon (world);
  ps_sim_world_crash_at (world, 0, FALSE, 0);
  if (!ps_sim_world_is_alive (world))
    ps_sim_world_start_daemon (world);
}
