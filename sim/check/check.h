/* SPDX-License-Identifier: Apache-2.0 */
/* Every invariant of docs/invariants.md, held against a world while it runs.
 *
 * A check attaches itself to the world as its observer, to its kernel and to its Redis. Safety is
 * judged at the event that could break it, from what that event touched; so it costs the same
 * whatever the number of ports is. Liveness is judged after `settle`, against the oracle. The first
 * breach stops the world. */
#pragma once
#include "sim/check/history.h"
#include "sim/check/invariant.h"
#include "sim/world/world.h"
G_BEGIN_DECLS

typedef struct {
  const char *name; /* as in docs/invariants.md */
  PsCheckKind kind;
  char *expected, *seen; /* owned */
  gint64 time_us;
} PsCheckFailure;

typedef struct {
  guint64 kernel_events;  /* messages about links that the kernel made */
  guint64 writes;         /* that the daemon's commands did to the databases */
  guint64 foreign_writes; /* that others did */
  guint64 overruns;       /* that the daemon was told of */
  guint64 connects, dumps;
} PsCheckCounters;

typedef struct _PsCheck PsCheck;

/* Before the first event. The world must live until ps_check_free. */
PsCheck *ps_check_new (PsSimWorld *world);
void ps_check_free (PsCheck *self);

/* Switches one off, for a reason that the caller has to give. FALSE: no such check. */
gboolean ps_check_switch_off (PsCheck *self, const char *name);

/* The names of all, in the order of docs/invariants.md; NULL-terminated, static. */
const char *const *ps_check_names (void);

/* The first breach; NULL: none so far. Owned by the check. */
const PsCheckFailure *ps_check_failure (const PsCheck *self);

/* Every fault is healed by the caller. Runs the world for as long as the liveness checks allow, and
 * judges them. TRUE if all hold. The daemon must live. */
gboolean ps_check_settle (PsCheck *self);

/* The last of all: SIGTERM ends the daemon in time, with exit code 0. */
gboolean ps_check_stop (PsCheck *self);

PsHistory *ps_check_history (PsCheck *self);
const PsCheckCounters *ps_check_counters (const PsCheck *self);

/* Called after the check's own work at each step; a runner that prints or judges expectations hangs
 * on here. FALSE: stop. */
void ps_check_set_stepped (PsCheck *self, gboolean (*fn) (gpointer user_data), gpointer user_data);
void ps_check_set_log (PsCheck *self,
                       void (*fn) (PsLogLevel level, const char *text, gpointer user_data),
                       gpointer user_data);

/* Called at each event that is noted in the history, with a line "time #number what <- #cause, how
 * long after it", and at what only a reader of such lines wants to know, then without a number.
 * Before the first event. Costly. NULL: not. */
void ps_check_set_trace (PsCheck *self, void (*fn) (const char *line, gpointer user_data),
                         gpointer user_data);

/* Whether such lines also tell of each reading and writing of the daemon, so of its polling. */
void ps_check_set_trace_bytes (PsCheck *self, gboolean on);

/* Notes an event of the caller's own, which is the cause of what follows it. text is a constant;
 * detail stands for subject and number in the line. Returns its number. */
guint64 ps_check_tell (PsCheck *self, const char *text, const char *subject, guint64 number,
                       const char *detail);

/* A line without a number. */
void ps_check_remark (PsCheck *self, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsCheck, ps_check_free)
G_END_DECLS
