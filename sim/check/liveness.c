/* SPDX-License-Identifier: Apache-2.0 */
#include "core/schema.h"
#include "sim/check/check-private.h"
#include "sim/check/oracle.h"
#include <string.h>

#define SECOND        G_GINT64_CONSTANT (1000000)
#define SLICE_US      (100 * 1000)
#define CALM_US       (600 * SECOND)  /* for orchagent and link watch to come to rest */
#define CONVERGE_US   (2 * SECOND)    /* the longest wait for a retry, and the look behind it */
#define ENOUGH_US     (3600 * SECOND) /* faults that do not end are not healed */
#define QUIET_US      (10 * SECOND)
#define SETTLE_TRIES  20
#define STOP_US       (2 * SECOND)
#define LIVE_KEY      PS_TABLE_PORT_TABLE ":"
#define STAGED_KEY    PS_TABLE_PORT_STAGED ":"
#define DEFAULT_AUDIT (300 * SECOND)

/* What is wrong now, if anything. */
typedef struct {
  PsCheckId id;
  char *expected, *seen; /* owned */
} PsWrong;

static gboolean
is_wrong (PsCheck *self, PsWrong *wrong, PsCheckId id, const char *expected, const char *seen)
{
  if (self->off[id])
    return FALSE;
  wrong->id = id;
  wrong->expected = g_strdup (expected);
  wrong->seen = g_strdup (seen);
  return TRUE;
}

static void
clear_wrong (PsWrong *wrong)
{
  g_clear_pointer (&wrong->expected, g_free);
  g_clear_pointer (&wrong->seen, g_free);
}

static gboolean
is_old (guint32 ifindex, gpointer user_data)
{
  PsCheck *self = user_data;
  return ps_truth_is_old (self->truth, ifindex);
}

static gboolean
state_is_wrong (PsCheck *self, PsWrong *wrong)
{
  g_autoptr (GHashTable) rows = ps_oracle_state_rows (self->kernel, self->redis, is_old, self);
  g_autofree char *seen = NULL;
  g_autofree char *expected = ps_oracle_compare (self->redis, rows, &seen);
  return expected != NULL && is_wrong (self, wrong, PS_CHECK_STATE_ORACLE, expected, seen);
}

/* Live or staged. */
static gboolean
is_in_appl (PsCheck *self, const char *name)
{
  g_autofree char *live = g_strconcat (LIVE_KEY, name, NULL);
  g_autofree char *staged = g_strconcat (STAGED_KEY, name, NULL);
  return ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, live) ||
         ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, staged);
}

static gboolean
config_done_is_wrong (PsCheck *self, PsWrong *wrong)
{
  const PsCheckProcess *process = &self->process;
  if (!process->decided || !process->start.copy || process->config_done ||
      !ps_check_says_loaded (self))
    return FALSE;
  return is_wrong (self, wrong, PS_CHECK_CONFIG_DONE_COMES,
                   PS_KEY_CONFIG_DONE ", for the configuration is to be copied",
                   "it was not produced");
}

/* PortConfigDone speaks of ports: orchagent waits for as many. */
static gboolean
config_done_rows_are_wrong (PsCheck *self, PsWrong *wrong)
{
  const PsCheckProcess *process = &self->process;
  if (!process->config_done || process->appl_rows_gone || !is_in_appl (self, PS_KEY_CONFIG_DONE))
    return FALSE;
  g_autoptr (GPtrArray) names = ps_check_configured (self);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    if (!g_hash_table_contains (process->known, name) || is_in_appl (self, name))
      continue;
    g_autofree char *seen = g_strdup_printf ("%s is neither live nor queued", name);
    return is_wrong (self, wrong, PS_CHECK_CONFIG_DONE_ROWS,
                     "every port in APPL_DB that " PS_KEY_CONFIG_DONE " counts", seen);
  }
  return FALSE;
}

