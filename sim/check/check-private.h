/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a check share: its state, and how a breach is told. */
#pragma once
#include "sim/check/check.h"
#include "sim/check/flaps.h"
#include "sim/check/record.h"
#include "sim/check/truth.h"
G_BEGIN_DECLS

#define PS_CONNECTS_PER_SECOND      10 /* of one connection */
#define PS_NETLINK_DUMPS_PER_SECOND 25
#define PS_STEPS_AT_ONCE            1000000 /* timers at one instant */

/* What the daemon does in a second in which nothing happens, and more for each change and port. */
#define PS_COMMANDS_PER_SECOND  32
#define PS_COMMANDS_PER_CHANGE  4
#define PS_COMMANDS_PER_PORT    14
#define PS_EXISTS_PER_SECOND    16
#define PS_EXISTS_PER_PORT      10 /* a device waits for its live row: asked for each 100 ms */
#define PS_RETRIES_PER_SECOND   16 /* what Redis refuses is tried again, 100 ms later at first */
#define PS_LINES_PER_SECOND     8
#define PS_RECORDS_PER_SECOND   2
#define PS_RECORDS_PER_CHANGE   2
#define PS_CHANGES_PER_OCCASION 16 /* to look at everything; and one for each port */

#define PS_COUNT_REPAIRED_US G_USEC_PER_SEC
#define PS_FORGOTTEN_US      G_USEC_PER_SEC

/* In the order of docs/invariants.md; check.c has the names. */
typedef enum {
  PS_CHECK_START_DECISION,
  PS_CHECK_INIT_DONE_ONCE,
  PS_CHECK_INIT_DONE_TRUE,
  PS_CHECK_CONFIG_DONE_ORDER,
  PS_CHECK_CONFIG_DONE_COUNT,
  PS_CHECK_CONFIG_DONE_WARM,
  PS_CHECK_CONFIG_LOADED,
  PS_CHECK_DELETE_REASON,
  PS_CHECK_DELETE_BETWEEN,
  PS_CHECK_NO_INVENTION,
  PS_CHECK_OWNERSHIP,
  PS_CHECK_KNOWN_PORTS,
  PS_CHECK_PRODUCER_ATOMIC,
  PS_CHECK_CONNECT_RATE,
  PS_CHECK_DUMP_RATE,
  PS_CHECK_COMMAND_RATE,
  PS_CHECK_EXISTS_RATE,
  PS_CHECK_RETRY_RATE,
  PS_CHECK_LOG_RATE,
  PS_CHECK_RECORD_RATE,
  PS_CHECK_WORK_BUDGET,
  PS_CHECK_PROGRESS,
  PS_CHECK_RESTORE_COUNT,
  PS_CHECK_WARM_STATE_ORDER,
  PS_CHECK_WARM_STATE_TRUE,
  PS_CHECK_COUNT_REPAIRED,
  PS_CHECK_LINKS_UNTOUCHED,
  PS_CHECK_READ_FIRST,
  PS_CHECK_NO_REWRITE,
  PS_CHECK_NO_EXIT,
  PS_CHECK_FIRST_LIVENESS,
  PS_CHECK_ALIVE = PS_CHECK_FIRST_LIVENESS,
  PS_CHECK_PICTURE_COMPLETE,
  PS_CHECK_STATE_ORACLE,
  PS_CHECK_ROW_OF_DEVICE,
  PS_CHECK_NOTHING_WAITS,
  PS_CHECK_OLD_LINKS_DOWN,
  PS_CHECK_CONFIG_DONE_COMES,
  PS_CHECK_CONFIG_DONE_ROWS,
  PS_CHECK_INIT_DONE_COMES,
  PS_CHECK_WARM_RECONCILED,
  PS_CHECK_FLAPS_COUNTED,
  PS_CHECK_QUIET,
  PS_CHECK_STOP_IN_TIME,
  PS_CHECK_N,
} PsCheckId;

/* WARM_RESTART_TABLE|portsyncd state, in the order in which a warm start goes through it. */
typedef enum {
  PS_CHECK_STATE_NONE,
  PS_CHECK_STATE_INITIALIZED,
  PS_CHECK_STATE_RESTORED,
  PS_CHECK_STATE_RECONCILED,
  PS_CHECK_STATE_DISABLED,
  PS_CHECK_STATE_OTHER,
} PsCheckState;

