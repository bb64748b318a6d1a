/* SPDX-License-Identifier: Apache-2.0 */
/* The two markers that the switch waits for: PortConfigDone after the configuration, PortInitDone
 * when every configured port was published (docs/rules.md 3, docs/sonic-protocol.md 3.1). */
#pragma once
#include "mirror/port-table.h"
#include "start/config-copy.h"
G_BEGIN_DECLS

/* Pops of the consumer are random and limited to 128 keys on some switches: with more keys than
 * that the marker could overtake a port (docs/sonic-protocol.md 2.7). */
#define PS_MARKERS_QUEUE_MAX 127

typedef struct _PsMarkers PsMarkers;

/* config_done: PortConfigDone was acknowledged (not in a warm start).
 * init_done: PortInitDone was acknowledged. */
typedef struct {
  void (*config_done) (gpointer user_data);
  void (*init_done) (gpointer user_data);
} PsMarkersSink;

/* names, log, refusals, table and links must outlive it. What is refused is done again when its
 * pause is over (core/refusals.h). */
PsMarkers *
ps_markers_new (PsClock *clock, PsStore *store, PsNames *names, PsLog *log, PsRefusals *refusals,
                PsPortTable *table, PsLinks *links, const PsMarkersSink *sink, gpointer user_data);
void ps_markers_free (PsMarkers *self);

/* Once. Precleared ports are not awaited. */
void ps_markers_start (PsMarkers *self, PsCopyMode mode);

/* What had no answer is done again when CONFIG_DB, while it is copied, and APPL_DB are back.
 * PortInitDone, once announced, is looked for when APPL_DB is, and announced again if it came back
 * without it but with PortConfigDone. That CONFIG_DB goes when it was copied, and STATE_DB at any
 * time, is no matter: what was read and published stays so. */
void ps_markers_offline (PsMarkers *self, PsDb db);
void ps_markers_online (PsMarkers *self);

/* The port was published: it is not awaited any more. Cheap. */
void ps_markers_port_done (PsMarkers *self, PsPort *port);

/* PortInitDone may be due: a port was published, or the picture of the links is
 * complete. */
void ps_markers_check (PsMarkers *self);

/* Reads CONFIG_DB again and stops to wait for ports that are gone from it
 * (start/prune.h). */
void ps_markers_prune (PsMarkers *self);

/* APPL_DB lost PortConfigDone: PortInitDone without it would be an invention, and
 * is held back. */
void ps_markers_set_lost (PsMarkers *self, gboolean lost);

/* While held, PortInitDone is not produced: something else has to stand in
 * APPL_DB before. */
void ps_markers_hold (PsMarkers *self, gboolean hold);

/* CONFIG_DB was read: what is pending is all that is awaited. */
gboolean ps_markers_knows_ports (const PsMarkers *self);
guint ps_markers_n_pending (const PsMarkers *self);
/* It was announced, or found; that APPL_DB may have lost it since does not count.
 */
gboolean ps_markers_is_init_done (const PsMarkers *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsMarkers, ps_markers_free)
G_END_DECLS
