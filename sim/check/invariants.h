/* SPDX-License-Identifier: Apache-2.0 */
/* All checks. */
#pragma once
#include "sim/check/invariant.h"
G_BEGIN_DECLS

extern const PsInvariantType ps_invariant_start_decision, ps_invariant_init_done_once,
    ps_invariant_init_done_true, ps_invariant_config_done_order, ps_invariant_config_done_count,
    ps_invariant_config_done_warm, ps_invariant_config_loaded, ps_invariant_delete_reason,
    ps_invariant_delete_between, ps_invariant_no_invention, ps_invariant_ownership,
    ps_invariant_known_ports, ps_invariant_producer_atomic, ps_invariant_connect_rate,
    ps_invariant_dump_rate, ps_invariant_command_rate, ps_invariant_exists_rate,
    ps_invariant_retry_rate, ps_invariant_log_rate, ps_invariant_record_rate,
    ps_invariant_work_budget, ps_invariant_progress, ps_invariant_restore_count,
    ps_invariant_warm_state_order, ps_invariant_warm_state_true, ps_invariant_count_repaired,
    ps_invariant_links_untouched, ps_invariant_read_first, ps_invariant_no_rewrite,
    ps_invariant_no_exit, ps_invariant_alive, ps_invariant_picture_complete,
    ps_invariant_nothing_waits, ps_invariant_state_oracle, ps_invariant_config_done_comes,
    ps_invariant_config_done_rows, ps_invariant_init_done_comes, ps_invariant_row_of_device,
    ps_invariant_old_links_down, ps_invariant_warm_reconciled, ps_invariant_flaps_counted,
    ps_invariant_quiet, ps_invariant_stop_in_time;

/* In the order of docs/invariants.md, which is that in which they are asked; NULL-terminated. */
extern const PsInvariantType *const ps_invariants[];

G_END_DECLS
