/* SPDX-License-Identifier: Apache-2.0 */
/* How the process ends, as those who supervise it judge it. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* supervisord takes a shorter life than startsecs (1 s, which SONiC leaves as it is) for a failed
 * start: it starts the program anew three times, then gives up without the event on which SONiC
 * restarts swss. */
#define PS_ENDING_LIFE_MIN_US (1100 * 1000)

/* Waits until a process that began at born_us (g_get_monotonic_time) is old enough to end by a
 * fatal error. A signal whose action is the default one ends the wait, and the process. */
void ps_ending_hold (gint64 born_us);

/* Ends the process by this signal's default action, so that the wait status names the signal, as
 * that of SONiC's own portsyncd does. Returns only where the kernel protects the process from it
 * (as PID 1 of a namespace): the exit code to leave with, 128 + number. */
int ps_ending_by_signal (int number);
G_END_DECLS
