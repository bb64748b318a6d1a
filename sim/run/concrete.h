/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario as one seed of it plays it: nothing is left to chance. */
#pragma once
#include "sim/run/runner.h"
G_BEGIN_DECLS

/* Runs it, and makes a scenario of which each step is one execution, at a fixed time, with the
 * values and links that were drawn; the first execution of a step keeps its id, the next are id#2
 * and so on. A step that never came is left out, and the expectations that wait for it. A step with
 * so many executions that the list would be longer than PS_SCENARIO_STEPS_MAX stays as it is: its
 * seed decides it.
 *
 * The new scenario has this seed alone; at that seed it is the same run, but for the order of a
 * step and another event of the very same microsecond. What --swarm leaves out is left out, and
 * what it does not judge is gone.
 *
 * `only`: index of the only step to treat so, or PS_STEP_NONE. Returns the text of a file; NULL: it
 * would be no scenario (error says why). Free with g_free. */
char *
ps_concrete (const PsScenario *scenario, const PsRunOptions *options, guint only, GError **error);
G_END_DECLS
