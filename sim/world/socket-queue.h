/* SPDX-License-Identifier: Apache-2.0 */
/* The receive queue of a netlink socket, with the accounting and the overruns of Linux.
 *
 * A message is charged for the memory that it was given, not for its length. One that would go
 * beyond the limit is dropped (but the first of an empty queue is always taken), the socket is
 * congested, and the reader will be told once, before the older messages that wait. While it is
 * congested everything that comes is dropped: until the reader has emptied the queue
 * (docs/kernel.md 2.2).
 */
#pragma once
#include "backends/netlink/datagram-port.h"
G_BEGIN_DECLS

#define PS_SOCKET_CHARGE_LINK   2304 /* A message about a link, of any length (docs/kernel.md 3) */
#define PS_SOCKET_CHARGE_ANSWER 768

typedef struct {
  gsize limit;        /* bytes charged */
  gsize charged;      /* by what waits */
  guint32 drops;      /* messages; wraps */
  guint64 n_pushed;   /* messages taken in, ever */
  gboolean overrun;   /* The reader is still to be told. */
  gboolean congested; /* The queue has not been empty since. */
  guint8 *bytes;      /* owned; what waits is [head, tail) */
  gsize capacity, head, tail;
} PsSocketQueue;

typedef struct {
  guint32 length; /* bytes */
  guint32 charge;
  guint32 sender;   /* nl_pid; 0 is the kernel */
  gboolean too_big; /* Exceeds whatever buffer it is read with. */
} PsSocketMessage;

/* All zero but for limit is the initial state; clear frees what is owned. */
void ps_socket_queue_clear (PsSocketQueue *self);

/* Takes a message in, or drops it (NULL). Its bytes are to be written to what is returned, before
 * the next call. */
guint8 *ps_socket_queue_push (PsSocketQueue *self, const PsSocketMessage *message);

/* The same beyond any limit and congestion, as Linux does with a part of a dump. */
guint8 *ps_socket_queue_force (PsSocketQueue *self, const PsSocketMessage *message);

/* As ps_datagram_port_receive(), but never PS_DATAGRAM_CLOSED. */
PsDatagramResult
ps_socket_queue_pop (PsSocketQueue *self, guint8 *buffer, gsize size, PsDatagramInfo *out_info);

/* There is something to tell the reader. */
gboolean ps_socket_queue_is_readable (const PsSocketQueue *self);
G_END_DECLS
