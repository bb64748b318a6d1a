/* SPDX-License-Identifier: Apache-2.0 */
/* How would a start be decided now? For operators and tests: asks Redis and the run directory,
 * changes neither, and needs no lock. */
#pragma once
#include "core/config.h"
G_BEGIN_DECLS

#define PS_START_PROBE_ERROR (ps_start_probe_error_quark ())
GQuark ps_start_probe_error_quark (void);
typedef enum { PS_START_PROBE_ERROR_NO_ANSWER } PsStartProbeError;

/* Two lines: the mode's name, and the grounds. Waits for Redis as long as the configuration's
 * reply_deadline. What is wrong with the life record goes to standard error. For g_free. */
char *ps_start_probe (const PsConfig *config, GError **error) G_GNUC_WARN_UNUSED_RESULT;
G_END_DECLS
