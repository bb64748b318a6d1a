/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/links.h"
#include "core/port-name.h"
#include "core/schema.h"
#include "mirror/row.h"
#include <string.h>

#define KIND_TEAM "team" /* teamsyncd's job, whatever its name (docs/sonic-protocol.md 3.3) */

struct _PsLinks {
  PsPortTable *table; /* not owned */
  PsLog *log;         /* not owned */
  const PsLinksSink *sink;
  gpointer user_data;
  PsMarks listings;     /* the one under way or last done */
  gboolean in_snapshot; /* between BEGIN and END */
  gboolean complete;
  guint n_complete;
  GHashTable *touched; /* owned set; ifindexes with an event since BEGIN: it outranks the record */
  GHashTable *old;     /* owned; ifindex -> mark of the listing in which it was seen last */
  GHashTable *listed;  /* owned set of ports' ifindexes, NULL once the old set is fixed; the value
                        is NULL while the device is known under another name */
  GHashTable *there;   /* owned set, likewise: of whatever name */
  GHashTable *newborn; /* owned set, likewise: registered during a listing */
  gboolean told_full;
};

static gpointer
to_value (PsMark mark)
{
  return GUINT_TO_POINTER (mark.generation);
}

static PsMark
to_mark (gpointer value)
{
  return (PsMark){GPOINTER_TO_UINT (value)};
}

static GHashTable *
ifindex_set (void)
{
  return g_hash_table_new (g_direct_hash, g_direct_equal);
}

PsLinks *
ps_links_new (PsPortTable *table, PsLog *log, const PsLinksSink *sink, gpointer user_data)
{
  PsLinks *self = g_new0 (PsLinks, 1);
  self->table = table;
  self->log = log;
  self->sink = sink;
  self->user_data = user_data;
  self->touched = ifindex_set ();
  self->old = ifindex_set ();
  self->listed = ifindex_set ();
  self->there = ifindex_set ();
  self->newborn = ifindex_set ();
  return self;
}

void
ps_links_free (PsLinks *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->touched);
  g_hash_table_unref (self->old);
  g_clear_pointer (&self->listed, g_hash_table_unref);
  g_clear_pointer (&self->there, g_hash_table_unref);
  g_clear_pointer (&self->newborn, g_hash_table_unref);
  g_free (self);
}

static gint
compare_u32 (gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *)a, y = *(const guint32 *)b;
  return (x > y) - (x < y);
}

static GArray *
sorted (GHashTable *set)
{
  GArray *array = g_array_new (FALSE, FALSE, sizeof (guint32));
  GHashTableIter iter;
  gpointer key;
  g_hash_table_iter_init (&iter, set);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    guint32 ifindex = GPOINTER_TO_UINT (key);
    g_array_append_val (array, ifindex);
  }
  g_array_sort (array, compare_u32);
  return array;
}

static void
changed (PsLinks *self, PsPort *port)
{
  self->sink->changed (port, self->user_data);
}

/* The port has no device any more: what that one counted is kept, also across the death of the
 * daemon. */
static void
detach (PsLinks *self, PsPort *port)
{
  ps_port_table_detach (self->table, port);
  if (ps_flap_end (&port->device.flap))
    self->sink->baseline (port, self->user_data);
}

/* The device of a port is gone or has another name now. */
static void
unregister (PsLinks *self, PsPort *port)
{
  detach (self, port);
  ps_port_row_unregister (port);
  changed (self, port);
}

/* An old device whose DELLINK was lost may have given its ifindex to a new one: the kernel says so
 * when it registers that. */
static gboolean
is_old_device (PsLinks *self, const PsLinkEvent *event)
{
  gpointer key = GUINT_TO_POINTER (event->ifindex);
  if (!g_hash_table_contains (self->old, key))
    return FALSE;
  if (!event->registered) {
    g_hash_table_insert (self->old, key, to_value (ps_marks_now (&self->listings)));
    return TRUE;
  }
  g_hash_table_remove (self->old, key);
  self->sink->old_gone (event->ifindex, self->user_data);
  return FALSE;
}

static void
note_listing (PsLinks *self, const PsLinkEvent *event, gboolean is_port)
{
  gpointer key = GUINT_TO_POINTER (event->ifindex);
  if (self->listed == NULL)
    return;
  if (g_hash_table_contains (self->listed, key))
    g_hash_table_insert (self->listed, key, is_port ? key : NULL);
  if (event->registered) {
    g_hash_table_remove (self->there, key);
    g_hash_table_remove (self->listed, key);
    g_hash_table_add (self->newborn, key);
  } else if (self->n_complete == 0 && !g_hash_table_contains (self->newborn, key)) {
    /* Not only from the listing: an event of a device outranks its record there. */
    g_hash_table_add (self->there, key);
    if (is_port)
      g_hash_table_add (self->listed, key);
  }
}

