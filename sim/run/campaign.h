/* SPDX-License-Identifier: Apache-2.0 */
/* Many runs of one scenario: its seeds, a swarm, or every crash point. */
#pragma once
#include "sim/run/options.h"
#include "sim/run/scenario.h"
G_BEGIN_DECLS

/* Each reports on standard output and returns an exit code. */
int ps_campaign_run (const PsScenario *scenario, const PsSimOptions *options);
/* deadline_us: on the monotonic clock, instead of the options' seconds; 0: none. */
int ps_campaign_swarm (const PsScenario *scenario, const PsSimOptions *options, gint64 deadline_us,
                       guint number);
int ps_campaign_explore (const PsScenario *scenario, const PsSimOptions *options);
G_END_DECLS
