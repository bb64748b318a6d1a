/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"
#include <net/if.h>
#include <string.h>

#define PORT_PREFIX "Ethernet"

/* Separators of keys, what SCAN takes for a pattern, and the mark of a sub-interface. A table: this
 * is asked for every row of every table. */
static const gboolean unsafe[128] = {
    ['.'] = TRUE, ['|'] = TRUE, [':'] = TRUE, ['*'] = TRUE,
    ['?'] = TRUE, ['['] = TRUE, [']'] = TRUE, ['\\'] = TRUE,
};

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
    if (name[i] <= ' ' || name[i] > '~' || unsafe[(guint8)name[i]])
      return FALSE;
  return TRUE;
}
