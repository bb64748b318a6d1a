/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated kernel: network devices, and netlink sockets that speak real rtnetlink bytes.
 *
 * Every change takes place at once, tells the observer, and sends to each open socket what Linux
 * would send. What is modelled, and after which measurements (docs/kernel.md 1 to 7):
 *  - the receive queue: see sim/world/socket-queue.h;
 *  - dumps: in ifindex order, in datagrams of at most 32 KiB, each built when the reader has taken
 *    the one before, so that live messages stand between them. Some datagrams (seeded) are built
 *    a moment before they are queued: a live message may overtake them, and their records are
 *    stale then. A second dump on a socket is refused with EBUSY. If devices came, went or were
 *    renamed meanwhile, the next record carries NLM_F_DUMP_INTR. DONE stands in a datagram of its
 *    own or behind the last records (seeded). A request without IFLA_EXT_MASK gets no more room
 *    for a part than usual: the dump ends with success before the first record beyond that. A part
 *    that finds no room beside live messages is made later, and the reader gets an ENOBUFS although
 *    nothing is lost (both as measured with Linux 6.12 and 6.18);
 *  - link watch: see ps_sim_kernel_set_carrier;
 *  - a reader is woken up to PS_SIM_KERNEL_WAKE_US (seeded) after there is something to read. */
#pragma once
#include "backends/netlink/datagram-port.h"
#include "base/clock.h"
#include "sim/world/link.h"
G_BEGIN_DECLS

#define PS_SIM_KERNEL_WAKE_US        100
#define PS_SIM_KERNEL_RECEIVE_BYTES  (32 * 1024 * 1024) /* 16 MiB asked for, doubled by Linux. */
#define PS_SIM_KERNEL_LINK_WATCH_US  G_TIME_SPAN_SECOND /* Between two runs for lost carriers. */
#define PS_SIM_KERNEL_LINK_WATCH_RUN 100                /* Devices in one such run. */
#define PS_SIM_KERNEL_MTU            1500               /* Of a new device. */
#define PS_SIM_KERNEL_PADDING_MAX    60000

typedef struct {
  guint64 sent;           /* live messages queued, over all sockets */
  guint64 dropped;        /* messages that found no room, or a congested socket */
  guint64 overruns;       /* times that a socket became congested */
  guint64 dumps;          /* accepted */
  guint64 dump_datagrams; /* of them; DONE alone counts, too */
  guint64 dumps_busy;     /* refused, because one was going on */
  guint64 stale;          /* dump datagrams that a live message overtook */
  guint64 changed_dumps;  /* dumps in which devices came, went or were renamed */
  guint64 cut_dumps;      /* that ended early, at a record that found no room, and said success */
  guint64 starved;        /* times that a part of a dump found no room beside live messages */
  /* Faults that took effect: */
  guint64 interrupted, failed, held, truncated, silent, duplicated, refused, forged, closed;
} PsSimKernelCounters;

typedef struct _PsSimKernel PsSimKernel;

/* A device changed, in whatever way (also if no message tells of it); removed: it is gone after
 * this call. The observer must not change the kernel. */
typedef void (*PsSimKernelObserver) (const PsSimLink *link, gboolean removed, gpointer user_data);

/* Takes a reference on clock. */
PsSimKernel *ps_sim_kernel_new (PsClock *clock, guint64 seed) G_GNUC_WARN_UNUSED_RESULT;

/* Sockets that are still open are dead afterwards (PS_DATAGRAM_CLOSED, EBADF). */
void ps_sim_kernel_free (PsSimKernel *self);

/* A new socket, joined to RTNLGRP_LINK; the last unref closes it. receive_buffer_bytes is the
 * limit as Linux accounts for it (twice the value asked for); 0: PS_SIM_KERNEL_RECEIVE_BYTES. */
PsDatagramPort *
ps_sim_kernel_open (PsSimKernel *self, gsize receive_buffer_bytes) G_GNUC_WARN_UNUSED_RESULT;

/* Creates a device: down, without carrier. ifindex 0: the next free one. kind: "veth", "bridge",
 * "team" …; NULL or "": none (a physical device tells none). Returns the ifindex; 0 if the name is
 * none or taken, or the ifindex taken. */
guint32 ps_sim_kernel_add (PsSimKernel *self, const char *name, guint32 ifindex, const char *kind);

/* The following return FALSE, and change nothing, when there is no such device (or the name is
 * none or taken). What is so already is TRUE and no event. */

