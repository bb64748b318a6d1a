/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/truth.h"
#include <string.h>

struct _PsTruth {
  PsSimKernel *kernel;    /* not owned */
  GHashTable *by_name;    /* owned; owns the ports */
  GPtrArray *ports;       /* owned; in order of first sight */
  GHashTable *by_ifindex; /* owned; ifindex -> the port whose device it is */
  GHashTable *old;        /* owned set of ifindexes */
  GHashTable *candidates; /* owned set of ifindexes: what stood when the process started */
  guint64 n_events;
};

static void
port_free (gpointer data)
{
  PsTruthPort *port = data;
  g_array_unref (port->entries);
  g_array_unref (port->past);
  g_free (port);
}

PsTruth *
ps_truth_new (PsSimKernel *kernel)
{
  PsTruth *self = g_new0 (PsTruth, 1);
  self->kernel = kernel;
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, port_free);
  self->ports = g_ptr_array_new ();
  self->by_ifindex = g_hash_table_new (NULL, NULL);
  self->old = g_hash_table_new (NULL, NULL);
  self->candidates = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < ps_sim_kernel_length (kernel); i++)
    ps_truth_take (self, ps_sim_kernel_nth (kernel, i), FALSE);
  return self;
}

void
ps_truth_free (PsTruth *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->candidates);
  g_hash_table_unref (self->old);
  g_hash_table_unref (self->by_ifindex);
  g_ptr_array_unref (self->ports);
  g_hash_table_unref (self->by_name);
  g_free (self);
}

gboolean
ps_truth_is_port_name (const char *name, gsize size)
{
  if (size < strlen ("Ethernet") || size >= IFNAMSIZ || memcmp (name, "Ethernet", 8) != 0)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (name[i] <= ' ' || name[i] > '~' || strchr (".|:/", name[i]) != NULL)
      return FALSE;
  return TRUE;
}

guint64
ps_truth_value (guint32 mtu, gboolean up, gboolean running)
{
  return ((guint64)mtu << 2) | (up ? 2u : 0u) | (running ? 1u : 0u);
}

const PsTruthEntry *
ps_truth_now (const PsTruthPort *port)
{
  return &g_array_index (port->entries, PsTruthEntry, port->entries->len - 1);
}

