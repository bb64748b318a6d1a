/* SPDX-License-Identifier: Apache-2.0 */
/* The course of settling: until everything has come to rest, what may still be wrong becomes right;
 * then nothing happens any more; then the daemon is told to leave. */
#include "sim/check/feed.h"
#include "sim/check/markers.h"
#include "sim/check/warm.h"

#define SECOND        G_GINT64_CONSTANT (1000000)
#define SLICE_US      (100 * 1000)
#define CALM_US       (600 * SECOND)  /* for orchagent and link watch to come to rest */
#define CONVERGE_US   (2 * SECOND)    /* the longest wait for a retry, and the look behind it */
#define ENOUGH_US     (3600 * SECOND) /* faults that do not end are not healed */
#define QUIET_US      (10 * SECOND)
#define SETTLE_TRIES  20
#define STOP_US       (2 * SECOND)
#define DEFAULT_AUDIT (300 * SECOND)

static gboolean
is_calm (const PsFacts *facts)
{
  PsSimOrchagent *orchagent = ps_sim_world_orchagent (facts->world);
  return ps_sim_kernel_is_settled (facts->kernel) &&
         (!ps_sim_orchagent_is_running (orchagent) || ps_sim_orchagent_is_idle (orchagent));
}

static gint64
audit_us (const PsFacts *facts)
{
  gint64 us = ps_sim_world_options (facts->world)->audit_interval_us;
  return us > 0 ? us : DEFAULT_AUDIT;
}

/* FALSE: a safety check stopped it. */
static gboolean
run_until_calm (const PsFacts *facts)
{
  gint64 until_us = ps_sim_world_now_us (facts->world) + CALM_US;
  while (!is_calm (facts) && ps_sim_world_now_us (facts->world) < until_us)
    if (!ps_sim_world_run_for (facts->world, SLICE_US))
      return FALSE;
  return TRUE;
}

/* What the daemon could react to, so far. */
static guint64
count_inputs (PsCheck *self)
{
  const PsCheckCounters *counters = ps_check_counters (self);
  const PsSimKernelCounters *kernel = ps_sim_kernel_counters (ps_check_facts (self)->kernel);
  return counters->kernel_events + counters->connects + counters->overruns +
         counters->foreign_writes + kernel->interrupted + kernel->failed + kernel->truncated +
         kernel->duplicated + kernel->forged;
}

/* A warm start waits for the ports that are missing, but not for ever. */
static gint64
missing_ports_us (const PsFacts *facts, gint64 last_us)
{
  if (!ps_facts_is_warm_open (facts) || ps_facts_is_init_done_due (facts))
    return 0;
  return MAX (facts->process.decided_us + ps_sim_world_eoiu_timeout_us (facts->world) - last_us, 0);
}

/* How long it may take from the last event on. */
static gint64
patience_us (const PsFacts *facts, gint64 last_us)
{
  gboolean only_audit =
      facts->rows.needs_audit || ps_sim_kernel_counters (facts->kernel)->silent > 0;
  return CONVERGE_US + (only_audit ? audit_us (facts) : 0) + missing_ports_us (facts, last_us);
}

/* Runs until nothing is wrong, or the time is over; what is wrong then is a breach. */
static gboolean
converge (PsCheck *self)
{
  const PsFacts *facts = ps_check_facts (self);
  PsWrong wrong;
  PsInvariant *check;
  guint64 inputs = count_inputs (self);
  gint64 last_us = ps_sim_world_now_us (facts->world), first_us = last_us;
  while ((check = ps_check_wrong_at_rest (self, &wrong)) != NULL) {
    gint64 now_us = ps_sim_world_now_us (facts->world);
    if (now_us - last_us >= patience_us (facts, last_us) || now_us - first_us >= ENOUGH_US ||
        !ps_sim_world_is_alive (facts->world)) {
      ps_breach (check, wrong.expected, wrong.seen);
      return FALSE;
    }
    g_free (wrong.expected);
    g_free (wrong.seen);
    if (!ps_sim_world_run_for (facts->world, SLICE_US) || !run_until_calm (facts))
      return FALSE;
    if (count_inputs (self) != inputs)
      last_us = ps_sim_world_now_us (facts->world);
    inputs = count_inputs (self);
  }
  return TRUE;
}

static void
judge_quiet (PsCheck *self, const PsQuiet *quiet)
{
  PsWrong wrong;
  ps_check_tell_quiet (self, quiet);
  PsInvariant *check =
      ps_check_failure (self) == NULL ? ps_check_wrong_at_rest (self, &wrong) : NULL;
  if (check != NULL)
    ps_breach (check, wrong.expected, wrong.seen);
}

/* Nothing happens, so nothing is written, nothing is asked for but by the audit, and what is right
 * stays so. FALSE in out_judged: something did happen, such as a fault that was still armed. */
static gboolean
stay_quiet (PsCheck *self, gboolean *out_judged)
{
  const PsFacts *facts = ps_check_facts (self);
  const PsCheckCounters *counters = ps_check_counters (self);
  *out_judged = FALSE;
  guint64 inputs = count_inputs (self);
  if (!ps_sim_world_run_for (facts->world, CONVERGE_US))
    return FALSE;
  PsQuiet quiet = {counters->writes, counters->dumps, QUIET_US, audit_us (facts), 0};
  if (!ps_sim_world_run_for (facts->world, QUIET_US))
    return FALSE;
  if (count_inputs (self) != inputs)
    return TRUE;
  *out_judged = TRUE;
  quiet.writes = counters->writes - quiet.writes;
  quiet.dumps = counters->dumps - quiet.dumps;
  judge_quiet (self, &quiet);
  return ps_check_failure (self) == NULL;
}

static gboolean
settle_once (PsCheck *self, gboolean *out_judged)
{
  return run_until_calm (ps_check_facts (self)) && converge (self) && stay_quiet (self, out_judged);
}

gboolean
ps_check_settle (PsCheck *self)
{
  gboolean judged = FALSE;
  for (guint i = 0; i < SETTLE_TRIES && !judged; i++)
    if (ps_check_failure (self) != NULL || !settle_once (self, &judged))
      return FALSE;
  if (!judged)
    ps_check_tell_quiet (self, &(PsQuiet){.n_tries = SETTLE_TRIES});
  return ps_check_failure (self) == NULL;
}

gboolean
ps_check_stop (PsCheck *self)
{
  PsSimWorld *world = ps_check_facts (self)->world;
  if (ps_check_failure (self) != NULL || !ps_sim_world_term_daemon (world))
    return FALSE;
  if (!ps_sim_world_run_for (world, STOP_US))
    return FALSE;
  ps_check_tell_end (self);
  return ps_check_failure (self) == NULL;
}
