/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps PortConfigDone's count right when ports come and go at run time: orchagent does not look at
 * it before its next warm start, and then does not start with a wrong one
 * (docs/sonic-protocol.md 4.1, docs/predecessor.md 3.1). */
#pragma once
#include "core/refusals.h"
#include "mirror/port-table.h"
#include "start/names.h"
G_BEGIN_DECLS

/* A breakout takes seconds: it is looked at so long after its first change, and again so often,
 * each time as long after, while the tables do not agree. */
#define PS_MARKER_COUNT_PAUSE_US (10 * G_USEC_PER_SEC)
#define PS_MARKER_COUNT_LOOKS    6

typedef struct _PsMarkerCount PsMarkerCount;

/* The look that ps_marker_count_look asked for ended, and so did what it led to; unless sound, it
 * broke off, and another one, that tells the same, is due at once. */
typedef void (*PsMarkerCountLooked) (gboolean sound, gpointer user_data);

/* names, log, refusals and table must outlive it. */
PsMarkerCount *ps_marker_count_new (PsClock *clock, PsStore *store, PsNames *names, PsLog *log,
                                    PsRefusals *refusals, PsPortTable *table,
                                    PsMarkerCountLooked looked, gpointer user_data);
void ps_marker_count_free (PsMarkerCount *self);

/* The set of ports may have changed, or was never looked at. Cheap; a look that is due stays so. */
void ps_marker_count_request (PsMarkerCount *self);

/* The same, but the first look is now, and a short one, unless the count is not that of
 * CONFIG_DB's: without the names of APPL_DB, which the next ps_marker_count_run reads. At a start
 * the copy of the configuration reads those anyway, and tells them and how that ended by the two
 * functions below; until then the look lasts. Without a look under way both do nothing. */
void ps_marker_count_look (PsMarkerCount *self);
void ps_marker_count_tell_configured (PsMarkerCount *self, const PsText *name);
void ps_marker_count_told_configured (PsMarkerCount *self, PsConfigReading how);

/* Looks, if it is time: reads the names of CONFIG_DB PORT and APPL_DB PORT_TABLE and the marker. A
 * CONFIG_DB that is not loaded is looked at again in a second; nothing is judged by it. If the
 * marker is there, every configured port is live and nothing else is, a wrong count is corrected in
 * place, unless what is staged will change the rows. Never makes a marker. Rows that are no
 * configured port and no port's name are reported: orchagent counts them. */
void ps_marker_count_run (PsMarkerCount *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsMarkerCount, ps_marker_count_free)
G_END_DECLS
