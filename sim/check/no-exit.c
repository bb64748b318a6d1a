/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon ends by SIGTERM alone, or because its netlink socket died. */
#include "sim/check/invariants.h"
#include <signal.h>

typedef struct {
  PsInvariant check;
  gboolean leaving; /* SIGTERM was sent */
} PsNoExit;

static void
judge_exit (PsNoExit *self)
{
  const PsFacts *facts = self->check.facts;
  int code = ps_sim_world_exit_code (facts->world);
  guint64 closed = ps_sim_kernel_counters (facts->kernel)->closed;
  if (self->leaving && code == 128 + SIGTERM)
    return;
  if (code != 0 && closed > facts->process.closed_before)
    return; /* Its socket died: nothing works without. */
  ps_breach (&self->check, g_strdup ("an end by SIGTERM, and only when told to"),
             g_strdup_printf ("exit %d", code));
}

static void
on_process (PsInvariant *check, PsSimProcessState state)
{
  PsNoExit *self = (PsNoExit *)check;
  if (state == PS_SIM_PROCESS_RUNNING)
    self->leaving = FALSE;
  else if (state == PS_SIM_PROCESS_LEAVING)
    self->leaving = TRUE;
  else if (state == PS_SIM_PROCESS_EXITED)
    judge_exit (self);
}

const PsInvariantType ps_invariant_no_exit = {
    .name = "no-exit",
    .kind = PS_CHECK_SAFETY,
    .size = sizeof (PsNoExit),
    .process = on_process,
};
