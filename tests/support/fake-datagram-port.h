/* SPDX-License-Identifier: Apache-2.0 */
/* A PsDatagramPort in memory. It overruns and congests as a netlink socket does: the first
 * message that finds no room leaves one ENOBUFS, read before what is queued, and until the queue
 * was read to empty every later one is dropped too (docs/kernel.md 2.2). */
#pragma once
#include "backends/netlink/datagram-port.h"
#include "base/clock.h"
G_BEGIN_DECLS

#define PS_TYPE_FAKE_DATAGRAM_PORT (ps_fake_datagram_port_get_type ())
G_DECLARE_FINAL_TYPE (PsFakeDatagramPort, ps_fake_datagram_port, PS, FAKE_DATAGRAM_PORT, GObject)

/* Answers what is sent; 0 or the errno with which the send fails. */
typedef int (*PsFakeSend) (const guint8 *bytes, gsize n_bytes, gpointer user_data);

/* Readiness is a timer of clock, due at once, again and again while there is something to read.
 * Takes a reference on clock. */
PsFakeDatagramPort *ps_fake_datagram_port_new (PsClock *clock, guint32 port_id);

/* Datagrams that fit into the queue; 0: any number, as at first. */
void ps_fake_datagram_port_set_room (PsFakeDatagramPort *self, guint n_datagrams);

/* A datagram arrives, by multicast: it may find no room. push: from the kernel. Bytes are
 * copied. */
void ps_fake_datagram_port_push (PsFakeDatagramPort *self, const guint8 *bytes, gsize n_bytes);
void ps_fake_datagram_port_push_from (PsFakeDatagramPort *self, const guint8 *bytes, gsize n_bytes,
                                      guint32 sender);

/* An answer of the kernel, for which room is always found (it produces a dump as it is read). */
void ps_fake_datagram_port_answer (PsFakeDatagramPort *self, const guint8 *bytes, gsize n_bytes);

/* n messages are dropped: with the error that announces it, or without. */
void ps_fake_datagram_port_overrun (PsFakeDatagramPort *self, guint32 n_dropped);
void ps_fake_datagram_port_drop (PsFakeDatagramPort *self, guint32 n_dropped);

/* The error without a drop: a part of a dump found no room. */
void ps_fake_datagram_port_starve_dump (PsFakeDatagramPort *self);

/* The count of drops is not told, like by a kernel without SO_MEMINFO. */
void ps_fake_datagram_port_hide_drops (PsFakeDatagramPort *self, gboolean hide);

/* From here on every receive says CLOSED with this errno. */
void ps_fake_datagram_port_close (PsFakeDatagramPort *self, int error);

/* The next n sends fail with this errno; they are not recorded. */
void ps_fake_datagram_port_fail_sends (PsFakeDatagramPort *self, int error, guint n);
void ps_fake_datagram_port_on_send (PsFakeDatagramPort *self, PsFakeSend send, gpointer user_data);

/* What was sent, the first being 0; the bytes are owned by the port. */
guint ps_fake_datagram_port_n_sent (PsFakeDatagramPort *self);
GBytes *ps_fake_datagram_port_sent (PsFakeDatagramPort *self, guint at);

guint ps_fake_datagram_port_n_queued (PsFakeDatagramPort *self);
gboolean ps_fake_datagram_port_is_watched (PsFakeDatagramPort *self); /* A ready function is set. */
G_END_DECLS
