/* SPDX-License-Identifier: Apache-2.0 */
/* The real clock: CLOCK_MONOTONIC and one source on a GMainContext for all timers. */
#pragma once
#include "base/clock.h"
G_BEGIN_DECLS

#define PS_TYPE_GLIB_CLOCK (ps_glib_clock_get_type ())
G_DECLARE_FINAL_TYPE (PsGlibClock, ps_glib_clock, PS, GLIB_CLOCK, GObject)

/* context: referenced; NULL is the default one. Timers fire from its iterations, at default
 * priority, never early and, because poll counts in milliseconds, up to one millisecond late.
 * To be used only in the thread that iterates the context. */
PsGlibClock *ps_glib_clock_new (GMainContext *context);
G_END_DECLS
