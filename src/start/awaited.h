/* SPDX-License-Identifier: Apache-2.0 */
/* Which ports are configured, and for which of them PortInitDone waits (docs/rules.md 3.3). Owner
 * of `boot` in PsPort. */
#pragma once
#include "base/log.h"
#include "mirror/port-table.h"
G_BEGIN_DECLS

typedef struct _PsAwaited PsAwaited;

/* log and table must outlive it. */
PsAwaited *ps_awaited_new (PsPortTable *table, PsLog *log);
void ps_awaited_free (PsAwaited *self);

/* Whether the port is precleared: it was in use before this process started, so it is not awaited.
 */
void ps_awaited_set_precleared (PsPort *port, gboolean precleared);

/* A reading of CONFIG_DB begins, finds a port, and ends whole: only then ports that it did not find
 * are given up. A port that is new is awaited, unless it is published or precleared. */
void ps_awaited_begin (PsAwaited *self);
void ps_awaited_found (PsAwaited *self, PsPort *port);
void ps_awaited_end (PsAwaited *self);

/* What this reading found, but orchagent will never hear of: neither configured nor awaited. */
void ps_awaited_leave_out (PsAwaited *self, PsPort *port);

/* The port left CONFIG_DB. */
void ps_awaited_give_up (PsAwaited *self, PsPort *port);

/* Not awaited any more: the port, if it is published; all, whatever they are. */
void ps_awaited_port_done (PsAwaited *self, PsPort *port);
void ps_awaited_stop_all (PsAwaited *self);

/* PortInitDone may be gone: it waits again for every configured port whose device is there. */
void ps_awaited_start_again (PsAwaited *self);

guint ps_awaited_length (const PsAwaited *self);
guint ps_awaited_n_configured (const PsAwaited *self); /* that this reading found */
PsMark ps_awaited_reading (const PsAwaited *self);     /* the mark that it leaves in the ports */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsAwaited, ps_awaited_free)
G_END_DECLS
