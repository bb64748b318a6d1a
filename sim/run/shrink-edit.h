/* SPDX-License-Identifier: Apache-2.0 */
/* Changes of a scenario that keep the rest of it in order, as far as that is possible. */
#pragma once
#include "sim/run/scenario.h"
G_BEGIN_DECLS

/* Takes n steps out, those that wait for one of them, and the expectations that do. */
void ps_scenario_remove_steps (PsScenario *self, guint first, guint n);

/* Takes out the steps and expectations that wait for a step which is not there. */
void ps_scenario_remove_orphans (PsScenario *self);

/* Keeps the first n ports. Steps lose the links that are gone, and are taken out when none is left
 * or too few for their verb. */
void ps_scenario_keep_ports (PsScenario *self, guint n);

/* Takes out a link of the set-up that is no port; likewise. */
void ps_scenario_remove_link (PsScenario *self, guint index);

/* Ends it earlier. What would begin later is taken out, what goes on ends with it. */
void ps_scenario_cut (PsScenario *self, gint64 duration_us);

/* Divides every time in it by two; gaps and durations of faults stay. */
void ps_scenario_halve_times (PsScenario *self);

/* The ports that are named anywhere in a text as it is written become Ethernet0 and so on, and the
 * others are taken out. NULL if nothing would change. Free with g_free. */
char *ps_scenario_renumber (const PsScenario *self);
G_END_DECLS