/* As Linux does: out of its master and down first, with the messages that come of it. */
gboolean ps_sim_kernel_remove (PsSimKernel *self, guint32 ifindex);

/* To another network namespace: as a removal, but for two attributes of RTM_DELLINK. */
gboolean ps_sim_kernel_move_away (PsSimKernel *self, guint32 ifindex);

gboolean ps_sim_kernel_rename (PsSimKernel *self, guint32 ifindex, const char *name);

/* Down: one message. Up with a carrier: two, the first before the operational state has followed
 * (IFF_RUNNING not set yet). */
gboolean ps_sim_kernel_set_admin (PsSimKernel *self, guint32 ifindex, gboolean up);

/* The counters count at once. IFF_RUNNING, and the message, follow at once for kind "veth". For
 * others a carrier that came is told within a millisecond, and one that was lost at the next run
 * of link watch (once a second, 100 devices each); what happens twice in between is told once.
 * Nothing is sent about a device that is down. */
gboolean ps_sim_kernel_set_carrier (PsSimKernel *self, guint32 ifindex, gboolean on);

gboolean ps_sim_kernel_set_mtu (PsSimKernel *self, guint32 ifindex, guint32 mtu);

/* Its messages carry this many bytes more (at most PS_SIM_KERNEL_PADDING_MAX) of an attribute that
 * the daemon does not read, as of a device with hundreds of alternative names. */
gboolean ps_sim_kernel_pad (PsSimKernel *self, guint32 ifindex, guint16 n_bytes);

/* master 0: none. With a master of kind "bridge" messages of AF_BRIDGE come along: RTM_NEWLINK
 * while it is a member, RTM_DELLINK with IFLA_MASTER when it leaves. FALSE also when there is no
 * such master. */
gboolean ps_sim_kernel_set_master (PsSimKernel *self, guint32 ifindex, guint32 master);

const PsSimLink *ps_sim_kernel_find (PsSimKernel *self, const char *name);
const PsSimLink *ps_sim_kernel_find_ifindex (PsSimKernel *self, guint32 ifindex);
guint ps_sim_kernel_length (PsSimKernel *self);
const PsSimLink *ps_sim_kernel_nth (PsSimKernel *self, guint n); /* n < length; by ifindex */
gboolean ps_sim_kernel_has_carrier (PsSimKernel *self, guint32 ifindex);
/* Link watch has still to tell of a carrier. */
gboolean ps_sim_kernel_is_settled (PsSimKernel *self);
guint64 ps_sim_kernel_n_events (PsSimKernel *self); /* Changes so far. */

/* One observer; NULL: none. */
void ps_sim_kernel_set_observer (PsSimKernel *self, PsSimKernelObserver fn, gpointer user_data);
const PsSimKernelCounters *ps_sim_kernel_counters (PsSimKernel *self);

/* Faults. n is added to what is still to come; each sets its counter when it takes effect. */

/* The next n dumps carry NLM_F_DUMP_INTR on one record (on DONE, if there is none). */
void ps_sim_kernel_interrupt_dumps (PsSimKernel *self, guint n);
/* The next n dumps fail with this errno: refused at once, or at their end in DONE (seeded). */
void ps_sim_kernel_fail_dumps (PsSimKernel *self, guint n, int error);
/* While held, no further part of a dump comes, not even of one that begins. */
void ps_sim_kernel_hold_dump (PsSimKernel *self, gboolean hold);
/* The next live message does not fit the reader's buffer, on each socket. */
void ps_sim_kernel_truncate_next (PsSimKernel *self);
/* The next n live messages are lost on every socket, and no counter of the socket says so. */
void ps_sim_kernel_drop_silently (PsSimKernel *self, guint n);
/* The next n live messages come twice. */
void ps_sim_kernel_duplicate (PsSimKernel *self, guint n);
/* RTM_SETLINK is refused with this errno, until 0 is set. */
void ps_sim_kernel_refuse_admin (PsSimKernel *self, int error);
/* Every socket receives a datagram of another process. */
void ps_sim_kernel_forge (PsSimKernel *self, guint32 sender, const guint8 *bytes, gsize n_bytes);
/* Forgets the faults that are still to come, and holds no dump any more. */
void ps_sim_kernel_heal (PsSimKernel *self);
/* Every open socket dies with this errno; those opened later live. */
void ps_sim_kernel_close_sockets (PsSimKernel *self, int error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimKernel, ps_sim_kernel_free)
G_END_DECLS
