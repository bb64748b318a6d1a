/* SPDX-License-Identifier: Apache-2.0 */
/* A store without a server, for engine tests: what is written can be read, orchagent can be
 * played, and every failure that a real store knows can be ordered. Requests take effect when
 * they are made; the replies come by a clock timer at the current time, in the order made. */
#pragma once
#include "base/clock.h"
#include "core/store.h"
#include "tests/support/memory-db.h"
G_BEGIN_DECLS

#define PS_TYPE_MEMORY_STORE (ps_memory_store_get_type ())
G_DECLARE_FINAL_TYPE (PsMemoryStore, ps_memory_store, PS, MEMORY_STORE, GObject)

typedef struct {
  guint commits, operations, reads, exists, gets; /* requests (and operations in commits) made */
  guint rows;                                     /* delivered to readers */
  guint onlines, offlines;                        /* delivered to the sink, of any database */
  guint applied, refused, unknown;                /* outcomes of operations delivered */
  guint published;                                /* wake-ups sent to the consumer */
} PsMemoryStoreCounters;

/* Online as soon as it is started, unless ps_memory_store_set_online said otherwise. The
 * separator is SONiC's: ':' in APPL_DB, '|' in the others. */
PsMemoryStore *ps_memory_store_new (PsClock *clock);

/* FALSE: open requests end with PS_UNKNOWN, then the sink hears offline; the data stays. One
 * database, or all. */
void ps_memory_store_set_db_online (PsMemoryStore *self, PsDb db, gboolean online);
void ps_memory_store_set_online (PsMemoryStore *self, gboolean online);

/* TRUE: effects go on, replies wait. FALSE: all that wait arrive. */
void ps_memory_store_hold (PsMemoryStore *self, gboolean hold);

/* The next n_times operations (or row reads) on the whole key, e.g. "PORT_TABLE|Ethernet0", are
 * refused and do nothing. The key "*" stands for any key of the database; a verb before the key, as
 * in "ADD LOGGER|portsyncd", for this operation only: PUT, ADD, DELETE, PRODUCE, CORRECT or READ;
 * "EXISTS" for all that is asked by ps_store_exists. */
void ps_memory_store_refuse (PsMemoryStore *self, PsDb db, const char *whole_key, PsRefusal refusal,
                             const char *text, guint n_times);
void ps_memory_store_relent (PsMemoryStore *self); /* Nothing is refused any more. */

/* The next n requests end with PS_UNKNOWN, their effects done or not. The store stays online. */
void ps_memory_store_lose (PsMemoryStore *self, guint n_requests, gboolean applied);

/* The data, to look at and to play other writers with; not in the write log. */
PsSimRedisDb *ps_memory_store_db (PsMemoryStore *self, PsDb db);

/* Plays orchagent: pops up to n keys of PORT_TABLE from the pending set (in seeded random order)
 * and moves their staged fields to the live rows (docs/sonic-protocol.md 2.5). Returns the names
 * popped, in that order, as a list to be freed with g_ptr_array_unref. */
GPtrArray *ps_memory_store_pop (PsMemoryStore *self, guint n);
guint ps_memory_store_n_pending (PsMemoryStore *self);

/* Plays portmgrd: a producer DEL of a PORT_TABLE key (docs/sonic-protocol.md 2.3). */
void ps_memory_store_produce_del (PsMemoryStore *self, const char *key);

/* Every write applied, in order, one line each:
 * "STATE PUT PORT_TABLE|Ethernet0 state=ok mtu=9100", "STATE DELETE PORT_TABLE|Ethernet0",
 * "APPL PRODUCE PORT_TABLE:Ethernet0 lanes=0". Owned by the store. */
const GPtrArray *ps_memory_store_log (PsMemoryStore *self);
/* The log as one text, a line feed after each line. Free with g_free. */
char *ps_memory_store_log_text (PsMemoryStore *self);
void ps_memory_store_clear_log (PsMemoryStore *self); /* And the counts below. */
guint ps_memory_store_n_writes (PsMemoryStore *self, PsDb db, const char *whole_key);
PsMemoryStoreCounters ps_memory_store_counters (PsMemoryStore *self);
guint ps_memory_store_n_open (PsMemoryStore *self); /* Requests without a reply so far. */
G_END_DECLS
