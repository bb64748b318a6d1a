/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/check.h"
#include "base/units.h"
#include "sim/check/feed.h"
#include "sim/check/invariants.h"
#include "sim/check/process.h"
#include "sim/check/request.h"
#include "sim/check/witness.h"
#include "sim/check/write.h"
#include <linux/if.h>
#include <string.h>

#define US         G_USEC_PER_SEC
#define CHECKS_MAX 64
#define N_WORDS    (sizeof (PsInvariantType) / sizeof (gpointer))

/* Those that want to hear of one kind of event, in the order of the table. */
typedef struct {
  guint n;
  PsInvariant *of[CHECKS_MAX];
} PsListeners;

struct _PsCheck {
  PsFacts facts;
  PsInvariant *checks[CHECKS_MAX]; /* owned; in the order of the table */
  guint n_checks;
  PsListeners listeners[N_WORDS]; /* by the place of the hook in the type */
  guint redis_observer;
  PsHistory *history; /* owned */
  PsCheckCounters counters;
  PsCheckFailure failure;
  gboolean failed;
  gboolean (*stepped) (gpointer user_data); /* nullable */
  gpointer stepped_data;
  void (*log) (PsLogLevel level, const char *text, gpointer user_data); /* nullable */
  gpointer log_data;
  void (*trace) (const char *line, gpointer user_data); /* nullable */
  gpointer trace_data;
  gboolean trace_bytes; /* also what is read and written, so every poll */
};

#define HOOK_PLACE(hook) (offsetof (PsInvariantType, hook) / sizeof (gpointer))

/* Calls the hook of every check that has it, with the arguments. */
#define TELL(self, hook, ...)                                                                      \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const PsListeners *listeners_ = &(self)->listeners[HOOK_PLACE (hook)];                         \
    for (guint i_ = 0; i_ < listeners_->n; i_++)                                                   \
      listeners_->of[i_]->type->hook (listeners_->of[i_], ##__VA_ARGS__);                          \
  }                                                                                                \
  G_STMT_END

static gint64
now_us (PsCheck *self)
{
  return ps_sim_world_now_us (self->facts.world);
}

/* --- the history ---------------------------------------------------------------------------- */

static char *
describe_cause (PsCheck *self)
{
  PsSimClock *clock = ps_sim_world_clock (self->facts.world);
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
  gint64 now = now_us (self);
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
  ps_history_note (self->history, now_us (self), text, subject, number);
  guint64 event = ps_history_n_events (self->history);
  if (self->trace == NULL)
    return event;
  g_autofree char *what = detail != NULL
                              ? g_strdup_printf ("%s %s", text, detail)
                              : g_strdup_printf ("%s %s %" G_GUINT64_FORMAT, text, subject, number);
  trace (self, event, what);
  ps_sim_clock_note (ps_sim_world_clock (self->facts.world), event);
  return event;
}

static void
note (PsCheck *self, const char *text, const char *subject, guint64 number)
{
  take_event (self, text, subject, number, NULL);
}

/* With a detail that stands in a traced line for subject and number. */
static void
note_detail (PsCheck *self, const char *text, const char *subject, guint64 number,
             char *(*make_detail) (gconstpointer data), gconstpointer data)
{
  g_autofree char *detail = self->trace != NULL ? make_detail (data) : NULL;
  take_event (self, text, subject, number, detail);
}

/* Only the first breach is kept. */
static void
on_breach (PsInvariant *check, char *expected, char *seen, gpointer user_data)
{
  PsCheck *self = user_data;
  if (self->failed || check->off) {
    g_free (expected);
    g_free (seen);
    return;
  }
  self->failed = TRUE;
  self->failure = (PsCheckFailure){
      .name = check->type->name,
      .kind = check->type->kind,
      .expected = expected,
      .seen = seen,
      .time_us = now_us (self),
  };
}

/* --- links and processes -------------------------------------------------------------------- */

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
  ps_facts_take_link (&self->facts, link, removed);
  TELL (self, link, link, removed);
  note_detail (self, removed ? "gone" : "link", link->name, link->flags, describe_link, link);
}

static const char *
state_name (PsSimProcessState state)
{
  static const char *const names[] = {"none", "started", "terminated", "killed", "exited"};
  return names[state];
}

void
ps_check_take_process (PsCheck *self, PsSimProcessState state)
{
  ps_history_add_number (self->history, state);
  note (self, "process", state_name (state), self->facts.process.number);
  if (state == PS_SIM_PROCESS_KILLED || state == PS_SIM_PROCESS_EXITED)
    ps_facts_end_process (&self->facts);
  if (state == PS_SIM_PROCESS_RUNNING) {
    ps_facts_begin_process (&self->facts);
    TELL (self, begin);
  }
  TELL (self, process, state);
}

/* --- bytes ---------------------------------------------------------------------------------- */