/* Every configured port that the process knows is there, and published. */
static gboolean
is_init_done_due (PsCheck *self)
{
  g_autoptr (GPtrArray) names = ps_check_configured (self);
  if (self->process.known == NULL || !is_in_appl (self, PS_KEY_CONFIG_DONE))
    return FALSE; /* Who lost that one has to restart swss; we invent nothing. */
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    g_autofree char *key = g_strconcat (PS_TABLE_PORT_TABLE "|", name, NULL);
    if (g_hash_table_contains (self->process.known, name) &&
        !g_hash_table_contains (self->precleared, name) &&
        ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, key, PS_FIELD_STATE) == NULL)
      return FALSE;
  }
  return TRUE;
}

static gboolean
init_done_is_wrong (PsCheck *self, PsWrong *wrong)
{
  /* What a client deleted stays so; what a server with older data lost does not. */
  gboolean given = self->process.init_done && !self->process.init_outlived;
  if (given || is_in_appl (self, PS_KEY_INIT_DONE) || !is_init_done_due (self))
    return FALSE;
  return is_wrong (self, wrong, PS_CHECK_INIT_DONE_COMES,
                   PS_KEY_INIT_DONE ", for every configured port is published", "it is not there");
}

static gboolean
device_is_wrong (PsCheck *self, PsWrong *wrong)
{
  const PsTruthPort *port = ps_check_device_outlived (self);
  if (port == NULL)
    return FALSE;
  g_autofree char *expected = g_strdup_printf ("%s deleted, and written for device %u", port->name,
                                               ps_truth_now (port)->ifindex);
  return is_wrong (self, wrong, PS_CHECK_ROW_OF_DEVICE, expected, "the row of the device before");
}

static gboolean
warm_is_wrong (PsCheck *self, PsWrong *wrong)
{
  const char *expected, *seen;
  return ps_check_warm_is_wrong (self, &expected, &seen) &&
         is_wrong (self, wrong, PS_CHECK_WARM_RECONCILED, expected, seen);
}

/* A device that is down does not tell of its carrier. */
static gboolean
is_told_of (PsCheck *self, const PsSimLink *link)
{
  return (link->flags & IFF_UP) != 0 && strcmp (link->kind, "team") != 0 &&
         ps_truth_is_port_name (link->name, strlen (link->name)) &&
         !ps_truth_is_old (self->truth, link->ifindex);
}

