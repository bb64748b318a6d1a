/* SPDX-License-Identifier: Apache-2.0 */
/* 16 databases in memory, in simulated time: real RESP bytes to their clients, every fault that a
 * server or the way to it can have. One server holds all of them, unless some are set apart. */
#pragma once
#include "backends/redis/stream-port.h"
#include "base/clock.h"
#include "core/batch.h"
#include "sim/world/redis-texts.h"
G_BEGIN_DECLS

#define PS_SIM_REDIS_DBS 16 /* as a server has unless told otherwise */

typedef struct _PsSimRedis PsSimRedis;

/* A running, empty server. The clock is referenced. Ports must not outlive the server: close and
 * release them first. */
PsSimRedis *ps_sim_redis_new (PsClock *clock, guint64 seed);
void ps_sim_redis_free (PsSimRedis *self);

/* Whose words it uses from now on; Redis 7.0's at first. */
void ps_sim_redis_set_kind (PsSimRedis *self, PsSimRedisKind server);

/* A client's socket on the way to this database, not connected. Owned by the caller. */
PsStreamPort *ps_sim_redis_port (PsSimRedis *self, guint db);

/* The database is moved to a server of its own. While no client is connected. */
void ps_sim_redis_set_apart (PsSimRedis *self, guint db);

/* --- What it holds, seen and changed from outside; never refused, never delayed --- */

/* Adds to the hash or makes it; a key of another type is replaced. */
void ps_sim_redis_hset (PsSimRedis *self, guint db, const char *key, const char *field,
                        const char *value);
/* TRUE if the field was there. */
gboolean ps_sim_redis_hdel (PsSimRedis *self, guint db, const char *key, const char *field);
/* NULL if there is no such field; valid until the database changes. */
const char *ps_sim_redis_hget (PsSimRedis *self, guint db, const char *key, const char *field);
gboolean ps_sim_redis_del (PsSimRedis *self, guint db, const char *key);
gboolean ps_sim_redis_exists (PsSimRedis *self, guint db, const char *key);
/* Makes the key a plain string; what it holds, NULL unless that is a string, valid until the
 * database changes. */
void ps_sim_redis_set (PsSimRedis *self, guint db, const char *key, const char *value);
const char *ps_sim_redis_get (PsSimRedis *self, guint db, const char *key);
/* Makes the key a plain string, so that commands for hashes and sets on it are WRONGTYPE. */
void ps_sim_redis_spoil (PsSimRedis *self, guint db, const char *key);
void ps_sim_redis_flushdb (PsSimRedis *self, guint db);

/* Sorted by name. An array of PsField, valid until the database changes; the array itself is freed
 * with g_array_unref. Empty if there is no such hash. */
GArray *ps_sim_redis_hgetall (PsSimRedis *self, guint db, const char *key);
/* Keys that begin with prefix, sorted, as char *; free with g_ptr_array_unref. */
GPtrArray *ps_sim_redis_keys (PsSimRedis *self, guint db, const char *prefix);
guint ps_sim_redis_n_keys (PsSimRedis *self, guint db);

/* TRUE if the member was not there yet (no set can be made of a key of another type: FALSE). */
gboolean ps_sim_redis_sadd (PsSimRedis *self, guint db, const char *key, const char *member);
gboolean ps_sim_redis_srem (PsSimRedis *self, guint db, const char *key, const char *member);
gboolean ps_sim_redis_sismember (PsSimRedis *self, guint db, const char *key, const char *member);
guint ps_sim_redis_scard (PsSimRedis *self, guint db, const char *key);
/* Sorted, as char *; free with g_ptr_array_unref. */
GPtrArray *ps_sim_redis_smembers (PsSimRedis *self, guint db, const char *key);
/* Takes a member by chance (the server's own seed), as SPOP does; NULL if there is none. Free with
 * g_free. */
char *ps_sim_redis_spop (PsSimRedis *self, guint db, const char *key);
void ps_sim_redis_publish (PsSimRedis *self, guint db, const char *channel, const char *text);

