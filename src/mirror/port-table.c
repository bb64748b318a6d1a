/* SPDX-License-Identifier: Apache-2.0 */
#include "mirror/port-table.h"
#include <string.h>

struct _PsPortTable {
  GPtrArray *ports;       /* owned; owns the ports */
  GHashTable *by_name;    /* owned; name within the port -> port */
  GHashTable *by_ifindex; /* owned; ifindex -> port that is PRESENT with it */
  PsMarks drops;          /* a generation ends when ports are dropped */
};

PsPortTable *
ps_port_table_new (void)
{
  PsPortTable *self = g_new0 (PsPortTable, 1);
  ps_marks_begin (&self->drops);
  self->ports = g_ptr_array_new_with_free_func (g_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  self->by_ifindex = g_hash_table_new (g_direct_hash, g_direct_equal);
  return self;
}

void
ps_port_table_free (PsPortTable *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->by_ifindex);
  g_ptr_array_unref (self->ports);
  g_free (self);
}

guint
ps_port_table_length (const PsPortTable *self)
{
  return self->ports->len;
}

PsPort *
ps_port_table_nth (const PsPortTable *self, guint i)
{
  return g_ptr_array_index (self->ports, i);
}

PsPort *
ps_port_table_find (const PsPortTable *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

PsPort *
ps_port_table_find_ifindex (const PsPortTable *self, guint32 ifindex)
{
  return g_hash_table_lookup (self->by_ifindex, GUINT_TO_POINTER (ifindex));
}

PsPort *
ps_port_table_add (PsPortTable *self, const char *name)
{
  PsPort *port = ps_port_table_find (self, name);
  if (port != NULL || self->ports->len >= PS_PORTS_MAX)
    return port;
  port = g_new0 (PsPort, 1);
  g_strlcpy (port->name, name, sizeof port->name);
  g_ptr_array_add (self->ports, port);
  g_hash_table_insert (self->by_name, port->name, port);
  return port;
}

void
ps_port_table_detach (PsPortTable *self, PsPort *port)
{
  if (port->device.presence != PS_PRESENCE_PRESENT)
    return;
  g_hash_table_remove (self->by_ifindex, GUINT_TO_POINTER (port->device.ifindex));
  port->device.presence = PS_PRESENCE_GONE;
  port->device.ifindex = 0;
}

void
ps_port_table_attach (PsPortTable *self, PsPort *port, guint32 ifindex)
{
  PsPort *holder = ps_port_table_find_ifindex (self, ifindex);
  if (holder == port)
    return;
  if (holder != NULL)
    ps_port_table_detach (self, holder);
  ps_port_table_detach (self, port);
  port->device.presence = PS_PRESENCE_PRESENT;
  port->device.ifindex = ifindex;
  g_hash_table_insert (self->by_ifindex, GUINT_TO_POINTER (ifindex), port);
}

static gboolean
is_idle (const PsPort *port)
{
  return port->device.presence == PS_PRESENCE_GONE && !port->row.have.present &&
         !ps_mark_is_set (port->boot.configured) && !port->row.unregistered && !port->queue.dirty &&
         !port->queue.in_flight && port->queue.listed == 0 &&
         ps_flap_ups (&port->device.flap) == 0 && ps_flap_downs (&port->device.flap) == 0;
}

/* An array never gives room back by itself. */
static void
shrink (PsPortTable *self)
{
  gsize n = 0;
  g_autofree gpointer *ports = g_ptr_array_steal (self->ports, &n);
  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (self->ports, ports[i]);
}

guint
ps_port_table_drop_idle (PsPortTable *self)
{
  guint n = 0;
  for (guint i = 0; i < self->ports->len;) {
    PsPort *port = ps_port_table_nth (self, i);
    if (!is_idle (port)) {
      i++;
      continue;
    }
    g_hash_table_remove (self->by_name, port->name);
    g_ptr_array_remove_index_fast (self->ports, i);
    n++;
  }
  if (n > self->ports->len)
    shrink (self);
  if (n > 0)
    ps_marks_begin (&self->drops);
  return n;
}

PsMark
ps_port_table_mark (const PsPortTable *self)
{
  return ps_marks_now (&self->drops);
}

gboolean
ps_port_table_is_whole_since (const PsPortTable *self, PsMark mark)
{
  return ps_mark_is_current (mark, &self->drops);
}
