/* SPDX-License-Identifier: Apache-2.0 */
/* The way to the end: what is on its way to Redis may arrive, then the last life record is written,
 * and the journal reports `left`. */
#pragma once
#include "engine/members.h"
G_BEGIN_DECLS

/* How long SIGTERM waits for acknowledgements. */
#define PS_DRAIN_MAX_US G_USEC_PER_SEC

typedef struct _PsDrain PsDrain;

/* members must outlive it. */
PsDrain *ps_drain_new (const PsMembers *members);
void ps_drain_free (PsDrain *self);

void ps_drain_begin (PsDrain *self);
gboolean ps_drain_has_begun (const PsDrain *self);

/* Something was acknowledged, or is not waited for any more. */
void ps_drain_check (PsDrain *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsDrain, ps_drain_free)
G_END_DECLS
