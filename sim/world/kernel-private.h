/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the simulated kernel, for its files only. Each calls those before it in this list
 * alone: kernel-devices.c finds devices; kernel-reader.c wakes who reads a socket; kernel-tell.c
 * tells of a change; kernel-link-watch.c follows carriers; kernel.c changes devices; kernel-dump.c
 * lists them; kernel-faults.c sets faults; kernel-request.c answers; kernel-socket.c is the port.
 */
#pragma once
#include "base/rng.h"
#include "sim/world/kernel.h"
#include "sim/world/link-image.h"
#include "sim/world/socket-queue.h"
G_BEGIN_DECLS

typedef struct {
  PsSimLink link; /* First: what find returns. */
  gboolean carrier;
  gboolean oper;    /* The operational state is up; only while the device is. */
  gboolean watched; /* Link watch has still to look at it. */
  gboolean bridged; /* Its master is a bridge. */
  guint n_slaves;
  PsLinkImage image;
} PsSimDevice;

typedef struct {
  GArray *pending; /* owned; of guint32 ifindex, first come first served */
  gint64 next_us;  /* No run for lost carriers before. */
  gint64 due_us;   /* of timer */
  PsTimerId timer;
  PsRng rng;
} PsLinkWatch;

typedef struct {
  guint interrupts, failures, silent, duplicates;
  int failure, refusal; /* errno */
  gboolean hold, truncate;
} PsSimKernelFaults;

struct _PsSimKernel {
  PsClock *clock;      /* owned */
  GPtrArray *devices;  /* owned; of owned PsSimDevice, rising ifindex */
  GHashTable *by_name; /* owned; of PsSimDevice, by its own name */
  GPtrArray *sockets;  /* owned; of borrowed PsSimSocket */
  guint32 last_ifindex, last_port_id;
  guint64 generation; /* of the list of devices: their coming, going and renaming */
  guint64 n_events;
  PsRng wake_rng, dump_rng;
  PsLinkWatch watch;
  PsSimKernelFaults faults;
  PsSimKernelCounters counters;
  PsSimKernelObserver observer; /* nullable */
  gpointer observer_data;
};

/* A dump that goes on, or its last part. */
typedef struct {
  gboolean active; /* DONE is still to be built. */
  guint32 sequence;
  guint32 after;      /* The last ifindex listed. */
  guint64 generation; /* of the kernel, at the last record */
  guint64 n_records;
  gsize room;          /* Bytes for the largest record; 0: no IFLA_EXT_MASK, the usual room. */
  gint64 interrupt_at; /* The record with which the fault takes effect; -1: none. */
  int error;           /* errno in DONE */
  gboolean own_done;   /* DONE stands alone. */
  gboolean changed, held;
  guint8 *part; /* owned; room for one of n_allocated bytes */
  gsize n_allocated;
  gsize n_part;     /* Bytes that are built and not queued yet; 0: none. */
  guint64 n_before; /* Messages queued when the part was built. */
} PsSimDump;

#define PS_TYPE_SIM_SOCKET (ps_sim_socket_get_type ())
G_DECLARE_FINAL_TYPE (PsSimSocket, ps_sim_socket, PS, SIM_SOCKET, GObject)

struct _PsSimSocket {
  GObject parent;
  PsSimKernel *kernel; /* NULL: closed */
  PsClock *clock;      /* owned */
  PsSocketQueue queue;
  PsSimDump dump;
  guint32 port_id;
  int closed;         /* errno; 0: open */
  gsize largest_read; /* Linux makes a part of a dump as large as the reader's buffer. */
  PsDatagramReady ready;
  gpointer ready_data;
  PsTimerId timer;
};

/* kernel-devices.c */
PsSimDevice *ps_sim_kernel_device (PsSimKernel *self, guint32 ifindex);
/* The place of the first device with at least this ifindex. */
guint ps_sim_kernel_place (PsSimKernel *self, guint32 ifindex);

/* kernel-reader.c */
/* Something was queued, or may be read again. */
void ps_sim_socket_wake (PsSimSocket *self);

/* kernel-tell.c */
/* Takes up what was changed in the device, tells the observer; sends nothing. */
void ps_sim_kernel_changed (PsSimKernel *self, PsSimDevice *device);
/* Sends RTM_NEWLINK, and its twin if it is in a bridge. */
void ps_sim_kernel_tell (PsSimKernel *self, PsSimDevice *device, guint32 change);
/* To everybody who joined the group; with the faults of live messages. */
void ps_sim_kernel_broadcast (PsSimKernel *self, PsSimDevice *device, const PsLinkMessage *message);
#define PS_LIVE_MESSAGE(t, f, c, l)                                                                \
  (&(PsLinkMessage){.type = (t), .family = (f), .change = (c), .tail = (l)})

/* kernel-link-watch.c */
void ps_link_watch_init (PsSimKernel *self, guint64 seed);
void ps_link_watch_clear (PsSimKernel *self);
/* The carrier changed, or the device came up. */
void ps_link_watch_fire (PsSimKernel *self, PsSimDevice *device);
void ps_link_watch_forget (PsSimKernel *self, PsSimDevice *device);

/* kernel-dump.c */
/* 0, or the errno to refuse it with. */
int ps_sim_dump_start (PsSimSocket *self, guint32 sequence, gboolean has_mask);
/* Queues the part that was on its way. */
void ps_sim_dump_flush (PsSimSocket *self);
/* Builds the next part if the reader has made room. */
void ps_sim_dump_pump (PsSimSocket *self);

/* kernel-request.c */
void ps_sim_socket_request (PsSimSocket *self, const guint8 *bytes, gsize n_bytes);
G_END_DECLS