static PsPort *
port_of (PsLinks *self, const PsLinkEvent *event)
{
  gsize size = strlen (event->name);
  if (!ps_name_is_port (event->name, size))
    return NULL;
  if ((event->fields & PS_LINK_HAS_KIND) && strcmp (event->kind, KIND_TEAM) == 0)
    return NULL;
  PsPort *port = ps_port_table_add (self->table, event->name);
  if (port == NULL && !self->told_full) {
    self->told_full = TRUE;
    ps_error (self->log, "More than %d ports: %s and others are not mirrored", PS_PORTS_MAX,
              event->name);
  }
  return port;
}

/* The name and the ifindex of a device whose DELLINK was lost, but not that device: also one that
 * was replaced while no portsyncd ran. */
static gboolean
is_successor (const PsPort *port, const PsLinkEvent *event)
{
  return (event->fields & PS_LINK_HAS_CARRIER) &&
         ps_flap_is_successor (&port->device.flap, event->ifindex, &event->carrier);
}

static void
take_device (PsLinks *self, PsPort *port, const PsLinkEvent *event)
{
  gboolean replaced = is_successor (port, event);
  if (port->device.presence == PS_PRESENCE_PRESENT &&
      (replaced || port->device.ifindex != event->ifindex))
    unregister (self, port);
  else if (replaced)
    ps_port_row_unregister (port);
  gboolean known_device = port->device.presence == PS_PRESENCE_PRESENT;
  ps_port_table_attach (self->table, port, event->ifindex);
  if (!known_device)
    port->device.mtu = 0;
}

/* The device leaves the port with this event. What it counted until then, perhaps in messages that
 * were lost, it counted here. */
static void
leave (PsLinks *self, PsPort *port, const PsLinkEvent *event)
{
  if (event->fields & PS_LINK_HAS_CARRIER)
    ps_flap_observe (&port->device.flap, event->ifindex, &event->carrier);
  unregister (self, port);
}

static void
upsert (PsLinks *self, const PsLinkEvent *event)
{
  if (is_old_device (self, event))
    return;
  PsPort *holder = ps_port_table_find_ifindex (self->table, event->ifindex);
  PsPort *port = port_of (self, event);
  if (holder != NULL && holder != port)
    leave (self, holder, event);
  note_listing (self, event, port != NULL);
  if (port == NULL)
    return;
  take_device (self, port, event);
  port->device.seen = ps_marks_now (&self->listings);
  port->device.flags = event->flags;
  if (event->fields & PS_LINK_HAS_MTU)
    port->device.mtu = event->mtu;
  if ((event->fields & PS_LINK_HAS_CARRIER) &&
      ps_flap_observe (&port->device.flap, event->ifindex, &event->carrier))
    self->sink->baseline (port, self->user_data);
  changed (self, port);
}

static void
remove_link (PsLinks *self, const PsLinkEvent *event)
{
  /* A real unregister has no master: the kernel unlinks it first. What has one is the farewell of
   * a bridge to a device that lives on (docs/kernel.md 5.1). */
  if ((event->fields & PS_LINK_HAS_MASTER) && event->master != 0)
    return;
  gpointer key = GUINT_TO_POINTER (event->ifindex);
  if (self->listed != NULL) {
    g_hash_table_remove (self->there, key);
    g_hash_table_remove (self->listed, key);
    g_hash_table_remove (self->newborn, key);
  }
  if (g_hash_table_remove (self->old, key)) {
    self->sink->old_gone (event->ifindex, self->user_data);
    return;
  }
  PsPort *port = ps_port_table_find_ifindex (self->table, event->ifindex);
  if (port != NULL)
    leave (self, port, event);
}

static void
begin_snapshot (PsLinks *self)
{
  ps_marks_begin (&self->listings);
  self->in_snapshot = TRUE;
  g_hash_table_remove_all (self->touched);
}

static void
sweep_old (PsLinks *self)
{
  g_autoptr (GArray) old = sorted (self->old);
  for (guint i = 0; i < old->len; i++) {
    guint32 ifindex = g_array_index (old, guint32, i);
    gpointer seen = g_hash_table_lookup (self->old, GUINT_TO_POINTER (ifindex));
    if (ps_mark_is_current (to_mark (seen), &self->listings))
      continue;
    g_hash_table_remove (self->old, GUINT_TO_POINTER (ifindex));
    self->sink->old_gone (ifindex, self->user_data);
  }
}