/* --- Watching --- */

/* One effect, told at the instant after it. Texts are valid during the call. */
typedef struct {
  guint db;
  /* "HSET", "HDEL", "DEL", "SADD", "SREM", "SET", "PUBLISH", "FLUSHDB", or "RESTORE": the whole
   * database was replaced, by a start of the server. */
  const char *verb;
  PsText key;            /* of PUBLISH the channel; of FLUSHDB and RESTORE empty */
  const PsField *fields; /* of HSET all as given; HDEL, SADD, SREM, PUBLISH: names without value */
  gsize n_fields;
  /* Which connection's, counted from 1; 0: an actor's from outside. Effects of one command, which
   * are atomic to everyone, share its number (counted from 1 over all connections). */
  guint64 connection, command;
} PsSimRedisWrite;

/* DEL, HDEL, SADD and SREM that change nothing are not told; an HSET of equal values is. The
 * function may read the server and change it, but not free it. */
typedef void (*PsSimRedisObserver) (const PsSimRedisWrite *write, gpointer user_data);
guint ps_sim_redis_add_observer (PsSimRedis *self, PsSimRedisObserver fn, gpointer user_data);
void ps_sim_redis_remove_observer (PsSimRedis *self, guint id);

typedef enum {
  PS_SIM_GATE_RUN,
  PS_SIM_GATE_CUT_BEFORE, /* The connection ends; the command never came. */
  PS_SIM_GATE_CUT_AFTER,  /* It is carried out, and the connection ends without the reply. */
} PsSimGate;

typedef struct {
  guint64 connection, command; /* as in PsSimRedisWrite */
  guint db;                    /* that is selected */
  const PsText *words;         /* the first is in upper case */
  gsize n_words;
} PsSimRedisCommand;

/* The connection stands, and its client has read everything that was sent to it. */
gboolean ps_sim_redis_has_read (const PsSimRedis *self, guint64 connection);

/* Asked before each command of a client, e.g. to end the process there. Nullable. */
typedef PsSimGate (*PsSimRedisGate) (const PsSimRedisCommand *command, gpointer user_data);
void ps_sim_redis_set_gate (PsSimRedis *self, PsSimRedisGate fn, gpointer user_data);

typedef enum {
  PS_SIM_REDIS_BLACK_HOLE,
  PS_SIM_REDIS_CUT,
  PS_SIM_REDIS_REFUSED, /* commands, each */
  PS_SIM_REDIS_NOSCRIPT,
  PS_SIM_REDIS_STOPPED,
  PS_SIM_REDIS_KILLED,
  PS_SIM_REDIS_CONNECT_REFUSED,
  PS_SIM_REDIS_LOADING, /* commands, each */
  PS_SIM_REDIS_STRAY,   /* connections, each */
  PS_SIM_REDIS_N_FAULTS,
} PsSimRedisFault;

/* The name of a fault in a report, e.g. "black-hole"; static. */
const char *ps_sim_redis_fault_name (PsSimRedisFault fault);

typedef struct {
  guint64 connects, commands, errors; /* errors: replies that are one */
  guint64 writes;                     /* effects told to observers */
  guint64 bytes_in, bytes_out;
  guint64 broken;                        /* connections ended because of what they sent */
  guint64 faults[PS_SIM_REDIS_N_FAULTS]; /* how often each had an effect that a client can see */
} PsSimRedisCounters;

const PsSimRedisCounters *ps_sim_redis_counters (PsSimRedis *self); /* owned by the server */

/* --- Faults. Those of the way, and refusals, are of one database; those of a server are of the one
 * that holds it. --- */

#define PS_SIM_REDIS_ALL G_MAXUINT /* as a database: each of them */

/* How often such a fault had an effect at this database, or, for one of a server, at one that the
 * same server holds. */
guint64 ps_sim_redis_n_faults (PsSimRedis *self, guint db, PsSimRedisFault fault);

/* From a client's write to its reply: half of it before the command is carried out. Applies to what
 * is sent from now on; bytes never overtake each other. 0 at first. */
