/* SPDX-License-Identifier: Apache-2.0 */
#include "core/refusals.h"
#include "base/timer.h"
#include "base/told.h"
#include "core/schema.h"

#define N_REFUSALS (PS_REFUSAL_OTHER + 1)

typedef struct {
  PsRefusals *owner;
  PsTask task;
  PsRetryPace pace;
  PsBackoff backoff;
  PsTimer timer;
} PsPause;

typedef struct {
  gboolean refused; /* and did not go well since */
  gboolean told;    /* ... which the log said */
  gint64 since_us;
  guint64 n; /* how often since then */
  PsTold said[N_REFUSALS];
  PsPause pauses[PS_N_RETRIES];
  PsRetryFn retry; /* nullable */
  gpointer user_data;
} PsRefusedTask;

struct _PsRefusals {
  PsClock *clock; /* owned */
  PsLog *log;     /* not owned */
  PsRefusedTask tasks[PS_N_TASKS];
};

#define IN(db) (1u << (db))

static const struct {
  const char *name;
  guint dbs; /* bits: where it is asked */
} descriptions[PS_N_TASKS] = {
    [PS_TASK_START] = {"reading how to start",
                       IN (PS_DB_CONFIG) | IN (PS_DB_APPL) | IN (PS_DB_STATE)},
    [PS_TASK_ROWS] = {"writing STATE_DB " PS_TABLE_PORT_TABLE, IN (PS_DB_STATE)},
    [PS_TASK_READING] = {"reading STATE_DB " PS_TABLE_PORT_TABLE, IN (PS_DB_STATE)},
    [PS_TASK_LOOK_ROWS] = {"EXISTS in STATE_DB", IN (PS_DB_STATE)},
    [PS_TASK_LOOK_LIVE] = {"EXISTS in APPL_DB", IN (PS_DB_APPL)},
    [PS_TASK_LIVE_ROWS] = {"reading APPL_DB " PS_TABLE_PORT_TABLE, IN (PS_DB_APPL)},
    [PS_TASK_MARKERS] = {"announcing the configuration", IN (PS_DB_CONFIG) | IN (PS_DB_APPL)},
    [PS_TASK_PRUNE] = {"reading the names of CONFIG_DB " PS_TABLE_PORT, IN (PS_DB_CONFIG)},
    [PS_TASK_COUNT] = {"correcting the count of " PS_KEY_CONFIG_DONE,
                       IN (PS_DB_CONFIG) | IN (PS_DB_APPL)},
    [PS_TASK_WARM] = {"writing STATE_DB " PS_TABLE_WARM_RESTART "|" PS_KEY_PORTSYNCD,
                      IN (PS_DB_STATE)},
    [PS_TASK_LOGGER] = {"reading CONFIG_DB " PS_TABLE_LOGGER "|" PS_KEY_PORTSYNCD,
                        IN (PS_DB_CONFIG)},
    [PS_TASK_LOGGER_DEFAULTS] = {"writing CONFIG_DB " PS_TABLE_LOGGER "|" PS_KEY_PORTSYNCD,
                                 IN (PS_DB_CONFIG)},
};

/* TRUE: there was one. */
static gboolean
end_pause (PsPause *pause)
{
  gboolean was_waiting = ps_timer_is_armed (&pause->timer);
  ps_clock_cancel (pause->owner->clock, &pause->timer);
  ps_backoff_reset (&pause->backoff);
  return was_waiting;
}

static void
end_pauses (PsRefusals *self, PsTask task)
{
  for (guint pace = 0; pace < PS_N_RETRIES; pace++)
    end_pause (&self->tasks[task].pauses[pace]);
}

void
ps_refusals_free (PsRefusals *self)
{
  if (self == NULL)
    return;
  for (PsTask task = 0; task < PS_N_TASKS; task++)
    end_pauses (self, task);
  g_object_unref (self->clock);
  g_free (self);
}

void
ps_refusals_set_retry (PsRefusals *self, PsTask task, PsRetryFn retry, gpointer user_data)
{
  self->tasks[task].retry = retry;
  self->tasks[task].user_data = user_data;
}

static void
try_again (const PsPause *pause)
{
  const PsRefusedTask *task = &pause->owner->tasks[pause->task];
  if (task->retry != NULL)
    task->retry (pause->pace, task->user_data);
}

static void
on_pause (gpointer user_data)
{
  PsPause *pause = user_data;
  try_again (pause);
}

static void
take_pause (PsRefusals *self, PsTask task, PsRefusal refusal)
{
  PsPause *pause = &self->tasks[task].pauses[ps_retry_pace (refusal)];
  if (!ps_timer_is_armed (&pause->timer))
    ps_clock_rearm_in (self->clock, &pause->timer, ps_backoff_next_us (&pause->backoff));
}