/* The last so many times at which something happened. */
typedef struct {
  gint64 times_us[32];
  guint64 n;
} PsCheckRate;

typedef enum {
  PS_CHECK_DEED_COMMAND,
  PS_CHECK_DEED_EXISTS,
  PS_CHECK_DEED_RETRY,
  PS_CHECK_DEED_LINE,
  PS_CHECK_DEED_RECORD,
  PS_CHECK_N_DEEDS,
} PsCheckDeed;

/* Of one second of the clock. */
typedef struct {
  gint64 second;
  guint64 changes, changes_before; /* in it, and in the second before */
  guint64 n[PS_CHECK_N_DEEDS];
  guint64 refusals, records; /* counted so far, over all seconds */
} PsCheckRates;

typedef enum { PS_CHECK_NO, PS_CHECK_MAYBE, PS_CHECK_YES } PsCheckKnown;

/* The life record on the disk, by what the processes did that wrote it: whose life it is of, and
 * whether an acknowledged PortConfigDone must stand in it. Of no use when there is none. */
typedef struct {
  guint boot, init;
  PsCheckKnown copied;
  /* Of the process that runs, numbers of its writes: the first; from which on "copied" may stand,
   * and does stand in them. */
  guint64 first_write, may_say_copied, says_copied;
  guint process_boot, process_init;
  guint64 connection; /* on which PortConfigDone is not acknowledged yet; 0: none */
  guint64 errors;     /* of Redis, when it was produced */
} PsCheckAccount;

/* What one process of the daemon has done. */
typedef struct {
  guint number;
  guint64 first_connection; /* those before were opened by others */
  gboolean listed;          /* its first picture of the links is complete, and it decided */
  gboolean decided;         /* how it starts; the following are valid then */
  PsStart start;
  PsStart wanted_start;      /* how it has to, by what it found */
  gboolean evidence_changed; /* … and that did not stay so */
  gboolean record_tells;     /* whose life it is of */
  gboolean has_record;       /* of this same life */
  PsCheckKnown record_copied;
  gboolean knows_devices;  /* by a record of this kernel, maybe of another PID 1 */
  gboolean record_damaged; /* … which has holes */
  gint64 decided_us;
  guint64 decided_event;           /* number of the kernel's last change before that */
  char *count_before;              /* owned, nullable: restore_count as it found it */
  gboolean config_done, init_done; /* it produced the marker */
  gboolean init_lost;              /* … and APPL_DB lost it again */
  guint64 init_lost_at;            /* the connections made before that */
  gboolean init_outlived;          /* … since the server came back with other data */
  gboolean leaving;
  PsCheckState state_found; /* of the warm row, when it started */
  gboolean state_unsure;    /* … and that did not stay so until it decided */
  PsCheckState state_last;  /* that it wrote, or goes on from */
  gboolean reconciled;      /* it wrote this state of a warm start */
  gint64 count_owed_us;     /* the count of PortConfigDone is wrong, and right by then; 0: not */
  guint64 count_faults;     /* of Redis, when that was seen */
  guint64 refusals_before;  /* commands that Redis had refused when it started */
  GHashTable *owed_down;    /* owned set of ifindexes: old links that were not down yet; nullable */
  guint64 admin_refusals_before; /* of the kernel, when it started */
  guint64 closed_before;         /* sockets that had died when it started */
  guint64 losses_before;         /* messages about links that were lost when it started */
  PsRecord *found;               /* owned, nullable: the life record with which it started */
  GHashTable *live;              /* owned set of names: of live rows, when the start was decided */
  GHashTable *awaited;           /* owned set of names; NULL: not known yet */
  GHashTable *known;         /* owned set, likewise: what it read of CONFIG_DB, also what left it */
  gboolean config_changed;   /* since it last connected to APPL_DB */
  gboolean config_looked_at; /* … by the daemon, since another client changed it */
  gboolean was_loaded;       /* CONFIG_DB said so, once in its life; and held then: */
  guint least_loaded, most_loaded, most_named; /* ports that can be produced; names */
  gboolean appl_rows_gone;                     /* a client took single rows, or brought old data */
  guint64 appl_connection;                     /* its number; 0: nothing written on it yet */
  PsCheckRate connects[PS_N_DBS], dumps;
} PsCheckProcess;

