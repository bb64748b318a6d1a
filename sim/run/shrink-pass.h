/* SPDX-License-Identifier: Apache-2.0 */
/* The ways in which shrinking makes a scenario smaller: a table of passes, each with candidates
 * that are tried one after the other. */
#pragma once
#include "sim/run/runner.h"
G_BEGIN_DECLS

/* What a pass sees: the smallest scenario so far, and how it fails. */
typedef struct {
  const PsScenario *scenario;
  const PsRunResult *failure;
  PsSimActor actor; /* who plays the daemon */
} PsShrinkCase;

#define PS_SHRINK_NAMES_MAX 1024 /* "*" is taken apart up to so many links. */

typedef struct _PsShrinkPass PsShrinkPass;

/* Static; NULL ends the list. First what deletes, then what makes constants, then what is done to
 * the executions once they stand there one by one. */
const PsShrinkPass *const *ps_shrink_deletions (void);
const PsShrinkPass *const *ps_shrink_constants (void);
/* The one candidate of which every execution is a step. It runs the scenario. */
const PsShrinkPass *ps_shrink_concretion (void);

/* Levels go from coarse to fine, from 0 on. The number of candidates; FALSE: no such level. */
gboolean ps_shrink_pass_count (const PsShrinkPass *self, const PsShrinkCase *on, guint level,
                               guint64 *out_count);

/* The text of the nth candidate, which may be no right scenario: something may refer to what was
 * deleted. NULL: there is none. Free with g_free. */
char *
ps_shrink_pass_make (const PsShrinkPass *self, const PsShrinkCase *on, guint level, guint64 nth);
const char *ps_shrink_pass_name (const PsShrinkPass *self); /* static: "steps", "ports" */
G_END_DECLS
