/* SPDX-License-Identifier: Apache-2.0 */
/* Where a session stands with its dumps: wanted, in flight, spoiled, due. No I/O. */
#pragma once
#include "backends/netlink/dump-pacer.h"
#include <linux/netlink.h>
G_BEGIN_DECLS

typedef struct {
  PsNetlinkDumpPacer pacer;
  gboolean wanted;  /* Asked for and not sent yet. */
  gboolean active;  /* Sent, and its end has not been seen. */
  gboolean spoiled; /* The one in flight cannot be complete any more. */
  guint32 sequence; /* of the one in flight */
  gint64 heard_us;  /* When it was sent or its last part came. */
} PsNetlinkDumpState;

/* All zero is the initial state. */

/* TRUE for an answer to the dump in flight. */
gboolean ps_netlink_dump_state_is_answer (const PsNetlinkDumpState *self,
                                          const struct nlmsghdr *header, guint32 port_id);

/* Notes an answer; NLM_F_DUMP_INTR, on whichever part, spoils. */
void ps_netlink_dump_state_heard (PsNetlinkDumpState *self, const struct nlmsghdr *header,
                                  gint64 now_us);

void ps_netlink_dump_state_spoil (PsNetlinkDumpState *self);

/* Something was lost: spoils what is in flight and delays what comes next. */
void ps_netlink_dump_state_lost (PsNetlinkDumpState *self, gint64 now_us);

void ps_netlink_dump_state_sent (PsNetlinkDumpState *self, guint32 sequence, gint64 now_us);
void ps_netlink_dump_state_send_failed (PsNetlinkDumpState *self, gint64 now_us);

/* TRUE if it was complete. It must be active. */
gboolean ps_netlink_dump_state_end (PsNetlinkDumpState *self, gint64 now_us);

/* TRUE when a dump should be sent now. */
gboolean ps_netlink_dump_state_may_send (const PsNetlinkDumpState *self, gint64 now_us);

/* When to look again without being called: to send, or to give up after silence_us. G_MAXINT64:
 * never. */
gint64
ps_netlink_dump_state_due_us (const PsNetlinkDumpState *self, gint64 now_us, gint64 silence_us);
G_END_DECLS
