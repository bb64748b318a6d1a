/* SPDX-License-Identifier: Apache-2.0 */
/* What was seen of the switch and of the daemon so far, for the checks to judge by. Each struct is
 * written by one file alone, which bears its name; a check reads all of them and writes none.
 * Everything is told by the world: bytes, commands, writes, links, processes, lines of the log. */
#pragma once
#include "sim/check/flaps.h"
#include "sim/check/record.h"
#include "sim/check/truth.h"
#include "sim/check/unanswered.h"
#include "sim/world/world.h"
G_BEGIN_DECLS

typedef enum { PS_KNOWN_NO, PS_KNOWN_MAYBE, PS_KNOWN_YES } PsKnown;

/* WARM_RESTART_TABLE|portsyncd state, in the order in which a warm start goes through it. */
typedef enum {
  PS_WARM_SEEN_NONE,
  PS_WARM_SEEN_INITIALIZED,
  PS_WARM_SEEN_RESTORED,
  PS_WARM_SEEN_RECONCILED,
  PS_WARM_SEEN_DISABLED,
  PS_WARM_SEEN_OTHER,
} PsWarmSeen;

/* process.c: the process that runs, and how it decided to start. */
typedef struct {
  guint number;
  guint64 first_connection; /* those before were opened by others */
  gboolean said;            /* by a line of its log: how it starts */
  PsStart said_start;       /* … so */
  gboolean said_listed;     /* likewise: its first picture of the links is complete */
  gboolean listed;          /* that is so, and it decided */
  gboolean decided;         /* how it starts; the following are valid then */
  PsStart start;
  gint64 decided_us;
  guint64 decided_event;         /* number of the kernel's last change before that */
  guint64 refusals_before;       /* commands that Redis had refused when it started */
  guint64 admin_refusals_before; /* of the kernel, when it started */
  guint64 closed_before;         /* sockets that had died when it started */
  guint64 losses_before;         /* messages about links that were lost when it started */
} PsProcessFacts;

/* account.c: the life record on the disk, by what the processes did that wrote it: whose life it is
 * of, and whether an acknowledged PortConfigDone must stand in it. Of no use when there is none. */
typedef struct {
  guint boot, init;
  PsKnown copied;
  /* Of the process that runs, numbers of its writes: the first; from which on "copied" may stand,
   * and does stand in them. */
  guint64 first_write, may_say_copied, says_copied;
  guint process_boot, process_init;
  guint64 connection; /* on which PortConfigDone is not acknowledged yet; 0: none */
  guint64 errors;     /* of Redis, when it was produced */
} PsAccountFacts;

/* evidence.c: what the process found, and how it has to start by that. */
typedef struct {
  PsStart wanted;
  gboolean changed;      /* that did not stay so */
  gboolean record_tells; /* whose life it is of */
  gboolean has_record;   /* of this same life */
  PsKnown record_copied;
  gboolean knows_devices;  /* by a record of this kernel, maybe of another PID 1 */
  gboolean record_damaged; /* … which has holes */
  PsRecord *found;         /* owned, nullable: the life record with which it started */
} PsEvidenceFacts;

/* config.c: CONFIG_DB, and what the process knows of it. */
typedef struct {
  GHashTable *awaited; /* owned set of names; NULL: not known yet */
  GHashTable *known;   /* owned set, likewise: what it read of CONFIG_DB, also what left it */
  gboolean changed;    /* since it last connected to APPL_DB */
  gboolean looked_at;  /* … by us, since an actor changed it */
  gboolean was_loaded; /* CONFIG_DB said so, once in its life; and held then: */
  guint least_loaded, most_loaded, most_named; /* ports that can be produced; names */
} PsConfigFacts;

/* markers.c: APPL_DB's markers and queue. */
typedef struct {
  gboolean config_done, init_done; /* the process produced the marker */
  gboolean init_lost;              /* … and APPL_DB lost it again */
  guint64 init_lost_at;            /* the connections made before that */
  gboolean init_outlived;          /* … since the server came back with other data */
  gboolean rows_gone;              /* an actor took single rows, or brought old data */
  guint64 connection;              /* to APPL_DB, its number; 0: nothing written on it yet */
  GHashTable *precleared;   /* owned set of names: ports in use before our first SET; outlives it */
  gint64 foreign_queued_us; /* when an actor last queued a port */
  gboolean config_done_live; /* after the last write of an actor to APPL_DB */
} PsMarkerFacts;

/* warm.c: the row of WARM_RESTART_TABLE. */
typedef struct {
  char *count_before;   /* owned, nullable: restore_count as the process found it */
  GHashTable *live;     /* owned set of names: of live rows, when the start was decided */
  PsWarmSeen found;     /* when it started */
  gboolean unsure;      /* … and that did not stay so until it decided */
  PsWarmSeen last;      /* that it wrote, or goes on from */
  gboolean reconciled;  /* it wrote this state of a warm start */
  gboolean row_foreign; /* another actor wrote the row since the process began */
  gboolean row_spoiled; /* … last, something that is no hash */
  gboolean count_owed;  /* … which we deleted, and restore_count with it */
} PsWarmFacts;

/* rows.c: of each port's row, what stands in PsTruthPort, and of all: */
typedef struct {
  gboolean needs_audit;        /* something happened that only an audit can show */
  PsUnanswered *unanswered;    /* owned */
  guint64 given_up_connection; /* the daemon's to STATE_DB up to this number are closed */
} PsRowFacts;

/* deeds.c: what allows the daemon to do much in this second of the clock. */
typedef struct {
  gint64 second;
  guint64 changes, changes_before; /* in it, and in the second before */
} PsDeedFacts;

typedef struct {
  PsSimWorld *world; /* not owned, like the following */
  PsSimKernel *kernel;
  PsSimRedis *redis;
  PsTruth *truth; /* owned */
  PsFlaps *flaps; /* owned */
  PsProcessFacts process;
  PsAccountFacts account;
  PsEvidenceFacts evidence;
  PsConfigFacts config;
  PsMarkerFacts markers;
  PsWarmFacts warm;
  PsRowFacts rows;
  PsDeedFacts deeds;
} PsFacts;
G_END_DECLS
