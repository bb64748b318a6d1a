/* SPDX-License-Identifier: Apache-2.0 */
/* Says whether STATE_DB shows what the kernel has: the judge of every integration test. */
#pragma once
#include "tests/support/daemon.h"
#include "tests/support/db.h"
G_BEGIN_DECLS

/* One port as the kernel has it and as STATE_DB shows it. */
typedef struct {
  char *name;
  int ifindex;          /* 0: no such netdev */
  char *kernel, *state; /* "ok up up 9100"; NULL: no netdev that should be shown, no row */
} PsPortState;

/* Netdevs with these ifindexes belong to an earlier run: they must not be shown. */
typedef GArray PsOldNetdevs;

/* Every port that either side or APPL_DB knows, sorted by name. A netdev should be shown if its
 * name is a port's, it is not old and a live row in APPL_DB exists; a row is shown if it has one of
 * our four fields. Sub-interfaces (a '.' in the name) belong to others and are left out. NULL:
 * Redis does not answer. */
GPtrArray *ps_state_read (PsDb *db, PsOldNetdevs *old);

/* NULL if both sides agree; else the first differences, a line each. */
char *ps_state_difference (PsDb *db, PsOldNetdevs *old);

/* Waits until they agree, or ends the process with the differences. */
void ps_state_assert_equal (PsDb *db, PsOldNetdevs *old, guint timeout_ms);

/* Compares the carrier counters that the ended daemon left in its life record with the kernel's,
 * for each port that has a row. Ends the process on a difference. */
void ps_state_assert_carriers (PsDaemon *daemon, PsDb *db, PsOldNetdevs *old);
G_END_DECLS
