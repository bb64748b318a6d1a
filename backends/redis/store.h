/* SPDX-License-Identifier: Apache-2.0 */
/* PsStore over three Redis connections, one a database (which may be on different servers). */
#pragma once
#include "backends/redis/db-config.h"
#include "backends/redis/session.h"
#include "backends/redis/stream-port.h"
#include "base/clock.h"
#include "base/log.h"
#include "core/store.h"
G_BEGIN_DECLS

#define PS_TYPE_REDIS_STORE (ps_redis_store_get_type ())
G_DECLARE_FINAL_TYPE (PsRedisStore, ps_redis_store, PS, REDIS_STORE, GObject)

typedef struct {
  gint64 reply_deadline_us; /* Silence of a server for so long ends the connection. */
  guint64 rng_seed;         /* of the back-off's jitter */
  const PsRedisAuth *auth;  /* nullable; for all databases; copied */
} PsRedisOptions;

/* A store whose databases are not known yet: it can be started, and is offline until
 * ps_redis_store_place. log must outlive it. */
PsRedisStore *ps_redis_store_new (PsClock *clock, PsLog *log, const PsRedisOptions *options);

/* Says where the databases are, once, before the start or after it. ports: one a database, not
 * connected; they are referenced. Of config, ids and separators are copied; it says nothing to the
 * store about addresses, which are the ports' business. */
void ps_redis_store_place (PsRedisStore *self, PsStreamPort *const ports[PS_N_DBS],
                           const PsRedisDbConfig *config);

/* Since it was placed; owned by it. */
const PsRedisCounters *ps_redis_store_counters (PsRedisStore *self, PsDb db);
G_END_DECLS
