/* SPDX-License-Identifier: Apache-2.0 */
#include "demo/story.h"
#include <signal.h>

#define FLAPS       25
#define STORM       2000 /* changes, more than PS_STORY_RECEIVE_BUFFER holds */
#define FLAG        "WARM_RESTART_ENABLE_TABLE|swss"
#define DEFAULT_MTU 1500

struct _PsStory {
  PsRig *rig; /* not owned */
  guint next;
  gboolean redis_runs, stopped; /* stopped: the daemon, by SIGSTOP */
  guint64 n_dropped;            /* messages for the daemon, when they were last counted */
  char *text;                   /* owned: what was told last */
};

static void
start (PsStory *self)
{
  ps_daemon_start (self->rig->daemon);
  ps_orchagent_hold (self->rig->orchagent, FALSE);
}

static void
flap (PsStory *self)
{
  for (guint i = 0; i < 2 * FLAPS; i++)
    ps_netdevs_set_up (self->rig->netdevs, "p8", i % 2 == 1);
  ps_netdevs_commit (self->rig->netdevs);
}

static void
unplug (PsStory *self)
{
  ps_netdevs_set_up (self->rig->netdevs, "p20", FALSE);
  ps_netdevs_set_up (self->rig->netdevs, "p24", FALSE);
  ps_netdevs_commit (self->rig->netdevs);
}

static void
delete_port (PsStory *self)
{
  ps_netdevs_delete (self->rig->netdevs, "Ethernet12");
  ps_netdevs_commit (self->rig->netdevs);
}

static void
make_again (PsStory *self)
{
  ps_rig_make_veths (self->rig, 3, 1);
}

static void
rename_away (PsStory *self)
{
  ps_netdevs_rename (self->rig->netdevs, "Ethernet16", "away");
  ps_netdevs_commit (self->rig->netdevs);
}

static void
rename_back (PsStory *self)
{
  ps_netdevs_rename (self->rig->netdevs, "away", "Ethernet16");
  ps_netdevs_commit (self->rig->netdevs);
}

static void
kill_daemon (PsStory *self)
{
  ps_daemon_kill (self->rig->daemon);
}

static void
change_while_dead (PsStory *self)
{
  ps_netdevs_set_up (self->rig->netdevs, "p28", FALSE);
  ps_netdevs_set_mtu (self->rig->netdevs, "Ethernet32", 9000);
  ps_netdevs_delete (self->rig->netdevs, "Ethernet36");
  ps_netdevs_commit (self->rig->netdevs);
}

static void
start_daemon (PsStory *self)
{
  ps_daemon_start (self->rig->daemon);
}

static void
restart_warm (PsStory *self)
{
  ps_db_do (self->rig->db, PS_DB_STATE, "HSET " FLAG " enable true");
  ps_rig_restart_daemon (self->rig);
}

static void
end_warm (PsStory *self)
{
  ps_db_do (self->rig->db, PS_DB_STATE, "HSET " FLAG " enable false");
}

/* After the storm all is as before, but for two cables. */
static void
overflow (PsStory *self)
{
  static const char *const unplugged[] = {"p20", "p24", "p40", "p44"};
  PsNetdevs *netdevs = self->rig->netdevs;
  ps_daemon_stop (self->rig->daemon);
  self->stopped = TRUE;
  PsStorm *storm = ps_storm_start (PS_STORY_PORTS, PS_STORM_ALL, 1, 0);
  ps_storm_wait (storm, STORM);
  ps_storm_stop (storm);
  for (guint i = 0; i < PS_STORY_PORTS; i++) {
    PsName port = ps_port_name (i), peer = ps_peer_name (port.text);
    ps_netdevs_set_mtu (netdevs, port.text, DEFAULT_MTU);
    ps_netdevs_set_up (netdevs, port.text, TRUE);
    ps_netdevs_set_up (netdevs, peer.text, TRUE);
  }
  for (guint i = 0; i < G_N_ELEMENTS (unplugged); i++)
    ps_netdevs_set_up (netdevs, unplugged[i], FALSE);
  ps_netdevs_commit (netdevs);
  self->n_dropped = ps_daemon_netlink_drops (self->rig->daemon);
}

