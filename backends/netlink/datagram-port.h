/* SPDX-License-Identifier: Apache-2.0 */
/* A non-blocking netlink socket as the session sees it: datagrams, loss, readiness. */
#pragma once
#include <glib-object.h>
G_BEGIN_DECLS

typedef enum {
  PS_DATAGRAM_RECEIVED,    /* out_info is valid; more than size bytes means it was cut. */
  PS_DATAGRAM_WOULD_BLOCK, /* The queue is empty. */
  PS_DATAGRAM_OVERRUN,     /* ENOBUFS: messages were dropped if the count of drops says so, and a
                            * part of a dump found no room if not; older ones may be queued. */
  PS_DATAGRAM_CLOSED,      /* The socket is unusable; see out_errno of info. */
} PsDatagramResult;

typedef struct {
  gsize length;   /* of the whole datagram, also when it was cut */
  guint32 sender; /* nl_pid of the sender; the kernel is 0 */
  int error;      /* errno, when CLOSED */
} PsDatagramInfo;

typedef void (*PsDatagramReady) (gpointer user_data);

#define PS_TYPE_DATAGRAM_PORT (ps_datagram_port_get_type ())
G_DECLARE_INTERFACE (PsDatagramPort, ps_datagram_port, PS, DATAGRAM_PORT, GObject)
struct _PsDatagramPortInterface {
  GTypeInterface g_iface;
  PsDatagramResult (*receive) (PsDatagramPort *self, guint8 *buffer, gsize size,
                               PsDatagramInfo *out_info);
  int (*send) (PsDatagramPort *self, const guint8 *bytes, gsize n_bytes);
  guint32 (*port_id) (PsDatagramPort *self);
  gboolean (*drops) (PsDatagramPort *self, guint32 *out_drops);
  void (*set_ready) (PsDatagramPort *self, PsDatagramReady ready, gpointer user_data);
};

/* Reads one datagram; what exceeds size is discarded by the kernel. */
PsDatagramResult ps_datagram_port_receive (PsDatagramPort *self, guint8 *buffer, gsize size,
                                           PsDatagramInfo *out_info);

/* Sends one datagram to the kernel, which handles it before this returns. 0 or an errno. */
int ps_datagram_port_send (PsDatagramPort *self, const guint8 *bytes, gsize n_bytes);

/* The nl_pid of the socket. */
guint32 ps_datagram_port_port_id (PsDatagramPort *self);

/* Messages that the kernel dropped on this socket since it was opened
 * (SO_MEMINFO[SK_MEMINFO_DROPS]); wraps at 2^32. FALSE: the kernel does not tell. A drop is counted
 * a moment after the reader was told of it. */
gboolean ps_datagram_port_drops (PsDatagramPort *self, guint32 *out_drops);

/* ready is called from the loop, again and again, while there is something to receive (data,
 * an error or a hang-up). NULL: not any more. */
void ps_datagram_port_set_ready (PsDatagramPort *self, PsDatagramReady ready, gpointer user_data);
G_END_DECLS