static void
remark_bytes (PsCheck *self, guint channel, PsSimTapEvent event, gsize n_bytes)
{
  static const char *const words[] = {"reads",  "writes",         "connects",
                                      "closes", "learns the end", "learns of a loss"};
  if ((event == PS_SIM_TAP_READ || event == PS_SIM_TAP_WRITTEN) && !self->trace_bytes)
    return;
  const char *name = channel == PS_SIM_TAP_KERNEL ? "kernel" : ps_schema_db_name (channel);
  g_autofree char *text =
      event == PS_SIM_TAP_READ || event == PS_SIM_TAP_WRITTEN
          ? g_strdup_printf ("%s: %s %" G_GSIZE_FORMAT " bytes", name, words[event], n_bytes)
          : g_strdup_printf ("%s: %s", name, words[event]);
  ps_check_remark (self, text);
}

static void
count_bytes (PsCheck *self, guint channel, PsSimTapEvent event, const guint8 *bytes, gsize n_bytes)
{
  gboolean is_kernel = channel == PS_SIM_TAP_KERNEL;
  if (!is_kernel && event == PS_SIM_TAP_CONNECT) {
    self->counters.connects++;
    note (self, "connect", ps_schema_db_name (channel), self->counters.connects);
  } else if (is_kernel && event == PS_SIM_TAP_OVERRUN) {
    self->counters.overruns++;
    note (self, "overrun", "", self->counters.overruns);
  } else if (is_kernel && event == PS_SIM_TAP_WRITTEN && ps_request_is_dump (bytes, n_bytes)) {
    self->counters.dumps++;
    note (self, "dump", "", self->counters.dumps);
  }
}

void
ps_check_take_bytes (PsCheck *self, guint channel, PsSimTapEvent event, const guint8 *bytes,
                     gsize n_bytes)
{
  ps_history_add_number (self->history, channel * 16 + event);
  if (n_bytes > 0)
    ps_history_add_bytes (self->history, bytes, n_bytes);
  if (self->trace != NULL)
    remark_bytes (self, channel, event, n_bytes);
  count_bytes (self, channel, event, bytes, n_bytes);
  ps_facts_take_bytes (&self->facts, channel, event, bytes, n_bytes);
  TELL (self, bytes, channel, event, bytes, n_bytes);
}

static void
on_bytes (guint channel, PsSimTapEvent event, const guint8 *bytes, gsize n_bytes,
          gpointer user_data)
{
  ps_check_take_bytes (user_data, channel, event, bytes, n_bytes);
}

/* --- commands and writes -------------------------------------------------------------------- */

static void
on_command (const PsSimRedisCommand *command, gpointer user_data)
{
  PsCheck *self = user_data;
  if (command->connection < self->facts.process.first_connection)
    return;
  TELL (self, command, command);
  ps_row_facts_take_command (&self->facts, command);
}

/* By the process that runs, or by a dead one that had it on its way. */
static void
take_row (PsCheck *self, const PsSimRedisWrite *write, const char *name)
{
  PsRowChange change;
  gboolean own = ps_facts_is_its_own (&self->facts, write);
  ps_row_facts_read_change (&self->facts, write, name, &change);
  if (own)
    TELL (self, row, &change);
  ps_row_facts_take (&self->facts, &change, own);
}

static void
on_write (const PsSimRedisWrite *write, gpointer user_data)
{
  PsCheck *self = user_data;
  if (write->connection == 0) {
    self->counters.foreign_writes++;
    ps_facts_take_foreign (&self->facts, write);
    TELL (self, foreign, write);
    return;
  }
  self->counters.writes++;
  note_detail (self, write->verb, write->key.data, write->connection, ps_write_describe, write);
  TELL (self, write, write);
  const char *name = ps_write_port_row (write);
  if (name != NULL)
    take_row (self, write, name);
  else
    ps_facts_take_write (&self->facts, write);
}

/* --- time and log --------------------------------------------------------------------------- */

static void
on_timer (gint64 due_us, PsTimerId id, gpointer user_data)
{
  PsCheck *self = user_data;
  ps_history_add_number (self->history, (guint64)due_us);
  ps_history_add_number (self->history, id);
}

void
ps_check_take_decision (PsCheck *self)
{
  TELL (self, decided);
}

