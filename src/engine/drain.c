/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/drain.h"
#include "base/timer.h"

enum { TIMER_END, N_TIMERS };

struct _PsDrain {
  const PsMembers *m;
  gboolean begun, ended;
  PsTimer timers[N_TIMERS];
};

void
ps_drain_free (PsDrain *self)
{
  if (self == NULL)
    return;
  ps_clock_cancel (self->m->clock, &self->timers[TIMER_END]);
  g_free (self);
}

static void
on_timer (gpointer user_data)
{
  PsDrain *self = user_data;
  ps_link_source_stop (self->m->source);
  self->ended = TRUE;
  guint n = ps_flush_n_waiting (self->m->flush);
  if (n > 0)
    ps_warn (self->m->log, "Leaving with %u ports not written; the next start writes them", n);
  ps_journal_leave (self->m->journal);
}

static void
arm (PsDrain *self, gint64 us)
{
  PsClock *clock = self->m->clock;
  ps_clock_rearm_in (clock, &self->timers[TIMER_END], us);
}

void
ps_drain_check (PsDrain *self)
{
  if (!self->begun || self->ended)
    return;
  if (ps_flush_is_idle (self->m->flush) || !ps_store_is_db_online (self->m->store, PS_DB_STATE))
    arm (self, 0);
}

void
ps_drain_begin (PsDrain *self)
{
  if (self->begun)
    return;
  self->begun = TRUE;
  ps_flush_run (self->m->flush);
  arm (self, PS_DRAIN_MAX_US);
  ps_drain_check (self);
}

gboolean
ps_drain_has_begun (const PsDrain *self)
{
  return self->begun;
}

PsDrain *
ps_drain_new (const PsMembers *members)
{
  PsDrain *self = g_new0 (PsDrain, 1);
  ps_timer_bind (&self->timers[TIMER_END], on_timer, self);
  self->m = members;
  return self;
}
