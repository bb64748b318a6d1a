/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/step.h"
#include <string.h>

#define RATE_MAX  1000000 /* a second */
#define TIMES_MAX 100000000

static const char *const members[] = {"id",   "why",  "at",    "after", "delay",  "every",
                                      "ramp", "from", "until", "times", "jitter", "for",
                                      "p",    "do",   "links", NULL};
static const char *const ramp_members[] = {"from", "to", NULL};

/* What a step's "when" may hold besides its own word. */
static const char *const of_at[] = {"at", NULL};
static const char *const of_after[] = {"after", "delay", NULL};
static const char *const of_every[] = {"every", "from", "until", "times", "jitter", NULL};
static const char *const of_ramp[] = {"ramp", "from", "until", NULL};
static const char *const *const forms[] = {of_at, of_after, of_every, of_ramp};

static const PsDrawRange any_time = {TRUE, 0, PS_DURATION_MAX_US};
static const PsDrawRange a_gap = {TRUE, 1, PS_DURATION_MAX_US};

static gboolean
read_draw (const PsPlace *object, const char *name, const PsDrawRange *range, PsDraw *out,
           GError **error)
{
  PsPlace at;
  return !ps_place_member (object, name, &at) || ps_draw_read (&at, range, out, error);
}

static gboolean
read_time (const PsPlace *object, const char *name, gint64 *out, GError **error)
{
  PsPlace at;
  return !ps_place_member (object, name, &at) || ps_place_read_duration (&at, out, error);
}

static gboolean
is_time_member (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (g_strv_contains (forms[i], name))
      return TRUE;
  return FALSE;
}

/* One of the four ways, and nothing that belongs to another. */
static gboolean
read_form (const PsPlace *place, PsStep *self, GError **error)
{
  guint found = 0;
  PsPlace at;
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    if (ps_place_member (place, forms[i][0], &at)) {
      self->when = (PsWhen)i;
      found++;
    }
  if (found != 1)
    return ps_place_fail (place, error, "must have one of \"at\", \"after\", \"every\", \"ramp\"");
  for (guint i = 0; members[i] != NULL; i++)
    if (is_time_member (members[i]) && ps_place_member (place, members[i], &at) &&
        !g_strv_contains (forms[self->when], members[i]))
      return ps_place_fail (&at, error, "does not go with \"%s\"", forms[self->when][0]);
  return TRUE;
}

static gboolean
read_after (const PsPlace *place, PsStep *self, GError **error)
{
  PsPlace at;
  const char *id;
  ps_place_member (place, "after", &at);
  if (!ps_place_read_name (&at, &id, error) ||
      !read_draw (place, "delay", &any_time, &self->at, error))
    return FALSE;
  self->after_id = g_strdup (id);
  return TRUE;
}

static gboolean
read_span (const PsPlace *place, PsStep *self, gint64 end_us, GError **error)
{
  PsPlace at;
  if (!read_time (place, "from", &self->from_us, error) ||
      !read_time (place, "until", &self->until_us, error))
    return FALSE;
  if (self->from_us < self->until_us && self->until_us <= end_us)
    return TRUE;
  ps_place_member (place, self->until_us > end_us ? "until" : "from", &at);
  return ps_place_fail (&at, error, "\"from\" is before \"until\", and that not after the end");
}

static gboolean
read_every (const PsPlace *place, PsStep *self, gint64 end_us, GError **error)
{
  PsPlace at;
  gint64 times;
  if (!read_draw (place, "every", &a_gap, &self->at, error) ||
      !read_draw (place, "jitter", &any_time, &self->jitter, error) ||
      !read_span (place, self, end_us, error))
    return FALSE;
  if (!ps_place_member (place, "times", &at))
    return TRUE;
  if (!ps_place_read_integer (&at, 1, TIMES_MAX, &times, error))
    return FALSE;
  self->times = (guint64)times;
  return TRUE;
}

static gboolean
read_rate (const PsPlace *ramp, const char *name, gint64 *out, GError **error)
{
  PsPlace at;
  return ps_place_require (ramp, name, &at, error) &&
         ps_place_read_integer (&at, 1, RATE_MAX, out, error);
}