void
ps_check_take_step (PsCheck *self)
{
  if (ps_facts_take_step (&self->facts))
    ps_check_take_decision (self);
  TELL (self, step);
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

void
ps_check_take_log (PsCheck *self, PsLogLevel level, const char *text)
{
  ps_process_facts_take_log (&self->facts, text);
  TELL (self, log);
  if (self->log != NULL)
    self->log (level, text, self->log_data);
}

static void
on_log (PsLogLevel level, const char *text, gpointer user_data)
{
  ps_check_take_log (user_data, level, text);
}

static const PsSimWorldObserver observer = {
    .stepped = on_stepped,
    .process = on_process,
    .log = on_log,
    .command = on_command,
    .bytes = on_bytes,
};

/* --- at rest -------------------------------------------------------------------------------- */

/* What is dead is not asked what it holds. */
PsInvariant *
ps_check_wrong_at_rest (PsCheck *self, PsWrong *out)
{
  const PsListeners *listeners = &self->listeners[HOOK_PLACE (at_rest)];
  for (guint i = 0; i < listeners->n; i++) {
    PsInvariant *check = listeners->of[i];
    if (i > 0 && !ps_sim_world_is_alive (self->facts.world))
      break;
    if (!check->off && check->type->at_rest (check, out))
      return check;
  }
  return NULL;
}

void
ps_check_tell_quiet (PsCheck *self, const PsQuiet *quiet)
{
  TELL (self, at_quiet, quiet);
}

void
ps_check_tell_end (PsCheck *self)
{
  TELL (self, at_end);
}

/* --- the checks ----------------------------------------------------------------------------- */

static void
add_listener (PsCheck *self, gsize place, PsInvariant *check)
{
  PsListeners *listeners = &self->listeners[place];
  listeners->of[listeners->n++] = check;
}

#define LISTEN(self, check, hook)                                                                  \
  G_STMT_START                                                                                     \
  {                                                                                                \
    if ((check)->type->hook != NULL)                                                               \
      add_listener ((self), HOOK_PLACE (hook), (check));                                           \
  }                                                                                                \
  G_STMT_END

static void
add_check (PsCheck *self, const PsInvariantType *type)
{
  PsInvariant *check = g_malloc0 (type->size);
  g_assert (self->n_checks + 1 < CHECKS_MAX);
  *check =
      (PsInvariant){.type = type, .facts = &self->facts, .breach = on_breach, .user_data = self};
  self->checks[self->n_checks++] = check;
  if (type->init != NULL)
    type->init (check);
  LISTEN (self, check, begin);
  LISTEN (self, check, decided);
  LISTEN (self, check, process);
  LISTEN (self, check, link);
  LISTEN (self, check, bytes);
  LISTEN (self, check, command);
  LISTEN (self, check, foreign);
  LISTEN (self, check, log);
  LISTEN (self, check, step);
  LISTEN (self, check, write);
  LISTEN (self, check, row);
  LISTEN (self, check, at_rest);
  LISTEN (self, check, at_quiet);
  LISTEN (self, check, at_end);
}

static void
free_check (PsInvariant *check)
{
  if (check->type->clear != NULL)
    check->type->clear (check);
  g_free (check);
}

PsCheck *
ps_check_new (PsSimWorld *world)
{
  PsCheck *self = g_new0 (PsCheck, 1);
  ps_facts_init (&self->facts, world);
  self->history = ps_history_new ();
  for (guint i = 0; ps_invariants[i] != NULL; i++)
    add_check (self, ps_invariants[i]);
  ps_sim_world_observe (world, &observer, self);
  ps_sim_kernel_set_observer (self->facts.kernel, on_link, self);
  ps_virtual_clock_set_observer (ps_sim_clock_time (ps_sim_world_clock (world)), on_timer, self);
  self->redis_observer = ps_sim_redis_add_observer (self->facts.redis, on_write, self);
  return self;
}

void
ps_check_free (PsCheck *self)
{
  if (self == NULL)
    return;
  ps_sim_redis_remove_observer (self->facts.redis, self->redis_observer);
  ps_virtual_clock_set_observer (ps_sim_clock_time (ps_sim_world_clock (self->facts.world)), NULL,
                                 NULL);
  ps_sim_kernel_set_observer (self->facts.kernel, NULL, NULL);
  ps_sim_world_observe (self->facts.world, NULL, NULL);
  for (guint i = 0; i < self->n_checks; i++)
    free_check (self->checks[i]);
  ps_facts_clear (&self->facts);
  ps_history_free (self->history);
  g_free (self->failure.expected);
  g_free (self->failure.seen);
  g_free (self);
}

gboolean
ps_check_switch_off (PsCheck *self, const char *name)
{
  for (guint i = 0; i < self->n_checks; i++)
    if (strcmp (self->checks[i]->type->name, name) == 0) {
      self->checks[i]->off = TRUE;
      return TRUE;
    }
  return FALSE;
}

const PsCheckFailure *
ps_check_failure (const PsCheck *self)
{
  return self->failed ? &self->failure : NULL;
}

const PsFacts *
ps_check_facts (const PsCheck *self)
{
  return &self->facts;
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
    ps_sim_clock_track (ps_sim_world_clock (self->facts.world));
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
  ps_sim_clock_set_cause (ps_sim_world_clock (self->facts.world), event);
  return event;
}

void
ps_check_remark (PsCheck *self, const char *text)
{
  if (self->trace != NULL)
    trace (self, 0, text);
}
