/* SPDX-License-Identifier: Apache-2.0 */
/* The row WARM_RESTART_TABLE|portsyncd (docs/sonic-protocol.md 3.6, decision 0012): restore_count,
 * and the state: that of a warm start goes forward only, says what is true, and is over in the end;
 * that of any other start is reconciled when it is over. */
#include "core/schema.h"
#include "sim/check/check-private.h"
#include <string.h>

#define LIVE_KEY    PS_TABLE_PORT_TABLE ":"
#define RESTORE_KEY PS_TABLE_WARM_RESTART "|" PS_KEY_PORTSYNCD

static const char *const state_names[] = {
    [PS_CHECK_STATE_NONE] = "no state",     [PS_CHECK_STATE_INITIALIZED] = "initialized",
    [PS_CHECK_STATE_RESTORED] = "restored", [PS_CHECK_STATE_RECONCILED] = "reconciled",
    [PS_CHECK_STATE_DISABLED] = "disabled", [PS_CHECK_STATE_OTHER] = "another word",
};

static PsCheckState
parse_state (const char *text)
{
  if (text == NULL)
    return PS_CHECK_STATE_NONE;
  for (guint i = PS_CHECK_STATE_INITIALIZED; i < PS_CHECK_STATE_OTHER; i++)
    if (strcmp (text, state_names[i]) == 0)
      return (PsCheckState)i;
  return PS_CHECK_STATE_OTHER;
}

static PsCheckState
read_state (PsCheck *self)
{
  return parse_state (
      ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, RESTORE_KEY, PS_FIELD_STATE));
}

static gboolean
is_unfinished (PsCheckState state)
{
  return state == PS_CHECK_STATE_INITIALIZED || state == PS_CHECK_STATE_RESTORED;
}

/* --- what a process finds ------------------------------------------------------------------- */

void
ps_check_begin_warm (PsCheck *self)
{
  self->process.state_found = read_state (self);
  self->warm_row_foreign = FALSE;
}

void
ps_check_watch_warm (PsCheck *self)
{
  self->process.state_unsure |= read_state (self) != self->process.state_found;
}

void
ps_check_decide_warm (PsCheck *self)
{
  PsCheckProcess *process = &self->process;
  process->live = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, PS_SIM_APPL_DB, LIVE_KEY);
  for (guint i = 0; i < keys->len; i++)
    g_hash_table_add (process->live, g_strdup ((char *)keys->pdata[i] + strlen (LIVE_KEY)));
  process->count_before = g_strdup (
      ps_sim_redis_hget (self->redis, PS_SIM_STATE_DB, RESTORE_KEY, PS_FIELD_RESTORE_COUNT));
  if (process->start.mode != PS_START_WARM)
    process->state_last = process->state_found;
}

gboolean
ps_check_is_warm_open (const PsCheck *self)
{
  const PsCheckProcess *process = &self->process;
  return process->decided && !process->reconciled &&
         (process->start.mode == PS_START_WARM ||
          (process->start.mode == PS_START_RESUME && is_unfinished (process->state_found)));
}

/* --- what it writes ------------------------------------------------------------------------- */

/* One after the other, the same again when its answer was lost. */
static gboolean
may_follow (const PsCheckProcess *process, PsCheckState state)
{
  gboolean goes_on = state == process->state_last || state == process->state_last + 1;
  if (process->start.mode == PS_START_WARM)
    return state <= PS_CHECK_STATE_RECONCILED && goes_on;
  if (process->start.mode == PS_START_RESUME && is_unfinished (process->state_found))
    return state <= PS_CHECK_STATE_RECONCILED && goes_on;
  if (state == PS_CHECK_STATE_DISABLED)
    return is_unfinished (process->state_found) && !process->reconciled;
  return state == PS_CHECK_STATE_RECONCILED && !is_unfinished (process->state_last) &&
         process->state_found != PS_CHECK_STATE_RECONCILED;
}

static char *
describe_order (const PsCheckProcess *process)
{
  return g_strdup_printf (
      "what may follow %s in a %s start that found %s", state_names[process->state_last],
      ps_start_mode_name (process->start.mode), state_names[process->state_found]);
}

static gboolean
is_forced (PsCheck *self)
{
  return ps_check_now_us (self) - self->process.decided_us >=
         ps_sim_world_eoiu_timeout_us (self->world);
}

/* A link that stands as it did when the start was decided; no other client touched its row. */
static gboolean
is_steady (PsCheck *self, const PsTruthPort *port)
{
  return ps_truth_now (port)->event <= self->process.decided_event && !port->touched;
}

/* The row is awaited, or its live row was there all the time. */
static gboolean
is_written (PsCheck *self, const char *name)
{
  g_autofree char *key = g_strconcat (LIVE_KEY, name, NULL);
  if (g_hash_table_contains (self->process.live, name) &&
      ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, key))
    return TRUE;
  return g_hash_table_contains (self->process.awaited, name) &&
         !g_hash_table_contains (self->precleared, name);
}

/* What is wrong with the row of a link that stands still; NULL: nothing that is known of. */
static char *
wrong_row (PsCheck *self, const PsTruthPort *port)
{
  guint64 wanted = ps_truth_now (port)->value;
  gboolean absent = wanted == PS_TRUTH_ABSENT;
  if (!is_steady (self, port) || port->row_value == wanted ||
      (!absent && !is_written (self, port->name)))
    return NULL;
  return g_strdup_printf ("the row of %s is %s", port->name,
                          absent ? "there, and no device" : "not that of its device");
}