void ps_sim_redis_set_latency_us (PsSimRedis *self, guint db, gint64 latency_us);
gint64 ps_sim_redis_latency_us (PsSimRedis *self); /* of the slowest */
/* Bytes travel in pieces of at most so many, each with an event of its own; 0: no limit. */
void ps_sim_redis_set_chunk (PsSimRedis *self, guint db, gsize n_bytes);
/* TRUE: nothing passes in either direction, and connecting hangs; FALSE: what was held arrives. */
void ps_sim_redis_black_hole (PsSimRedis *self, guint db, gboolean on);

typedef enum { PS_SIM_REQUESTS, PS_SIM_REPLIES } PsSimDirection;
/* The connection on which the n_bytes-th byte from now in that direction passes is ended behind it,
 * once: what came before counts, commands not complete by then do not. Bytes of all databases
 * are counted apart from those of one. 0: none is ended, also if that was still to come. */
void
ps_sim_redis_cut_after_bytes (PsSimRedis *self, guint db, PsSimDirection direction, gsize n_bytes);

/* The next n_times commands whose words, joined by spaces, begin with prefix ("" : all but SELECT)
 * are answered with error and do nothing; also the commands inside a script, as a Lua pcall sees
 * it. The first rule that fits is taken. Copies its texts. */
void ps_sim_redis_refuse (PsSimRedis *self, guint db, const char *prefix, const char *error,
                          guint n_times);
void ps_sim_redis_refuse_nothing (PsSimRedis *self); /* Forgets all rules. */
/* How often rules with this prefix and this error refused something, forgotten ones included. */
guint64 ps_sim_redis_n_refused (PsSimRedis *self, guint db, const char *prefix, const char *error);
/* How many connections were cut in this direction. */
guint64 ps_sim_redis_n_cut (PsSimRedis *self, guint db, PsSimDirection direction);

void ps_sim_redis_script_flush (PsSimRedis *self, guint db);
/* SIGSTOP and SIGCONT: connecting and sending work until buffers are full; nothing is answered. */
void ps_sim_redis_stop (PsSimRedis *self, guint db, gboolean stopped);
/* All run, are not stopped, and what is sent arrives. */
gboolean ps_sim_redis_is_answering (PsSimRedis *self);
void ps_sim_redis_refuse_connect (PsSimRedis *self, guint db, gboolean on);
/* The server says this on every connection, whether it was asked or not. */
void ps_sim_redis_stray (PsSimRedis *self, guint db, const char *bytes);

/* The process dies: connections end (replies already sent arrive first), connecting is refused.
 * Nothing if it does not run. */
void ps_sim_redis_kill (PsSimRedis *self, guint db);

typedef enum {
  PS_SIM_REDIS_KEEP,  /* what it held when it died */
  PS_SIM_REDIS_EMPTY, /* nothing */
  PS_SIM_REDIS_OLD,   /* what the last snapshot held; nothing if there was none */
} PsSimRedisData;

/* A new process (the old one is killed if it runs), without scripts; stopped is over. */
void ps_sim_redis_start (PsSimRedis *self, guint db, PsSimRedisData data);
/* Every server that does not run, with what it held. */
void ps_sim_redis_start_dead (PsSimRedis *self);
void ps_sim_redis_snapshot (PsSimRedis *self, guint db);
gboolean ps_sim_redis_is_running (PsSimRedis *self, guint db);
/* For so long after each later start, all commands but SELECT are answered with LOADING. */
void ps_sim_redis_set_loading_us (PsSimRedis *self, guint db, gint64 loading_us);

/* SCAN looks at no more than n_keys a page, whatever COUNT says (0: as COUNT says), and goes back a
 * little after each page with a chance of repeat_percent, so that keys come twice. 0 at first. */
void ps_sim_redis_set_scan (PsSimRedis *self, guint n_keys, guint repeat_percent);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimRedis, ps_sim_redis_free)
G_END_DECLS
