/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario from the file system. */
#pragma once
#include "sim/run/scenario.h"
G_BEGIN_DECLS

#define PS_LOAD_BYTES_MAX (16 * 1024 * 1024) /* read at most, from whatever it is */

/* file: a regular file or a pipe; "-": standard input. NULL with an error that names the file. */
PsScenario *ps_scenario_load (const char *file, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same; out_faults (of owned char *) gets every error. */
PsScenario *
ps_scenario_load_all (const char *file, GPtrArray *out_faults) G_GNUC_WARN_UNUSED_RESULT;
G_END_DECLS
