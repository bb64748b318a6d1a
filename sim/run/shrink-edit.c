/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/shrink-edit.h"
#include <string.h>

static PsStep *
nth_step (const PsScenario *self, guint i)
{
  return g_ptr_array_index (self->steps, i);
}

/* --- steps ---------------------------------------------------------------------------------- */

static gboolean
has_step (const PsScenario *self, const char *id)
{
  for (guint i = 0; i < self->steps->len; i++)
    if (strcmp (nth_step (self, i)->id, id) == 0)
      return TRUE;
  return FALSE;
}

void
ps_scenario_remove_orphans (PsScenario *self)
{
  for (guint i = 0; i < self->steps->len;) {
    const PsStep *step = nth_step (self, i);
    if (step->after_id == NULL || has_step (self, step->after_id)) {
      i++;
      continue;
    }
    g_ptr_array_remove_index (self->steps, i);
    i = 0;
  }
  for (guint i = self->expects->len; i-- > 0;) {
    const PsExpect *expect = g_ptr_array_index (self->expects, i);
    if (expect->of_id != NULL && !has_step (self, expect->of_id))
      g_ptr_array_remove_index (self->expects, i);
  }
}

void
ps_scenario_remove_steps (PsScenario *self, guint first, guint n)
{
  g_ptr_array_remove_range (self->steps, first, MIN (n, self->steps->len - first));
  ps_scenario_remove_orphans (self);
}

/* --- links ---------------------------------------------------------------------------------- */

/* The new index of each link; those from `from` to `to` are gone. */
static void
keep_indexes (GArray *indexes, guint from, guint to)
{
  g_autoptr (GArray) kept = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint i = 0; i < indexes->len; i++) {
    guint index = g_array_index (indexes, guint, i);
    if (index >= from && index < to)
      continue;
    index -= index >= to ? to - from : 0;
    g_array_append_val (kept, index);
  }
  g_array_set_size (indexes, 0);
  g_array_append_vals (indexes, kept->data, kept->len);
}

static gboolean
still_selects (PsStep *step, guint n_links)
{
  PsSelector *selector = &step->links;
  if (step->verb->links_max == 0)
    return TRUE;
  selector->sample = MIN (selector->sample, n_links);
  guint n = selector->kind == PS_SELECT_NAMES ? selector->indexes->len : n_links;
  return n >= step->verb->links_min && n_links > 0;
}

static void
remove_links (PsScenario *self, guint from, guint to)
{
  g_ptr_array_remove_range (self->links, from, to - from);
  for (guint i = self->steps->len; i-- > 0;) {
    PsStep *step = nth_step (self, i);
    if (step->links.indexes != NULL)
      keep_indexes (step->links.indexes, from, to);
    if (!still_selects (step, self->links->len))
      g_ptr_array_remove_index (self->steps, i);
  }
  ps_scenario_remove_orphans (self);
}

void
ps_scenario_keep_ports (PsScenario *self, guint n)
{
  guint was = self->setup.n_ports;
  if (n >= was)
    return;
  self->setup.n_ports = n;
  remove_links (self, n, was);
}

void
ps_scenario_remove_link (PsScenario *self, guint index)
{
  remove_links (self, index, index + 1);
}

static gboolean
on_port (const GMatchInfo *match, GString *out, gpointer user_data)
{
  const GArray *numbers = user_data;
  g_autofree char *digits = g_match_info_fetch (match, 1);
  guint64 number = g_ascii_strtoull (digits, NULL, 10);
  for (guint i = 0; i < numbers->len; i++)
    if (g_array_index (numbers, guint64, i) == number) {
      g_string_append_printf (out, "Ethernet%u", i);
      return FALSE;
    }
  g_string_append_printf (out, "Ethernet%s", digits);
  return FALSE;
}

static int
compare_numbers (gconstpointer a, gconstpointer b)
{
  guint64 one = *(const guint64 *)a, other = *(const guint64 *)b;
  return (one > other) - (one < other);
}

