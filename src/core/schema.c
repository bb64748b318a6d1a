/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"

const char *
ps_schema_db_name (PsDb db)
{
  switch (db) {
  case PS_DB_CONFIG:
    return "CONFIG_DB";
  case PS_DB_APPL:
    return "APPL_DB";
  case PS_DB_STATE:
    return "STATE_DB";
  case PS_N_DBS:
    break;
  }
  g_assert_not_reached ();
}
