/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"
#include <net/if.h>
#include <string.h>

#define PORT_PREFIX "Ethernet"

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

gboolean
ps_schema_is_port_name (const char *name, gsize size)
{
  if (size >= IFNAMSIZ || size < strlen (PORT_PREFIX) ||
      memcmp (name, PORT_PREFIX, strlen (PORT_PREFIX)) != 0)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (name[i] <= ' ' || name[i] > '~' || strchr (".|:*?[]\\", name[i]) != NULL)
      return FALSE;
  return TRUE;
}