/* Only a complete listing proves that a device is gone. */
static void
sweep (PsLinks *self)
{
  for (guint i = 0; i < ps_port_table_length (self->table); i++) {
    PsPort *port = ps_port_table_nth (self->table, i);
    if (port->device.presence == PS_PRESENCE_PRESENT &&
        !ps_mark_is_current (port->device.seen, &self->listings)) {
      if (self->listed != NULL)
        g_hash_table_remove (self->listed, GUINT_TO_POINTER (port->device.ifindex));
      unregister (self, port);
    } else if (port->device.presence == PS_PRESENCE_UNKNOWN) {
      port->device.presence = PS_PRESENCE_GONE;
      changed (self, port);
    }
  }
  sweep_old (self);
}

static void
end_snapshot (PsLinks *self, gboolean complete)
{
  self->in_snapshot = FALSE;
  g_hash_table_remove_all (self->touched);
  if (!complete)
    return;
  self->complete = TRUE;
  self->n_complete++;
  sweep (self);
}

static void
apply_link (PsLinks *self, const PsLinkEvent *event)
{
  gpointer key = GUINT_TO_POINTER (event->ifindex);
  if (event->from_dump && g_hash_table_contains (self->touched, key))
    return;
  if (!event->from_dump && self->in_snapshot)
    g_hash_table_add (self->touched, key);
  if (event->type == PS_LINK_UPSERT)
    upsert (self, event);
  else
    remove_link (self, event);
}

void
ps_links_apply (PsLinks *self, const PsLinkEvent *event)
{
  switch (event->type) {
  case PS_LINK_UPSERT:
  case PS_LINK_REMOVE:
    apply_link (self, event);
    return;
  case PS_LINK_SNAPSHOT_BEGIN:
    begin_snapshot (self);
    return;
  case PS_LINK_SNAPSHOT_END:
    end_snapshot (self, event->complete);
    return;
  case PS_LINK_LOST:
    self->complete = FALSE;
    return;
  }
  g_assert_not_reached ();
}

PsPort *
ps_links_restore_flaps (PsLinks *self, const char *name, const PsFlap *flap)
{
  PsPort *port = ps_port_table_add (self->table, name);
  if (port != NULL)
    port->device.flap = *flap;
  return port;
}

PsPort *
ps_links_add_port (PsLinks *self, const char *name)
{
  PsPort *port = ps_port_table_add (self->table, name);
  if (port != NULL && self->complete && port->device.presence == PS_PRESENCE_UNKNOWN)
    port->device.presence = PS_PRESENCE_GONE;
  return port;
}

gboolean
ps_links_is_complete (const PsLinks *self)
{
  return self->complete;
}

guint
ps_links_n_snapshots (const PsLinks *self)
{
  return self->n_complete;
}

GArray *
ps_links_listed (const PsLinks *self)
{
  g_assert (self->listed != NULL);
  GArray *all = sorted (self->listed);
  guint n = 0;
  for (guint i = 0; i < all->len; i++) {
    guint32 ifindex = g_array_index (all, guint32, i);
    if (g_hash_table_lookup (self->listed, GUINT_TO_POINTER (ifindex)) != NULL)
      g_array_index (all, guint32, n++) = ifindex;
  }
  return g_array_set_size (all, n);
}

GArray *
ps_links_still_old (const PsLinks *self, GHashTable *old)
{
  g_assert (self->listed != NULL);
  GArray *all = sorted (old);
  guint n = 0;
  for (guint i = 0; i < all->len; i++) {
    guint32 ifindex = g_array_index (all, guint32, i);
    gpointer key = GUINT_TO_POINTER (ifindex);
    if (g_hash_table_contains (self->there, key) ||
        (self->n_complete == 0 && !g_hash_table_contains (self->newborn, key)))
      g_array_index (all, guint32, n++) = ifindex;
  }
  return g_array_set_size (all, n);
}

void
ps_links_set_old (PsLinks *self, const guint32 *ifindexes, gsize n)
{
  g_assert (self->listed != NULL);
  g_clear_pointer (&self->listed, g_hash_table_unref);
  g_clear_pointer (&self->there, g_hash_table_unref);
  g_clear_pointer (&self->newborn, g_hash_table_unref);
  for (gsize i = 0; i < n; i++) {
    g_hash_table_insert (self->old, GUINT_TO_POINTER (ifindexes[i]),
                         to_value (ps_marks_now (&self->listings)));
    PsPort *port = ps_port_table_find_ifindex (self->table, ifindexes[i]);
    if (port == NULL)
      continue;
    detach (self, port);
    port->device.had_old = TRUE;
    changed (self, port);
  }
}

GArray *
ps_links_old (const PsLinks *self)
{
  return sorted (self->old);
}
