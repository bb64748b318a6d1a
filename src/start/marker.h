/* SPDX-License-Identifier: Apache-2.0 */
/* The rows PortConfigDone and PortInitDone of APPL_DB: how they are written and looked for
 * (docs/sonic-protocol.md 3.1). When they are due, start/markers.h knows. */
#pragma once
#include "core/store.h"
G_BEGIN_DECLS

void ps_marker_produce_config_done (PsStore *store, guint n_ports, PsCommitDone done,
                                    gpointer user_data);
void ps_marker_produce_init_done (PsStore *store, PsCommitDone done, gpointer user_data);

/* Is PortInitDone there, live or staged? */
void ps_marker_look_for_init_done (PsStore *store, PsExistsDone done, gpointer user_data);
G_END_DECLS
