/* SPDX-License-Identifier: Apache-2.0 */
/* One account of what Redis refuses, for all that is asked of it (docs/decisions/0018): what, since
 * when, how often, when it is tried again, and what the log said of it. */
#pragma once
#include "base/clock.h"
#include "base/log.h"
#include "core/retry.h"
G_BEGIN_DECLS

/* What is asked of Redis. Each is refused, and tried again, by itself. */
typedef enum {
  PS_TASK_START,           /* reading how to start */
  PS_TASK_ROWS,            /* writing the ports' rows */
  PS_TASK_READING,         /* reading them */
  PS_TASK_LOOK_ROWS,       /* asking whether they are still there */
  PS_TASK_LOOK_LIVE,       /* asking for live rows and markers */
  PS_TASK_LIVE_ROWS,       /* reading the live rows of old devices */
  PS_TASK_MARKERS,         /* copying the configuration, and the two markers */
  PS_TASK_PRUNE,           /* reading which ports are still configured */
  PS_TASK_COUNT,           /* comparing and correcting the count of PortConfigDone */
  PS_TASK_WARM,            /* writing the row of the warm restart */
  PS_TASK_LOGGER,          /* reading the LOGGER row */
  PS_TASK_LOGGER_DEFAULTS, /* writing what is missing from it */
  PS_N_TASKS,
} PsTask;

/* The pause of this pace is over: time to try again. */
typedef void (*PsRetryFn) (PsRetryPace pace, gpointer user_data);

typedef struct _PsRefusals PsRefusals;

/* log must outlive the account. */
PsRefusals *ps_refusals_new (PsClock *clock, PsLog *log);
void ps_refusals_free (PsRefusals *self);

/* Called from the loop when a pause ends. Who sets none asks ps_refusals_is_waiting. */
void ps_refusals_set_retry (PsRefusals *self, PsTask task, PsRetryFn retry, gpointer user_data);

/* A request ended like this, and not well. One that was refused is told, as an error, once a minute
 * for each task and PsRefusal, with the server's words and what to do. Then, or if its fate is
 * unknown, the task pauses, unless it does already at this pace; each time longer. format says who
 * refused what, e.g. "STATE_DB refused to write PORT_TABLE|Ethernet0". */
void ps_refusals_note (PsRefusals *self, PsTask task, const PsOutcome *outcome, const char *format,
                       ...) G_GNUC_PRINTF (4, 5);

/* Only tells, likewise: what was refused is left out, and the task goes on. */
void ps_refusals_tell (PsRefusals *self, PsTask task, const PsOutcome *outcome, const char *format,
                       ...) G_GNUC_PRINTF (4, 5);

/* Tells that a row of STATE_DB is no hash, and that it is deleted and written anew. */
void ps_refusals_tell_repair (PsRefusals *self, const char *table, const char *key);

/* All of the task went well, and nothing of it waits: no pause, and the next one is short. */
void ps_refusals_clear (PsRefusals *self, PsTask task);

/* A new connection to the database: its pauses end now, and the next ones are short. */
void ps_refusals_online (PsRefusals *self, PsDb db);

/* The task pauses. */
gboolean ps_refusals_is_waiting (const PsRefusals *self, PsTask task);

/* How many tasks were refused and did not go well since. out_first (nullable): the first of them,
 * in words; static. */
guint ps_refusals_n_refused (const PsRefusals *self, const char **out_first);

/* Since when the task is refused, by the clock; -1 if it is not. */
gint64 ps_refusals_since_us (const PsRefusals *self, PsTask task);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRefusals, ps_refusals_free)
G_END_DECLS
