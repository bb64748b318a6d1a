/* SPDX-License-Identifier: Apache-2.0 */
/* Simulated connections: the client's end is a PsStreamPort, the server's a PsSimConn. Knows
 * nothing of Redis. Closing does as a unix or TCP socket: what was sent before arrives, also at a
 * server that reads it only after the client has gone. */
#pragma once
#include "backends/redis/stream-port.h"
#include "sim/world/redis-pipe.h"
G_BEGIN_DECLS

#define PS_SIM_SOCKET_BYTES (208 * 1024) /* of a client's, as net.core.wmem_default */

typedef struct _PsSimConn PsSimConn; /* the server's end */

typedef struct {
  /* A client connects. */
  void (*accepted) (PsSimConn *conn, gpointer user_data);
  /* From the loop: bytes or the end came. The server may leave bytes where they are. */
  void (*arrived) (PsSimConn *conn, gpointer user_data);
} PsSimServerFns;

/* Where clients connect to, and the way there. Fields may be changed at any time. */
typedef struct {
  PsClock *clock; /* owned */
  PsSimServerFns fns;
  gpointer user_data;
  PsSimWay requests, replies; /* an opening travels as a reply */
  gboolean refuses;           /* Connecting fails. */
  guint64 n_refused;          /* attempts that did */
  GPtrArray *conns;           /* owned; of PsSimConn in order of their making */
} PsSimListener;

PsSimListener *ps_sim_listener_new (PsClock *clock, const PsSimServerFns *fns, gpointer user_data);
/* Ports must be closed before. */
void ps_sim_listener_free (PsSimListener *self);
/* Holds both directions, or lets go of what was held. */
void ps_sim_listener_hold (PsSimListener *self, gboolean hold);

/* A client's socket; the listener must outlive it. peer: for people; copied. */
PsStreamPort *ps_sim_port_new (PsSimListener *listener, const char *peer);

/* What arrived and was not taken; valid until the connection changes. */
const guint8 *ps_sim_conn_arrived (const PsSimConn *self, gsize *out_n);
void ps_sim_conn_take (PsSimConn *self, gsize n_bytes);
/* No more comes behind what has arrived. */
gboolean ps_sim_conn_has_ended (const PsSimConn *self);
void ps_sim_conn_send (PsSimConn *self, const void *bytes, gsize n_bytes);
/* The connection stands, and the client has read everything that was sent. */
gboolean ps_sim_conn_is_read (const PsSimConn *self);
/* The server closes: replies that it sent arrive, requests that it did not take are lost. conn must
 * not be used after it. */
void ps_sim_conn_close (PsSimConn *self);

/* Whatever the server keeps for the connection; NULL at first. */
void ps_sim_conn_set_data (PsSimConn *self, gpointer data);
gpointer ps_sim_conn_data (const PsSimConn *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimListener, ps_sim_listener_free)
G_END_DECLS
