/* SPDX-License-Identifier: Apache-2.0 */
/* Warm starts: what every reader of Redis sees of them, and what orchagent and operators are told.
 */
#include "tests/support/warm-rig.h"
#include <string.h>

/* --- SONiC's rule ----------------------------------------------------------------------------- */

/* The daemon alone is killed and started again (test_PortSyncdWarmRestart): no row is deleted, no
 * field lost, host_tx_ready stays, restore_count counts; of the port that changed meanwhile there
 * is one event, of the others none; a third start says nothing at all. */
static void
test_alone (PsWarmRig *w, gconstpointer flag)
{
  ps_warm_rig_set_flag (w, "swss", "false");
  ps_warm_rig_set_flag (w, flag, "true");
  ps_warm_rig_unplug (w, 3);
  ps_warm_rig_reconcile (w);
  ps_warm_rig_assert_rows_kept (w, "Ethernet12", "netdev_oper_status");
  ps_rig_wait_field (w->rig, PS_DB_STATE, "PORT_TABLE|Ethernet12", "netdev_oper_status", "down");
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "restore_count", "1");
  g_assert_cmpuint (ps_rig_n_events (w->rig, "Ethernet12", "hset"), ==, 1);
  g_assert_cmpuint (ps_rig_n_events (w->rig, NULL, NULL), ==, 1);
  ps_warm_rig_assert_only_init_done (w);

  ps_daemon_kill (w->rig->daemon);
  ps_warm_rig_begin (w);
  ps_warm_rig_reconcile (w);
  ps_warm_rig_assert_rows_kept (w, NULL, NULL);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "restore_count", "2");
  g_assert_cmpuint (ps_rig_n_events (w->rig, NULL, NULL), ==, 0);
  ps_warm_rig_assert_only_init_done (w);
  ps_rig_finish (w->rig);
}

/* --- the states ------------------------------------------------------------------------------- */

/* Each state once and in order: initialized before a row is read, restored after the last of them,
 * reconciled after what differed was written. */
static void
test_states (PsWarmRig *w, gconstpointer data)
{
  ps_warm_rig_unplug (w, 3);
  ps_warm_rig_reconcile (w);
  GPtrArray *commands = ps_monitor_commands (w->monitor, w->rig->db);
  g_autofree char *states = ps_monitor_values (commands, PS_DB_STATE, PS_WARM_ROW, "state");
  g_assert_cmpstr (states, ==, "initialized restored reconciled");
  guint initialized =
      ps_monitor_find_value (commands, PS_DB_STATE, PS_WARM_ROW, "state", "initialized");
  guint restored = ps_monitor_find_value (commands, PS_DB_STATE, PS_WARM_ROW, "state", "restored");
  guint reconciled =
      ps_monitor_find_value (commands, PS_DB_STATE, PS_WARM_ROW, "state", "reconciled");
  for (guint i = 0; i < PS_WARM_N_PORTS; i++) {
    g_autofree char *row = g_strdup_printf ("PORT_TABLE|%s", ps_port_name (i).text);
    guint read = ps_monitor_find (commands, 0, PS_DB_STATE, "HGETALL", row);
    g_assert_cmpuint (read, >, initialized);
    g_assert_cmpuint (read, <, restored);
  }
  g_assert_cmpuint (ps_monitor_find (commands, 0, PS_DB_STATE, "HSET", "PORT_TABLE|Ethernet12"), <,
                    reconciled);
  ps_rig_finish (w->rig);
}

/* --- a port that does not come ---------------------------------------------------------------- */

/* A configured port has no netdev: after eoiu_timeout the state is forced, with a warning that
 * names the port and no other; PortInitDone is not invented, and comes when the netdev does. */
