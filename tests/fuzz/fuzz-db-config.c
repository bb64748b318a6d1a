/* SPDX-License-Identifier: Apache-2.0 */
/* database_config.json: each database has one address, a number and a separator; and whatever our
 * reader of JSON takes, json-glib reads in the same way. */
#include "backends/redis/db-config.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/json-judge.h"
#include <string.h>

static void
check_endpoint (const PsRedisDbEndpoint *db)
{
  g_assert_cmpuint (db->id, <=, 65535);
  g_assert_true (db->separator == ':' || db->separator == '|');
  g_assert_true ((db->unix_path != NULL) != (db->host != NULL));
  if (db->unix_path != NULL)
    g_assert_true (db->unix_path[0] != '\0' && strlen (db->unix_path) <= 107);
  else
    g_assert_true (db->host[0] != '\0' && db->port > 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL, why = NULL;
  g_autoptr (PsJson) json = ps_json_parse ((const char *)data, size, "fuzz", &why);
  ps_fuzz_check_error (json, why);
  if (json != NULL)
    ps_json_judge (json, (const char *)data, size);
  g_autoptr (PsRedisDbConfig) config =
      ps_redis_db_config_parse ((const char *)data, size, "fuzz", &error);
  ps_fuzz_check_error (config, error);
  for (guint i = 0; config != NULL && i < PS_N_DBS; i++)
    check_endpoint (&config->dbs[i]);
  return 0;
}
