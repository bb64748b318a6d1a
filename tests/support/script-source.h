/* SPDX-License-Identifier: Apache-2.0 */
/* A PsLinkSource in memory: a table of links that a test changes by hand.
 *
 * Every change is queued and reaches the sink from a timer of the clock, due at once: advance a
 * manual clock by 0 to have it delivered. Several changes before that arrive in one batch. Changes
 * made before start, or while silent, are seen only by the next snapshot. */
#pragma once
#include "base/clock.h"
#include "core/link-source.h"
G_BEGIN_DECLS

#define PS_TYPE_SCRIPT_SOURCE (ps_script_source_get_type ())
G_DECLARE_FINAL_TYPE (PsScriptSource, ps_script_source, PS, SCRIPT_SOURCE, GObject)

/* Takes a reference on clock. */
PsScriptSource *ps_script_source_new (PsClock *clock);

/* Creates the link (registered, mtu 9100) or gives it another name or other flags. The carrier
 * counters follow IFF_RUNNING. */
void ps_script_source_link (PsScriptSource *self, const char *name, guint32 ifindex, guint32 flags);

/* The same for a link with every field as the test wants it; type, from_dump, registered and
 * received_us are filled in. */
void ps_script_source_put (PsScriptSource *self, const PsLinkEvent *link);

/* The link must exist. */
void ps_script_source_rename (PsScriptSource *self, guint32 ifindex, const char *name);
void ps_script_source_remove (PsScriptSource *self, guint32 ifindex);

/* As the table has it (type UPSERT); NULL if there is none. Valid until the next change. */
const PsLinkEvent *ps_script_source_peek (PsScriptSource *self, guint32 ifindex);

/* Queues this very event and leaves the table alone: for what a sane kernel would not say. */
void ps_script_source_inject (PsScriptSource *self, const PsLinkEvent *event);

/* LOST; a snapshot in flight ends interrupted. */
void ps_script_source_lost (PsScriptSource *self);

/* While silent, changes of the table do not reach the engine, not even as LOST. */
void ps_script_source_set_silent (PsScriptSource *self, gboolean silent);

/* While held, an answer stops after BEGIN: its records are those of that moment and follow, with
 * END, when the hold ends. What is queued meanwhile comes before them. */
void ps_script_source_hold_snapshots (PsScriptSource *self, gboolean hold);

/* The next n answers end with complete = FALSE. */
void ps_script_source_interrupt_snapshots (PsScriptSource *self, guint n);

/* Later calls of set_admin_down fail for every link with this errno; 0: work again. */
void ps_script_source_refuse_admin_down (PsScriptSource *self, int error);

/* The sink's failed; nothing after it. */
void ps_script_source_fail (PsScriptSource *self, const char *message);

guint ps_script_source_n_snapshots (PsScriptSource *self); /* BEGINs so far. */

/* Every ifindex that set_admin_down was given, in order. Owned by the source. */
const guint32 *ps_script_source_downed (PsScriptSource *self, gsize *out_n);
guint ps_script_source_n_admin_down_calls (PsScriptSource *self);
G_END_DECLS
