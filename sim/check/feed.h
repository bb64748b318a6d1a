/* SPDX-License-Identifier: Apache-2.0 */
/* What the world tells the judge, event by event, and what the judge tells the checks at rest. The
 * tests plant breaches by it. */
#pragma once
#include "sim/check/check.h"
#include "sim/check/invariant.h"
G_BEGIN_DECLS

void ps_check_take_bytes (PsCheck *self, guint channel, PsSimTapEvent event, const guint8 *bytes,
                          gsize n_bytes);
void ps_check_take_process (PsCheck *self, PsSimProcessState state);
void ps_check_take_log (PsCheck *self, PsLogLevel level, const char *text);
void ps_check_take_decision (PsCheck *self);
void ps_check_take_step (PsCheck *self);

/* The first check that finds something wrong at rest; NULL: none. Free the texts with g_free. */
PsInvariant *ps_check_wrong_at_rest (PsCheck *self, PsWrong *out);
void ps_check_tell_quiet (PsCheck *self, const PsQuiet *quiet);
void ps_check_tell_end (PsCheck *self);

const PsFacts *ps_check_facts (const PsCheck *self);
G_END_DECLS
