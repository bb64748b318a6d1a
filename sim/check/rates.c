/* SPDX-License-Identifier: Apache-2.0 */
/* How much the daemon does in a second. What it may do follows from what happened in that second
 * and the one before: links that changed, writes of others, and each occasion to look at every port
 * (its start, a connection, a listing). An answer that comes late may let it look at every port in
 * any second. Beside that it polls, at a rate of its own. */
#include "sim/check/check-private.h"

/* Of each: `idle` in a second, and more for each change and each port. */
static const struct {
  PsCheckId id;
  const char *what;
  guint idle, per_change, per_port;
} bounds[PS_CHECK_N_DEEDS] = {
    [PS_CHECK_DEED_COMMAND] = {PS_CHECK_COMMAND_RATE, "commands to Redis", PS_COMMANDS_PER_SECOND,
                               PS_COMMANDS_PER_CHANGE, PS_COMMANDS_PER_PORT},
    [PS_CHECK_DEED_EXISTS] = {PS_CHECK_EXISTS_RATE, "EXISTS", PS_EXISTS_PER_SECOND, 1,
                              PS_EXISTS_PER_PORT},
    [PS_CHECK_DEED_RETRY] = {PS_CHECK_RETRY_RATE, "commands that Redis refused",
                             PS_RETRIES_PER_SECOND, 1, 1},
    [PS_CHECK_DEED_LINE] = {PS_CHECK_LOG_RATE, "log lines", PS_LINES_PER_SECOND, 1, 1},
    [PS_CHECK_DEED_RECORD] = {PS_CHECK_RECORD_RATE, "writes of the life record",
                              PS_RECORDS_PER_SECOND, PS_RECORDS_PER_CHANGE, PS_RECORDS_PER_CHANGE},
};

/* Seconds in which nothing was asked for or done are skipped. */
static void
turn (PsCheckRates *rates, gint64 now_us)
{
  gint64 second = now_us / G_USEC_PER_SEC;
  if (second == rates->second)
    return;
  rates->changes_before = second == rates->second + 1 ? rates->changes : 0;
  rates->changes = 0;
  rates->second = second;
  for (guint i = 0; i < PS_CHECK_N_DEEDS; i++)
    rates->n[i] = 0;
}

void
ps_check_rates_change (PsCheck *self)
{
  turn (&self->rates, ps_check_now_us (self));
  self->rates.changes++;
}

void
ps_check_rates_occasion (PsCheck *self)
{
  turn (&self->rates, ps_check_now_us (self));
  self->rates.changes += PS_CHANGES_PER_OCCASION + ps_truth_length (self->truth);
}

void
ps_check_rates_deed (PsCheck *self, PsCheckDeed deed, guint64 n)
{
  PsCheckRates *rates = &self->rates;
  if (ps_sim_world_options (self->world)->actor != PS_SIM_ACTOR_DAEMON || n == 0)
    return;
  turn (rates, ps_check_now_us (self));
  rates->n[deed] += n;
  guint64 ports =
      MAX (ps_truth_length (self->truth), ps_sim_redis_n_keys (self->redis, PS_SIM_CONFIG_DB));
  guint64 changes = rates->changes + rates->changes_before;
  guint64 max =
      bounds[deed].idle + bounds[deed].per_change * changes + bounds[deed].per_port * ports;
  if (rates->n[deed] > max)
    ps_check_fail (
        self, bounds[deed].id,
        g_strdup_printf ("at most %" G_GUINT64_FORMAT " %s in this second", max, bounds[deed].what),
        g_strdup_printf ("%" G_GUINT64_FORMAT, rates->n[deed]));
}

/* What is only counted elsewhere. */
void
ps_check_watch_rates (PsCheck *self)
{
  PsCheckRates *rates = &self->rates;
  guint64 refusals = ps_check_count_refusals (self);
  guint64 records = ps_sim_world_n_life_writes (self->world);
  ps_check_rates_deed (self, PS_CHECK_DEED_RETRY, refusals - rates->refusals);
  ps_check_rates_deed (self, PS_CHECK_DEED_RECORD, records - rates->records);
  rates->refusals = refusals;
  rates->records = records;
}
