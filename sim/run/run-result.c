/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/run/run-result.h"
#include <string.h>

#define N_TEXTS 5
#define NO_TEXT G_MAXUINT32

typedef struct {
  guint64 seed, digest, events, commands, messages;
  gint64 time_us, real_us;
  guint32 verdict;
  guint32 sizes[N_TEXTS];
} Header;

PsRunResult *
ps_run_result_new (guint64 seed)
{
  PsRunResult *self = g_new0 (PsRunResult, 1);
  self->seed = seed;
  return self;
}

void
ps_run_result_free (PsRunResult *self)
{
  if (self == NULL)
    return;
  g_free (self->check);
  g_free (self->expected);
  g_free (self->seen);
  g_free (self->last_events);
  g_free (self->met);
  g_free (self);
}

/* An expectation is reported as: expectation "its name". */
static gboolean
is_one_of (const char *check, const char *const *names)
{
  for (guint i = 0; names[i] != NULL; i++) {
    g_autofree char *expectation = g_strdup_printf ("expectation \"%s\"", names[i]);
    if (strcmp (check, names[i]) == 0 || strcmp (check, expectation) == 0)
      return TRUE;
  }
  return FALSE;
}

void
ps_run_result_invert (PsRunResult *self, const char *const *names)
{
  if (self->verdict != PS_VERDICT_PASS && is_one_of (self->check, names)) {
    self->verdict = PS_VERDICT_PASS;
    return;
  }
  g_autofree char *seen = self->verdict == PS_VERDICT_PASS
                              ? g_strdup ("nothing failed")
                              : g_strdup_printf ("%s failed: expected %s, seen %s", self->check,
                                                 self->expected, self->seen);
  g_autofree char *known = g_strjoinv ("\" or \"", (char **)names);
  g_clear_pointer (&self->check, g_free);
  g_clear_pointer (&self->expected, g_free);
  g_clear_pointer (&self->seen, g_free);
  self->verdict = PS_VERDICT_LIVENESS;
  self->check = g_strdup ("the failure that the file names");
  self->expected = g_strdup_printf ("\"%s\" to fail", known);
  self->seen = g_steal_pointer (&seen);
}

const char *
ps_verdict_name (PsVerdict verdict)
{
  static const char *const names[] = {"PASS", "SAFETY", "LIVENESS", "NONDETERMINISM", "CRASH"};
  return names[verdict];
}

GByteArray *
ps_run_result_to_bytes (const PsRunResult *self)
{
  const char *texts[N_TEXTS] = {self->check, self->expected, self->seen, self->last_events,
                                self->met};
  Header header = {0};
  header.seed = self->seed;
  header.digest = self->digest;
  header.events = self->events;
  header.commands = self->commands;
  header.messages = self->messages;
  header.time_us = self->time_us;
  header.real_us = self->real_us;
  header.verdict = self->verdict;
  for (guint i = 0; i < N_TEXTS; i++)
    header.sizes[i] = texts[i] != NULL ? (guint32)strlen (texts[i]) : NO_TEXT;
  GByteArray *bytes = g_byte_array_new ();
  g_byte_array_append (bytes, (const guint8 *)&header, sizeof header);
  for (guint i = 0; i < N_TEXTS; i++)
    if (texts[i] != NULL)
      g_byte_array_append (bytes, (const guint8 *)texts[i], header.sizes[i]);
  return bytes;
}

PsRunResult *
ps_run_result_from_bytes (const guint8 *bytes, gsize size)
{
  Header header;
  if (size < sizeof header)
    return NULL;
  memcpy (&header, bytes, sizeof header);
  g_autoptr (PsRunResult) self = ps_run_result_new (header.seed);
  self->verdict = (PsVerdict)header.verdict;
  self->digest = header.digest;
  self->events = header.events;
  self->commands = header.commands;
  self->messages = header.messages;
  self->time_us = header.time_us;
  self->real_us = header.real_us;
  char **texts[N_TEXTS] = {&self->check, &self->expected, &self->seen, &self->last_events,
                           &self->met};
  gsize at = sizeof header;
  for (guint i = 0; i < N_TEXTS; i++) {
    if (header.sizes[i] == NO_TEXT)
      continue;
    if (header.sizes[i] > size - at)
      return NULL;
    *texts[i] = g_strndup ((const char *)bytes + at, header.sizes[i]);
    at += header.sizes[i];
  }
  return at == size && header.verdict <= PS_VERDICT_CRASH ? g_steal_pointer (&self) : NULL;
}
