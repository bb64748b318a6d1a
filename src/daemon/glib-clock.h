/* SPDX-License-Identifier: Apache-2.0 */
/* The real clock: CLOCK_MONOTONIC and one source on a GMainContext for all timers. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

#define PS_TYPE_GLIB_CLOCK (ps_glib_clock_get_type ())
G_DECLARE_FINAL_TYPE (PsGlibClock, ps_glib_clock, PS, GLIB_CLOCK, GObject)

/* A turn that took long may have kept the loop from seeing how late it is: it never sleeps longer
 * than this while a timer is armed. */
#define PS_GLIB_CLOCK_SLEEP_MAX_MS 1000

/* context: referenced; NULL is the default one. Timers fire from its iterations, at default
 * priority, never early and, because poll counts in milliseconds, up to one millisecond late; one
 * that a turn armed may be late, too, by what that turn took, but not by more than
 * PS_GLIB_CLOCK_SLEEP_MAX_MS.
 *
 * A turn is an iteration of the context; the time is read once in each, after the poll, and every
 * source that the iteration dispatches sees that reading. Sources whose functions use this clock
 * belong to this context, are of default priority, and do not iterate it. Outside of turns, while
 * the parts are put together, each call reads the time. To be used only in the thread that iterates
 * the context. */
PsGlibClock *ps_glib_clock_new (GMainContext *context);
G_END_DECLS