static void
test_forced (PsWarmRig *w, gconstpointer data)
{
  ps_daemon_set (w->rig->daemon, "start", "eoiu_timeout", "1s");
  ps_netdevs_delete (w->rig->netdevs, "Ethernet8");
  ps_netdevs_commit (w->rig->netdevs);
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "reconciled");
  ps_rig_wait_polls (w->rig, 2);
  g_autofree char *line = ps_warm_rig_warning (w, "counts as reconciled");
  g_assert_true (g_str_has_suffix (line, "missing: Ethernet8"));
  g_assert_cmpuint (ps_orchagent_n_popped (w->rig->orchagent), ==, 0);
  ps_warm_rig_assert_history (w, "Ethernet8", "del");
  g_assert_cmpuint (ps_rig_n_events (w->rig, NULL, NULL), ==, 1);

  ps_rig_make_veths (w->rig, 2, 1);
  ps_rig_wait_popped (w->rig, "PortInitDone");
  ps_warm_rig_assert_only_init_done (w);
  ps_warm_rig_assert_states (w, "initialized restored reconciled");
  ps_rig_finish (w->rig);
}

/* Of twelve ports that do not come ten are named, in the order of their numbers. */
static void
test_forced_many (PsWarmRig *w, gconstpointer data)
{
  ps_daemon_set (w->rig->daemon, "start", "eoiu_timeout", "1s");
  ps_rig_add_config (w->rig, PS_WARM_N_PORTS, 12);
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "reconciled");
  g_autoptr (GString) names = g_string_new ("missing: ");
  for (guint i = PS_WARM_N_PORTS; i < PS_WARM_N_PORTS + 10; i++)
    g_string_append_printf (names, "%s%s", i == PS_WARM_N_PORTS ? "" : ", ", ps_port_name (i).text);
  g_string_append (names, " and 2 more");
  g_autofree char *line = ps_warm_rig_warning (w, "counts as reconciled");
  g_assert_true (g_str_has_suffix (line, names->str));
  g_assert_cmpuint (ps_rig_n_events (w->rig, NULL, NULL), ==, 0);
  ps_rig_finish (w->rig);
}

/* --- what a warm start left ------------------------------------------------------------------- */

static void
leave (PsWarmRig *w, const char *state)
{
  ps_warm_rig_set_flag (w, "swss", "false");
  ps_db_do (w->rig->db, PS_DB_STATE, "HSET " PS_WARM_ROW " restore_count 1 state %s", state);
  ps_warm_rig_begin (w);
}

/* The process of a warm start died and the flag is off: the one that resumes goes on from that
 * state, waits as the first one would have, and ends it. */
static void
test_left (PsWarmRig *w, gconstpointer state)
{
  leave (w, state);
  ps_netdevs_delete (w->rig->netdevs, "Ethernet8");
  ps_netdevs_commit (w->rig->netdevs);
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "restored");
  ps_rig_wait_no_key (w->rig, PS_DB_STATE, "PORT_TABLE|Ethernet8");
  ps_rig_wait_polls (w->rig, 2);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "restored");
  ps_rig_make_veths (w->rig, 2, 1);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "reconciled");
  ps_warm_rig_assert_states (w, strcmp (state, "restored") == 0 ? "reconciled"
                                                                : "restored reconciled");
  ps_rig_assert_line_once (w->rig, "resume start: ");
  g_assert_cmpuint (ps_rig_n_events (w->rig, NULL, "del"), ==, 1);
  ps_rig_finish (w->rig);
}

/* A cold start over it says that there is none, and ends as any other; a restart of the daemon has
 * nothing to add. */
static void
test_left_cold (PsWarmRig *w, gconstpointer state)
{
  g_autofree char *none = ps_db_hget (w->rig->db, PS_DB_STATE, PS_WARM_ROW, "state");
  g_assert_null (none);
  leave (w, state);
  ps_rig_forget_life (w->rig);
  g_clear_pointer (&w->rig->orchagent, ps_orchagent_free);
  ps_db_do (w->rig->db, PS_DB_APPL, "FLUSHDB");
  for (guint i = 0; i < PS_WARM_N_PORTS; i++)
    ps_db_do (w->rig->db, PS_DB_STATE, "DEL PORT_TABLE|%s", ps_port_name (i).text);
  ps_rig_note_old (w->rig);
  ps_rig_start_orchagent (w->rig);
  ps_rig_boot (w->rig);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "state", "reconciled");
  ps_rig_restart_daemon (w->rig);
  ps_rig_wait_polls (w->rig, 2);
  ps_warm_rig_assert_states (w, "disabled reconciled");
  ps_rig_assert_line_once (w->rig, "resume start: ");
  ps_rig_finish (w->rig);
}

