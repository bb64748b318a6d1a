/* SPDX-License-Identifier: Apache-2.0 */
#include "core/port-name.h"
#include "core/schema.h"
#include <string.h>

#define PORT_PREFIX "Ethernet"

static gboolean
is (const char *name, gsize size, const char *text)
{
  return size == strlen (text) && memcmp (name, text, size) == 0;
}

static gboolean
begins_like_a_port (const char *name, gsize size)
{
  return size >= strlen (PORT_PREFIX) && memcmp (name, PORT_PREFIX, strlen (PORT_PREFIX)) == 0;
}

static gboolean
is_forbidden (const char *name, gsize size)
{
  for (gsize i = 0; i < size; i++)
    if (name[i] <= ' ' || name[i] > '~' || name[i] == '/' || name[i] == ':' || name[i] == '|')
      return TRUE;
  return size == 0 || is (name, size, ".") || is (name, size, "..");
}

PsNameKind
ps_name_kind (const char *name, gsize size)
{
  if (size >= IFNAMSIZ)
    return PS_NAME_TOO_LONG;
  if (is_forbidden (name, size))
    return PS_NAME_FORBIDDEN;
  if (begins_like_a_port (name, size) && memchr (name, '.', size) == NULL)
    return PS_NAME_PORT;
  if (is (name, size, PS_KEY_CONFIG_DONE) || is (name, size, PS_KEY_INIT_DONE))
    return PS_NAME_MARKER;
  return PS_NAME_OTHER;
}

gboolean
ps_name_is_port (const char *name, gsize size)
{
  return begins_like_a_port (name, size) && ps_name_kind (name, size) == PS_NAME_PORT;
}

gboolean
ps_name_is_usable (PsNameKind kind)
{
  return kind == PS_NAME_PORT || kind == PS_NAME_OTHER;
}
