/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Redis from inside, for its files only. redis-counters.c and redis-effects.c stand
 * below redis-refusal.c, redis-eval.c and redis-commands.c, in this order; redis-clients.c takes
 * commands from connections, redis-faults.c spoils them, and redis.c makes the server and acts on
 * its databases from outside. Each calls only those named before it. */
#pragma once
#include "base/rng.h"
#include "sim/world/redis-db.h"
#include "sim/world/redis-lua.h"
#include "sim/world/redis-port.h"
#include "sim/world/redis.h"
#include "sim/world/resp.h"
G_BEGIN_DECLS

#define PS_SIM_ERROR_WRONGTYPE "WRONGTYPE Operation against a key holding the wrong kind of value"

/* A process that holds databases. */
typedef struct {
  PsSimLua *lua; /* owned; NULL: no script was met yet */
  gboolean running, stopped;
  gint64 loading_us, loading_until_us;
} PsSimRedisServer;

/* Where clients of one database connect to. */
typedef struct {
  PsSimRedis *redis;
  PsSimListener *listener; /* owned */
  PsSimRedisServer *server;
  gboolean refuses_connect;
  guint64 faults[PS_SIM_REDIS_N_FAULTS];
} PsSimRedisDoor;

/* One connection as the server sees it. Reference counted (g_rc_box), because a command's observers
 * may end it. */
typedef struct {
  PsSimRedis *redis;
  PsSimRedisDoor *door;    /* through which it came */
  PsSimConn *conn;         /* NULL: over */
  PsSimRespParser *parser; /* owned */
  guint64 number;
  guint db;
} PsSimClient;

/* Carries out a command; the reply is appended to out. words[0] is in upper case. */
typedef void (*PsSimExecute) (PsSimClient *client, const PsText *words, gsize n_words,
                              GString *out);

typedef struct {
  guint db;             /* or PS_SIM_REDIS_ALL */
  char *prefix, *error; /* owned */
  guint n_left;
  guint64 *n_refused; /* not owned; shared by all rules with these texts */
} PsSimRefusal;

typedef struct {
  guint id;
  PsSimRedisObserver fn;
  gpointer user_data;
} PsSimWatcher;

struct _PsSimRedis {
  PsClock *clock; /* owned */
  PsRng rng;
  PsSimRedisServer servers[PS_SIM_REDIS_DBS];
  guint n_servers;
  PsSimRedisDoor doors[PS_SIM_REDIS_DBS];
  PsSimCut cut_requests, cut_replies;       /* of all doors together */
  GPtrArray *clients;                       /* owned; of PsSimClient, in order of connecting */
  PsSimRedisDb *dbs[PS_SIM_REDIS_DBS];      /* owned */
  PsSimRedisDb *snapshot[PS_SIM_REDIS_DBS]; /* owned; NULL: none was taken */
  const PsSimRedisTexts *texts;
  PsSimClient *script_client;  /* whose script runs; else NULL */
  PsSimExecute script_execute; /* carries out the commands of scripts */
  GArray *refusals;            /* owned; of PsSimRefusal */
  GHashTable *refused;         /* owned; "db\nprefix\nerror" -> guint64 * owned */
  GArray *watchers;            /* owned; of PsSimWatcher */
  guint last_watcher;
  PsSimRedisGate gate;
  gpointer gate_data;
  PsSimRedisCounters counters;
  guint64 connection, command; /* whose effects are told now; 0: an actor's */
  guint scan_keys, scan_repeat_percent;
};

/* --- redis-effects.c: every change goes through here, so that observers see it --- */

PsSimChange ps_sim_redis_do_hset (PsSimRedis *self, guint db, PsText key, const PsField *fields,
                                  gsize n_fields, guint *out_n_new);
PsSimChange ps_sim_redis_do_hdel (PsSimRedis *self, guint db, PsText key, PsText field);
PsSimChange ps_sim_redis_do_sadd (PsSimRedis *self, guint db, PsText key, PsText member);
PsSimChange ps_sim_redis_do_srem (PsSimRedis *self, guint db, PsText key, PsText member);
void ps_sim_redis_do_set (PsSimRedis *self, guint db, PsText key, PsText value);
gboolean ps_sim_redis_do_del (PsSimRedis *self, guint db, PsText key);
void ps_sim_redis_do_publish (PsSimRedis *self, guint db, PsText channel, PsText text);
void ps_sim_redis_do_flush (PsSimRedis *self, guint db);
/* The database becomes a copy of old; NULL: empty. */
void ps_sim_redis_restore_db (PsSimRedis *self, guint db, const PsSimRedisDb *old);

/* --- redis-clients.c --- */

void ps_sim_redis_begin_serving (PsSimRedis *self);
/* Of this server; NULL: all. */
void ps_sim_redis_end_clients (PsSimRedis *self, const PsSimRedisServer *server);
/* To every connection of the database; counts. */
void ps_sim_redis_tell_all (PsSimRedis *self, guint db, const char *bytes);
/* What came while the server was stopped. */
void ps_sim_redis_serve_all (PsSimRedis *self, const PsSimRedisServer *server);

/* --- redis-counters.c --- */

void ps_sim_redis_note (PsSimRedisDoor *door, PsSimRedisFault fault);

/* --- redis-refusal.c --- */

/* The error that a rule gives for these words, or NULL; counts. Valid until rules change. */
const char *ps_sim_redis_refusal (PsSimClient *client, const PsText *words, gsize n_words);

/* --- redis-commands.c --- */

/* Carries out a command of a client; the reply is appended to out. words[0] is in upper case. */
void ps_sim_redis_execute (PsSimClient *client, const PsText *words, gsize n_words, GString *out);

/* Likewise one that a script of the client gives. */
void ps_sim_redis_execute_in_script (PsSimClient *client, const PsText *words, gsize n_words,
                                     GString *out);

/* --- redis-eval.c --- */

/* SCRIPT, and EVAL or EVALSHA. */
void ps_sim_redis_do_script (PsSimClient *client, const PsText *words, gsize n_words, GString *out);
void ps_sim_redis_do_eval (PsSimClient *client, const PsText *words, gsize n_words, GString *out);
G_END_DECLS
