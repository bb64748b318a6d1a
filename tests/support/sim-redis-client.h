/* SPDX-License-Identifier: Apache-2.0 */
/* A plain client of the simulated Redis, for tests of that server: what it sends is said as text,
 * and what comes back is compared as text. */
#pragma once
#include "sim/world/redis.h"
#include "base/virtual-clock.h"
G_BEGIN_DECLS

#define PS_SIM_REDIS_CLIENT_WAIT_US (10 * 1000)

typedef struct {
  PsVirtualClock *clock;
  PsSimRedis *redis;
  PsStreamPort *port;
  GString *got; /* replies, line ends as spaces */
  gboolean stands, ended;
  GString *told; /* by on_write, a line each */
} PsSimRedisClient;

/* With a clock and a server of its own, connected. */
PsSimRedisClient *ps_sim_redis_client_new (void);
void ps_sim_redis_client_free (PsSimRedisClient *rig);

/* Closes and forgets what came. TRUE if the new connection stands. */
gboolean ps_sim_redis_client_reconnect (PsSimRedisClient *rig);

/* Lets WAIT_US pass. */
void ps_sim_redis_client_run (PsSimRedisClient *rig);

/* Asserts that all bytes are taken. */
void ps_sim_redis_client_put (PsSimRedisClient *rig, const void *bytes, gsize size);
void ps_sim_redis_client_put_text (PsSimRedisClient *rig, const char *text);

/* One command; NULL at the end. */
void ps_sim_redis_client_put_words (PsSimRedisClient *rig, const char *const *words);
/* One command whose words are separated by spaces; SHA and TEXT stand for digest and text of the
 * product's script. */
void ps_sim_redis_client_put_script (PsSimRedisClient *rig, const char *words);

/* Runs and compares what came since. */
void ps_sim_redis_client_expect (PsSimRedisClient *rig, const char *reply);

/* Commands in lines, each ended by a line feed, then as expect. */
void ps_sim_redis_client_ask (PsSimRedisClient *rig, const char *commands, const char *reply);

/* An observer: "connection.command VERB key name=value…". */
void ps_sim_redis_client_on_write (const PsSimRedisWrite *write, gpointer user_data);
/* Compares what it heard since. */
void ps_sim_redis_client_expect_told (PsSimRedisClient *rig, const char *expected);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimRedisClient, ps_sim_redis_client_free)
G_END_DECLS
