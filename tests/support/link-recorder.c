/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/link-recorder.h"

typedef struct {
  PsLinkRecorder base;
  GString *text; /* owned */
} Recorder;

static void
on_events (const PsLinkEvent *events, gsize n_events, gpointer data)
{
  PsLinkRecorder *self = data;
  g_assert_cmpuint (n_events, >, 0);
  g_assert_cmpuint (self->n_failures, ==, 0);
  g_array_append_vals (self->events, events, (guint)n_events);
  self->n_batches++;
  self->largest_batch = MAX (self->largest_batch, n_events);
  if (self->on_batch != NULL)
    self->on_batch (self, self->on_batch_data);
}

static void
on_admin_down_done (const PsNetlinkAdminDownResult *result, gpointer data)
{
  PsLinkRecorder *self = data;
  g_assert_cmpuint (self->n_failures, ==, 0);
  self->n_results++;
  self->result = *result;
}

static void
on_failed (const GError *error, gpointer data)
{
  PsLinkRecorder *self = data;
  g_assert_nonnull (error);
  self->n_failures++;
}

const PsLinkSink ps_link_recorder_sink = {on_events, on_admin_down_done, on_failed};

PsLinkRecorder *
ps_link_recorder_new (void)
{
  Recorder *self = g_new0 (Recorder, 1);
  self->base.events = g_array_new (FALSE, FALSE, sizeof (PsLinkEvent));
  self->text = g_string_new ("");
  return &self->base;
}

void
ps_link_recorder_free (PsLinkRecorder *base)
{
  Recorder *self = (Recorder *)base;
  if (self == NULL)
    return;
  g_array_unref (self->base.events);
  g_string_free (self->text, TRUE);
  g_free (self);
}

static void
append_event (GString *text, const PsLinkEvent *event)
{
  if (text->len > 0)
    g_string_append_c (text, ' ');
  switch (event->type) {
  case PS_LINK_UPSERT:
    g_string_append_printf (text, "%c%s", event->from_dump ? '=' : '+', event->name);
    break;
  case PS_LINK_REMOVE:
    g_string_append_printf (text, "-%s", event->name);
    break;
  case PS_LINK_SNAPSHOT_BEGIN:
    g_string_append (text, "BEGIN");
    break;
  case PS_LINK_SNAPSHOT_END:
    g_string_append (text, event->complete ? "END" : "INTR");
    break;
  case PS_LINK_LOST:
    g_string_append (text, "LOST");
    break;
  }
}

const char *
ps_link_recorder_take (PsLinkRecorder *base)
{
  Recorder *self = (Recorder *)base;
  g_string_truncate (self->text, 0);
  for (; base->n_taken < base->events->len; base->n_taken++)
    append_event (self->text, &g_array_index (base->events, PsLinkEvent, base->n_taken));
  return self->text->str;
}

const PsLinkEvent *
ps_link_recorder_last (PsLinkRecorder *self)
{
  g_assert_cmpuint (self->events->len, >, 0);
  return &g_array_index (self->events, PsLinkEvent, self->events->len - 1);
}

guint
ps_link_recorder_count (PsLinkRecorder *self, PsLinkEventType type)
{
  guint n = 0;
  for (guint i = 0; i < self->events->len; i++)
    n += g_array_index (self->events, PsLinkEvent, i).type == type;
  return n;
}