static gboolean
carrier_is_wrong (PsCheck *self, PsWrong *wrong)
{
  const PsEngine *engine = ps_sim_world_engine (self->world);
  for (guint i = 0; i < ps_sim_kernel_length (self->kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (self->kernel, i);
    if (!is_told_of (self, link))
      continue;
    const PsPort *port = ps_engine_find_port (engine, link->name);
    if (port != NULL && port->device.flap.ifindex == link->ifindex &&
        port->device.flap.last.ups == link->carrier.ups &&
        port->device.flap.last.downs == link->carrier.downs)
      continue;
    g_autofree char *expected =
        g_strdup_printf ("%s: %u ups, %u downs of device %u", link->name, link->carrier.ups,
                         link->carrier.downs, link->ifindex);
    g_autofree char *seen =
        port == NULL ? g_strdup ("no such port")
                     : g_strdup_printf ("%u ups, %u downs of device %u", port->device.flap.last.ups,
                                        port->device.flap.last.downs, port->device.flap.ifindex);
    return is_wrong (self, wrong, PS_CHECK_FLAPS_COUNTED, expected, seen);
  }
  return FALSE;
}

/* What a damaged line of the record had counted is lost. */
static gboolean
flaps_are_wrong (PsCheck *self, PsWrong *wrong)
{
  PsFlapsWrong found;
  if (carrier_is_wrong (self, wrong))
    return TRUE;
  if (self->process.record_damaged ||
      !ps_flaps_find_wrong (self->flaps, ps_sim_world_engine (self->world),
                            ps_check_is_lossy (self), &found))
    return FALSE;
  g_autofree char *expected = g_strdup_printf (
      "%s: %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT " ups and %" G_GUINT64_FORMAT
      " to %" G_GUINT64_FORMAT " downs counted over its devices",
      found.name, found.least_ups, found.most_ups, found.least_downs, found.most_downs);
  g_autofree char *seen = g_strdup_printf (
      "%" G_GUINT64_FORMAT " ups and %" G_GUINT64_FORMAT " downs counted", found.ups, found.downs);
  return is_wrong (self, wrong, PS_CHECK_FLAPS_COUNTED, expected, seen);
}

/* What the kernel refused is not tried again. */
static gboolean
old_link_is_up (PsCheck *self, PsWrong *wrong)
{
  GHashTable *owed = self->process.owed_down;
  if (owed == NULL || g_hash_table_size (owed) == 0 ||
      ps_sim_kernel_counters (self->kernel)->refused > self->process.admin_refusals_before)
    return FALSE;
  g_autofree char *seen = g_strdup_printf ("%u were never down", g_hash_table_size (owed));
  return is_wrong (self, wrong, PS_CHECK_OLD_LINKS_DOWN,
                   "every old link taken down by a start that ignores them", seen);
}

static gboolean
engine_is_wrong (PsCheck *self, PsWrong *wrong)
{
  PsEngineStatus status = ps_engine_status (ps_sim_world_engine (self->world));
  gboolean may_wait = !status.started && ps_check_start_may_wait (self);
  /* Each check is judged, whether another one is switched off or not. */
  if ((!status.started || !status.complete) && !may_wait &&
      is_wrong (self, wrong, PS_CHECK_PICTURE_COMPLETE, "a complete picture of the links",
                status.started ? "a listing is missing" : "the start is not decided"))
    return TRUE;
  if (status.n_waiting == 0 || may_wait)
    return FALSE;
  g_autofree char *seen = g_strdup_printf ("%u ports wait", status.n_waiting);
  return is_wrong (self, wrong, PS_CHECK_NOTHING_WAITS, "every row written", seen);
}

/* Another actor than ours is judged by what is seen from outside. */
static gboolean
anything_is_wrong (PsCheck *self, PsWrong *wrong)
{
  if (!ps_sim_world_is_alive (self->world))
    return is_wrong (self, wrong, PS_CHECK_ALIVE, "a daemon", "none lives");
  gboolean ours = ps_sim_world_engine (self->world) != NULL;
  return (ours && engine_is_wrong (self, wrong)) || state_is_wrong (self, wrong) ||
         config_done_is_wrong (self, wrong) || config_done_rows_are_wrong (self, wrong) ||
         init_done_is_wrong (self, wrong) || device_is_wrong (self, wrong) ||
         old_link_is_up (self, wrong) ||
         (ours && (warm_is_wrong (self, wrong) || flaps_are_wrong (self, wrong)));
}

/* --- the course of settle ------------------------------------------------------------------- */

static gboolean
is_calm (PsCheck *self)
{
  PsSimOrchagent *orchagent = ps_sim_world_orchagent (self->world);
  return ps_sim_kernel_is_settled (self->kernel) &&
         (!ps_sim_orchagent_is_running (orchagent) || ps_sim_orchagent_is_idle (orchagent));
}

static gint64
audit_us (PsCheck *self)
{
  gint64 us = ps_sim_world_options (self->world)->audit_interval_us;
  return us > 0 ? us : DEFAULT_AUDIT;
}

/* FALSE: a safety check stopped it. */
static gboolean
run_until_calm (PsCheck *self, gint64 until_us)
{
  while (!is_calm (self) && ps_check_now_us (self) < until_us)
    if (!ps_sim_world_run_for (self->world, SLICE_US))
      return FALSE;
  return TRUE;
}

/* What the daemon could react to, so far. */
static guint64
count_inputs (PsCheck *self)
{
  const PsSimKernelCounters *kernel = ps_sim_kernel_counters (self->kernel);
  return self->counters.kernel_events + self->counters.connects + self->counters.overruns +
         self->counters.foreign_writes + kernel->interrupted + kernel->failed + kernel->truncated +
         kernel->duplicated + kernel->forged;
}

/* A warm start waits for the ports that are missing, but not for ever. */
static gint64
missing_ports_us (PsCheck *self, gint64 last_us)
{
  if (!ps_check_is_warm_open (self) || is_init_done_due (self))
    return 0;
  return MAX (self->process.decided_us + ps_sim_world_eoiu_timeout_us (self->world) - last_us, 0);
}

/* How long it may take from the last event on. */
static gint64
patience_us (PsCheck *self, gint64 last_us)
{
  gboolean only_audit = self->needs_audit || ps_sim_kernel_counters (self->kernel)->silent > 0;
  return CONVERGE_US + (only_audit ? audit_us (self) : 0) + missing_ports_us (self, last_us);
}

/* Runs until nothing is wrong, or the time is over; what is wrong then is a breach. */
static gboolean
converge (PsCheck *self)
{
  PsWrong wrong = {0};
  guint64 inputs = count_inputs (self);
  gint64 last_us = ps_check_now_us (self), first_us = last_us;
  while (anything_is_wrong (self, &wrong)) {
    gint64 now_us = ps_check_now_us (self);
    if (now_us - last_us >= patience_us (self, last_us) || now_us - first_us >= ENOUGH_US ||
        !ps_sim_world_is_alive (self->world)) {
      ps_check_fail (self, wrong.id, wrong.expected, wrong.seen);
      return FALSE;
    }
    clear_wrong (&wrong);
    if (!ps_sim_world_run_for (self->world, SLICE_US) ||
        !run_until_calm (self, ps_check_now_us (self) + CALM_US))
      return FALSE;
    if (count_inputs (self) != inputs)
      last_us = ps_check_now_us (self);
    inputs = count_inputs (self);
  }
  return TRUE;
}

static void
judge_quiet (PsCheck *self, guint64 writes, guint64 dumps)
{
  guint64 audits = 1 + (guint64)(QUIET_US / audit_us (self));
  PsWrong wrong = {0};
  if (writes > 0)
    ps_check_fail (self, PS_CHECK_QUIET, g_strdup ("no write without an event"),
                   g_strdup_printf ("%" G_GUINT64_FORMAT, writes));
  else if (dumps > audits)
    ps_check_fail (self, PS_CHECK_QUIET,
                   g_strdup_printf ("at most %" G_GUINT64_FORMAT " listings", audits),
                   g_strdup_printf ("%" G_GUINT64_FORMAT, dumps));
  else if (anything_is_wrong (self, &wrong))
    ps_check_fail (self, wrong.id, wrong.expected, wrong.seen);
}

/* Nothing happens, so nothing is written, nothing is asked for but by the audit, and what is right
 * stays so. FALSE in out_judged: something did happen, such as a fault that was still armed. */
static gboolean
stay_quiet (PsCheck *self, gboolean *out_judged)
{
  *out_judged = FALSE;
  guint64 inputs = count_inputs (self);
  if (!ps_sim_world_run_for (self->world, CONVERGE_US))
    return FALSE;
  guint64 writes = self->counters.writes, dumps = self->counters.dumps;
  if (!ps_sim_world_run_for (self->world, QUIET_US))
    return FALSE;
  if (count_inputs (self) != inputs)
    return TRUE;
  *out_judged = TRUE;
  judge_quiet (self, self->counters.writes - writes, self->counters.dumps - dumps);
  return !self->failed;
}

static gboolean
settle_once (PsCheck *self, gboolean *out_judged)
{
  if (!run_until_calm (self, ps_check_now_us (self) + CALM_US))
    return FALSE;
  return converge (self) && stay_quiet (self, out_judged);
}

gboolean
ps_check_settle (PsCheck *self)
{
  gboolean judged = FALSE;
  for (guint i = 0; i < SETTLE_TRIES && !judged; i++)
    if (self->failed || !settle_once (self, &judged))
      return FALSE;
  if (!judged)
    ps_check_fail (self, PS_CHECK_QUIET, g_strdup ("an end of events and faults"),
                   g_strdup_printf ("%d times something happened within 10 s", SETTLE_TRIES));
  return !self->failed;
}

gboolean
ps_check_stop (PsCheck *self)
{
  if (self->failed || !ps_sim_world_term_daemon (self->world))
    return FALSE;
  if (!ps_sim_world_run_for (self->world, STOP_US))
    return FALSE;
  if (ps_sim_world_is_alive (self->world))
    ps_check_fail (self, PS_CHECK_STOP_IN_TIME, g_strdup ("gone 2 s after SIGTERM"),
                   g_strdup ("it lives"));
  return !self->failed;
}
