/* SPDX-License-Identifier: Apache-2.0 */
/* One run of a scenario: one seed, from the first step until everything has settled. */
#pragma once
#include "sim/run/run-result.h"
#include "sim/run/scenario.h"
G_BEGIN_DECLS

#define PS_RUN_CRASH_PAUSE_US (500 * 1000) /* from a crash to the next start, as supervisord */

/* One execution of a step, with everything that was drawn for it. Borrowed. */
typedef struct {
  guint step;   /* its index */
  gint64 at_us; /* in scenario time */
  const PsVerbCall *call;
  gint64 lasting_us; /* if the step has an end */
} PsExecution;

typedef struct {
  guint64 seed;
  PsSimActor actor;
  gint64 until_us;    /* in scenario time; 0: the whole of it */
  gboolean swarm;     /* each fault is left out in half of the seeds */
  gboolean faultless; /* faults take place, but do nothing: what would be without them? */
  /* Crash points: the daemon dies at its n-th command to Redis (from 1; 0: nowhere), which is
   * carried out or not, and is started again. */
  guint64 crash_at;
  gboolean crash_after;
  /* At each execution of a step, before it takes place; nullable. */
  void (*executed) (const PsExecution *execution, gpointer user_data);
  gpointer executed_data;
  /* One line an event, as ps_check_set_trace tells them. Nullable, costly, like the following. */
  void (*trace) (const char *line, gpointer user_data);
  /* The world is there, and nothing has happened in it. It lives until ps_run returns. */
  void (*prepared) (PsSimWorld *world, gpointer user_data);
  /* After each timer and all it led to. FALSE: the run ends here, and nothing more is judged. */
  gboolean (*stepped) (gpointer user_data);
  gpointer trace_data;  /* of these three */
  gboolean trace_bytes; /* lines of each reading and writing, too */
  /* Looked at as often; TRUE: the caller wants the run to end here. Nullable. */
  gboolean (*stop) (void);
} PsRunOptions;

/* What swarm makes of a step for this seed. FALSE: it is a fault and left out. Else out is the
 * step; a fault that comes again and again comes up to four times as often or as seldom. out
 * borrows all that the step owns, and may be the step itself. */
gboolean ps_run_swarm_step (const PsStep *step, guint64 seed, PsStep *out);

/* The same scenario and options give the same result, but for real_us. */
PsRunResult *ps_run (const PsScenario *scenario, const PsRunOptions *options);
G_END_DECLS