/* A restore_count that is no number is said to be none, and counts as 0. */
static void
test_nonsense (PsWarmRig *w, gconstpointer data)
{
  ps_db_do (w->rig->db, PS_DB_STATE, "HSET " PS_WARM_ROW " restore_count many");
  ps_warm_rig_reconcile (w);
  ps_rig_wait_field (w->rig, PS_DB_STATE, PS_WARM_ROW, "restore_count", "1");
  g_autofree char *line = ps_warm_rig_warning (w, "restore_count many");
  g_assert_cmpstr (line, !=, "");
  g_assert_cmpuint (ps_rig_n_events (w->rig, NULL, NULL), ==, 0);
  ps_warm_rig_assert_only_init_done (w);
  ps_rig_finish (w->rig);
}

/* --- the count of PortConfigDone -------------------------------------------------------------- */

#define CONFIG_DONE "PORT_TABLE:PortConfigDone"
#define AT_ONCE_MS  2000 /* orchagent needs longer to start */

static gboolean
count_is_right (gpointer user_data)
{
  PsWarmRig *w = user_data;
  g_autofree char *count = ps_db_hget (w->rig->db, PS_DB_APPL, CONFIG_DONE, "count");
  return g_strcmp0 (count, G_STRINGIFY (PS_WARM_N_PORTS)) == 0;
}

/* A wrong count, which orchagent would stop at, is put right at once, and before anything else of
 * ours goes to APPL_DB. */
static void
test_count (PsWarmRig *w, gconstpointer data)
{
  ps_db_do (w->rig->db, PS_DB_APPL, "HSET " CONFIG_DONE " count 32");
  ps_warm_rig_begin (w);
  ps_daemon_start (w->rig->daemon);
  g_assert_true (ps_wait_until (count_is_right, w, AT_ONCE_MS));
  ps_rig_wait_popped (w->rig, "PortInitDone");
  GPtrArray *commands = ps_monitor_commands (w->monitor, w->rig->db);
  guint first = 0;
  const PsMonitorCommand *command = commands->pdata[first];
  while (command->db != PS_DB_APPL || !command->by_script || ps_monitor_only_reads (command))
    command = commands->pdata[++first];
  g_assert_cmpuint (ps_monitor_find_value (commands, PS_DB_APPL, CONFIG_DONE, "count",
                                           G_STRINGIFY (PS_WARM_N_PORTS)),
                    ==, first);
  g_assert_cmpuint (ps_orchagent_count (w->rig->orchagent, "PortConfigDone"), ==, 0);
  ps_rig_finish (w->rig);
}

/* While CONFIG_DB and the live rows differ the daemon cannot know what is right: it is left
 * alone. */
static void
test_count_unclear (PsWarmRig *w, gconstpointer data)
{
  ps_db_do (w->rig->db, PS_DB_APPL, "HSET " CONFIG_DONE " count 32");
  ps_rig_make_live (w->rig, PS_WARM_N_PORTS, 1);
  ps_warm_rig_begin (w);
  ps_warm_rig_reconcile (w);
  GPtrArray *commands = ps_monitor_commands (w->monitor, w->rig->db);
  g_assert_cmpuint (ps_monitor_find (commands, 0, PS_DB_APPL, "HSET", CONFIG_DONE), ==,
                    commands->len);
  ps_warm_rig_assert_only_init_done (w);
  ps_rig_finish (w->rig);
}

#define ADD(name, data, fn)                                                                        \
  g_test_add ("/warm/" name, PsWarmRig, data, ps_warm_rig_set_up, fn, ps_warm_rig_tear_down)

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  ADD ("alone/swss", "swss", test_alone);
  ADD ("alone/system", "system", test_alone);
  ADD ("states", NULL, test_states);
  ADD ("forced", NULL, test_forced);
  ADD ("forced-many", NULL, test_forced_many);
  ADD ("left/initialized", "initialized", test_left);
  ADD ("left/restored", "restored", test_left);
  ADD ("left-cold/initialized", "initialized", test_left_cold);
  ADD ("left-cold/restored", "restored", test_left_cold);
  ADD ("nonsense", NULL, test_nonsense);
  ADD ("count", NULL, test_count);
  ADD ("count-unclear", NULL, test_count_unclear);
  return g_test_run ();
}
