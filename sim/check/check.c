/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"
#include "sim/check/check-private.h"
#include <linux/if.h>
#include <string.h>

#define US G_USEC_PER_SEC

static const char *const names[PS_CHECK_N + 1] = {
    [PS_CHECK_START_DECISION] = "start-decision",
    [PS_CHECK_INIT_DONE_ONCE] = "init-done-once",
    [PS_CHECK_INIT_DONE_TRUE] = "init-done-true",
    [PS_CHECK_CONFIG_DONE_ORDER] = "config-done-order",
    [PS_CHECK_CONFIG_DONE_COUNT] = "config-done-count",
    [PS_CHECK_CONFIG_DONE_WARM] = "config-done-warm",
    [PS_CHECK_CONFIG_LOADED] = "config-loaded",
    [PS_CHECK_DELETE_REASON] = "delete-reason",
    [PS_CHECK_DELETE_BETWEEN] = "delete-between",
    [PS_CHECK_NO_INVENTION] = "no-invention",
    [PS_CHECK_OWNERSHIP] = "ownership",
    [PS_CHECK_KNOWN_PORTS] = "known-ports",
    [PS_CHECK_PRODUCER_ATOMIC] = "producer-atomic",
    [PS_CHECK_CONNECT_RATE] = "connect-rate",
    [PS_CHECK_DUMP_RATE] = "dump-rate",
    [PS_CHECK_COMMAND_RATE] = "command-rate",
    [PS_CHECK_EXISTS_RATE] = "exists-rate",
    [PS_CHECK_RETRY_RATE] = "retry-rate",
    [PS_CHECK_LOG_RATE] = "log-rate",
    [PS_CHECK_RECORD_RATE] = "record-rate",
    [PS_CHECK_WORK_BUDGET] = "work-budget",
    [PS_CHECK_PROGRESS] = "progress",
    [PS_CHECK_RESTORE_COUNT] = "restore-count",
    [PS_CHECK_WARM_STATE_ORDER] = "warm-state-order",
    [PS_CHECK_WARM_STATE_TRUE] = "warm-state-true",
    [PS_CHECK_COUNT_REPAIRED] = "count-repaired",
    [PS_CHECK_LINKS_UNTOUCHED] = "links-untouched",
    [PS_CHECK_READ_FIRST] = "read-first",
    [PS_CHECK_NO_REWRITE] = "no-rewrite",
    [PS_CHECK_NO_EXIT] = "no-exit",
    [PS_CHECK_ALIVE] = "alive",
    [PS_CHECK_PICTURE_COMPLETE] = "picture-complete",
    [PS_CHECK_STATE_ORACLE] = "state-oracle",
    [PS_CHECK_ROW_OF_DEVICE] = "row-of-device",
    [PS_CHECK_NOTHING_WAITS] = "nothing-waits",
    [PS_CHECK_OLD_LINKS_DOWN] = "old-links-down",
    [PS_CHECK_CONFIG_DONE_COMES] = "config-done-comes",
    [PS_CHECK_CONFIG_DONE_ROWS] = "config-done-rows",
    [PS_CHECK_INIT_DONE_COMES] = "init-done-comes",
    [PS_CHECK_WARM_RECONCILED] = "warm-reconciled",
    [PS_CHECK_FLAPS_COUNTED] = "flaps-counted",
    [PS_CHECK_QUIET] = "quiet",
    [PS_CHECK_STOP_IN_TIME] = "stop-in-time",
};

gint64
ps_check_now_us (PsCheck *self)
{
  return ps_sim_world_now_us (self->world);
}

static char *
describe_cause (PsCheck *self)
{
  PsSimClock *clock = ps_sim_world_clock (self->world);
  guint64 cause = ps_sim_clock_cause (clock);
  gint64 waited = ps_sim_clock_waited_us (clock);
  if (cause == 0)
    return g_strdup ("");
  if (waited == 0)
    return g_strdup_printf (" <- #%" G_GUINT64_FORMAT, cause);
  g_autofree char *text = ps_units_format (PS_UNITS_DURATION, waited);
  return g_strdup_printf (" <- #%" G_GUINT64_FORMAT ", %s after", cause, text);
}

