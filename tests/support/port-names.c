/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/port-names.h"

PsName
ps_port_name (guint i)
{
  PsName name;
  g_snprintf (name.text, sizeof name.text, "Ethernet%u", i * 4);
  return name;
}

PsName
ps_peer_name (const char *port)
{
  PsName name;
  g_assert_true (g_str_has_prefix (port, "Ethernet"));
  g_snprintf (name.text, sizeof name.text, "p%s", port + 8);
  return name;
}
