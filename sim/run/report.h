/* SPDX-License-Identifier: Apache-2.0 */
/* What the outcomes of many runs of one scenario come to, and how that is told. */
#pragma once
#include "sim/run/run-result.h"
#include "sim/run/scenario.h"
G_BEGIN_DECLS

#define PS_REPORT_FAILURES_MAX 10 /* told in full; a campaign ends with so many */
#define PS_REPORT_NAMES_RUNS   20 /* of swarm: fewer may all have left out a fault by chance */

typedef struct {
  const PsScenario *scenario;
  const char *what; /* "run", "swarm", "explore": stands in the last line */
  gboolean tap, digests;
  gboolean judges_faults; /* one that never took effect is a failure */
  gboolean names_faults;  /* it is told, no more: chance left it out */
  guint64 n_runs, n_failures;
  guint64 n_events, n_messages, virtual_us, real_us; /* sums */
  guint64 *met;                                      /* owned; runs, for each step */
  PsVerdict worst;                                   /* of the first failure */
  gint64 begun_us;
  guint64 n_expected; /* runs, for the progress */
  gint64 deadline_us; /* on the monotonic clock: it ends then at the latest; 0: no limit */
  gint64 told_us;
  char *broken; /* owned, nullable: why not all could be run; then the code is that of a crash */
} PsReport;

/* So many failed that the campaign ends: nothing more is taken. */
gboolean ps_report_is_full (const PsReport *self);

PsReport *ps_report_new (const PsScenario *scenario, const char *what);
void ps_report_free (PsReport *self);

/* Counts it, and prints a failure with the command that repeats it (arguments after the file). */
void ps_report_take (PsReport *self, const PsRunResult *result, const char *arguments);

/* Prints the sum and the faults that never took effect. go_on: the command for the rest, if it is
 * not complete; nullable. Returns the exit code. */
int ps_report_end (PsReport *self, gboolean complete, const char *go_on, guint test_number);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsReport, ps_report_free)
G_END_DECLS
