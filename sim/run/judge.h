/* SPDX-License-Identifier: Apache-2.0 */
/* Holds the expectations of a scenario against a run. */
#pragma once
#include "sim/run/run-result.h"
#include "sim/run/scenario.h"
G_BEGIN_DECLS

typedef struct _PsJudge PsJudge;

/* All must outlive it. */
PsJudge *ps_judge_new (const PsScenario *scenario, PsSimWorld *world, const PsCheck *check);

/* Judges only what must always or never be: what is expected in the end may need a fault that was
 * left out. */
void ps_judge_safety_only (PsJudge *self);
void ps_judge_free (PsJudge *self);

/* A step took place for the first time. */
void ps_judge_step_began (PsJudge *self, guint step);
void ps_judge_log (PsJudge *self, const char *line);

/* After each event. FALSE: an expectation is not met. */
gboolean ps_judge_look (PsJudge *self);
/* On the clock: the time behind the last "within" that still waits; now: there is none. */
gint64 ps_judge_deadline_us (PsJudge *self);
/* When all has settled, and that time has come. */
gboolean ps_judge_end (PsJudge *self);

/* Writes what failed into the result, if something did. */
void ps_judge_tell (PsJudge *self, PsRunResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsJudge, ps_judge_free)
G_END_DECLS