static void
trace (PsCheck *self, guint64 number, const char *what)
{
  gint64 now = ps_check_now_us (self);
  g_autofree char *because = describe_cause (self);
  g_autofree char *label = number > 0 ? g_strdup_printf ("#%" G_GUINT64_FORMAT, number) : NULL;
  g_autofree char *line =
      g_strdup_printf ("%" G_GINT64_FORMAT ".%06d %s %s%s", now / US, (int)(now % US),
                       number > 0 ? label : "-", what, because);
  self->trace (line, self->trace_data);
}

static guint64
take_event (PsCheck *self, const char *text, const char *subject, guint64 number,
            const char *detail)
{
  ps_history_note (self->history, ps_check_now_us (self), text, subject, number);
  guint64 event = ps_history_n_events (self->history);
  if (self->trace == NULL)
    return event;
  g_autofree char *what = detail != NULL
                              ? g_strdup_printf ("%s %s", text, detail)
                              : g_strdup_printf ("%s %s %" G_GUINT64_FORMAT, text, subject, number);
  trace (self, event, what);
  ps_sim_clock_note (ps_sim_world_clock (self->world), event);
  return event;
}

void
ps_check_note (PsCheck *self, const char *text, const char *subject, guint64 number)
{
  take_event (self, text, subject, number, NULL);
}

void
ps_check_note_detail (PsCheck *self, const char *text, const char *subject, guint64 number,
                      char *(*make_detail) (gconstpointer data), gconstpointer data)
{
  g_autofree char *detail = self->trace != NULL ? make_detail (data) : NULL;
  take_event (self, text, subject, number, detail);
}

void
ps_check_fail (PsCheck *self, PsCheckId id, char *expected, char *seen)
{
  if (self->failed || self->off[id]) {
    g_free (expected);
    g_free (seen);
    return;
  }
  self->failed = TRUE;
  self->failure = (PsCheckFailure){
      .name = names[id],
      .kind = id < PS_CHECK_FIRST_LIVENESS ? PS_CHECK_SAFETY : PS_CHECK_LIVENESS,
      .expected = expected,
      .seen = seen,
      .time_us = ps_check_now_us (self),
  };
}

/* --- observers ------------------------------------------------------------------------------ */

static char *
describe_link (gconstpointer data)
{
  static const struct {
    guint bit;
    const char *name;
  } flags[] = {{IFF_UP, "UP"}, {IFF_RUNNING, "RUNNING"}, {IFF_LOWER_UP, "LOWER_UP"}};
  const PsSimLink *link = data;
  GString *text = g_string_new (link->name);
  g_string_append_printf (text, " ifindex %u,", link->ifindex);
  if ((link->flags & IFF_UP) == 0)
    g_string_append (text, " DOWN");
  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    if ((link->flags & flags[i].bit) != 0)
      g_string_append_printf (text, " %s", flags[i].name);
  g_string_append_printf (text, ", mtu %u", link->mtu);
  if (link->master != 0)
    g_string_append_printf (text, ", master %u", link->master);
  return g_string_free (text, FALSE);
}

static void
on_link (const PsSimLink *link, gboolean removed, gpointer user_data)
{
  PsCheck *self = user_data;
  self->counters.kernel_events++;
  ps_check_rates_change (self);
  ps_truth_take (self->truth, link, removed);
  ps_flaps_take (self->flaps, link, removed);
  if (self->process.owed_down != NULL && (removed || (link->flags & IFF_UP) == 0))
    g_hash_table_remove (self->process.owed_down, GUINT_TO_POINTER (link->ifindex));
  if (!removed)
    ps_check_see_device (self, link->name);
  ps_check_note_detail (self, removed ? "gone" : "link", link->name, link->flags, describe_link,
                        link);
}

static void
on_write (const PsSimRedisWrite *write, gpointer user_data)
{
  ps_check_take_write (user_data, write);
}

static void
on_timer (gint64 due_us, PsTimerId id, gpointer user_data)
{
  PsCheck *self = user_data;
  ps_history_add_number (self->history, (guint64)due_us);
  ps_history_add_number (self->history, id);
}

static gboolean
on_stepped (gpointer user_data)
{
  PsCheck *self = user_data;
  ps_check_take_step (self);
  if (self->failed)
    return FALSE;
  return self->stepped == NULL || self->stepped (self->stepped_data);
}

static void
on_process (PsSimProcessState state, gpointer user_data)
{
  ps_check_take_process (user_data, state);
}

