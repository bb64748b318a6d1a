/* SPDX-License-Identifier: Apache-2.0 */
/* What operators read, and how they choose what they read (docs/sonic-protocol.md 3.8). */
#include "tests/support/rig.h"
#include <string.h>

#define LOGGER "LOGGER|portsyncd"

static PsRig *
booted (void)
{
  PsRigSetup setup = {.n_ports = 2, .batch = 1024, .makes_netdevs = TRUE};
  PsRig *rig = ps_rig_new (&setup);
  ps_rig_boot (rig);
  return rig;
}

static void
set_peer (PsRig *rig, gboolean up)
{
  ps_netdevs_set_up (rig->netdevs, "p0", up);
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_field (rig, PS_DB_STATE, "PORT_TABLE|Ethernet0", "netdev_oper_status",
                     up ? "up" : "down");
}

/* The lines that operators search for, in SONiC's form: facility user, no process id. */
static void
test_lines (void)
{
  g_autoptr (PsRig) rig = booted ();
  ps_rig_wait_line (rig, "PortInitDone");
  ps_rig_wait_line (rig, "Publish Ethernet0(ok:up) to state db");
  set_peer (rig, FALSE);
  ps_rig_wait_line (rig, "Publish Ethernet0(ok:down) to state db");
  ps_netdevs_delete (rig->netdevs, "Ethernet0");
  ps_netdevs_commit (rig->netdevs);
  ps_rig_wait_line (rig, "Delete Ethernet0(ok) from state db");
  g_autofree char *text = ps_syslog_sink_text (rig->syslog);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; *lines[i] != '\0'; i++)
    g_assert_true (g_regex_match_simple (
        "^<1[0-5]>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} portsyncd: :- [a-z_]+: ", lines[i], 0, 0));
  ps_rig_finish (rig);
}

/* The row in CONFIG_DB is made with the defaults; a level set there takes effect at run time. */
static void
test_level (void)
{
  g_autoptr (PsRig) rig = booted ();
  ps_rig_wait_field (rig, PS_DB_CONFIG, LOGGER, "LOGLEVEL", "NOTICE");
  ps_rig_wait_field (rig, PS_DB_CONFIG, LOGGER, "LOGOUTPUT", "SYSLOG");
  ps_db_do (rig->db, PS_DB_CONFIG, "HSET " LOGGER " LOGLEVEL ERROR");
  ps_rig_wait_polls (rig, 3);
  ps_syslog_sink_clear (rig->syslog);
  set_peer (rig, FALSE);
  ps_rig_wait_polls (rig, 1);
  g_assert_cmpuint (ps_syslog_sink_n_lines (rig->syslog), ==, 0);
  ps_db_do (rig->db, PS_DB_CONFIG, "HSET " LOGGER " LOGLEVEL NOTICE");
  ps_rig_wait_polls (rig, 3);
  set_peer (rig, TRUE);
  ps_rig_wait_line (rig, "Publish Ethernet0(ok:up) to state db");
  ps_rig_finish (rig);
}

/* LOGOUTPUT moves the lines; a level or output that does not exist is an error line. */
static void
test_output (void)
{
  g_autoptr (PsRig) rig = booted ();
  ps_db_do (rig->db, PS_DB_CONFIG, "HSET " LOGGER " LOGOUTPUT STDERR");
  ps_rig_wait_polls (rig, 3);
  ps_syslog_sink_clear (rig->syslog);
  set_peer (rig, FALSE);
  ps_rig_wait_line (rig, "Publish Ethernet0(ok:down) to state db");
  g_assert_cmpuint (ps_syslog_sink_n_lines (rig->syslog), ==, 0);
  ps_db_do (rig->db, PS_DB_CONFIG, "HSET " LOGGER " LOGOUTPUT SYSLOG LOGLEVEL LOUD");
  ps_rig_wait_line (rig, "LOUD");
  ps_rig_finish (rig);
}

int
main (int argc, char **argv)
{
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/log/lines", test_lines);
  g_test_add_func ("/log/level", test_level);
  g_test_add_func ("/log/output", test_output);
  return g_test_run ();
}
