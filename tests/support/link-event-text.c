/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/link-event-text.h"
#include "base/log.h"
#include <string.h>

static gboolean
links_equal (const PsLinkEvent *a, const PsLinkEvent *b)
{
  if (a->ifindex != b->ifindex || a->flags != b->flags || a->fields != b->fields ||
      a->from_dump != b->from_dump || a->registered != b->registered)
    return FALSE;
  if ((a->fields & PS_LINK_HAS_MTU) && a->mtu != b->mtu)
    return FALSE;
  if ((a->fields & PS_LINK_HAS_MASTER) && a->master != b->master)
    return FALSE;
  if ((a->fields & PS_LINK_HAS_KIND) && strcmp (a->kind, b->kind) != 0)
    return FALSE;
  if ((a->fields & PS_LINK_HAS_CARRIER) &&
      (a->carrier.changes != b->carrier.changes || a->carrier.ups != b->carrier.ups ||
       a->carrier.downs != b->carrier.downs))
    return FALSE;
  return strcmp (a->name, b->name) == 0;
}

gboolean
ps_link_event_equal (const PsLinkEvent *a, const PsLinkEvent *b)
{
  if (a->type != b->type)
    return FALSE;
  switch (a->type) {
  case PS_LINK_UPSERT:
  case PS_LINK_REMOVE:
    return links_equal (a, b);
  case PS_LINK_SNAPSHOT_END:
    return a->complete == b->complete;
  case PS_LINK_SNAPSHOT_BEGIN:
  case PS_LINK_LOST:
    return TRUE;
  }
  g_assert_not_reached ();
}

static char *
link_to_string (const PsLinkEvent *event)
{
  g_autofree char *name = ps_log_escape (event->name, strlen (event->name));
  g_autofree char *kind = ps_log_escape (event->kind, strlen (event->kind));
  GString *s = g_string_new (event->type == PS_LINK_UPSERT ? "upsert" : "remove");
  g_string_append_printf (s, " %s ifindex=%u flags=0x%x", name, event->ifindex, event->flags);
  if (event->fields & PS_LINK_HAS_MTU)
    g_string_append_printf (s, " mtu=%u", event->mtu);
  if (event->fields & PS_LINK_HAS_MASTER)
    g_string_append_printf (s, " master=%u", event->master);
  if (event->fields & PS_LINK_HAS_KIND)
    g_string_append_printf (s, " kind=%s", kind);
  if (event->fields & PS_LINK_HAS_CARRIER)
    g_string_append_printf (s, " carrier=%u/%u/%u", event->carrier.changes, event->carrier.ups,
                            event->carrier.downs);
  if (event->from_dump)
    g_string_append (s, " dump");
  if (event->registered)
    g_string_append (s, " registered");
  return g_string_free (s, FALSE);
}

char *
ps_link_event_to_string (const PsLinkEvent *event)
{
  switch (event->type) {
  case PS_LINK_UPSERT:
  case PS_LINK_REMOVE:
    return link_to_string (event);
  case PS_LINK_SNAPSHOT_BEGIN:
    return g_strdup ("snapshot-begin");
  case PS_LINK_SNAPSHOT_END:
    return g_strdup (event->complete ? "snapshot-end complete" : "snapshot-end interrupted");
  case PS_LINK_LOST:
    return g_strdup ("lost");
  }
  g_assert_not_reached ();
}
