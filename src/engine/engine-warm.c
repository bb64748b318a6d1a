/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-private.h"
#include <string.h>

#define NAMES_MAX 10 /* of missing ports in one line of the log */

/* The row says initialized or restored, and is ours to bring to reconciled. */
static gboolean
is_open (const PsEngine *self)
{
  return self->start.mode == PS_START_WARM ||
         (self->start.mode == PS_START_RESUME && ps_warm_state_is_unfinished (self->start.found));
}

/* Ethernet8 before Ethernet12. */
static gint
compare_names (gconstpointer a, gconstpointer b)
{
  const PsPort *x = *(PsPort *const *)a, *y = *(PsPort *const *)b;
  size_t nx = strlen (x->name), ny = strlen (y->name);
  return nx != ny ? (nx > ny) - (nx < ny) : strcmp (x->name, y->name);
}

void
ps_engine_name_missing (PsEngine *self, GString *text)
{
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  for (guint i = 0; i < ps_port_table_length (self->table); i++)
    if (ps_port_table_nth (self->table, i)->boot.pending)
      g_ptr_array_add (missing, ps_port_table_nth (self->table, i));
  g_ptr_array_sort (missing, compare_names);
  for (guint i = 0; i < MIN (missing->len, NAMES_MAX); i++)
    g_string_append_printf (text, "%s%s", i == 0 ? "; missing: " : ", ",
                            ((const PsPort *)missing->pdata[i])->name);
  if (missing->len > NAMES_MAX)
    g_string_append_printf (text, " and %u more", missing->len - NAMES_MAX);
}

static void
warn_forced (PsEngine *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n_waiting = ps_flush_n_waiting (self->flush);
  if (!ps_links_is_complete (self->links))
    g_string_append (text, "; no complete picture of the links");
  if (!ps_reconcile_is_done (self->reconcile))
    g_string_append (text, "; STATE_DB was not read");
  if (!ps_markers_knows_ports (self->markers))
    g_string_append (text, "; the configuration is not known");
  if (n_waiting > 0)
    g_string_append_printf (text, "; rows not written: %u", n_waiting);
  ps_engine_name_missing (self, text);
  ps_warn (self->log, "Warm restart: not all is back after %g s, so it counts as reconciled%s",
           (double)self->config->eoiu_timeout_us / G_USEC_PER_SEC, text->str);
}

static void
on_warm_timer (gpointer user_data)
{
  PsEngine *self = user_data;
  self->warm_timer = 0;
  self->reconciled = TRUE;
  warn_forced (self);
  ps_warm_row_set_state (self->warm, PS_WARM_RECONCILED);
  ps_warm_row_run (self->warm);
}

/* orchagent compares the count with the rows as soon as it starts, which it does a second after us:
 * nothing of ours goes to APPL_DB before the count was looked at. */
static void
look_at_count (PsEngine *self)
{
  if (self->start.mode != PS_START_WARM || self->start.copy) {
    ps_marker_count_request (self->count);
    return;
  }
  ps_markers_hold (self->markers, TRUE);
  ps_marker_count_look (self->count);
}

void
ps_engine_start_warm (PsEngine *self)
{
  gboolean is_warm = self->start.mode == PS_START_WARM;
  gboolean is_zero = g_strcmp0 (self->evidence.restore_count, "0") == 0;
  look_at_count (self);
  ps_warm_row_set_found (self->warm, self->start.found);
  ps_warm_row_set_count (self->warm, self->start.restore_count, !is_warm && is_zero);
  if (is_warm)
    ps_warm_row_set_state (self->warm, PS_WARM_INITIALIZED);
  else if (ps_warm_state_is_unfinished (self->start.found) && !is_open (self))
    ps_warm_row_set_state (self->warm, PS_WARM_DISABLED);
  if (is_open (self))
    self->warm_timer =
        ps_clock_arm (self->clock, ps_clock_now_us (self->clock) + self->config->eoiu_timeout_us,
                      on_warm_timer, self);
  ps_warm_row_run (self->warm);
}

/* A warm start is over when all is back; any other when that was announced, too. */
static gboolean
is_over (const PsEngine *self)
{
  return ps_links_is_complete (self->links) && ps_markers_knows_ports (self->markers) &&
         ps_markers_n_pending (self->markers) == 0 &&
         (is_open (self) || ps_markers_is_init_done (self->markers)) &&
         !ps_poll_is_asking (self->poll) && ps_flush_is_idle (self->flush);
}

void
ps_engine_check_warm (PsEngine *self)
{
  if (self->reconciled || !ps_reconcile_is_done (self->reconcile))
    return;
  if (is_open (self))
    ps_warm_row_set_state (self->warm, PS_WARM_RESTORED);
  if (is_over (self)) {
    ps_clock_clear (self->clock, &self->warm_timer);
    self->reconciled = TRUE;
    ps_warm_row_set_state (self->warm, PS_WARM_RECONCILED);
  }
  ps_warm_row_run (self->warm);
}
