/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"
#include <string.h>

static gboolean
is_port (const char *name)
{
  return ps_schema_is_port_name (name, strlen (name));
}

/* Front panel, recirculation, inband and backplane ports are ports. */
static void
test_ports (void)
{
  static const char *const names[] = {"Ethernet0",      "Ethernet1024",  "Ethernet-Rec0",
                                      "Ethernet-IB0",   "Ethernet-BP12", "Ethernet",
                                      "Ethernet12345_7"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_true (is_port (names[i]));
}

/* Other links, sub-interfaces, names too long for the kernel and bytes that are not safe in a key
 * are not. */
static void
test_others (void)
{
  static const char *const names[] = {
      "",
      "eth0",
      "PortChannel1",
      "ethernet0",
      "Etherne",
      "Ethernet0.10",
      "Ethernet0 ",
      "Ethernet\t",
      "Ethernet|0",
      "Ethernet:0",
      "Ethernet*",
      "Ethernet?",
      "Ethernet[",
      "Ethernet]",
      "Ethernet\\",
      "Ethernet\x7f",
      "Ethernet\xc3\xa9",
      "Ethernet12345678",
      "xEthernet0",
  };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    g_assert_false (is_port (names[i]));
  g_assert_false (ps_schema_is_port_name ("Ethernet0\0x", 11));
  g_assert_true (ps_schema_is_port_name ("Ethernet01", 9));
}

/* Databases have the names of database_config.json. */
static void
test_databases (void)
{
  g_assert_cmpstr (ps_schema_db_name (PS_DB_CONFIG), ==, "CONFIG_DB");
  g_assert_cmpstr (ps_schema_db_name (PS_DB_APPL), ==, "APPL_DB");
  g_assert_cmpstr (ps_schema_db_name (PS_DB_STATE), ==, "STATE_DB");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/schema/ports", test_ports);
  g_test_add_func ("/schema/others", test_others);
  g_test_add_func ("/schema/databases", test_databases);
  return g_test_run ();
}
