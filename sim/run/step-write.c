/* SPDX-License-Identifier: Apache-2.0 */
#include "base/units.h"
#include "sim/run/step.h"

static void
put_text (JsonBuilder *out, const char *name, const char *text)
{
  json_builder_set_member_name (out, name);
  json_builder_add_string_value (out, text);
}

static void
put_count (JsonBuilder *out, const char *name, gint64 count)
{
  json_builder_set_member_name (out, name);
  json_builder_add_int_value (out, count);
}

static void
put_duration (JsonBuilder *out, const char *name, gint64 us)
{
  g_autofree char *text = ps_units_format (PS_UNITS_DURATION, us);
  put_text (out, name, text);
}

static void
put_draw (JsonBuilder *out, const char *name, const PsDraw *draw, gboolean is_duration)
{
  json_builder_set_member_name (out, name);
  ps_draw_write (draw, is_duration, out);
}

static gboolean
is_fixed_at (const PsDraw *draw, gint64 value)
{
  return draw->kind == PS_DRAW_FIXED && draw->low == value;
}

static void
put_span (JsonBuilder *out, const PsStep *self, gint64 end_us)
{
  if (self->from_us > 0)
    put_duration (out, "from", self->from_us);
  if (self->until_us != end_us)
    put_duration (out, "until", self->until_us);
}

static void
put_ramp (JsonBuilder *out, const PsStep *self)
{
  json_builder_set_member_name (out, "ramp");
  json_builder_begin_object (out);
  put_count (out, "from", self->rate_from);
  put_count (out, "to", self->rate_to);
  json_builder_end_object (out);
}

static void
put_when (JsonBuilder *out, const PsStep *self, gint64 end_us)
{
  switch (self->when) {
  case PS_WHEN_AT:
    put_draw (out, "at", &self->at, TRUE);
    return;
  case PS_WHEN_AFTER:
    put_text (out, "after", self->after_id);
    if (!is_fixed_at (&self->at, 0))
      put_draw (out, "delay", &self->at, TRUE);
    return;
  case PS_WHEN_EVERY:
    put_draw (out, "every", &self->at, TRUE);
    put_span (out, self, end_us);
    if (self->times != G_MAXUINT64)
      put_count (out, "times", (gint64)self->times);
    if (!is_fixed_at (&self->jitter, 0))
      put_draw (out, "jitter", &self->jitter, TRUE);
    return;
  case PS_WHEN_RAMP:
    put_ramp (out, self);
    put_span (out, self, end_us);
    return;
  }
  g_assert_not_reached ();
}

static void
put_argument (JsonBuilder *out, const PsVerbParam *param, const PsStepArgument *argument)
{
  if (param->optional && param->type != PS_PARAM_TEXT &&
      is_fixed_at (&argument->draw, param->fallback))
    return;
  switch (param->type) {
  case PS_PARAM_COUNT:
    put_draw (out, param->name, &argument->draw, FALSE);
    return;
  case PS_PARAM_DURATION:
    put_draw (out, param->name, &argument->draw, TRUE);
    return;
  case PS_PARAM_FLAG:
    json_builder_set_member_name (out, param->name);
    json_builder_add_boolean_value (out, argument->draw.low != 0);
    return;
  case PS_PARAM_TEXT:
    if (argument->text[0] != '\0')
      put_text (out, param->name, argument->text);
    return;
  case PS_PARAM_WORD:
    put_text (out, param->name, param->words[argument->draw.low]);
    return;
  }
  g_assert_not_reached ();
}

void
ps_step_write (const PsStep *self, const GPtrArray *links, gint64 end_us, JsonBuilder *out)
{
  json_builder_begin_object (out);
  put_text (out, "id", self->id);
  if (self->why != NULL)
    put_text (out, "why", self->why);
  put_when (out, self, end_us);
  put_text (out, "do", self->verb->name);
  if (self->verb->links_max > 0) {
    json_builder_set_member_name (out, "links");
    ps_selector_write (&self->links, links, out);
  }
  for (guint i = 0; self->verb->params[i].name != NULL; i++)
    put_argument (out, &self->verb->params[i], &self->arguments[i]);
  if (self->ends)
    put_draw (out, "for", &self->lasting, TRUE);
  if (self->chance != PS_MILLION) {
    json_builder_set_member_name (out, "p");
    json_builder_add_double_value (out, (gdouble)self->chance / PS_MILLION);
  }
  json_builder_end_object (out);
}
