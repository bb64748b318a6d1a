/* SPDX-License-Identifier: Apache-2.0 */
#include "core/link-source.h"

G_DEFINE_INTERFACE (PsLinkSource, ps_link_source, G_TYPE_OBJECT)

static void
ps_link_source_default_init (PsLinkSourceInterface *iface G_GNUC_UNUSED)
{
}

void
ps_link_source_start (PsLinkSource *self, const PsLinkSink *sink, gpointer user_data)
{
  g_assert (sink != NULL && sink->events != NULL && sink->admin_down_done != NULL);
  g_assert (sink->failed != NULL);
  PS_LINK_SOURCE_GET_IFACE (self)->start (self, sink, user_data);
}

void
ps_link_source_request_snapshot (PsLinkSource *self)
{
  PS_LINK_SOURCE_GET_IFACE (self)->request_snapshot (self);
}

void
ps_link_source_set_admin_down (PsLinkSource *self, const guint32 *ifindexes, gsize n)
{
  g_assert (ifindexes != NULL && n > 0);
  PS_LINK_SOURCE_GET_IFACE (self)->set_admin_down (self, ifindexes, n);
}

void
ps_link_source_stop (PsLinkSource *self)
{
  PS_LINK_SOURCE_GET_IFACE (self)->stop (self);
}