static gboolean
read_ramp (const PsPlace *place, PsStep *self, gint64 end_us, GError **error)
{
  PsPlace ramp;
  ps_place_member (place, "ramp", &ramp);
  return ps_place_check_object (&ramp, ramp_members, error) &&
         read_rate (&ramp, "from", &self->rate_from, error) &&
         read_rate (&ramp, "to", &self->rate_to, error) && read_span (place, self, end_us, error);
}

static gboolean
read_at (const PsPlace *place, PsStep *self, gint64 end_us, GError **error)
{
  PsDrawRange range = {TRUE, 0, end_us};
  return read_draw (place, "at", &range, &self->at, error);
}

static gboolean
read_when (const PsPlace *place, PsStep *self, gint64 end_us, GError **error)
{
  if (!read_form (place, self, error))
    return FALSE;
  self->until_us = end_us;
  switch (self->when) {
  case PS_WHEN_AT:
    return read_at (place, self, end_us, error);
  case PS_WHEN_AFTER:
    return read_after (place, self, error);
  case PS_WHEN_EVERY:
    return read_every (place, self, end_us, error);
  case PS_WHEN_RAMP:
    return read_ramp (place, self, end_us, error);
  }
  g_assert_not_reached ();
}

static gboolean
read_verb (const PsPlace *place, PsStep *self, GError **error)
{
  PsPlace at;
  guint index;
  if (!ps_place_require (place, "do", &at, error) ||
      !ps_place_read_word (&at, "verb", ps_verb_names (), &index, error))
    return FALSE;
  self->verb = &ps_verbs ()[index];
  return TRUE;
}

/* The verb decides which members a step may have. */
static gboolean
check_members (const PsPlace *place, const PsVerb *verb, GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  for (guint i = 0; members[i] != NULL; i++)
    g_ptr_array_add (known, (gpointer)members[i]);
  for (const PsVerbParam *param = verb->params; param->name != NULL; param++)
    g_ptr_array_add (known, (gpointer)param->name);
  g_ptr_array_add (known, NULL);
  return ps_place_check_object (place, (const char *const *)known->pdata, error);
}

static gboolean
read_value (const PsPlace *at, const PsVerbParam *param, PsStepArgument *out, GError **error)
{
  PsDrawRange range = {param->type == PS_PARAM_DURATION, param->min, param->max};
  const char *text;
  gboolean flag;
  guint word;
  switch (param->type) {
  case PS_PARAM_COUNT:
  case PS_PARAM_DURATION:
    return ps_draw_read (at, &range, &out->draw, error);
  case PS_PARAM_FLAG:
    if (!ps_place_read_flag (at, &flag, error))
      return FALSE;
    out->draw.low = flag;
    return TRUE;
  case PS_PARAM_TEXT:
    if (!ps_place_read_text (at, &text, error))
      return FALSE;
    out->text = g_strdup (text);
    return TRUE;
  case PS_PARAM_WORD:
    if (!ps_place_read_word (at, param->name, param->words, &word, error))
      return FALSE;
    out->draw.low = word;
    return TRUE;
  }
  g_assert_not_reached ();
}

static gboolean
read_arguments (const PsPlace *place, PsStep *self, GError **error)
{
  gboolean ok = TRUE;
  for (guint i = 0; self->verb->params[i].name != NULL; i++) {
    const PsVerbParam *param = &self->verb->params[i];
    PsPlace at;
    self->arguments[i].draw.low = param->fallback;
    if (!ps_place_member (place, param->name, &at)) {
      if (!param->optional)
        ok = ps_place_fail (place, error, "\"%s\" lacks \"%s\" (%s)", self->verb->name, param->name,
                            param->what);
      self->arguments[i].text = param->type == PS_PARAM_TEXT ? g_strdup ("") : NULL;
      continue;
    }
    ok &= read_value (&at, param, &self->arguments[i], error);
  }
  return ok;
}

static guint
count_links (const PsSelector *selector, guint n_links)
{
  if (selector->kind == PS_SELECT_ALL)
    return n_links;
  return selector->kind == PS_SELECT_SAMPLE ? selector->sample : selector->indexes->len;
}

