/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/judge.h"

typedef struct {
  gboolean active; /* its step has begun */
  gboolean met;
  gint64 deadline_us;
  guint64 matches; /* writes or log lines that fitted */
} Standing;

struct _PsJudge {
  const PsScenario *scenario;
  PsSimWorld *world;
  const PsCheck *check;
  Standing *standings; /* owned; one for each expectation */
  guint observer;
  gboolean safety_only;
  const PsExpect *failed; /* nullable */
  char *seen;             /* owned */
  gint64 failed_us;
};

static const PsExpect *
nth (const PsJudge *self, guint i)
{
  return g_ptr_array_index (self->scenario->expects, i);
}

static void
on_write (const PsSimRedisWrite *write, gpointer user_data)
{
  PsJudge *self = user_data;
  for (guint i = 0; i < self->scenario->expects->len; i++)
    if (self->standings[i].active && ps_predicate_fits_write (&nth (self, i)->that, write))
      self->standings[i].matches++;
}

static gboolean
fail (PsJudge *self, guint i)
{
  self->failed = nth (self, i);
  self->failed_us = ps_sim_world_now_us (self->world);
  self->seen =
      ps_predicate_seen (&self->failed->that, self->world, self->check, self->standings[i].matches);
  return FALSE;
}

static gboolean
holds (PsJudge *self, guint i)
{
  return ps_predicate_holds (&nth (self, i)->that, self->world, self->check,
                             self->standings[i].matches);
}

static gboolean
look_at (PsJudge *self, guint i)
{
  Standing *standing = &self->standings[i];
  const PsExpect *expect = nth (self, i);
  gboolean safety = expect->when == PS_EXPECT_ALWAYS || expect->when == PS_EXPECT_NEVER;
  if (!standing->active || standing->met || expect->when == PS_EXPECT_AT_END ||
      (self->safety_only && !safety))
    return TRUE;
  gboolean held = holds (self, i);
  if (safety)
    return held == (expect->when == PS_EXPECT_ALWAYS) || fail (self, i);
  standing->met = held;
  gboolean late =
      expect->when == PS_EXPECT_WITHIN && ps_sim_world_now_us (self->world) > standing->deadline_us;
  return !late || fail (self, i);
}

PsJudge *
ps_judge_new (const PsScenario *scenario, PsSimWorld *world, const PsCheck *check)
{
  PsJudge *self = g_new0 (PsJudge, 1);
  self->scenario = scenario;
  self->world = world;
  self->check = check;
  self->standings = g_new0 (Standing, scenario->expects->len);
  for (guint i = 0; i < scenario->expects->len; i++)
    self->standings[i].active = nth (self, i)->of == PS_STEP_NONE;
  self->observer = ps_sim_redis_add_observer (ps_sim_world_redis (world), on_write, self);
  return self;
}

void
ps_judge_free (PsJudge *self)
{
  if (self == NULL)
    return;
  ps_sim_redis_remove_observer (ps_sim_world_redis (self->world), self->observer);
  g_free (self->standings);
  g_free (self->seen);
  g_free (self);
}

void
ps_judge_safety_only (PsJudge *self)
{
  self->safety_only = TRUE;
}

void
ps_judge_step_began (PsJudge *self, guint step)
{
  for (guint i = 0; i < self->scenario->expects->len; i++) {
    if (nth (self, i)->of != step)
      continue;
    self->standings[i].active = TRUE;
    self->standings[i].deadline_us = ps_sim_world_now_us (self->world) + nth (self, i)->within_us;
  }
}

void
ps_judge_log (PsJudge *self, const char *line)
{
  for (guint i = 0; i < self->scenario->expects->len; i++)
    if (self->standings[i].active && ps_predicate_fits_log (&nth (self, i)->that, line))
      self->standings[i].matches++;
}

gboolean
ps_judge_look (PsJudge *self)
{
  for (guint i = 0; i < self->scenario->expects->len && self->failed == NULL; i++)
    look_at (self, i);
  return self->failed == NULL;
}

gint64
ps_judge_deadline_us (PsJudge *self)
{
  gint64 last_us = ps_sim_world_now_us (self->world);
  ps_judge_look (self);
  for (guint i = 0; i < self->scenario->expects->len && !self->safety_only; i++)
    if (nth (self, i)->when == PS_EXPECT_WITHIN && self->standings[i].active &&
        !self->standings[i].met)
      last_us = MAX (last_us, self->standings[i].deadline_us + 1);
  return last_us;
}

gboolean
ps_judge_end (PsJudge *self)
{
  if (!ps_judge_look (self) || self->safety_only)
    return self->failed == NULL;
  for (guint i = 0; i < self->scenario->expects->len && self->failed == NULL; i++) {
    PsExpectWhen when = nth (self, i)->when;
    gboolean once = when == PS_EXPECT_WITHIN || when == PS_EXPECT_EVENTUALLY;
    gboolean skipped = once && !self->standings[i].active; /* its step did not take place */
    if (once && !skipped && !self->standings[i].met)
      fail (self, i);
    if (when == PS_EXPECT_AT_END && self->standings[i].active && !holds (self, i))
      fail (self, i);
  }
  return self->failed == NULL;
}

void
ps_judge_tell (PsJudge *self, PsRunResult *result)
{
  if (self->failed == NULL)
    return;
  PsExpectWhen when = self->failed->when;
  gboolean safety = when == PS_EXPECT_ALWAYS || when == PS_EXPECT_NEVER;
  g_autofree char *what = ps_predicate_expected (&self->failed->that);
  result->verdict = safety ? PS_VERDICT_SAFETY : PS_VERDICT_LIVENESS;
  result->check = g_strdup_printf ("expectation \"%s\"", self->failed->name);
  result->expected = g_strconcat (when == PS_EXPECT_NEVER ? "never: " : "", what, NULL);
  result->seen = g_strdup (self->seen);
  result->time_us = self->failed_us;
}
