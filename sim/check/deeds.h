/* SPDX-License-Identifier: Apache-2.0 */
/* How much the daemon does in a second. What it may do follows from what happened in that second
 * and the one before: links that changed, writes of others, and each occasion to look at every port
 * (its start, a connection, a listing). An answer that comes late may let it look at every port in
 * any second. Beside that it polls, at a rate of its own. */
#pragma once
#include "sim/check/invariant.h"
G_BEGIN_DECLS

#define PS_CHANGES_PER_OCCASION 16 /* to look at everything; and one for each port */

/* Of one kind of deed: so many in a second, and more for each change and each port. */
typedef struct {
  const char *what;
  guint idle, per_change, per_port;
} PsDeedBound;

/* What a check counts. */
typedef struct {
  gint64 second;
  guint64 n;
} PsDeeds;

/* A change of a link or a row, by others; an occasion to look at all ports. */
void ps_deed_facts_change (PsFacts *self);
void ps_deed_facts_occasion (PsFacts *self);

/* n more of them, which may be too many. */
void ps_deeds_judge (PsDeeds *self, PsInvariant *check, const PsDeedBound *bound, guint64 n);
G_END_DECLS
