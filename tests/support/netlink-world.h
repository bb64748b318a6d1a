/* SPDX-License-Identifier: Apache-2.0 */
/* A netlink session over a port in memory, on a clock moved by hand. */
#pragma once
#include "backends/netlink/session.h"
#include "tests/support/fake-datagram-port.h"
#include "tests/support/link-message.h"
#include "tests/support/link-recorder.h"
#include "base/virtual-clock.h"
G_BEGIN_DECLS

#define PORT_ID  4711 /* our own nl_pid */
#define FIRST    100  /* sequence number of the first request */
#define MULTI    ((PsMessageOrigin){NLM_F_MULTI, FIRST, PORT_ID})
#define A_MOMENT (10 * G_TIME_SPAN_MILLISECOND)

typedef struct {
  PsVirtualClock *clock;
  PsFakeDatagramPort *port;
  PsLog *log;
  GPtrArray *warnings; /* owned; texts of the lines logged as warnings and above */
  PsNetlinkSession *session;
  PsLinkSource *source; /* = session */
  PsLinkRecorder *seen;
  GByteArray *out; /* the datagram being built */
} PsNetlinkWorld;

void ps_netlink_world_set_up (PsNetlinkWorld *w, gconstpointer data);
void ps_netlink_world_tear_down (PsNetlinkWorld *w, gconstpointer data);

/* Adds a link to the datagram being built. */
void ps_netlink_world_add_link (PsNetlinkWorld *w, PsMessageOrigin origin, const char *name,
                                guint32 ifindex);

/* Puts the datagram into the queue; the next one is empty. */
void ps_netlink_world_arrive (PsNetlinkWorld *w);

/* A datagram of one live event. */
void ps_netlink_world_live (PsNetlinkWorld *w, const char *name, guint32 ifindex);

void ps_netlink_world_run (PsNetlinkWorld *w, gint64 delta_us);

/* What the sink has seen since the last call, after everything due was done. */
const char *ps_netlink_world_seen (PsNetlinkWorld *w);

/* Answers the dump in flight at once. */
void ps_netlink_world_finish_dump (PsNetlinkWorld *w, guint32 sequence, int code);

void ps_netlink_world_start_dump (PsNetlinkWorld *w);
const PsNetlinkCounters *ps_netlink_world_counters (PsNetlinkWorld *w);
G_END_DECLS
