/* SPDX-License-Identifier: Apache-2.0 */
/* The course of one set_admin_down: batches, answers, repetition. No I/O.
 *
 * One batch is in flight at a time. Its end is the answer to its last message. If the kernel lost
 * messages to this socket since it was sent, and the queue is empty, the answer was lost: the batch
 * is sent again (clearing IFF_UP twice does no harm), up to PS_NETLINK_ADMIN_DOWN_ATTEMPTS
 * times. */
#pragma once
#include "core/link-source.h"
G_BEGIN_DECLS

#define PS_NETLINK_ADMIN_DOWN_ATTEMPTS 5
#define PS_NETLINK_ADMIN_DOWN_RETRY_US                                                             \
  (50 * G_TIME_SPAN_MILLISECOND) /* After a send that failed. */

typedef struct {
  guint32 *links; /* owned; NULL: nothing is open */
  gsize n_links;
  gsize first;            /* Index of the first link of the current batch. */
  guint n_batch;          /* Its links. */
  gboolean in_flight;     /* It was sent and has not ended. */
  gboolean lost;          /* Messages were lost since. */
  guint attempts;         /* Times it was sent, or was tried. */
  guint32 first_sequence; /* of its messages */
  guint n_refused;        /* of its links, so far */
  int first_refusal;
  gint64 heard_us; /* When it was sent, or last answered. */
  gint64 retry_us; /* Not to be sent before. */
  PsNetlinkAdminDownResult result;
} PsNetlinkAdminDown;

/* All zero is the initial state; clear returns to it. */
void ps_netlink_admin_down_clear (PsNetlinkAdminDown *self);

/* Copies the list. Nothing may be open. */
void ps_netlink_admin_down_open (PsNetlinkAdminDown *self, const guint32 *ifindexes, gsize n);

/* TRUE if a batch should be sent now: n_batch links from links[first] on. */
gboolean ps_netlink_admin_down_may_send (const PsNetlinkAdminDown *self, gint64 now_us);

/* The batch was handed to the kernel with these sequence numbers, or could not be (errno). */
void ps_netlink_admin_down_sent (PsNetlinkAdminDown *self, guint32 first_sequence, gint64 now_us);
void ps_netlink_admin_down_send_failed (PsNetlinkAdminDown *self, int error, gint64 now_us);

/* An NLMSG_ERROR came; error 0 is an acknowledgement. FALSE if it answers none of these
 * requests. */
gboolean
ps_netlink_admin_down_answer (PsNetlinkAdminDown *self, guint32 sequence, int error, gint64 now_us);

void ps_netlink_admin_down_lost (PsNetlinkAdminDown *self);
/* The queue is empty: what has not come will not come. */
void ps_netlink_admin_down_drained (PsNetlinkAdminDown *self);
/* Gives up on everything that is left. */
void ps_netlink_admin_down_give_up (PsNetlinkAdminDown *self, int error);

/* TRUE, once, when every link is accounted for; the state is clear then. */
gboolean
ps_netlink_admin_down_take_result (PsNetlinkAdminDown *self, PsNetlinkAdminDownResult *out_result);

/* When to look again without being called. G_MAXINT64: never. */
gint64 ps_netlink_admin_down_due_us (const PsNetlinkAdminDown *self, gint64 silence_us);
G_END_DECLS