static void
begin (PsRefusedTask *task, gint64 now_us)
{
  if (!task->refused)
    task->since_us = now_us;
  task->n = task->refused ? task->n + 1 : 1;
  task->refused = TRUE;
}

/* A thousand refused ports are one line. */
static void
tell (PsRefusals *self, PsRefusedTask *task, const PsOutcome *outcome, const char *what,
      const char *often)
{
  ps_error (self->log, "%s%s: %s%s", what, often,
            outcome->reason != NULL ? outcome->reason : "no reason given",
            ps_retry_advice (outcome->refusal));
}

static void
tell_if_due (PsRefusals *self, PsRefusedTask *task, const PsOutcome *outcome, const char *what)
{
  gint64 now_us = ps_clock_now_us (self->clock);
  if (!ps_told_take (&task->said[outcome->refusal], now_us))
    return;
  g_autofree char *often = NULL;
  if (task->n > 1)
    often =
        g_strdup_printf (", trying again (%" G_GUINT64_FORMAT " times in %" G_GINT64_FORMAT " s)",
                         task->n, (now_us - task->since_us) / G_USEC_PER_SEC);
  task->told = TRUE;
  tell (self, task, outcome, what, often != NULL ? often : ", trying again");
}

void
ps_refusals_note (PsRefusals *self, PsTask which, const PsOutcome *outcome, const char *format, ...)
{
  PsRefusedTask *task = &self->tasks[which];
  if (outcome->result == PS_REFUSED) {
    va_list args;
    va_start (args, format);
    g_autofree char *what = g_strdup_vprintf (format, args);
    va_end (args);
    begin (task, ps_clock_now_us (self->clock));
    tell_if_due (self, task, outcome, what);
  }
  take_pause (self, which, outcome->refusal);
}

void
ps_refusals_tell (PsRefusals *self, PsTask which, const PsOutcome *outcome, const char *format, ...)
{
  PsRefusedTask *task = &self->tasks[which];
  if (!ps_told_take (&task->said[outcome->refusal], ps_clock_now_us (self->clock)))
    return;
  va_list args;
  va_start (args, format);
  g_autofree char *what = g_strdup_vprintf (format, args);
  va_end (args);
  tell (self, task, outcome, what, "");
}

void
ps_refusals_tell_repair (PsRefusals *self, const char *table, const char *key)
{
  ps_error (self->log, "STATE_DB %s|%s is no hash: deleting it and writing it anew", table, key);
}

void
ps_refusals_clear (PsRefusals *self, PsTask which)
{
  PsRefusedTask *task = &self->tasks[which];
  end_pauses (self, which);
  if (task->refused && task->told)
    ps_notice (self->log, "Redis does not refuse %s any more, after %" G_GINT64_FORMAT " s",
               descriptions[which].name,
               (ps_clock_now_us (self->clock) - task->since_us) / G_USEC_PER_SEC);
  task->refused = task->told = FALSE;
}

void
ps_refusals_online (PsRefusals *self, PsDb db)
{
  for (guint i = 0; i < PS_N_TASKS * PS_N_RETRIES; i++) {
    PsPause *pause = &self->tasks[i / PS_N_RETRIES].pauses[i % PS_N_RETRIES];
    if ((descriptions[pause->task].dbs & IN (db)) != 0 && end_pause (pause))
      try_again (pause);
  }
}

gboolean
ps_refusals_is_waiting (const PsRefusals *self, PsTask task)
{
  const PsPause *pauses = self->tasks[task].pauses;
  return ps_timer_is_armed (&pauses[PS_RETRY_QUICK].timer) ||
         ps_timer_is_armed (&pauses[PS_RETRY_SLOW].timer);
}

guint
ps_refusals_n_refused (const PsRefusals *self, const char **out_first)
{
  guint n = 0;
  for (PsTask task = PS_N_TASKS; task-- > 0;) {
    if (!self->tasks[task].refused)
      continue;
    n++;
    if (out_first != NULL)
      *out_first = descriptions[task].name;
  }
  return n;
}

gint64
ps_refusals_since_us (const PsRefusals *self, PsTask task)
{
  return self->tasks[task].refused ? self->tasks[task].since_us : -1;
}

PsRefusals *
ps_refusals_new (PsClock *clock, PsLog *log)
{
  PsRefusals *self = g_new0 (PsRefusals, 1);
  self->clock = g_object_ref (clock);
  self->log = log;
  for (PsTask task = 0; task < PS_N_TASKS; task++)
    for (guint pace = 0; pace < PS_N_RETRIES; pace++) {
      PsPause *pause = &self->tasks[task].pauses[pace];
      *pause = (PsPause){.owner = self, .task = task, .pace = (PsRetryPace)pace};
      ps_timer_bind (&pause->timer, on_pause, pause);
      ps_retry_init (&pause->backoff, pause->pace);
    }
  return self;
}
