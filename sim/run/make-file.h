/* SPDX-License-Identifier: Apache-2.0 */
/* The commands that make a scenario file of a scenario: `portsim shrink` and `portsim explain`. The
 * file goes to -o or to standard output; what there is to say goes to standard output, or to
 * standard error if the file is there. Each returns an exit code. */
#pragma once
#include "sim/run/options.h"
#include "sim/run/scenario.h"
G_BEGIN_DECLS

int ps_shrink_command (const PsScenario *scenario, const PsSimOptions *options);
int ps_explain_command (const PsScenario *scenario, const PsSimOptions *options);
G_END_DECLS