struct _PsCheck {
  PsSimWorld *world; /* not owned, like the following */
  PsSimKernel *kernel;
  PsSimRedis *redis;
  guint redis_observer;
  PsHistory *history; /* owned */
  PsTruth *truth;     /* owned */
  PsFlaps *flaps;     /* owned */
  PsCheckCounters counters;
  PsCheckFailure failure;
  gboolean failed, off[PS_CHECK_N];
  PsCheckProcess process;
  PsCheckRates rates;
  PsCheckAccount account;
  GHashTable *precleared; /* owned set of names: ports in use before our first SET */
  gint64 foreign_queued_us;
  gboolean config_done_live;   /* after the last write of another client to APPL_DB */
  gboolean needs_audit;        /* something happened that only an audit can show */
  gboolean warm_row_foreign;   /* another client wrote it since the process began */
  gboolean warm_row_spoiled;   /* ... last, something that is no hash */
  gboolean warm_count_owed;    /* ... which we deleted, and restore_count with it */
  guint64 given_up_connection; /* the daemon's to STATE_DB up to this number are closed */
  /* The command whose effects are being told: */
  guint64 command;
  guint n_queued, n_published;
  GPtrArray *queued; /* owned; of owned char * */
  /* The step of the clock: */
  gint64 step_us;
  guint64 n_steps; /* at this instant */
  guint n_datagrams;
  gboolean (*stepped) (gpointer user_data); /* nullable */
  gpointer stepped_data;
  void (*log) (PsLogLevel level, const char *text, gpointer user_data); /* nullable */
  gpointer log_data;
  void (*trace) (const char *line, gpointer user_data); /* nullable */
  gpointer trace_data;
  gboolean trace_bytes; /* also what is read and written, so every poll */
};

/* The value that a field gets; NULL: it is not written. */
const char *ps_check_value_of (const PsSimRedisWrite *write, const char *name);

/* Takes both texts. Only the first breach is kept. */
void ps_check_fail (PsCheck *self, PsCheckId id, char *expected, char *seen);
void ps_check_note (PsCheck *self, const char *text, const char *subject, guint64 number);
/* With a detail that stands in a traced line for subject and number. Free it with g_free. */
void ps_check_note_detail (PsCheck *self, const char *text, const char *subject, guint64 number,
                           char *(*make_detail) (gconstpointer data), gconstpointer data);
gint64 ps_check_now_us (PsCheck *self);

/* safety.c: writes of the daemon and of others. */
void ps_check_take_write (PsCheck *self, const PsSimRedisWrite *write);
void ps_check_end_command (PsCheck *self);
/* A connection to STATE_DB ends: what is on its way may have been done or not. */
void ps_check_lose_state (PsCheck *self);
void ps_check_see_live (PsCheck *self); /* every row that stands in APPL_DB now */
void ps_check_see_device (PsCheck *self, const char *name); /* a device of this name is there */

/* markers.c: PortConfigDone and PortInitDone. */
void ps_check_config_done_sent (PsCheck *self);
void ps_check_config_done_staged (PsCheck *self, const PsSimRedisWrite *write);
void ps_check_init_done_staged (PsCheck *self);
void ps_check_await_configured (PsCheck *self);
/* A name of CONFIG_DB that is produced: one that a netdev can have, and no marker. */
gboolean ps_check_is_copyable (const char *name);
/* The names of CONFIG_DB's ports that a producer can stage, sorted. Free with g_ptr_array_unref. */
GPtrArray *ps_check_configured (PsCheck *self);
guint ps_check_count_producible (PsCheck *self); /* likewise, whatever a netdev may be called */
/* Of the configured ports that are awaited, the first that was not published. Free with g_free. */
char *ps_check_first_not_published (PsCheck *self);

/* start.c: how a process decides to start, and what follows for what it may do. */
void ps_check_begin_process (PsCheck *self);
void ps_check_clear_process (PsCheck *self);
void ps_check_owe_down (PsCheck *self, guint32 ifindex); /* an old link that has to go down */
void ps_check_look_for_decision (PsCheck *self);
/* Messages about links were lost in the life of the process, whether it was told or not. */
gboolean ps_check_is_lossy (PsCheck *self);

