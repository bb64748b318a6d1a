/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/selector.h"
#include <string.h>

static const char *const forms[] = {"glob", "sample", NULL};

static gboolean
contains (const GArray *indexes, guint index)
{
  for (guint i = 0; i < indexes->len; i++)
    if (g_array_index (indexes, guint, i) == index)
      return TRUE;
  return FALSE;
}

static gboolean
fail_unknown (const PsPlace *place, const char *name, const GPtrArray *names, GError **error)
{
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (known, g_ptr_array_index (names, i));
  g_ptr_array_add (known, NULL);
  return ps_place_fail_unknown (place, "the set-up has no link", name,
                                (const char *const *)known->pdata, error);
}

static gboolean
read_name (const PsPlace *place, const GPtrArray *names, PsSelector *out, GError **error)
{
  const char *name;
  if (!ps_place_read_text (place, &name, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++) {
    if (strcmp (g_ptr_array_index (names, i), name) != 0)
      continue;
    if (contains (out->indexes, i))
      return ps_place_fail (place, error, "\"%s\" stands there twice", name);
    g_array_append_val (out->indexes, i);
    return TRUE;
  }
  return fail_unknown (place, name, names, error);
}

static gboolean
read_list (const PsPlace *place, const GPtrArray *names, PsSelector *out, GError **error)
{
  if (!ps_place_check_array (place, names->len, error))
    return FALSE;
  for (PS_PLACE_EACH (place, element))
    if (!read_name (&element, names, out, error))
      return FALSE;
  return TRUE;
}

static gboolean
read_glob (const PsPlace *place, const GPtrArray *names, PsSelector *out, GError **error)
{
  const char *glob;
  if (!ps_place_read_text (place, &glob, error))
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    if (g_pattern_match_simple (glob, g_ptr_array_index (names, i)))
      g_array_append_val (out->indexes, i);
  out->glob = g_strdup (glob);
  return out->indexes->len > 0 ||
         ps_place_fail (place, error, "no link of the set-up fits \"%s\"", glob);
}

static gboolean
read_object (const PsPlace *place, const GPtrArray *names, PsSelector *out, GError **error)
{
  PsPlace at;
  gint64 sample;
  if (!ps_place_check_object (place, forms, error))
    return FALSE;
  if (ps_place_length (place) != 1)
    return ps_place_fail (place, error, "must have one member: glob or sample");
  if (ps_place_member (place, "glob", &at))
    return read_glob (&at, names, out, error);
  ps_place_member (place, "sample", &at);
  if (!ps_place_read_integer (&at, 1, G_MAXINT32, &sample, error))
    return FALSE;
  if (sample > names->len)
    return ps_place_fail (&at, error, "the set-up has only %u links", names->len);
  out->kind = PS_SELECT_SAMPLE;
  out->sample = (guint)sample;
  return TRUE;
}

gboolean
ps_selector_read (const PsPlace *place, const GPtrArray *names, PsSelector *out, GError **error)
{
  gboolean ok = TRUE;
  *out =
      (PsSelector){.kind = PS_SELECT_NAMES, .indexes = g_array_new (FALSE, FALSE, sizeof (guint))};
  if (names->len == 0)
    ok = ps_place_fail (place, error, "the set-up has no link to select");
  else if (ps_place_is (place, PS_JSON_ARRAY))
    ok = read_list (place, names, out, error);
  else if (ps_place_is (place, PS_JSON_OBJECT))
    ok = read_object (place, names, out, error);
  else if (g_strcmp0 (place->value->text, "*") == 0)
    out->kind = PS_SELECT_ALL;
  else
    ok = read_name (place, names, out, error);
  if (!ok)
    ps_selector_clear (out);
  return ok;
}

void
ps_selector_clear (PsSelector *self)
{
  g_clear_pointer (&self->indexes, g_array_unref);
  g_clear_pointer (&self->glob, g_free);
}

static void
write_names (const PsSelector *self, const GPtrArray *names, JsonBuilder *out)
{
  gboolean single = self->indexes->len == 1;
  if (!single)
    json_builder_begin_array (out);
  for (guint i = 0; i < self->indexes->len; i++)
    json_builder_add_string_value (
        out, g_ptr_array_index (names, g_array_index (self->indexes, guint, i)));
  if (!single)
    json_builder_end_array (out);
}

void
ps_selector_write (const PsSelector *self, const GPtrArray *names, JsonBuilder *out)
{
  if (self->kind == PS_SELECT_ALL) {
    json_builder_add_string_value (out, "*");
    return;
  }
  if (self->kind == PS_SELECT_NAMES && self->glob == NULL) {
    write_names (self, names, out);
    return;
  }
  json_builder_begin_object (out);
  json_builder_set_member_name (out, self->glob != NULL ? "glob" : "sample");
  if (self->glob != NULL)
    json_builder_add_string_value (out, self->glob);
  else
    json_builder_add_int_value (out, self->sample);
  json_builder_end_object (out);
}

static GArray *
take_all (guint n_names)
{
  GArray *all = g_array_sized_new (FALSE, FALSE, sizeof (guint), n_names);
  for (guint i = 0; i < n_names; i++)
    g_array_append_val (all, i);
  return all;
}

/* Floyd's: each of the n last indexes draws one up to itself, and stands for it if that was drawn
 * already. A storm draws one of many links a million times: a bit for each is cheap to clear. */
static GArray *
take_sample (guint n_names, guint n, PsRng *rng)
{
  const guint n_words = n_names / 64 + 1;
  g_autofree guint64 *drawn = g_new0 (guint64, n_words);
  GArray *sample = g_array_sized_new (FALSE, FALSE, sizeof (guint), n);
  for (guint last = n_names - n; last < n_names; last++) {
    guint index = (guint)ps_rng_below (rng, last + 1);
    if (drawn[index / 64] >> index % 64 & 1)
      index = last;
    drawn[index / 64] |= G_GUINT64_CONSTANT (1) << index % 64;
  }
  for (guint word = 0; word < n_words; word++)
    for (guint64 left = drawn[word]; left != 0; left &= left - 1) {
      guint index = 64 * word + (guint)__builtin_ctzll (left);
      g_array_append_val (sample, index);
    }
  return sample;
}

GArray *
ps_selector_take (const PsSelector *self, guint n_names, PsRng *rng)
{
  if (self->kind == PS_SELECT_NAMES)
    return g_array_ref (self->indexes);
  return self->kind == PS_SELECT_ALL ? take_all (n_names)
                                     : take_sample (n_names, self->sample, rng);
}
