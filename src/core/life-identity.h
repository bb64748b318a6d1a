/* SPDX-License-Identifier: Apache-2.0 */
/* Tells this life of the system from another: the boot, the container by its PID 1, and the network
 * namespace. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* The boot_id of a system that does not tell one from another. */
#define PS_LIFE_BOOT_UNKNOWN "unknown"

typedef struct {
  char *boot_id; /* owned */
  guint64 init_start;
  char *netns; /* owned */
} PsLifeIdentity;

PsLifeIdentity *ps_life_identity_new (const char *boot_id, guint64 init_start, const char *netns);
void ps_life_identity_free (PsLifeIdentity *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLifeIdentity, ps_life_identity_free)
G_END_DECLS