static char *
first_wrong_row (PsCheck *self)
{
  char *wrong = NULL;
  for (guint i = 0; wrong == NULL && i < ps_truth_length (self->truth); i++)
    wrong = wrong_row (self, ps_truth_nth (self->truth, i));
  return wrong;
}

/* By this process, or it stands there: one before may have announced it in its last moment. */
static gboolean
is_announced (PsCheck *self)
{
  return self->process.init_done ||
         ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, LIVE_KEY PS_KEY_INIT_DONE) ||
         ps_sim_redis_exists (self->redis, PS_SIM_APPL_DB, "_" LIVE_KEY PS_KEY_INIT_DONE);
}

/* Why reconciled is not true; NULL: it may be. */
static char *
why_not_reconciled (PsCheck *self)
{
  if (!self->process.listed)
    return g_strdup ("the links were never listed to the end");
  if (!ps_check_is_warm_open (self) && !is_announced (self))
    return g_strdup (PS_KEY_INIT_DONE " was not announced");
  if (self->process.awaited == NULL)
    return g_strdup ("the configuration is not known");
  g_autofree char *name = ps_check_first_not_published (self);
  if (name != NULL)
    return g_strdup_printf ("%s was not published", name);
  return ps_check_is_lossy (self) ? NULL : first_wrong_row (self);
}

static char *
why_not_restored (PsCheck *self)
{
  const PsTruthPort *port = ps_check_first_unread (self);
  return port != NULL ? g_strdup_printf ("the row of %s was not read", port->name) : NULL;
}

static void
judge_truth (PsCheck *self, PsCheckState state)
{
  char *wrong = NULL;
  if (ps_check_is_warm_open (self) && is_forced (self))
    return;
  if (state == PS_CHECK_STATE_RESTORED || state == PS_CHECK_STATE_RECONCILED)
    wrong = why_not_restored (self);
  if (wrong == NULL && state == PS_CHECK_STATE_RECONCILED)
    wrong = why_not_reconciled (self);
  if (wrong != NULL)
    ps_check_fail (self, PS_CHECK_WARM_STATE_TRUE,
                   g_strdup_printf ("%s when it is true, or time is over", state_names[state]),
                   wrong);
}

static void
judge_state (PsCheck *self, const char *text)
{
  PsCheckProcess *process = &self->process;
  PsCheckState state = parse_state (text);
  if (!process->state_unsure && !may_follow (process, state))
    ps_check_fail (self, PS_CHECK_WARM_STATE_ORDER, describe_order (process), g_strdup (text));
  judge_truth (self, state);
  process->state_last = state;
  process->reconciled |= state == PS_CHECK_STATE_RECONCILED;
}

static void
judge_restore_count (PsCheck *self, const char *count)
{
  const PsCheckProcess *process = &self->process;
  guint64 before = 0, now;
  if (process->count_before != NULL)
    (void)g_ascii_string_to_unsigned (process->count_before, 10, 0, G_MAXUINT64 - 1, &before, NULL);
  guint64 wanted = process->start.mode == PS_START_WARM ? before + 1 : 0;
  if (g_ascii_string_to_unsigned (count, 10, 0, G_MAXUINT64, &now, NULL) && now == wanted)
    return;
  ps_check_fail (self, PS_CHECK_RESTORE_COUNT,
                 g_strdup_printf ("restore_count %" G_GUINT64_FORMAT, wanted), g_strdup (count));
}

/* It was no hash, so it may go; all that belongs into it has to come back with the next write. */
void
ps_check_take_warm_repair (PsCheck *self)
{
  self->warm_row_spoiled = FALSE;
  self->warm_count_owed = TRUE;
}

static void
judge_repair (PsCheck *self, const char *count)
{
  if (self->warm_count_owed && count == NULL)
    ps_check_fail (self, PS_CHECK_RESTORE_COUNT,
                   g_strdup ("restore_count, with what is written over a row that was deleted"),
                   g_strdup ("none"));
  self->warm_count_owed = FALSE;
}

void
ps_check_judge_warm_row (PsCheck *self, const PsSimRedisWrite *write)
{
  const char *count = ps_check_value_of (write, PS_FIELD_RESTORE_COUNT);
  const char *state = ps_check_value_of (write, PS_FIELD_STATE);
  if (!self->process.decided || write->connection < self->process.first_connection)
    return; /* What a dead process had on its way is not this one's doing. */
  judge_repair (self, count);
  if (count != NULL)
    judge_restore_count (self, count);
  if (state != NULL)
    judge_state (self, state);
}

/* --- in the end ----------------------------------------------------------------------------- */

/* Once is enough: who flushes STATE_DB afterwards wants to know nothing of it. */
gboolean
ps_check_warm_is_wrong (PsCheck *self, const char **out_expected, const char **out_seen)
{
  const PsCheckProcess *process = &self->process;
  PsCheckState state = read_state (self);
  if (!process->decided)
    return FALSE;
  *out_seen = state_names[state];
  if (process->start.mode == PS_START_WARM && !process->reconciled) {
    *out_expected = "state reconciled";
    return TRUE;
  }
  if (process->init_done && !process->reconciled &&
      process->state_found != PS_CHECK_STATE_RECONCILED) {
    *out_expected = "state reconciled, as " PS_KEY_INIT_DONE " was announced";
    return TRUE;
  }
  *out_expected = "no state of a warm start that goes on";
  return is_unfinished (state) && !self->warm_row_foreign && !process->state_unsure;
}
