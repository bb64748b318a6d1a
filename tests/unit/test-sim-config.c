/* SPDX-License-Identifier: Apache-2.0 */
/* What is announced of a CONFIG_DB that is not loaded, or of ports that APPL_DB lost: breaches that
 * the checks of it find. */
#include "core/schema.h"
#include "sim/check/feed.h"
#include "tests/support/breach.h"
#include <string.h>

static void
set_loaded (Fixture *f, const char *flag)
{
  ps_sim_redis_set (redis (f), PS_SIM_CONFIG_DB, PS_CONFIG_DB_INITIALIZED, flag);
}

/* CONFIG_DB never said in the life of the process that it is loaded. */
static void
plant_unloaded_config_done (Fixture *f)
{
  ps_sim_world_configure_ports (f->world, N_PORTS);
  set_loaded (f, "0");
  g_assert_true (ps_sim_world_start_daemon (f->world));
  run (f, 3 * SECOND);
  assert_green (f);
  forge_ports (f, N_PORTS);
  forge_appl (f, "HSET _PORT_TABLE:PortConfigDone count 4");
}

/* It said so once, but never of two ports. */
static void
plant_half_a_config (Fixture *f)
{
  boot (f, N_PORTS);
  set_loaded (f, "0");
  ps_sim_world_unconfigure_port (f->world, "Ethernet2");
  ps_sim_world_unconfigure_port (f->world, "Ethernet3");
  forge_ports (f, 2);
  forge_appl (f, "HSET _PORT_TABLE:PortConfigDone count 2");
}

/* The ports are lost, and the marker comes without them. */
static void
plant_marker_without_rows (Fixture *f)
{
  ps_sim_orchagent_hold (orchagent (f), TRUE);
  boot (f, N_PORTS);
  forge_ports (f, N_PORTS);
  ps_sim_redis_flushdb (redis (f), PS_SIM_APPL_DB);
  forge_appl (f, "HSET _PORT_TABLE:PortConfigDone count 4");
}

static const Breach breaches[] = {
    {"config-loaded", "config-loaded", plant_unloaded_config_done, NOW},
    {"config-loaded-half", "config-loaded", plant_half_a_config, NOW},
    {"config-done-rows", "config-done-rows", plant_marker_without_rows, SETTLE},
};

/* What test-sim-check.c leaves to this file is here. */
static void
test_names (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (config_checks); i++)
    if (!has_breach (breaches, G_N_ELEMENTS (breaches), config_checks[i]))
      g_error ("%s has no planted breach", config_checks[i]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_breaches (breaches, G_N_ELEMENTS (breaches));
  g_test_add_func ("/sim-config/names", test_names);
  return g_test_run ();
}
