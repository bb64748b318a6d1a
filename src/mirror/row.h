/* SPDX-License-Identifier: Apache-2.0 */
/* The row of a port in STATE_DB, PORT_TABLE|<name>: how it is read and written, and what happens to
 * it. Owner of `row` in PsPort. */
#pragma once
#include "core/store.h"
#include "mirror/port.h"
G_BEGIN_DECLS

/* A row as it was read. The device is not in it: ifindex is 0. */
PsRowState ps_port_row_parse (const PsRow *row);

/* Appends the operation that writes it. */
void ps_port_row_put (PsBatch *batch, const char *name, const PsRowState *row);

/* By the life record an earlier process wrote the row for this device. */
void ps_port_row_restore (PsPort *port, guint32 ifindex);

/* A reading found the row, or found none. A row that is found is of the device that the daemon
 * wrote it for, here or in an earlier life. */
void ps_port_row_found (PsPort *port, PsRowState state, PsMark reading);
void ps_port_row_not_found (PsPort *port);

/* The device was unregistered: DEL is due, whatever the row holds. */
void ps_port_row_unregister (PsPort *port);

/* DEL is on its way, and due again only by what happens from now on. TRUE if it was sent for a
 * device that was unregistered. */
gboolean ps_port_row_sent_delete (PsPort *port);

/* DEL was acknowledged. TRUE if there was a row. */
gboolean ps_port_row_deleted (PsPort *port);

/* HSET was acknowledged. */
void ps_port_row_written (PsPort *port, const PsRowState *state);

/* The row is no hash, so DEL is due. FALSE: that was tried, and no write succeeded since. */
gboolean ps_port_row_repair (PsPort *port);

/* A row that an earlier run wrote, and that is right, is taken for that of today's device. */
void ps_port_row_adopt (PsPort *port);
G_END_DECLS
