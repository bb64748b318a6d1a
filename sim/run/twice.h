/* SPDX-License-Identifier: Apache-2.0 */
/* Is a run the same to the bit in two processes that are as unlike as can be? */
#pragma once
#include "sim/run/options.h"
G_BEGIN_DECLS

/* Runs this program twice: other environment, locale, time zone, address layout and filling of
 * freed memory. Reports on standard output, at a difference the first event that differs. Returns
 * an exit code: 0 or 3; that of the runs if they fail. */
int ps_twice (const PsSimOptions *options);
G_END_DECLS
