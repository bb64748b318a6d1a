/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/session-rig.h"
#include "tests/support/batch-text.h"
#include "backends/redis/commit-request.h"
#include "backends/redis/exists-request.h"
#include "backends/redis/get-request.h"
#include "backends/redis/read-request.h"
#include <stdlib.h>
#include <string.h>

static void
take_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  PsSessionRig *self = user_data;
  g_ptr_array_add (self->lines, g_strdup (text));
}

static void
tell (PsSessionRig *self, const char *word)
{
  g_string_append_printf (self->seen, "%s%s", self->seen->len > 0 ? " " : "", word);
  if (!self->free_next)
    return;
  self->free_next = FALSE;
  g_clear_pointer (&self->session, ps_redis_session_free);
}

static void
on_online (gpointer user_data)
{
  tell (user_data, "online");
}

static void
on_lost (gpointer user_data)
{
  tell (user_data, "lost");
}

static void
set_reason (PsSessionRig *self, const char *reason)
{
  g_free (self->reason);
  self->reason = g_strdup (reason);
}

static void
on_offline (const char *reason, gpointer user_data)
{
  set_reason (user_data, reason);
  tell (user_data, "offline");
}

static const PsRedisSessionSink sink = {
    .online = on_online, .lost = on_lost, .offline = on_offline};

static char
take_outcome (PsSessionRig *self, const PsOutcome *outcome)
{
  if (outcome->reason != NULL)
    set_reason (self, outcome->reason);
  if (outcome->result == PS_REFUSED)
    self->refusal = outcome->refusal;
  return "AR?"[outcome->result];
}

static void
on_commit (PsTicket ticket, const PsOutcome *outcomes, gsize n, gpointer user_data)
{
  g_autoptr (GString) word = g_string_new (NULL);
  g_string_printf (word, "c%" G_GUINT64_FORMAT ":", ticket);
  for (gsize i = 0; i < n; i++)
    g_string_append_c (word, take_outcome (user_data, &outcomes[i]));
  tell (user_data, word->str);
}

static void
on_row (PsTicket ticket, const PsRow *row, gpointer user_data)
{
  PsSessionRig *self = user_data;
  g_string_append_len (self->rows, row->key.data, (gssize)row->key.size);
  for (gsize i = 0; i < row->n_fields; i++)
    g_string_append_printf (self->rows, " %s=%s", row->fields[i].name.data,
                            row->fields[i].value.data);
  if (take_outcome (self, &row->outcome) == 'R')
    g_string_append (self->rows, " refused");
  g_string_append_c (self->rows, '\n');
  if (self->free_next)
    tell (self, "row");
}

static void
on_read (PsTicket ticket, const PsOutcome *outcome, gpointer user_data)
{
  g_autofree char *word =
      g_strdup_printf ("r%" G_GUINT64_FORMAT ":%c", ticket, take_outcome (user_data, outcome));
  tell (user_data, word);
}

static void
on_exists (PsTicket ticket, const PsOutcome *outcome, guint n, gpointer user_data)
{
  char letter = take_outcome (user_data, outcome);
  g_autofree char *word = letter == 'A'
                              ? g_strdup_printf ("e%" G_GUINT64_FORMAT ":%u", ticket, n)
                              : g_strdup_printf ("e%" G_GUINT64_FORMAT ":%c", ticket, letter);
  tell (user_data, word);
}

static void
on_get (PsTicket ticket, const PsOutcome *outcome, const PsText *value, gpointer user_data)
{
  char letter = take_outcome (user_data, outcome);
  g_autofree char *word =
      value != NULL ? g_strdup_printf ("g%" G_GUINT64_FORMAT ":\"%s\"", ticket, value->data)
                    : g_strdup_printf ("g%" G_GUINT64_FORMAT ":%c", ticket, letter);
  tell (user_data, word);
}

static PsSessionRig *
make (gboolean produces, gboolean played, const PsRedisAuth *auth)
{
  PsSessionRig *self = g_new0 (PsSessionRig, 1);
  self->clock = ps_virtual_clock_new ();
  self->seen = g_string_new (NULL);
  self->rows = g_string_new (NULL);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  self->log = ps_log_new (PS_CLOCK (self->clock), take_line, self);
  self->port = ps_fake_stream_port_new (PS_CLOCK (self->clock));
  if (played) {
    self->relay = ps_redis_relay_new (self->port, PS_CLOCK (self->clock));
    self->redis = ps_redis_relay_server (self->relay);
  }
  self->script = ps_redis_script_produce ();
  self->target =
      produces ? (PsRedisRequestTarget){0, ':', &self->script} : (PsRedisRequestTarget){6, '|'};
  PsRedisSessionOptions options = {"TEST_DB", PS_SESSION_RIG_DEADLINE_US, 1, auth};
  self->session =
      ps_redis_session_new (PS_CLOCK (self->clock), self->log, PS_STREAM_PORT (self->port),
                            &self->target, &options, &sink, self);
  return self;
}

PsSessionRig *
ps_session_rig_new (gboolean produces, gboolean played)
{
  return make (produces, played, NULL);
}

PsSessionRig *
ps_session_rig_new_as (const PsRedisAuth *auth)
{
  return make (FALSE, FALSE, auth);
}

void
ps_session_rig_free (PsSessionRig *self)
{
  if (self == NULL)
    return;
  ps_redis_session_free (self->session);
  ps_redis_relay_free (self->relay);
  g_assert_finalize_object (self->port);
  ps_log_free (self->log);
  g_assert_cmpuint (ps_virtual_clock_n_timers (self->clock), ==, 0);
  g_assert_finalize_object (self->clock);
  g_string_free (self->seen, TRUE);
  g_string_free (self->rows, TRUE);
  g_ptr_array_unref (self->lines);
  g_free (self->reason);
  g_free (self);
}

