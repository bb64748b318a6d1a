/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of the daemon's process, of orchagent, and of operators. */
#include "sim/run/verb.h"

static const char *const scope_words[] = {"system", "swss", NULL};

static gboolean
apply_start (const PsVerbCall *call)
{
  return ps_sim_world_start_daemon (call->world);
}

static gboolean
apply_kill (const PsVerbCall *call)
{
  return ps_sim_world_kill_daemon (call->world);
}

static void
heal_kill (const PsVerbCall *call)
{
  ps_sim_world_start_daemon (call->world);
}

static gboolean
apply_term (const PsVerbCall *call)
{
  return ps_sim_world_term_daemon (call->world);
}

/* It was asked to leave: what has not left by then is killed, as supervisord does. */
static void
heal_term (const PsVerbCall *call)
{
  ps_sim_world_kill_daemon (call->world);
  ps_sim_world_start_daemon (call->world);
}

static gboolean
apply_stop (const PsVerbCall *call)
{
  return ps_sim_world_stop_daemon (call->world);
}

static void
heal_stop (const PsVerbCall *call)
{
  ps_sim_world_continue_daemon (call->world);
}

static gboolean
apply_crash (const PsVerbCall *call)
{
  ps_sim_world_crash_at (call->world, (guint64)call->values[0], call->values[1] != 0,
                         call->values[2]);
  return TRUE;
}

static guint64
met_crash (const PsVerbCall *call)
{
  return ps_sim_world_n_crashes (call->world);
}

static gboolean
apply_new_boot (const PsVerbCall *call)
{
  if (ps_sim_world_is_alive (call->world))
    return FALSE;
  ps_sim_world_new_boot (call->world);
  return TRUE;
}

static gboolean
apply_new_init (const PsVerbCall *call)
{
  if (ps_sim_world_is_alive (call->world))
    return FALSE;
  ps_sim_world_new_init (call->world);
  return TRUE;
}

static gboolean
apply_damage (const PsVerbCall *call)
{
  PsSimDisk *disk = ps_sim_world_disk (call->world);
  gsize size = ps_sim_disk_life (disk)->len;
  if (size == 0)
    return FALSE;
  ps_sim_disk_damage_life (disk, (gsize)call->values[0] % size);
  return TRUE;
}

static gboolean
apply_lose (const PsVerbCall *call)
{
  PsSimDisk *disk = ps_sim_world_disk (call->world);
  if (ps_sim_world_is_alive (call->world) || ps_sim_disk_life (disk)->len == 0)
    return FALSE;
  ps_sim_disk_lose_life (disk);
  return TRUE;
}

static gboolean
apply_orchagent_start (const PsVerbCall *call)
{
  ps_sim_orchagent_start (ps_sim_world_orchagent (call->world), call->values[0] != 0);
  return TRUE;
}

static gboolean
apply_orchagent_stop (const PsVerbCall *call)
{
  PsSimOrchagent *orchagent = ps_sim_world_orchagent (call->world);
  gboolean ran = ps_sim_orchagent_is_running (orchagent);
  ps_sim_orchagent_stop (orchagent);
  return ran;
}

static gboolean
apply_hold (const PsVerbCall *call)
{
  ps_sim_orchagent_hold (ps_sim_world_orchagent (call->world), TRUE);
  return TRUE;
}

static void
heal_hold (const PsVerbCall *call)
{
  ps_sim_orchagent_hold (ps_sim_world_orchagent (call->world), FALSE);
}

/* portmgrd writes the MTU of a port with the producer's SET. */
static gboolean
apply_produce (const PsVerbCall *call)
{
  for (guint i = 0; i < call->n_links; i++)
    ps_sim_orchagent_produce (ps_sim_world_orchagent (call->world), call->links[i], call->texts[0],
                              call->texts[1]);
  return TRUE;
}

static guint
count_config (const PsVerbCall *call)
{
  return ps_sim_redis_n_keys (ps_sim_world_redis (call->world), PS_SIM_CONFIG_DB);
}

static gboolean
apply_configure (const PsVerbCall *call)
{
  guint before = count_config (call);
  for (guint i = 0; i < call->n_links; i++)
    ps_sim_world_configure_port (call->world, call->links[i]);
  return count_config (call) != before;
}

static gboolean
apply_unconfigure (const PsVerbCall *call)
{
  guint before = count_config (call);
  for (guint i = 0; i < call->n_links; i++)
    ps_sim_world_unconfigure_port (call->world, call->links[i]);
  return count_config (call) != before;
}

static gboolean
apply_produce_del (const PsVerbCall *call)
{
  for (guint i = 0; i < call->n_links; i++)
    ps_sim_orchagent_produce_del (ps_sim_world_orchagent (call->world), call->links[i]);
  return TRUE;
}

static gboolean
apply_reload (const PsVerbCall *call)
{
  ps_sim_world_reload_config (call->world);
  return TRUE;
}

