/* SPDX-License-Identifier: Apache-2.0 */
/* All ports, by name and by the ifindex of their current device. */
#pragma once
#include "mirror/port.h"
G_BEGIN_DECLS

#define PS_PORTS_MAX 131072 /* Names beyond it are refused. */

typedef struct _PsPortTable PsPortTable;

PsPortTable *ps_port_table_new (void);
void ps_port_table_free (PsPortTable *self);

guint ps_port_table_length (const PsPortTable *self);

/* By position; the order is that of creation until a port is dropped. */
PsPort *ps_port_table_nth (const PsPortTable *self, guint i);

/* NULL when unknown. Ports belong to the table and do not move. */
PsPort *ps_port_table_find (const PsPortTable *self, const char *name);
PsPort *ps_port_table_find_ifindex (const PsPortTable *self, guint32 ifindex);

/* Finds or creates; NULL when the table is full. name must be a port's name. */
PsPort *ps_port_table_add (PsPortTable *self, const char *name);

/* Gives the port the device ifindex; what it had, and who had that ifindex, is detached first. */
void ps_port_table_attach (PsPortTable *self, PsPort *port, guint32 ifindex);

/* The port has no device any more: GONE. Does nothing for one that has none. */
void ps_port_table_detach (PsPortTable *self, PsPort *port);

/* Forgets ports that say nothing: no device, no row, not configured, nothing due, no flap counted.
 * Returns how many. */
guint ps_port_table_drop_idle (PsPortTable *self);

/* Who keeps pointers to ports, or marks in them, over a turn of the loop notes the mark before, and
 * asks after it whether none was forgotten since. */
PsMark ps_port_table_mark (const PsPortTable *self);
gboolean ps_port_table_is_whole_since (const PsPortTable *self, PsMark mark);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsPortTable, ps_port_table_free)
G_END_DECLS
