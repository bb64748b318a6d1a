/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/supervision.h"
#include "base/timer.h"
#include "core/schema.h"

#define READY_POLL_US (50 * 1000)

enum { TIMER_STATUS, TIMER_WATCHDOG, N_TIMERS };

struct _PsSupervision {
  PsClock *clock;   /* owned */
  PsNotify *notify; /* not owned */
  gint64 ready_due_us;
  PsStatusFn status;
  gpointer user_data;
  PsTimer timers[N_TIMERS];
  gboolean ready, stopping;
  char *told; /* owned, nullable; the status sent last */
  gint64 told_us;
  guint64 progress;
  gint64 progressed_us; /* when progress was seen last, or nothing was owed */
};

static gboolean
is_acknowledged (const PsEngineStatus *s)
{
  return s->started && s->complete && s->reconciled && s->n_waiting == 0;
}

static char *
describe (const PsEngineStatus *s)
{
  if (!s->online)
    return g_strdup_printf ("%s is not connected; %u ports wait", s->away, s->n_waiting);
  if (!s->started)
    return g_strdup ("deciding how to start");
  GString *text = g_string_new (NULL);
  g_string_printf (text, "%u ports, %u wait for Redis", s->n_ports, s->n_waiting);
  if (!s->complete)
    g_string_append (text, "; the picture of the links is incomplete");
  if (!s->reconciled)
    g_string_append (text, "; reading STATE_DB");
  if (!s->init_done)
    g_string_append_printf (text, "; " PS_KEY_INIT_DONE " waits for %u", s->n_pending);
  if (s->n_refused > 0)
    g_string_append_printf (text, "; Redis refuses %s", s->refused);
  if (s->n_refused > 1)
    g_string_append_printf (text, " and %u more", s->n_refused - 1);
  return g_string_free (text, FALSE);
}

static char *
compose (const PsSupervision *self, const PsEngineStatus *s, gboolean ready)
{
  g_autofree char *text = describe (s);
  const char *degraded = is_acknowledged (s) ? "" : "degraded: ";
  if (ready || self->ready)
    return g_strdup_printf ("STATUS=%s%s", degraded, text);
  return g_strdup_printf ("STATUS=starting: %s", text);
}

static void
tell_status (PsSupervision *self)
{
  PsEngineStatus s = self->status (self->user_data);
  gint64 now_us = ps_clock_now_us (self->clock);
  gboolean ready = !self->ready && (is_acknowledged (&s) || now_us >= self->ready_due_us);
  g_autofree char *line = compose (self, &s, ready);
  g_autofree char *lines = NULL;
  if (!ready && (now_us < self->told_us + G_USEC_PER_SEC ||
                 (self->ready && g_strcmp0 (line, self->told) == 0)))
    return;
  if (ready)
    lines = g_strdup_printf ("READY=1\n%s", line);
  else if (!self->ready)
    lines = g_strdup_printf ("EXTEND_TIMEOUT_USEC=%" G_GINT64_FORMAT "\n%s",
                             (gint64)(G_USEC_PER_SEC + PS_SUPERVISION_EXTEND_US), line);
  /* A manager that has no room is told again in a second. */
  if (!ps_notify_send (self->notify, lines != NULL ? lines : line))
    return;
  self->ready |= ready;
  self->told_us = now_us;
  g_free (self->told);
  self->told = g_steal_pointer (&line);
}

static void
on_status (gpointer user_data)
{
  PsSupervision *self = user_data;
  gint64 pause_us = self->ready ? G_USEC_PER_SEC : READY_POLL_US;
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_STATUS], pause_us);
  tell_status (self);
}

static gboolean
is_stuck (PsSupervision *self)
{
  PsEngineStatus s = self->status (self->user_data);
  gint64 now_us = ps_clock_now_us (self->clock);
  gboolean owes = !s.complete || (s.state_online && (s.n_waiting > 0 || !s.reconciled));
  if (!owes || s.progress != self->progress)
    self->progressed_us = now_us;
  self->progress = s.progress;
  return now_us - self->progressed_us >= PS_SUPERVISION_STUCK_US;
}

static void
on_watchdog (gpointer user_data)
{
  PsSupervision *self = user_data;
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_WATCHDOG],
                     MAX (ps_notify_watchdog_us (self->notify) / 3, 1));
  if (!is_stuck (self))
    ps_notify_send (self->notify, "WATCHDOG=1");
}

PsSupervision *
ps_supervision_new (PsClock *clock, PsNotify *notify, gint64 ready_us, PsStatusFn status,
                    gpointer user_data)
{
  PsSupervision *self = g_new0 (PsSupervision, 1);
  ps_timer_bind (&self->timers[TIMER_STATUS], on_status, self);
  ps_timer_bind (&self->timers[TIMER_WATCHDOG], on_watchdog, self);
  gint64 now_us = ps_clock_now_us (clock);
  self->clock = g_object_ref (clock);
  self->notify = notify;
  self->ready_due_us = now_us + ready_us;
  self->told_us = now_us - G_USEC_PER_SEC;
  self->status = status;
  self->user_data = user_data;
  self->progressed_us = now_us;
  if (ps_notify_is_wanted (notify))
    ps_clock_rearm_at (clock, &self->timers[TIMER_STATUS], now_us);
  if (ps_notify_watchdog_us (notify) > 0)
    ps_clock_rearm_at (clock, &self->timers[TIMER_WATCHDOG], now_us);
  return self;
}

void
ps_supervision_free (PsSupervision *self)
{
  if (self == NULL)
    return;
  ps_clock_cancel_all (self->clock, self->timers, N_TIMERS);
  g_object_unref (self->clock);
  g_free (self->told);
  g_free (self);
}

void
ps_supervision_stopping (PsSupervision *self)
{
  if (self->stopping)
    return;
  self->stopping = TRUE;
  ps_clock_cancel (self->clock, &self->timers[TIMER_STATUS]);
  ps_notify_send (self->notify, "STOPPING=1\nSTATUS=writing what is still to be written");
}
