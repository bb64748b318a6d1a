/* SPDX-License-Identifier: Apache-2.0 */
/* How soon the next full listing may be asked for.
 *
 * A listing costs the kernel its configuration lock, so loss that repeats must not be answered by
 * listing after listing. "Trouble" is a loss, a listing that ended incomplete or a request that
 * could not be sent; it counts once between two requests. The first trouble after a quiet time
 * costs no wait, the next ones 50 ms, 100 ms … 2 s from the end of the listing before. Quiet means
 * that a complete listing was followed by no trouble for as long as the last wait (at least
 * 50 ms). Without trouble there is never a wait. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_NETLINK_DUMP_PACE_FLOOR_US   (50 * G_TIME_SPAN_MILLISECOND)
#define PS_NETLINK_DUMP_PACE_CEILING_US (2 * G_TIME_SPAN_SECOND)

typedef struct {
  gint64 wait_us;    /* Between the end of a listing and the next request; 0 at first. */
  gint64 ended_us;   /* When the last listing ended. */
  gboolean asked;    /* A listing was asked for at least once. */
  gboolean complete; /* The last listing ended complete. */
  gboolean troubled; /* Since the last request. */
} PsNetlinkDumpPacer;

/* All zero is the initial state. */
void ps_netlink_dump_pacer_trouble (PsNetlinkDumpPacer *self, gint64 now_us);
void ps_netlink_dump_pacer_asked (PsNetlinkDumpPacer *self);
void ps_netlink_dump_pacer_ended (PsNetlinkDumpPacer *self, gint64 now_us, gboolean complete);

/* The earliest time for the next request; never later than now_us when there is no wait. */
gint64 ps_netlink_dump_pacer_due_us (const PsNetlinkDumpPacer *self, gint64 now_us);
G_END_DECLS
