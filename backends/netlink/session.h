/* SPDX-License-Identifier: Apache-2.0 */
/* A PsLinkSource that speaks rtnetlink over a PsDatagramPort.
 *
 * What holds it together:
 *  - One socket for live events and dumps, hence one order. Nothing is asked before the queue was
 *    read to empty: after a loss the kernel drops everything until then (docs/kernel.md 2.2).
 *  - Every loss is one PS_LINK_LOST: the kernel's drop counter rose, the queue overran and nothing
 *    tells that this was harmless (see session.c), or a datagram did not fit or could not be taken
 *    apart. It spoils the dump in flight.
 *  - A dump is complete when NLMSG_DONE of its sequence number and port id says so without an
 *    error, no part carried NLM_F_DUMP_INTR, none was malformed, and nothing was lost meanwhile.
 *  - The sink is called from readiness and from timers only; everything it asks for is done in a
 *    later step, so it may call back at will. */
#pragma once
#include "backends/netlink/datagram-port.h"
#include "base/log.h"
#include "core/link-source.h"
G_BEGIN_DECLS

#define PS_NETLINK_BUDGET       256          /* Messages read before control returns to the loop. */
#define PS_NETLINK_BUFFER_BYTES (256 * 1024) /* The largest datagram that is read whole. */
#define PS_NETLINK_SILENCE_US   (5 * G_TIME_SPAN_SECOND) /* Then an answer is given up. */

typedef struct {
  guint64 datagrams;    /* read, also those that were not used */
  guint64 messages;     /* taken out of them */
  guint64 malformed;    /* messages that could not be decoded, and broken datagrams */
  guint64 foreign;      /* datagrams of a sender that is not the kernel */
  guint64 overruns;     /* ENOBUFS that cost messages, and NLMSG_OVERRUN */
  guint64 starved;      /* ENOBUFS that cost none: a part of the dump found no room */
  guint64 truncated;    /* datagrams beyond PS_NETLINK_BUFFER_BYTES */
  guint64 kernel_drops; /* messages that the kernel says it dropped */
  guint64 dumps_started;
  guint64 dumps_complete;
  guint64 dumps_interrupted; /* ended otherwise: by change, loss, error or silence */
  guint64 send_failures;     /* requests that could not be sent at once */
  guint64 unexpected;        /* errors and dump parts that answer no open request */
} PsNetlinkCounters;

#define PS_TYPE_NETLINK_SESSION (ps_netlink_session_get_type ())
G_DECLARE_FINAL_TYPE (PsNetlinkSession, ps_netlink_session, PS, NETLINK_SESSION, GObject)

/* Takes a reference on port and clock; log is borrowed and must outlive the session. first_seq is
 * the first sequence number used (0 counts as 1); take it from a clock, so that answers to a
 * predecessor on the same socket are not taken for answers to this one. It can be started once. */
PsNetlinkSession *
ps_netlink_session_new (PsDatagramPort *port, PsClock *clock, PsLog *log, guint32 first_seq);

/* Owned by the session; the values only rise. */
const PsNetlinkCounters *ps_netlink_session_counters (PsNetlinkSession *self);
G_END_DECLS
