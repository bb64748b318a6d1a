/* SPDX-License-Identifier: Apache-2.0 */
/* Decorators of the daemon's ports that show every byte and every loss to an observer, and change
 * nothing. */
#pragma once
#include "backends/netlink/datagram-port.h"
#include "backends/redis/stream-port.h"
#include "core/batch.h"
G_BEGIN_DECLS

typedef enum {
  PS_SIM_TAP_READ,    /* bytes that the daemon read */
  PS_SIM_TAP_WRITTEN, /* bytes that the daemon handed over */
  PS_SIM_TAP_CONNECT, /* it began to connect; no bytes */
  PS_SIM_TAP_CLOSE,   /* it closed; no bytes */
  PS_SIM_TAP_ENDED,   /* it learned that the peer is gone; no bytes */
  PS_SIM_TAP_OVERRUN, /* it learned that messages were lost; no bytes */
} PsSimTapEvent;

/* A channel of the daemon: PsDb for its streams, then the kernel. */
#define PS_SIM_TAP_KERNEL PS_N_DBS

typedef void (*PsSimTapFn) (guint channel, PsSimTapEvent event, const guint8 *bytes, gsize n_bytes,
                            gpointer user_data);

/* Where taps report to: one place, so that observers come and go while the ports live. */
typedef struct {
  PsSimTapFn fn; /* nullable */
  gpointer user_data;
} PsSimTapSink;

/* The inner port is referenced; sink must outlive the tap. */
PsDatagramPort *ps_sim_tap_datagram_port (PsDatagramPort *inner, const PsSimTapSink *sink);
PsStreamPort *ps_sim_tap_stream_port (PsStreamPort *inner, guint channel, const PsSimTapSink *sink);

/* The process behind it is stopped: it is not told of anything, until it goes on and is told of
 * what is there then. Of these ports only. */
void ps_sim_tap_datagram_hold (PsDatagramPort *tap, gboolean hold);
void ps_sim_tap_stream_hold (PsStreamPort *tap, gboolean hold);
G_END_DECLS
