/* SPDX-License-Identifier: Apache-2.0 */
/* The other side of a fake stream port: answers what the product asks of a Redis server, one
 * database a port, from a memory database. It reads the wire by itself, so that an error in the
 * product's codec does not hide here. */
#pragma once
#include "tests/support/fake-stream-port.h"
#include "tests/support/memory-db.h"
G_BEGIN_DECLS

typedef struct _PsFakeRedis PsFakeRedis;

/* Plays for the port until it is freed; several may share a database. */
PsFakeRedis *ps_fake_redis_new (PsFakeStreamPort *port, PsSimRedisDb *db);
void ps_fake_redis_free (PsFakeRedis *self);

/* TRUE: commands have effects but no replies. */
void ps_fake_redis_mute (PsFakeRedis *self, gboolean mute);

/* The next n_times commands that begin with this word are answered with error (nullable: they are
 * not) and do nothing. */
void ps_fake_redis_refuse (PsFakeRedis *self, const char *verb, const char *error, guint n_times);

/* Forgets loaded scripts, as SCRIPT FLUSH does. */
void ps_fake_redis_forget_scripts (PsFakeRedis *self);

/* How many keys a SCAN returns at most; each key is returned twice when repeat is set. */
void ps_fake_redis_set_scan (PsFakeRedis *self, guint page, gboolean repeat);

/* Commands carried out, words joined by spaces (a script's text as "SCRIPT"), in order. Owned. */
const GPtrArray *ps_fake_redis_log (PsFakeRedis *self);
guint ps_fake_redis_n_published (PsFakeRedis *self);
/* Keys in the largest script call seen. */
guint ps_fake_redis_script_keys_max (PsFakeRedis *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsFakeRedis, ps_fake_redis_free)
G_END_DECLS