PsSessionRig *
ps_session_rig_new_online (gboolean produces)
{
  PsSessionRig *self = ps_session_rig_new (produces, TRUE);
  ps_redis_session_start (self->session);
  ps_session_rig_run (self);
  ps_session_rig_expect (self, "online");
  return self;
}

void
ps_session_rig_run (PsSessionRig *self)
{
  ps_virtual_clock_advance (self->clock, 0);
}

void
ps_session_rig_commit (PsSessionRig *self, const char *ops)
{
  g_auto (GStrv) lines = g_strsplit (ops, "\n", -1);
  PsBatch *batch = ps_batch_new (self->target.produce != NULL ? PS_DB_APPL : PS_DB_STATE);
  for (guint i = 0; lines[i] != NULL; i++)
    ps_batch_add_text (batch, lines[i]);
  ps_redis_session_submit (
      self->session,
      ps_redis_commit_request_new (&self->target, ++self->ticket, batch, on_commit, self));
}

static void
read_rows (PsSessionRig *self, const PsRead *read)
{
  ps_redis_session_submit (self->session, ps_redis_read_request_new (&self->target, ++self->ticket,
                                                                     read, on_row, on_read, self));
}

void
ps_session_rig_read (PsSessionRig *self, const char *table, const char *keys)
{
  g_auto (GStrv) list = g_strsplit (keys != NULL ? keys : "", " ", -1);
  PsRead read = {.table = table};
  if (keys != NULL) {
    read.keys = (const char *const *)list;
    read.n_keys = g_strv_length (list);
  }
  read_rows (self, &read);
}

void
ps_session_rig_read_names (PsSessionRig *self, const char *table)
{
  read_rows (self, &(PsRead){.table = table, .names_only = TRUE});
}

void
ps_session_rig_exists (PsSessionRig *self, const char *table, const char *keys)
{
  g_auto (GStrv) list = g_strsplit (keys, " ", -1);
  PsRedisRequest *request =
      ps_redis_exists_request_new (&self->target, ++self->ticket, table, (const char *const *)list,
                                   g_strv_length (list), on_exists, self);
  ps_redis_session_submit (self->session, request);
}

void
ps_session_rig_get (PsSessionRig *self, const char *key)
{
  ps_redis_session_submit (
      self->session, ps_redis_get_request_new (&self->target, ++self->ticket, key, on_get, self));
}

void
ps_session_rig_expect (PsSessionRig *self, const char *seen)
{
  g_assert_cmpstr (self->seen->str, ==, seen);
  g_string_truncate (self->seen, 0);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

void
ps_session_rig_sort_rows (PsSessionRig *self)
{
  g_auto (GStrv) lines = g_strsplit (self->rows->str, "\n", -1);
  qsort (lines, g_strv_length (lines), sizeof *lines, compare_lines);
  g_string_truncate (self->rows, 0);
  for (guint i = 1; lines[i] != NULL; i++) /* The first is what stands behind the last line feed. */
    g_string_append_printf (self->rows, "%s\n", lines[i]);
}

void
ps_session_rig_expect_rows (PsSessionRig *self, const char *rows)
{
  g_assert_cmpstr (self->rows->str, ==, rows);
  g_string_truncate (self->rows, 0);
}

guint
ps_session_rig_n_lines (PsSessionRig *self, const char *text)
{
  guint n = 0;
  for (guint i = 0; i < self->lines->len; i++)
    n += strstr (g_ptr_array_index (self->lines, i), text) != NULL;
  return n;
}

char *
ps_session_rig_commands (PsSessionRig *rig, guint first)
{
  const GPtrArray *log = ps_redis_relay_log (rig->relay);
  GString *text = g_string_new (NULL);
  for (guint i = first; i < log->len; i++)
    g_string_append_printf (text, "%s\n", (char *)g_ptr_array_index (log, i));
  return g_string_free (text, FALSE);
}

/* A rig whose test plays the server by hand, after the handshake. */
PsSessionRig *
ps_session_rig_new_by_hand (void)
{
  PsSessionRig *rig = ps_session_rig_new (FALSE, FALSE);
  ps_redis_session_start (rig->session);
  ps_session_rig_run (rig);
  ps_fake_stream_port_feed_text (rig->port, PS_SESSION_RIG_HELLO);
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "online");
  return rig;
}

void
ps_session_rig_feed (PsSessionRig *rig, const char *text)
{
  ps_fake_stream_port_feed_text (rig->port, text);
  ps_session_rig_run (rig);
}

void
ps_session_rig_scene (PsSessionRig *rig)
{
  ps_session_rig_commit (rig, PS_SESSION_RIG_SCENE_OPS);
  ps_session_rig_read (rig, "T", "a c");
  ps_session_rig_exists (rig, "T", "a b c");
}

/* The time from now to the next attempt to connect. */
gint64
ps_session_rig_time_to_attempt (PsSessionRig *rig)
{
  gint64 before_us = ps_clock_now_us (PS_CLOCK (rig->clock));
  guint n = ps_fake_stream_port_n_connects (rig->port);
  while (ps_fake_stream_port_n_connects (rig->port) == n)
    g_assert_true (ps_virtual_clock_step (rig->clock));
  return ps_clock_now_us (PS_CLOCK (rig->clock)) - before_us;
}
