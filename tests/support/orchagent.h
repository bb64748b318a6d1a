/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for orchagent and syncd: pops the producer table of PORT_TABLE as a consumer does
 * (docs/sonic-protocol.md 2.5) and, once the ports are configured, makes their netdevs. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef struct _PsOrchagent PsOrchagent;

typedef struct {
  const char *unix_socket_path;
  guint batch;            /* keys a pop: 1024, or 128 on some switches */
  guint delay_ms;         /* before each pop */
  gboolean held;          /* pops nothing until ps_orchagent_hold (self, FALSE) */
  gboolean makes_netdevs; /* veth pairs, up, after PortConfigDone; deleted with their rows */
  gboolean host_tx_ready; /* adds that field to each STATE_DB row of its ports that it finds */
} PsOrchagentSetup;

/* Works in a thread, in the network namespace of the caller. It pops for the backlog that it finds
 * and then once for each message on the channel, so a producer that does not publish strands its
 * keys. Reconnects when Redis comes back. */
PsOrchagent *ps_orchagent_new (const PsOrchagentSetup *setup);
void ps_orchagent_free (PsOrchagent *self);

void ps_orchagent_hold (PsOrchagent *self, gboolean held);
gboolean ps_orchagent_is_held (PsOrchagent *self);

/* Whether it is in the middle of a pop or of what follows from one. */
gboolean ps_orchagent_is_busy (PsOrchagent *self);

/* These, and all below, wait until a pop that is under way is noted: what it did may be seen in
 * Redis before. How many keys were popped, in all or of this name. */
guint ps_orchagent_n_popped (PsOrchagent *self);
guint ps_orchagent_count (PsOrchagent *self, const char *key);

/* The field count of the last PortConfigDone popped; -1 if there was none. */
int ps_orchagent_port_count (PsOrchagent *self);

/* Keys popped without fields, which orchagent takes for deletions. */
guint ps_orchagent_n_empty (PsOrchagent *self);

/* The most keys that one pop returned. */
guint ps_orchagent_largest_pop (PsOrchagent *self);

/* Asserts what orchagent relies on, in the pops since the last clear: every port before the first
 * PortConfigDone, its count the number of ports, PortInitDone after it, and each marker at least
 * once and at most once for each of the daemon's n_starts. */
void ps_orchagent_assert_boot (PsOrchagent *self, guint n_ports, guint n_starts);

/* Forgets the pops so far. */
void ps_orchagent_clear (PsOrchagent *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsOrchagent, ps_orchagent_free)
G_END_DECLS