static gboolean
apply_warm (const PsVerbCall *call)
{
  ps_sim_world_set_warm (call->world, scope_words[call->values[0]], call->values[1] != 0);
  return TRUE;
}

#define ANY 1, G_MAXUINT
const PsVerb ps_verbs_actor[] = {
    {"daemon.start", "The process is started.", 0, 0, FALSE, FALSE, {{0}}, apply_start, NULL, NULL},
    {"daemon.kill",
     "SIGKILL; started again after \"for\".",
     0,
     0,
     FALSE,
     TRUE,
     {{0}},
     apply_kill,
     heal_kill,
     NULL},
    {"daemon.term",
     "SIGTERM; after \"for\" it is started again, killed before if it still runs.",
     0,
     0,
     FALSE,
     TRUE,
     {{0}},
     apply_term,
     heal_term,
     NULL},
    {"daemon.stop",
     "SIGSTOP, and SIGCONT after \"for\".",
     0,
     0,
     TRUE,
     TRUE,
     {{0}},
     apply_stop,
     heal_stop,
     NULL},
    {"daemon.crash",
     "It dies at a command to Redis, and is started again.",
     0,
     0,
     FALSE,
     TRUE,
     {{.name = "command",
       .type = PS_PARAM_COUNT,
       .what = "which one, from now on",
       .min = 1,
       .max = 1000000000},
      {.name = "carried_out",
       .type = PS_PARAM_FLAG,
       .what = "it counted, and only its reply is lost; else it never came",
       .optional = TRUE},
      {.name = "pause",
       .type = PS_PARAM_DURATION,
       .what = "from its death to the next start",
       .optional = TRUE,
       .max = 3600 * (gint64)G_USEC_PER_SEC,
       .fallback = G_USEC_PER_SEC / 2}},
     apply_crash,
     NULL,
     met_crash},
    {"daemon.new_boot",
     "While it does not run: the run directory is emptied, another boot id.",
     0,
     0,
     FALSE,
     TRUE,
     {{0}},
     apply_new_boot,
     NULL,
     NULL},
    {"daemon.new_init",
     "While it does not run: the container is started anew, another PID 1.",
     0,
     0,
     FALSE,
     TRUE,
     {{0}},
     apply_new_init,
     NULL,
     NULL},
    {"daemon.damage_life",
     "A bit of the life record is turned.",
     0,
     0,
     FALSE,
     TRUE,
     {{.name = "byte",
       .type = PS_PARAM_COUNT,
       .what = "byte, modulo the record's size",
       .max = 1 << 30}},
     apply_damage,
     NULL,
     NULL},
    {"daemon.lose_life",
     "While it does not run: its life record is gone.",
     0,
     0,
     FALSE,
     TRUE,
     {{0}},
     apply_lose,
     NULL,
     NULL},
    {"orchagent.start",
     "A new process; cold, it removes the devices that it made.",
     0,
     0,
     FALSE,
     FALSE,
     {{.name = "warm", .type = PS_PARAM_FLAG, .what = "warm or cold", .optional = TRUE}},
     apply_orchagent_start,
     NULL,
     NULL},
    {"orchagent.stop",
     "The process ends.",
     0,
     0,
     FALSE,
     FALSE,
     {{0}},
     apply_orchagent_stop,
     NULL,
     NULL},
    {"orchagent.hold",
     "Busy: nothing is popped, no device made.",
     0,
     0,
     TRUE,
     FALSE,
     {{0}},
     apply_hold,
     heal_hold,
     NULL},
    {"portmgrd.set",
     "A producer's SET of one field of PORT_TABLE.",
     ANY,
     FALSE,
     FALSE,
     {{.name = "field", .type = PS_PARAM_TEXT, .what = "the field"},
      {.name = "value", .type = PS_PARAM_TEXT, .what = "its value"}},
     apply_produce,
     NULL,
     NULL},
    {"portmgrd.del",
     "A producer's DEL of PORT_TABLE.",
     ANY,
     FALSE,
     FALSE,
     {{0}},
     apply_produce_del,
     NULL,
     NULL},
    {"config.add",
     "Ports are configured in CONFIG_DB.",
     ANY,
     FALSE,
     FALSE,
     {{0}},
     apply_configure,
     NULL,
     NULL},
    {"config.remove",
     "Ports are removed from CONFIG_DB.",
     ANY,
     FALSE,
     FALSE,
     {{0}},
     apply_unconfigure,
     NULL,
     NULL},
    {"config.reload",
     "Every PORT row is deleted and written again.",
     0,
     0,
     FALSE,
     FALSE,
     {{0}},
     apply_reload,
     NULL,
     NULL},
    {"config.warm",
     "The warm restart flag.",
     0,
     0,
     FALSE,
     FALSE,
     {{.name = "scope", .type = PS_PARAM_WORD, .what = "whose", .words = scope_words},
      {.name = "on", .type = PS_PARAM_FLAG, .what = "set or taken back"}},
     apply_warm,
     NULL,
     NULL},
    {0},
};
