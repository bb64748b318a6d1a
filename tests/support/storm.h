/* SPDX-License-Identifier: Apache-2.0 */
/* Changes links at random in a thread, as fast as the kernel does it. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsStorm PsStorm;

typedef enum {
  PS_STORM_CARRIER = 1 << 0, /* the veth's peer goes up or down */
  PS_STORM_ADMIN = 1 << 1,   /* the port itself does */
  PS_STORM_MTU = 1 << 2,
  PS_STORM_ALL = 7,
} PsStormKinds;

/* Ports are ps_port_name (0 .. n_ports - 1), veth pairs of the caller's namespace. pause_us is the
 * time between two batches of 16 changes; 0: none. */
PsStorm *ps_storm_start (guint n_ports, PsStormKinds kinds, guint64 seed, guint pause_us);

guint64 ps_storm_n_changes (PsStorm *self);

/* Returns once at least n changes have been made since the start. */
void ps_storm_wait (PsStorm *self, guint64 n);

/* Ends the thread; returns the number of changes made. */
guint64 ps_storm_stop (PsStorm *self);
G_END_DECLS