/* Ports of the set-up that a text names, rising. */
static GArray *
find_ports (GRegex *regex, const char *text, guint n_ports)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_regex_match (regex, text, 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL)) {
    g_autofree char *digits = g_match_info_fetch (match, 1);
    guint64 number = g_ascii_strtoull (digits, NULL, 10);
    if (number < n_ports && g_hash_table_add (seen, GSIZE_TO_POINTER (number + 1)))
      g_array_append_val (numbers, number);
  }
  g_array_sort (numbers, compare_numbers);
  return numbers;
}

char *
ps_scenario_renumber (const PsScenario *self)
{
  PsScenario bare = *self;
  bare.name = bare.why = (char *)"-"; /* A port named there belongs to no step. */
  g_autofree char *text = ps_scenario_to_text (&bare);
  g_autoptr (GRegex) regex = g_regex_new ("Ethernet([0-9]{1,9})(?![0-9])", 0, 0, NULL);
  g_autoptr (GArray) numbers = find_ports (regex, text, self->setup.n_ports);
  if (numbers->len >= self->setup.n_ports)
    return NULL;
  g_autofree char *renamed = g_regex_replace_eval (regex, text, -1, 0, 0, on_port, numbers, NULL);
  g_autofree char *was = g_strdup_printf ("\"setup\": { \"ports\": %u", self->setup.n_ports);
  g_autofree char *is = g_strdup_printf ("\"setup\": { \"ports\": %u", MAX (numbers->len, 1));
  g_autoptr (GString) out = g_string_new (renamed);
  g_string_replace (out, was, is, 1);
  g_autoptr (PsScenario) made = ps_scenario_parse (out->str, out->len, self->origin, NULL);
  if (made == NULL)
    return NULL;
  PsScenario named = *made;
  named.name = self->name;
  named.why = self->why;
  return ps_scenario_to_text (&named);
}

/* --- time ----------------------------------------------------------------------------------- */

static gint64
highest (const PsDraw *draw)
{
  gint64 most = draw->kind == PS_DRAW_UNIFORM ? draw->high : draw->low;
  for (guint i = 0; draw->kind == PS_DRAW_CHOICE && i < draw->choices->len; i++)
    most = MAX (most, g_array_index (draw->choices, gint64, i));
  return most;
}

/* FALSE: the step would never begin. */
static gboolean
cut_step (PsStep *step, gint64 end_us)
{
  switch (step->when) {
  case PS_WHEN_AT:
    if (step->at.kind == PS_DRAW_UNIFORM && step->at.low < end_us)
      step->at.high = MIN (step->at.high, end_us);
    return highest (&step->at) <= end_us && step->at.low < end_us;
  case PS_WHEN_AFTER:
    return TRUE;
  case PS_WHEN_EVERY:
  case PS_WHEN_RAMP:
    step->until_us = MIN (step->until_us, end_us);
    return step->from_us < step->until_us;
  }
  g_assert_not_reached ();
}

void
ps_scenario_cut (PsScenario *self, gint64 duration_us)
{
  self->duration_us = duration_us;
  for (guint i = self->steps->len; i-- > 0;)
    if (!cut_step (nth_step (self, i), duration_us))
      g_ptr_array_remove_index (self->steps, i);
  ps_scenario_remove_orphans (self);
}

static void
halve_draw (PsDraw *draw)
{
  draw->low /= 2;
  if (draw->kind == PS_DRAW_UNIFORM)
    draw->high /= 2;
  for (guint i = 0; draw->kind == PS_DRAW_CHOICE && i < draw->choices->len; i++)
    g_array_index (draw->choices, gint64, i) /= 2;
}

void
ps_scenario_halve_times (PsScenario *self)
{
  self->duration_us /= 2;
  for (guint i = 0; i < self->steps->len; i++) {
    PsStep *step = nth_step (self, i);
    if (step->when == PS_WHEN_AT)
      halve_draw (&step->at);
    step->from_us /= 2;
    step->until_us /= 2;
  }
}
