/* SPDX-License-Identifier: Apache-2.0 */
/* The other side of a fake stream port is a simulated Redis of its own: bytes go to and fro between
 * the port, whose test decides how they are cut and may put words in, and that server. */
#pragma once
#include "sim/world/redis.h"
#include "tests/support/fake-stream-port.h"
G_BEGIN_DECLS

typedef struct _PsRedisRelay PsRedisRelay;

/* Plays for the port until it is freed. */
PsRedisRelay *ps_redis_relay_new (PsFakeStreamPort *port, PsClock *clock);
void ps_redis_relay_free (PsRedisRelay *self);

PsSimRedis *ps_redis_relay_server (PsRedisRelay *self); /* owned by the relay */

/* TRUE: commands have effects, but what the server says to them is lost. */
void ps_redis_relay_mute (PsRedisRelay *self, gboolean mute);

/* Commands of the client, words joined by spaces (a script's text as "SCRIPT"), in order. Owned. */
const GPtrArray *ps_redis_relay_log (PsRedisRelay *self);
guint ps_redis_relay_n_published (PsRedisRelay *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRedisRelay, ps_redis_relay_free)
G_END_DECLS
