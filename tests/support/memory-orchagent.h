/* SPDX-License-Identifier: Apache-2.0 */
/* What orchagent and portmgrd do to PORT_TABLE in APPL_DB (docs/sonic-protocol.md 2.3, 2.5), on a
 * memory database. */
#pragma once
#include "base/rng.h"
#include "tests/support/memory-db.h"
G_BEGIN_DECLS

/* Pops up to n keys of the pending set, in random order as Redis does, and moves their staged
 * fields to the live rows. The names popped, in that order; free with g_ptr_array_unref. */
GPtrArray *ps_memory_orchagent_pop (PsSimRedisDb *appl, PsRng *rng, guint n);

/* A producer's DEL. TRUE if the consumer is woken for it. */
gboolean ps_memory_orchagent_delete (PsSimRedisDb *appl, const char *key);
G_END_DECLS