static gboolean
read_links (const PsPlace *place, const GPtrArray *links, PsStep *self, GError **error)
{
  PsPlace at;
  const PsVerb *verb = self->verb;
  gboolean given = ps_place_member (place, "links", &at);
  if (given && verb->links_max == 0)
    return ps_place_fail (&at, error, "\"%s\" is not about links", verb->name);
  if (!given)
    return verb->links_max == 0 ||
           ps_place_fail (place, error, "\"%s\" lacks \"links\"", verb->name);
  if (links == NULL)
    return TRUE;
  if (!ps_selector_read (&at, links, &self->links, error))
    return FALSE;
  guint n = count_links (&self->links, links->len);
  if (n >= verb->links_min && n <= verb->links_max)
    return TRUE;
  return ps_place_fail (&at, error, "\"%s\" takes exactly %u, not %u", verb->name, verb->links_min,
                        n);
}

static gboolean
read_for (const PsPlace *place, PsStep *self, GError **error)
{
  PsPlace at;
  self->ends = ps_place_member (place, "for", &at);
  if (self->ends && self->verb->heal == NULL)
    return ps_place_fail (&at, error, "\"%s\" has no end", self->verb->name);
  if (!self->ends)
    return !self->verb->must_end ||
           ps_place_fail (place, error, "\"%s\" lacks \"for\"", self->verb->name);
  return ps_draw_read (&at, &any_time, &self->lasting, error);
}

static gboolean
read_chance (const PsPlace *place, PsStep *self, GError **error)
{
  PsPlace at;
  self->chance = PS_MILLION;
  if (!ps_place_member (place, "p", &at))
    return TRUE;
  gdouble p = at.value->number;
  if (!(p > 0 && p <= 1))
    return ps_place_fail (&at, error, "must be a number above 0, at most 1");
  self->chance = MAX ((guint)(p * PS_MILLION + 0.5), 1);
  return TRUE;
}

static gboolean
read_id (const PsPlace *place, PsStep *self, GError **error)
{
  PsPlace at;
  const char *id;
  if (!ps_place_require (place, "id", &at, error) || !ps_place_read_name (&at, &id, error))
    return FALSE;
  self->id = g_strdup (id);
  if (!ps_place_member (place, "why", &at))
    return TRUE;
  if (!ps_place_read_name (&at, &id, error))
    return FALSE;
  self->why = g_strdup (id);
  return TRUE;
}

const char *const *
ps_step_members (void)
{
  return members;
}

/* What only the verb can tell. */
static gboolean
read_for_verb (const PsPlace *place, const GPtrArray *links, PsStep *self, GError **error)
{
  gboolean ok = read_arguments (place, self, error);
  ok &= read_links (place, links, self, error);
  return read_for (place, self, error) && ok;
}

/* Each part, whatever is wrong with another. */
static gboolean
read_parts (const PsPlace *place, const GPtrArray *links, gint64 end_us, PsStep *self,
            GError **error)
{
  gboolean knows = read_verb (place, self, error);
  gboolean ok = knows && check_members (place, self->verb, error);
  ok &= read_id (place, self, error);
  ok &= read_when (place, self, end_us, error);
  ok &= !knows || read_for_verb (place, links, self, error);
  return read_chance (place, self, error) && ok;
}

PsStep *
ps_step_read (const PsPlace *place, const GPtrArray *links, gint64 end_us, GError **error)
{
  g_autoptr (PsStep) self = g_new0 (PsStep, 1);
  self->after = PS_STEP_NONE;
  self->times = G_MAXUINT64;
  if (!ps_place_require_object (place, error))
    return NULL;
  return read_parts (place, links, end_us, self, error) ? g_steal_pointer (&self) : NULL;
}

void
ps_step_free (PsStep *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->why);
  g_free (self->after_id);
  ps_draw_clear (&self->at);
  ps_draw_clear (&self->jitter);
  ps_draw_clear (&self->lasting);
  ps_selector_clear (&self->links);
  for (guint i = 0; i < PS_VERB_PARAMS_MAX; i++) {
    ps_draw_clear (&self->arguments[i].draw);
    g_free (self->arguments[i].text);
  }
  g_free (self);
}
