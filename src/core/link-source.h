/* SPDX-License-Identifier: Apache-2.0 */
/* Where facts about links come from: the kernel, a recording, or a scenario. */
#pragma once
#include "core/link-event.h"
#include <glib-object.h>
G_BEGIN_DECLS

#define PS_LINK_EVENTS_PER_BATCH 256 /* At most so many events a call of the sink. */

typedef struct {
  guint n_done, n_failed; /* Links; a link that is gone counts as done. */
  int first_errno;        /* Of the first failure; EPERM: no CAP_NET_ADMIN. */
} PsNetlinkAdminDownResult;

/* events: one or more, in arrival order, valid during the call.
 * admin_down_done: the answer to set_admin_down, exactly once for each.
 * failed: the source is dead and calls nothing more. */
typedef struct {
  void (*events) (const PsLinkEvent *events, gsize n_events, gpointer user_data);
  void (*admin_down_done) (const PsNetlinkAdminDownResult *result, gpointer user_data);
  void (*failed) (const GError *error, gpointer user_data);
} PsLinkSink;

#define PS_TYPE_LINK_SOURCE (ps_link_source_get_type ())
G_DECLARE_INTERFACE (PsLinkSource, ps_link_source, PS, LINK_SOURCE, GObject)
struct _PsLinkSourceInterface {
  GTypeInterface g_iface;
  void (*start) (PsLinkSource *self, const PsLinkSink *sink, gpointer user_data);
  void (*request_snapshot) (PsLinkSource *self);
  void (*set_admin_down) (PsLinkSource *self, const guint32 *ifindexes, gsize n);
  void (*stop) (PsLinkSource *self);
};

/* Begins to deliver. The sink is called from the loop only, never from inside these calls; these
 * may be called from inside the sink. sink must outlive the source or a stop. */
void ps_link_source_start (PsLinkSource *self, const PsLinkSink *sink, gpointer user_data);

/* Asks for a full listing: what is queued is read to the end first, then BEGIN, the links
 * (from_dump, mixed with live events) and END are delivered. A request while one is waiting to be
 * sent is the same request. The source limits the rate (repeated loss or interruption makes it
 * wait longer); it never asks by itself. */
void ps_link_source_request_snapshot (PsLinkSource *self);

/* Clears IFF_UP of the links in as few messages as fit. One call at a time. */
void ps_link_source_set_admin_down (PsLinkSource *self, const guint32 *ifindexes, gsize n);

void ps_link_source_stop (PsLinkSource *self); /* Idempotent; no call arrives after it. */
G_END_DECLS