static void
on_log (PsLogLevel level, const char *text, gpointer user_data)
{
  PsCheck *self = user_data;
  ps_check_rates_deed (self, PS_CHECK_DEED_LINE, 1);
  if (self->log != NULL)
    self->log (level, text, self->log_data);
}

static void
on_bytes (guint channel, PsSimTapEvent event, const guint8 *bytes, gsize n_bytes,
          gpointer user_data)
{
  ps_check_take_bytes (user_data, channel, event, bytes, n_bytes);
}

static void
on_command (const PsSimRedisCommand *command, gpointer user_data)
{
  ps_check_take_command (user_data, command);
}

static const PsSimWorldObserver observer = {
    .stepped = on_stepped,
    .process = on_process,
    .log = on_log,
    .command = on_command,
    .bytes = on_bytes,
};

/* --- public --------------------------------------------------------------------------------- */

PsCheck *
ps_check_new (PsSimWorld *world)
{
  PsCheck *self = g_new0 (PsCheck, 1);
  self->world = world;
  self->kernel = ps_sim_world_kernel (world);
  self->redis = ps_sim_world_redis (world);
  self->history = ps_history_new ();
  self->truth = ps_truth_new (self->kernel);
  self->flaps = ps_flaps_new (self->kernel, self->truth);
  self->precleared = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->queued = g_ptr_array_new_with_free_func (g_free);
  self->foreign_queued_us = G_MININT64 / 2;
  ps_sim_world_observe (world, &observer, self);
  ps_sim_kernel_set_observer (self->kernel, on_link, self);
  ps_virtual_clock_set_observer (ps_sim_clock_time (ps_sim_world_clock (world)), on_timer, self);
  self->redis_observer = ps_sim_redis_add_observer (self->redis, on_write, self);
  return self;
}

void
ps_check_free (PsCheck *self)
{
  if (self == NULL)
    return;
  ps_sim_redis_remove_observer (self->redis, self->redis_observer);
  ps_virtual_clock_set_observer (ps_sim_clock_time (ps_sim_world_clock (self->world)), NULL, NULL);
  ps_sim_kernel_set_observer (self->kernel, NULL, NULL);
  ps_sim_world_observe (self->world, NULL, NULL);
  ps_check_clear_process (self);
  g_ptr_array_unref (self->queued);
  g_hash_table_unref (self->precleared);
  ps_flaps_free (self->flaps);
  ps_truth_free (self->truth);
  ps_history_free (self->history);
  g_free (self->failure.expected);
  g_free (self->failure.seen);
  g_free (self);
}

gboolean
ps_check_switch_off (PsCheck *self, const char *name)
{
  for (guint i = 0; i < PS_CHECK_N; i++)
    if (strcmp (names[i], name) == 0) {
      self->off[i] = TRUE;
      return TRUE;
    }
  return FALSE;
}

const char *const *
ps_check_names (void)
{
  return names;
}

const PsCheckFailure *
ps_check_failure (const PsCheck *self)
{
  return self->failed ? &self->failure : NULL;
}

PsHistory *
ps_check_history (PsCheck *self)
{
  return self->history;
}

const PsCheckCounters *
ps_check_counters (const PsCheck *self)
{
  return &self->counters;
}

void
ps_check_set_stepped (PsCheck *self, gboolean (*fn) (gpointer user_data), gpointer user_data)
{
  self->stepped = fn;
  self->stepped_data = user_data;
}

void
ps_check_set_log (PsCheck *self,
                  void (*fn) (PsLogLevel level, const char *text, gpointer user_data),
                  gpointer user_data)
{
  self->log = fn;
  self->log_data = user_data;
}

void
ps_check_set_trace (PsCheck *self, void (*fn) (const char *line, gpointer user_data),
                    gpointer user_data)
{
  self->trace = fn;
  self->trace_data = user_data;
  if (fn != NULL)
    ps_sim_clock_track (ps_sim_world_clock (self->world));
}

void
ps_check_set_trace_bytes (PsCheck *self, gboolean on)
{
  self->trace_bytes = on;
}

guint64
ps_check_tell (PsCheck *self, const char *text, const char *subject, guint64 number,
               const char *detail)
{
  guint64 event = take_event (self, text, subject, number, detail);
  ps_sim_clock_set_cause (ps_sim_world_clock (self->world), event);
  return event;
}

void
ps_check_remark (PsCheck *self, const char *text)
{
  if (self->trace != NULL)
    trace (self, 0, text);
}
