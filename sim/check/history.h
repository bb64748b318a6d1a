/* SPDX-License-Identifier: Apache-2.0 */
/* What happened in a run: a digest of everything, and the last events as lines.
 *
 * The digest is FNV-1a with 64-bit words in four lanes, over all bytes at the daemon's ports, every
 * change of its process and the time of every timer. It depends on nothing else: two runs with
 * equal digests are equal to the bit. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_HISTORY_EVENTS 64 /* kept as lines */

typedef struct _PsHistory PsHistory;

PsHistory *ps_history_new (void);
void ps_history_free (PsHistory *self);

/* Into the digest. */
void ps_history_add_number (PsHistory *self, guint64 number);
void ps_history_add_bytes (PsHistory *self, gconstpointer bytes, gsize n_bytes);

/* Into the ring, not into the digest. text is one of the caller's constants; subject is copied, up
 * to 31 bytes. Cheap: lines are made when they are asked for. */
void ps_history_note (PsHistory *self, gint64 time_us, const char *text, const char *subject,
                      guint64 number);

guint64 ps_history_digest (const PsHistory *self);
guint64 ps_history_n_events (const PsHistory *self); /* noted, also those that are forgotten */

/* The kept events, oldest first: "12.345678 text subject number". Free with g_ptr_array_unref. */
GPtrArray *ps_history_lines (const PsHistory *self);

/* The newest alone; NULL if there is none. Free with g_free. */
char *ps_history_last_line (const PsHistory *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsHistory, ps_history_free)
G_END_DECLS
