/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a smaller scenario fails for the reason of the larger one. That something did not come
 * has a simple cause in a scenario in which nothing happens, which shows nothing. */
#pragma once
#include "sim/run/runner.h"
G_BEGIN_DECLS

typedef enum {
  PS_SHRINK_CAUSE_ANY,    /* It is not an expectation of something to come that failed. */
  PS_SHRINK_CAUSE_FAULTS, /* Without the faults it would have come. */
  PS_SHRINK_CAUSE_OTHER,  /* It would not have come anyhow. */
} PsShrinkCause;

/* It may run the scenario. */
PsShrinkCause ps_shrink_cause (const PsScenario *scenario, const PsRunOptions *options,
                               const PsRunResult *failure);

/* `smaller` failed by the same check. TRUE: what its failure hangs on is still there. FAULTS: the
 * same without faults passes. OTHER: the step that the expectation waits for, the daemon and
 * orchagent still took effect, if they did in `larger`. */
gboolean ps_shrink_keeps_cause (PsShrinkCause cause, const PsScenario *larger,
                                const PsRunResult *its_failure, const PsScenario *smaller,
                                const PsRunOptions *options, const PsRunResult *failure);
G_END_DECLS
