/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the difference between wanted and acknowledged STATE_DB rows: one batch in flight, at most
 * one version of a port in it, nothing remembered but a mark on the port (docs/rules.md 2.1). A
 * refused port waits for the pause of its refusal (core/refusals.h) and holds up no other. */
#pragma once
#include "base/log.h"
#include "core/refusals.h"
#include "core/store.h"
#include "mirror/port.h"
G_BEGIN_DECLS

typedef struct _PsFlush PsFlush;

/* acknowledged: the row of port was written or deleted, or found to be as wanted.
 * batch_done: all ports of a batch were reported, and the next batch, if any, was sent. */
typedef struct {
  void (*acknowledged) (PsPort *port, gpointer user_data);
  void (*batch_done) (gpointer user_data);
} PsFlushSink;

/* refusals must outlive the flush. */
PsFlush *ps_flush_new (PsStore *store, PsLog *log, PsRefusals *refusals, const PsFlushSink *sink,
                       gpointer user_data);
void ps_flush_free (PsFlush *self);

/* The port may need a write, at once, even if the last one was refused. Cheap, idempotent. */
void ps_flush_mark (PsFlush *self, PsPort *port);

/* Sends the next batch if none is in flight and the gate is open. */
void ps_flush_run (PsFlush *self);

/* A closed gate keeps marks and sends nothing: before the rows were read, and while they are. */
void ps_flush_set_gate (PsFlush *self, gboolean open);

/* Nothing marked, refused or in flight. */
gboolean ps_flush_is_idle (const PsFlush *self);
guint ps_flush_n_waiting (const PsFlush *self); /* ports marked or refused */

/* How often a row that was no hash was deleted to be written anew. */
guint ps_flush_n_repaired (const PsFlush *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsFlush, ps_flush_free)
G_END_DECLS
