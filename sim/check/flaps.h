/* SPDX-License-Identifier: Apache-2.0 */
/* What a daemon may have counted of each port's carrier, and what it must have, added up from the
 * kernel itself over all devices that had the port's name in the life of one process. What it found
 * in its life record counts along. Between the two bounds lies what an observer cannot know: how
 * late the daemon first looked at a device that stood when it started. */
#pragma once
#include "engine/engine.h"
#include "sim/check/record.h"
#include "sim/check/truth.h"
G_BEGIN_DECLS

typedef struct _PsFlaps PsFlaps;

/* Neither is owned, both must outlive it. */
PsFlaps *ps_flaps_new (PsSimKernel *kernel, PsTruth *truth);
void ps_flaps_free (PsFlaps *self);

/* From the kernel's observer, after the truth was told. */
void ps_flaps_take (PsFlaps *self, const PsSimLink *link, gboolean removed);

/* A process starts, with this record; NULL: with none that is of its life of the system. */
void ps_flaps_begin_process (PsFlaps *self, const PsRecord *found);

/* Its start is decided, and the truth knows which devices are of an earlier run: what those count
 * from now on belongs to no device, what a new device counts must be counted. */
void ps_flaps_decide (PsFlaps *self);

/* Likewise, and every device that stands was listed: what they count from now on must be counted. A
 * start may be decided before the first listing is complete. */
void ps_flaps_listed (PsFlaps *self);

/* The counts of one port, and their bounds. */
typedef struct {
  const char *name;
  guint64 ups, downs;             /* the daemon's */
  guint64 least_ups, least_downs; /* of the kernel */
  guint64 most_ups, most_downs;
} PsFlapsWrong;

/* TRUE with the first port of engine whose counts are out of bounds. lossy: messages about links
 * were lost in the life of the process; a port whose device came, went or was replaced meanwhile is
 * not judged then. The start must have been decided. */
gboolean
ps_flaps_find_wrong (PsFlaps *self, const PsEngine *engine, gboolean lossy, PsFlapsWrong *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsFlaps, ps_flaps_free)
G_END_DECLS