PsTruthPort *
ps_truth_find (PsTruth *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

PsTruthPort *
ps_truth_port (PsTruth *self, const char *name)
{
  PsTruthPort *port = ps_truth_find (self, name);
  if (port != NULL)
    return port;
  PsTruthEntry entry = {.value = PS_TRUTH_ABSENT};
  port = g_new0 (PsTruthPort, 1);
  g_strlcpy (port->name, name, sizeof port->name);
  port->row_value = PS_TRUTH_ABSENT;
  port->entries = g_array_new (FALSE, FALSE, sizeof (PsTruthEntry));
  port->past = g_array_new (FALSE, FALSE, sizeof (PsTruthPast));
  g_array_append_val (port->entries, entry);
  g_hash_table_insert (self->by_name, port->name, port);
  g_ptr_array_add (self->ports, port);
  return port;
}

guint
ps_truth_length (const PsTruth *self)
{
  return self->ports->len;
}

PsTruthPort *
ps_truth_nth (PsTruth *self, guint i)
{
  return g_ptr_array_index (self->ports, i);
}

guint64
ps_truth_n_events (const PsTruth *self)
{
  return self->n_events;
}

static void
keep_past (PsTruthPort *port, const PsTruthEntry *entry)
{
  for (guint i = 0; i < port->past->len; i++) {
    PsTruthPast *past = &g_array_index (port->past, PsTruthPast, i);
    if (past->value == entry->value && past->ifindex == entry->ifindex) {
      past->last = entry->event;
      return;
    }
  }
  PsTruthPast past = {entry->value, entry->event, entry->event, entry->ifindex};
  g_array_append_val (port->past, past);
}

/* By halves, so that a storm does not move all of them with each change. */
static void
make_room (PsTruthPort *port)
{
  for (guint i = 0; i < PS_TRUTH_ENTRIES / 2; i++)
    keep_past (port, &g_array_index (port->entries, PsTruthEntry, i));
  g_array_remove_range (port->entries, 0, PS_TRUTH_ENTRIES / 2);
}

static void
push (PsTruth *self, PsTruthPort *port, guint64 value, guint32 ifindex)
{
  const PsTruthEntry *now = ps_truth_now (port);
  if (now->value == value && now->ifindex == ifindex)
    return;
  if (value == PS_TRUTH_ABSENT || now->ifindex != ifindex)
    port->gone_event = self->n_events;
  if (port->entries->len == PS_TRUTH_ENTRIES)
    make_room (port);
  PsTruthEntry entry = {value, self->n_events, ifindex};
  g_array_append_val (port->entries, entry);
}

static gboolean
is_port_device (const PsSimLink *link)
{
  return ps_truth_is_port_name (link->name, strlen (link->name)) &&
         strcmp (link->kind, "team") != 0;
}

static gboolean
is_ports (PsTruth *self, const PsSimLink *link)
{
  return is_port_device (link) &&
         !g_hash_table_contains (self->old, GUINT_TO_POINTER (link->ifindex));
}

static void
push_link (PsTruth *self, PsTruthPort *port, const PsSimLink *link)
{
  push (self, port,
        ps_truth_value (link->mtu, (link->flags & IFF_UP) != 0, (link->flags & IFF_RUNNING) != 0),
        link->ifindex);
}

static void
put_link (PsTruth *self, const PsSimLink *link)
{
  PsTruthPort *port = ps_truth_port (self, link->name);
  g_hash_table_insert (self->by_ifindex, GUINT_TO_POINTER (link->ifindex), port);
  push_link (self, port, link);
}

void
ps_truth_take (PsTruth *self, const PsSimLink *link, gboolean removed)
{
  gpointer key = GUINT_TO_POINTER (link->ifindex);
  PsTruthPort *port = g_hash_table_lookup (self->by_ifindex, key);
  self->n_events++;
  if (port != NULL && !removed && strcmp (port->name, link->name) == 0) {
    push_link (self, port, link);
    return;
  }
  if (port != NULL) {
    push (self, port, PS_TRUTH_ABSENT, 0);
    g_hash_table_remove (self->by_ifindex, key);
  }
  if (removed) {
    g_hash_table_remove (self->old, key);
    g_hash_table_remove (self->candidates, key);
  } else if (is_ports (self, link)) {
    put_link (self, link);
  }
}

static void
forget_past (PsTruthPort *port)
{
  if (port->entries->len > 1)
    g_array_remove_range (port->entries, 0, port->entries->len - 1);
  g_array_set_size (port->past, 0);
}

void
ps_truth_add_candidate (PsTruth *self, guint32 ifindex)
{
  g_hash_table_add (self->candidates, GUINT_TO_POINTER (ifindex));
}

void
ps_truth_begin_process (PsTruth *self)
{
  for (guint i = 0; i < self->ports->len; i++)
    forget_past (ps_truth_nth (self, i));
  g_hash_table_remove_all (self->candidates);
  for (guint i = 0; i < ps_sim_kernel_length (self->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self->kernel, i);
    if (is_port_device (link))
      ps_truth_add_candidate (self, link->ifindex);
  }
}

/* Attaches every device anew. */
static void
rebuild (PsTruth *self)
{
  g_autoptr (GHashTable) there = g_hash_table_new (NULL, NULL);
  g_hash_table_remove_all (self->by_ifindex);
  self->n_events++;
  for (guint i = 0; i < ps_sim_kernel_length (self->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self->kernel, i);
    if (!is_ports (self, link))
      continue;
    put_link (self, link);
    g_hash_table_add (there, ps_truth_port (self, link->name));
  }
  for (guint i = 0; i < self->ports->len; i++)
    if (!g_hash_table_contains (there, ps_truth_nth (self, i)))
      push (self, ps_truth_nth (self, i), PS_TRUTH_ABSENT, 0);
}

void
ps_truth_decide_old (PsTruth *self, PsTruthOld old)
{
  if (old != PS_TRUTH_OLD_KEEP)
    g_hash_table_remove_all (self->old);
  for (guint i = 0; old == PS_TRUTH_OLD_ALL && i < ps_sim_kernel_length (self->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self->kernel, i);
    gpointer key = GUINT_TO_POINTER (link->ifindex);
    /* What gave up a port's name meanwhile is no port any more. */
    if (g_hash_table_contains (self->candidates, key) && is_port_device (link))
      g_hash_table_add (self->old, key);
  }
  rebuild (self);
}

void
ps_truth_keep_old (PsTruth *self, gboolean (*keep) (guint32 ifindex, gpointer user_data),
                   gpointer user_data)
{
  GHashTableIter iter;
  gpointer ifindex;
  g_hash_table_iter_init (&iter, self->old);
  while (g_hash_table_iter_next (&iter, &ifindex, NULL))
    if (!keep (GPOINTER_TO_UINT (ifindex), user_data))
      g_hash_table_iter_remove (&iter);
  rebuild (self);
}

gboolean
ps_truth_is_old (PsTruth *self, guint32 ifindex)
{
  return g_hash_table_contains (self->old, GUINT_TO_POINTER (ifindex));
}

guint32
ps_truth_device_with (const PsTruthPort *port, guint64 value)
{
  guint32 device = 0;
  gboolean several = FALSE;
  for (guint i = 0; i < port->past->len; i++) {
    const PsTruthPast *past = &g_array_index (port->past, PsTruthPast, i);
    if (past->value != value)
      continue;
    several |= device != 0 && device != past->ifindex;
    device = past->ifindex;
  }
  for (guint i = 0; i < port->entries->len; i++) {
    const PsTruthEntry *entry = &g_array_index (port->entries, PsTruthEntry, i);
    if (entry->value != value)
      continue;
    several |= device != 0 && device != entry->ifindex;
    device = entry->ifindex;
  }
  return several ? 0 : device;
}

gboolean
ps_truth_had_device (const PsTruthPort *port)
{
  for (guint i = 0; i < port->past->len; i++)
    if (g_array_index (port->past, PsTruthPast, i).value != PS_TRUTH_ABSENT)
      return TRUE;
  for (guint i = 0; i < port->entries->len; i++)
    if (g_array_index (port->entries, PsTruthEntry, i).value != PS_TRUTH_ABSENT)
      return TRUE;
  return FALSE;
}

gboolean
ps_truth_was (const PsTruthPort *port, guint64 value)
{
  for (guint i = 0; i < port->past->len; i++)
    if (g_array_index (port->past, PsTruthPast, i).value == value)
      return TRUE;
  for (guint i = 0; i < port->entries->len; i++)
    if (g_array_index (port->entries, PsTruthEntry, i).value == value)
      return TRUE;
  return FALSE;
}

/* What did not come again since then is over. */
static void
forget_past_before (PsTruthPort *port, guint64 event)
{
  guint n = 0;
  for (guint i = 0; i < port->past->len; i++) {
    PsTruthPast past = g_array_index (port->past, PsTruthPast, i);
    past.first = MAX (past.first, event);
    if (past.last >= event)
      g_array_index (port->past, PsTruthPast, n++) = past;
  }
  g_array_set_size (port->past, n);
}

/* With several devices: the earliest of them. */
static gboolean
show_past (PsTruthPort *port, guint64 value)
{
  guint64 first = G_MAXUINT64;
  for (guint i = 0; i < port->past->len; i++) {
    const PsTruthPast *past = &g_array_index (port->past, PsTruthPast, i);
    if (past->value == value)
      first = MIN (first, past->first);
  }
  if (first == G_MAXUINT64)
    return FALSE;
  forget_past_before (port, first);
  port->put_event = first;
  return TRUE;
}

gboolean
ps_truth_show (PsTruthPort *port, guint64 value)
{
  guint i = 0;
  if (show_past (port, value))
    return TRUE;
  while (i < port->entries->len && g_array_index (port->entries, PsTruthEntry, i).value != value)
    i++;
  if (i == port->entries->len)
    return FALSE;
  if (i > 0)
    g_array_remove_range (port->entries, 0, i);
  g_array_set_size (port->past, 0);
  port->put_event = g_array_index (port->entries, PsTruthEntry, 0).event;
  return TRUE;
}
