/* SPDX-License-Identifier: Apache-2.0 */
/* A store of any implementation, what it told, and the means to act behind its back. */
#pragma once
#include "backends/redis/db-config.h"
#include "backends/redis/stream-port.h"
#include "base/log.h"
#include "core/store.h"
#include "sim/world/redis.h"
#include "sim/world/redis-db.h"
#include "tests/support/redis-server.h"
G_BEGIN_DECLS

#define PS_STORE_RIG_BOUND_US    (20 * G_USEC_PER_SEC)
#define PS_STORE_RIG_DEADLINE_US G_USEC_PER_SEC /* for a reply of the server */

typedef struct {
  PsStore *store;
  PsClock *clock;
  PsLog *log;
  PsSimRedisDb *dbs[PS_N_DBS]; /* memory: the store's */
  PsStreamPort *ports[PS_N_DBS];
  PsSimRedis *sim;
  PsRedisServer *server;
  PsDb apart;                /* has a server of its own; PS_N_DBS: none has */
  PsRedisServer *own_server; /* nullable: that one, if it is a real one */
  PsRedisDbConfig *config;
  GString *seen;       /* everything told, in order, one word each */
  GPtrArray *rows;     /* rows told, "key a=b" */
  gboolean was_online; /* all databases were, and none was lost since */
  guint n_done;        /* done functions called */
  gboolean inside;     /* a call of the store is on the stack */
  gboolean stop_now;   /* the next function stops the store */
  guint n_chain;       /* done functions that make another request */
} PsStoreRig;

/* "memory", or sessions over a server: "sim" (the simulator's) or "redis" (a real one). */
extern const char *ps_store_rig_implementation;
extern const PsStoreSink ps_store_rig_sink;

/* TRUE if that is the implementation under test. */
gboolean ps_store_rig_is (const char *name);
void
ps_store_rig_on_commit (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data);

/* One turn of the loop. */
void ps_store_rig_turn (PsStoreRig *rig);

/* Gives what must not come the chance to come. */
void ps_store_rig_settle (PsStoreRig *rig);

/* Waits for n further done functions, and asserts that there are no more. */
void ps_store_rig_wait_done (PsStoreRig *rig, guint n);

/* Not started. */
PsStoreRig *ps_store_rig_new (void);
void ps_store_rig_free (PsStoreRig *rig);

/* Started, online, and nothing seen since. */
PsStoreRig *ps_store_rig_new_online (void);

/* As that, but the database has a server of its own. */
PsStoreRig *ps_store_rig_new_apart (PsDb db);

/* What another client does; not to a database apart. */
void ps_store_rig_other_sets (PsStoreRig *rig, PsDb db, const char *key, const char *field,
                              const char *value);

void ps_store_rig_other_sets_string (PsStoreRig *rig, PsDb db, const char *key, const char *value);

/* The key holds something that is not a hash. */
void ps_store_rig_other_spoils (PsStoreRig *rig, PsDb db, const char *key);
guint ps_store_rig_size_of_set (PsStoreRig *rig, PsDb db, const char *key);

/* The database that is apart goes, with its server, and comes back. */
void ps_store_rig_db_gone (PsStoreRig *rig, PsDb db);
void ps_store_rig_db_back (PsStoreRig *rig, PsDb db);

/* The server goes, and does not come back before server_back. */
void ps_store_rig_server_gone (PsStoreRig *rig);
void ps_store_rig_server_back (PsStoreRig *rig);

void ps_store_rig_commit_batch (PsStoreRig *rig, PsBatch *batch);

/* ops: as for ps_batch_add_text, one a line. */
void ps_store_rig_commit (PsStoreRig *rig, PsDb db, const char *ops);
/* The rows of this read only, or after those of the last one. */
void ps_store_rig_read (PsStoreRig *rig, const PsRead *read);
void ps_store_rig_read_more (PsStoreRig *rig, const PsRead *read);

/* keys: separated by spaces. */
void ps_store_rig_exists (PsStoreRig *rig, PsDb db, const char *table, const char *keys);

void ps_store_rig_get (PsStoreRig *rig, PsDb db, const char *key);

/* Compares what was told since the last call: "online1 c1:AR? r2:A e3:4 g4:"x"/1 offline ", that is
 * that all databases are online, that one is not any more (of several the first, which is chance),
 * the ticket of each request with the outcome of each operation, the read, the count or the string
 * and its length (- if there is none). */
void ps_store_rig_expect_seen (PsStoreRig *rig, const char *expected);

void ps_store_rig_sort_rows (PsStoreRig *rig);

/* Compares the rows of the last read, "key a=b c=d", one a line. */
void ps_store_rig_expect_rows (PsStoreRig *rig, const char *expected);

/* Reads rows (keys separated by spaces; NULL: the whole table, then sorted) and compares them. */
void ps_store_rig_check_rows (PsStoreRig *rig, PsDb db, const char *table, const char *keys,
                              const char *expected);

/* Turns the loop until the condition holds, but not for ever. */
#define WAIT_FOR(rig, condition)                                                                   \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 end_us = g_get_monotonic_time () + PS_STORE_RIG_BOUND_US;                               \
    while (!(condition)) {                                                                         \
      g_assert_cmpint (g_get_monotonic_time (), <, end_us);                                        \
      ps_store_rig_turn (rig);                                                                     \
    }                                                                                              \
  }                                                                                                \
  G_STMT_END

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsStoreRig, ps_store_rig_free)
G_END_DECLS
