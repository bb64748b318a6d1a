/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a scenario that fails as small as it gets while the same check still fails. */
#pragma once
#include "sim/run/runner.h"
G_BEGIN_DECLS

#define PS_SHRINK_RUNS_MAX    20000 /* then it is small enough */
#define PS_SHRINK_JOB_SECONDS 120   /* a candidate that runs longer hangs */

typedef struct {
  PsRunOptions run;  /* until_us, swarm and the crash point are those of the failing run */
  guint64 n_seeds;   /* tried from run.seed on, to find one that fails */
  guint n_workers;   /* 0: one for each core */
  gint64 seconds;    /* then the smallest so far is run once more, and told; 0: no limit */
  gboolean progress; /* tell of it on standard error */
} PsShrinkOptions;

typedef struct {
  char *text; /* owned; of a file that fails at its only seed; NULL: nothing failed */
  PsRunResult
      *failure;        /* owned, nullable: how the original fails; seed and check are of interest */
  PsRunResult *shrunk; /* owned, nullable: how the result fails */
  guint64 n_runs;
  gint64 real_us;
  guint steps_before, steps_after, ports_before, ports_after;
  gboolean interrupted; /* by SIGINT or SIGTERM: the text is the best so far */
  gboolean broken;   /* the machine refused a process; told on standard error; interrupted, too */
  gboolean verified; /* the text was read and run once more, and failed the same way */
} PsShrunk;

/* FALSE with an error: the failure cannot be written as a scenario. */
gboolean ps_shrink (const PsScenario *scenario, const PsShrinkOptions *options, PsShrunk *out,
                    GError **error);
void ps_shrunk_clear (PsShrunk *self);

/* TRUE if two runs failed the same way: the same verdict and check; a crash with the same signal,
 * and an expectation about a row with the same value but for digits, lest a row that never came
 * pass for one that was wrong. */
gboolean
ps_shrink_is_same (const PsScenario *scenario, const PsRunResult *one, const PsRunResult *other);
G_END_DECLS