static void
go_on (PsStory *self)
{
  ps_daemon_signal (self->rig->daemon, SIGCONT);
  self->stopped = FALSE;
}

static void
plug_in (PsStory *self)
{
  ps_netdevs_set_up (self->rig->netdevs, "p40", TRUE);
  ps_netdevs_set_up (self->rig->netdevs, "p44", TRUE);
  ps_netdevs_commit (self->rig->netdevs);
}

static void
kill_redis (PsStory *self)
{
  ps_db_do (self->rig->db, 0, "SAVE");
  ps_redis_server_kill (self->rig->redis);
  self->redis_runs = FALSE;
}

static void
change_without_redis (PsStory *self)
{
  ps_netdevs_set_up (self->rig->netdevs, "p20", TRUE);
  ps_netdevs_set_up (self->rig->netdevs, "p24", TRUE);
  ps_netdevs_set_up (self->rig->netdevs, "p28", TRUE);
  ps_netdevs_set_mtu (self->rig->netdevs, "Ethernet32", 1500);
  ps_netdevs_commit (self->rig->netdevs);
  ps_rig_make_veths (self->rig, 9, 1);
}

static void
start_redis (PsStory *self)
{
  ps_redis_server_start (self->rig->redis);
  ps_rig_redis_is_back (self->rig);
  self->redis_runs = TRUE;
}

static void
flush_state_db (PsStory *self)
{
  ps_db_do (self->rig->db, PS_DB_STATE, "FLUSHDB");
}

static const struct {
  const char *text;
  void (*act) (PsStory *self);
} steps[] = {
    {"A cold start; orchagent takes the configuration, 32 ports come up", start},
    {"Ethernet8 flaps 25 times", flap},
    {"Ethernet20 and Ethernet24 lose their cables", unplug},
    {"Ethernet12 is deleted", delete_port},
    {"Ethernet16 is renamed to \"away\"", rename_away},
    {"Ethernet12 is made again, as a new device", make_again},
    {"\"away\" is renamed to Ethernet16", rename_back},
    {"The daemon stands still (SIGSTOP); 2,000 changes, then 40 and 44 lose their cables",
     overflow},
    {"The daemon goes on (SIGCONT)", go_on},
    {"Ethernet40 and Ethernet44 are plugged in again", plug_in},
    {"The daemon is killed (SIGKILL)", kill_daemon},
    {"While it is dead: Ethernet28 goes down, 32 gets another mtu, 36 goes", change_while_dead},
    {"The daemon is started again, and resumes", start_daemon},
    {"Redis is killed", kill_redis},
    {"Without Redis: four ports recover, Ethernet36 is made again", change_without_redis},
    {"Redis is started again, with the rows of before", start_redis},
    {"swss restarts warm: the flag is set, the daemon is killed and started", restart_warm},
    {"The flag for warm restarts is taken away", end_warm},
    {"An operator empties STATE_DB", flush_state_db},
};

PsStory *
ps_story_new (PsRig *rig)
{
  PsStory *self = g_new0 (PsStory, 1);
  self->rig = rig;
  self->redis_runs = TRUE;
  return self;
}

void
ps_story_free (PsStory *self)
{
  g_free (self->text);
  g_free (self);
}

guint
ps_story_length (void)
{
  return G_N_ELEMENTS (steps);
}

const char *
ps_story_next (PsStory *self)
{
  guint step = self->next;
  self->next = step + 1 < G_N_ELEMENTS (steps) ? step + 1 : 1;
  self->n_dropped = 0;
  steps[step].act (self);
  g_free (self->text);
  self->text = self->n_dropped == 0
                   ? g_strdup (steps[step].text)
                   : g_strdup_printf ("%s: the kernel drops %" G_GUINT64_FORMAT " messages",
                                      steps[step].text, self->n_dropped);
  return self->text;
}

void
ps_story_end (PsStory *self)
{
  if (!self->redis_runs)
    start_redis (self);
  if (self->stopped)
    go_on (self);
  if (!ps_daemon_is_running (self->rig->daemon))
    ps_daemon_start (self->rig->daemon);
}

gboolean
ps_story_redis_runs (const PsStory *self)
{
  return self->redis_runs;
}
