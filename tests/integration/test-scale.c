/* SPDX-License-Identifier: Apache-2.0 */
/* Many more ports than any switch has. */
#include "tests/support/rig.h"

#define N_LINKS 20000
#define N_ROWS  100000
#define LONG_MS 120000

static gboolean
config_is_done (gpointer user_data)
{
  PsRig *rig = user_data;
  return ps_orchagent_count (rig->orchagent, "PortConfigDone") > 0;
}

static gboolean
init_is_done (gpointer user_data)
{
  PsRig *rig = user_data;
  return ps_orchagent_count (rig->orchagent, "PortInitDone") > 0;
}

static void
wait_for (PsRig *rig, PsCondition condition, const char *marker)
{
  if (!ps_wait_until (condition, rig, LONG_MS))
    g_error ("no %s", marker);
}

/* 20,000 ports come up, a restart rewrites nothing, then all change in one stroke. */
static void
test_links (void)
{
  PsRigSetup setup = {.n_ports = N_LINKS, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_netns_disable_ipv6 ();
  ps_daemon_start (rig->daemon);
  ps_rig_wait_popped (rig, "PortConfigDone");
  for (guint i = 0; i < N_LINKS; i++) {
    PsName port = ps_port_name (i);
    ps_netdevs_add (rig->netdevs, port.text, "ifb", 0);
    if (i % 2 == 0)
      ps_netdevs_set_up (rig->netdevs, port.text, TRUE);
  }
  ps_netdevs_commit (rig->netdevs);
  wait_for (rig, init_is_done, "PortInitDone");
  ps_rig_settle_and_clear (rig);
  ps_orchagent_assert_boot (rig->orchagent, N_LINKS, 1);
  g_assert_cmpuint (ps_orchagent_largest_pop (rig->orchagent), <=, 1024);
  ps_rig_restart_daemon (rig);
  ps_rig_wait_polls (rig, 2);
  g_assert_cmpuint (ps_rig_n_events (rig, NULL, NULL), ==, 0);
  for (guint i = 0; i < N_LINKS; i++)
    ps_netdevs_set_up (rig->netdevs, ps_port_name (i).text, i % 3 == 0);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_finish (rig);
}

/* 100,000 rows of CONFIG_DB are produced, counted, and not awaited for ever. */
static void
test_rows (void)
{
  PsRigSetup setup = {.n_ports = N_ROWS, .batch = 1024};
  g_autoptr (PsRig) rig = ps_rig_new (&setup);
  ps_daemon_start (rig->daemon);
  wait_for (rig, config_is_done, "PortConfigDone");
  g_assert_cmpint (ps_orchagent_port_count (rig->orchagent), ==, N_ROWS);
  g_assert_cmpuint (ps_orchagent_n_popped (rig->orchagent), ==, N_ROWS + 1);
  ps_rig_make_veths (rig, 0, 4);
  ps_rig_finish (rig);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/scale/rows", test_rows);
  g_test_add_func ("/scale/links", test_links);
  return g_test_run ();
}
