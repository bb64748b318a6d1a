/* SPDX-License-Identifier: Apache-2.0 */
/* How a process must start, from what stands in the databases and what was done to the life record;
 * nothing of the daemon's own decision is asked, and none of its parser. */
#pragma once
#include "sim/check/facts.h"
G_BEGIN_DECLS

void ps_evidence_facts_begin (PsFacts *self);
/* At each step until it did. */
void ps_evidence_facts_watch (PsFacts *self);
gboolean ps_facts_start_may_wait (const PsFacts *self); /* undecided */
gboolean ps_start_is_same (const PsStart *a, const PsStart *b);
G_END_DECLS
