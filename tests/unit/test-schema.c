/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"

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
  g_test_add_func ("/schema/databases", test_databases);
  return g_test_run ();
}