/* account.c: what a life record holds that is found. begin: with the process. config_done: it was
 * produced, on this connection. watch: at each step. */
void ps_check_begin_account (PsCheck *self);
void ps_check_account_decided (PsCheck *self);
void ps_check_account_config_done (PsCheck *self, guint64 connection);
void ps_check_watch_account (PsCheck *self);

/* decision.c: how it has to decide. watch: at each step until it did. */
void ps_check_begin_decision (PsCheck *self);
void ps_check_watch_decision (PsCheck *self);
void ps_check_judge_decision (PsCheck *self);
gboolean ps_check_start_may_wait (PsCheck *self); /* undecided */

/* loaded.c: CONFIG_DB while it says that it is loaded. watch: at each step. judge: a marker, or a
 * count of at most so many, is announced (count NULL: none). */
gboolean ps_check_says_loaded (PsCheck *self);
void ps_check_watch_loaded (PsCheck *self);
void ps_check_judge_loaded (PsCheck *self, const char *count, guint most);

/* warm.c: the row of WARM_RESTART_TABLE. begin, watch, decide: as in decision.c. */
void ps_check_begin_warm (PsCheck *self);
void ps_check_watch_warm (PsCheck *self);
void ps_check_decide_warm (PsCheck *self);
void ps_check_judge_warm_row (PsCheck *self, const PsSimRedisWrite *write);
void ps_check_take_warm_repair (PsCheck *self);       /* the row, which was no hash, was deleted */
gboolean ps_check_is_warm_open (const PsCheck *self); /* the process owes reconciled */
gboolean ps_check_warm_is_wrong (PsCheck *self, const char **out_expected, const char **out_seen);

/* count.c: a wrong count of PortConfigDone. watch: at each step. */
void ps_check_decide_count (PsCheck *self);
void ps_check_watch_count (PsCheck *self);
void ps_check_excuse_count (PsCheck *self);
void ps_check_judge_corrected_count (PsCheck *self, const char *count);

/* rows.c: ports' rows before they are written. parse: FALSE if the four fields are not those of a
 * device. take: returns what stood there before a write. vanished: another client wrote a row, or
 * all (NULL). judge: it was read before it is written, and differs. */
gboolean ps_check_parse_row (const PsSimRedisWrite *write, guint64 *out_value);
guint64 ps_check_take_row (PsCheck *self, PsTruthPort *port, const PsSimRedisWrite *write);
void ps_check_rows_decided (PsCheck *self);
void ps_check_rows_vanished (PsCheck *self, const char *name);
void ps_check_take_command (PsCheck *self, const PsSimRedisCommand *command);
void ps_check_judge_read (PsCheck *self, PsTruthPort *port);
void ps_check_judge_difference (PsCheck *self, PsTruthPort *port, guint64 before, guint64 value);
const PsTruthPort *ps_check_first_unread (PsCheck *self); /* of the rows that stood; nullable */
guint64 ps_check_count_refusals (PsCheck *self);

/* rates.c: how much is done in a second. change: of a link or a row, by others; occasion: to look
 * at all ports. watch: at each step. */
void ps_check_rates_change (PsCheck *self);
void ps_check_rates_occasion (PsCheck *self);
void ps_check_rates_deed (PsCheck *self, PsCheckDeed deed, guint64 n);
void ps_check_watch_rates (PsCheck *self);

/* device.c: a row is written, before the truth is told so; or another client removes it, or all. */
void ps_check_device_put (PsCheck *self, PsTruthPort *port, guint64 connection, guint64 value);
void ps_check_device_vanished (PsCheck *self, const char *name);
/* The daemon's record of the rows' devices is lost. */
void ps_check_device_forget (PsCheck *self);
/* The first port whose row is of a device that went; NULL: none. */
const PsTruthPort *ps_check_device_outlived (PsCheck *self);

/* course.c: processes, bytes, steps. */
void ps_check_take_process (PsCheck *self, PsSimProcessState state);
void ps_check_take_bytes (PsCheck *self, guint channel, PsSimTapEvent event, const guint8 *bytes,
                          gsize n_bytes);
void ps_check_take_step (PsCheck *self);
G_END_DECLS
