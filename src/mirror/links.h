/* SPDX-License-Identifier: Apache-2.0 */
/* Applies link events to the port table: generations, renames, the order of dump and events, and
 * the set of old devices that a cold start ignores (docs/rules.md 2.2, 2.5, 2.6, 6.3). */
#pragma once
#include "base/log.h"
#include "core/link-event.h"
#include "mirror/port-table.h"
G_BEGIN_DECLS

typedef struct _PsLinks PsLinks;

/* changed: something of the port changed, or may have. old_gone: an old device is gone, its ifindex
 * may be used again. Neither may call back into PsLinks. */
typedef struct {
  void (*changed) (PsPort *port, gpointer user_data);
  void (*baseline) (PsPort *port, gpointer user_data); /* its flap baseline is new */
  void (*old_gone) (guint32 ifindex, gpointer user_data);
} PsLinksSink;

PsLinks *ps_links_new (PsPortTable *table, PsLog *log, const PsLinksSink *sink, gpointer user_data);
void ps_links_free (PsLinks *self);

void ps_links_apply (PsLinks *self, const PsLinkEvent *event);

/* Before any event: what the devices of this name counted, as an earlier process knew. Finds or
 * creates the port; NULL when the table is full. */
PsPort *ps_links_restore_flaps (PsLinks *self, const char *name, const PsFlap *flap);

/* Finds or creates the port of a row. A new one has no device if the picture is complete. NULL when
 * the table is full. */
PsPort *ps_links_add_port (PsLinks *self, const char *name);

/* TRUE while what is held is a complete picture: a listing ended uninterrupted and nothing was lost
 * since it was asked for. The first time is the end of the initial update (EOIU). */
gboolean ps_links_is_complete (const PsLinks *self);
guint ps_links_n_snapshots (const PsLinks *self); /* complete ones so far */

/* The ifindexes, rising, of ports' devices that existed when the first listing was asked for, as
 * far as listed by now; gone ones left out. What only a later listing shows is new. For
 * g_array_unref. */
GArray *ps_links_listed (const PsLinks *self);

/* Those of the set old (ifindexes) that are still there, rising; without a complete listing also
 * those that may be. For g_array_unref. */
GArray *ps_links_still_old (const PsLinks *self, GHashTable *old);

/* Ends the collecting of the above. From now on the given devices are old: they count as not
 * there, until they are gone. */
void ps_links_set_old (PsLinks *self, const guint32 *ifindexes, gsize n);
GArray *ps_links_old (const PsLinks *self); /* Rising. For g_array_unref. */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLinks, ps_links_free)
G_END_DECLS
