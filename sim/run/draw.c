/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/draw.h"
#include "base/hash.h"
#include "base/units.h"
#include <string.h>

/* Fixed point with 16 binary places. */
#define ONE       65536
#define LN_2      45426
#define BEND      22526 /* 0.3437: log2 (1 + x) is near x + 0.3437 x (1 - x), within one percent */
#define EXP_LIMIT 20

static const char *const kinds[] = {"uniform", "exp", "choice", NULL};

static gboolean
read_scalar (const PsPlace *place, const PsDrawRange *range, gint64 *out, GError **error)
{
  if (!range->is_duration)
    return ps_place_read_integer (place, range->min, range->max, out, error);
  if (!ps_place_read_duration (place, out, error))
    return FALSE;
  if (*out < range->min || *out > range->max)
    return ps_place_fail (place, error,
                          "must be from %" G_GINT64_FORMAT "us to %" G_GINT64_FORMAT "us",
                          range->min, range->max);
  return TRUE;
}

static gboolean
read_uniform (const PsPlace *place, const PsDrawRange *range, PsDraw *out, GError **error)
{
  if (!ps_place_check_array (place, 2, error))
    return FALSE;
  if (ps_place_length (place) != 2)
    return ps_place_fail (place, error, "must be a list of the lowest and the highest");
  PsPlace low = ps_place_element (place, 0), high = ps_place_element (place, 1);
  if (!read_scalar (&low, range, &out->low, error) ||
      !read_scalar (&high, range, &out->high, error))
    return FALSE;
  return out->low <= out->high || ps_place_fail (place, error, "the lowest comes first");
}

static gboolean
read_choice (const PsPlace *place, const PsDrawRange *range, PsDraw *out, GError **error)
{
  if (!ps_place_check_array (place, PS_DRAW_CHOICES_MAX, error))
    return FALSE;
  out->choices = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (PS_PLACE_EACH (place, element)) {
    gint64 value;
    if (!read_scalar (&element, range, &value, error))
      return FALSE;
    g_array_append_val (out->choices, value);
  }
  return TRUE;
}

static gboolean
read_drawn (const PsPlace *place, const PsDrawRange *range, PsDraw *out, GError **error)
{
  PsPlace at;
  if (!ps_place_check_object (place, kinds, error))
    return FALSE;
  if (ps_place_length (place) != 1)
    return ps_place_fail (place, error, "must have one member: uniform, exp or choice");
  if (ps_place_member (place, "uniform", &at)) {
    out->kind = PS_DRAW_UNIFORM;
    return read_uniform (&at, range, out, error);
  }
  if (ps_place_member (place, "exp", &at)) {
    out->kind = PS_DRAW_EXP;
    out->high = range->max;
    return read_scalar (&at, range, &out->low, error);
  }
  ps_place_member (place, "choice", &at);
  out->kind = PS_DRAW_CHOICE;
  return read_choice (&at, range, out, error);
}

gboolean
ps_draw_read (const PsPlace *place, const PsDrawRange *range, PsDraw *out, GError **error)
{
  *out = (PsDraw){.kind = PS_DRAW_FIXED};
  gboolean ok = ps_place_is (place, PS_JSON_OBJECT) ? read_drawn (place, range, out, error)
                                                    : read_scalar (place, range, &out->low, error);
  if (!ok)
    ps_draw_clear (out);
  return ok;
}

void
ps_draw_clear (PsDraw *self)
{
  g_clear_pointer (&self->choices, g_array_unref);
}

static void
write_scalar (gint64 value, gboolean is_duration, JsonBuilder *out)
{
  g_autofree char *text = is_duration ? ps_units_format (PS_UNITS_DURATION, value) : NULL;
  if (is_duration)
    json_builder_add_string_value (out, text);
  else
    json_builder_add_int_value (out, value);
}

static void
write_drawn (const PsDraw *self, gboolean is_duration, JsonBuilder *out)
{
  static const char *const words[] = {
      [PS_DRAW_UNIFORM] = "uniform", [PS_DRAW_EXP] = "exp", [PS_DRAW_CHOICE] = "choice"};
  json_builder_set_member_name (out, words[self->kind]);
  if (self->kind == PS_DRAW_EXP) {
    write_scalar (self->low, is_duration, out);
    return;
  }
  json_builder_begin_array (out);
  if (self->kind == PS_DRAW_UNIFORM) {
    write_scalar (self->low, is_duration, out);
    write_scalar (self->high, is_duration, out);
  }
  for (guint i = 0; self->kind == PS_DRAW_CHOICE && i < self->choices->len; i++)
    write_scalar (g_array_index (self->choices, gint64, i), is_duration, out);
  json_builder_end_array (out);
}

void
ps_draw_write (const PsDraw *self, gboolean is_duration, JsonBuilder *out)
{
  if (self->kind == PS_DRAW_FIXED) {
    write_scalar (self->low, is_duration, out);
    return;
  }
  json_builder_begin_object (out);
  write_drawn (self, is_duration, out);
  json_builder_end_object (out);
}

/* -ln (u) for a uniform u in (0, 1], in fixed point: the leading zeros are the whole doublings. */
static guint64
take_exponential (PsRng *rng)
{
  guint64 bits = ps_rng_next (rng) | 1;
  guint zeros = (guint)__builtin_clzll (bits);
  guint64 x = (bits << zeros << 1) >> 48; /* what follows the leading one */
  guint64 log2 = x + (((x * (ONE - x)) >> 16) * BEND >> 16);
  guint64 doublings = (guint64)(zeros + 1) * ONE - log2;
  return doublings * LN_2 >> 16;
}

gint64
ps_draw_take (const PsDraw *self, PsRng *rng)
{
  switch (self->kind) {
  case PS_DRAW_FIXED:
    return self->low;
  case PS_DRAW_UNIFORM:
    return self->low + (gint64)ps_rng_below (rng, (guint64)(self->high - self->low) + 1);
  case PS_DRAW_CHOICE:
    return g_array_index (self->choices, gint64, ps_rng_below (rng, self->choices->len));
  case PS_DRAW_EXP: {
    guint64 factor = MIN (take_exponential (rng), EXP_LIMIT * ONE);
    guint64 mean = (guint64)self->low;
    gint64 value = (gint64)(mean / ONE * factor + (mean % ONE) * factor / ONE);
    return MIN (value, self->high);
  }
  }
  g_assert_not_reached ();
}

void
ps_draw_seed (PsRng *rng, guint64 seed, const char *label)
{
  ps_rng_seed (rng, seed ^ ps_hash_64 (label, strlen (label)));
}
