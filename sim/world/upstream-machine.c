/* SPDX-License-Identifier: Apache-2.0 */
/* The machine that waits: for a reply, or while it computes. */
#include "core/schema.h"
#include "sim/world/upstream-private.h"
#include "sim/world/upstream-script.h"
#include "sim/world/sonic-keys.h"

static void
end (PsUpstream *self, int exit_code)
{
  self->ended = TRUE;
  self->exit_code = exit_code;
}

static void
go_on (PsUpstream *self, const PsRedisReply *reply)
{
  self->reply = reply;
  self->next (self);
}

static void
on_timer (gpointer user_data)
{
  PsUpstream *self = user_data;
  self->timer = 0;
  go_on (self, NULL);
}

void
ps_upstream_replied (PsUpstreamOutcome outcome, const PsRedisReply *reply, gpointer user_data)
{
  PsUpstream *self = user_data;
  if (outcome == PS_UPSTREAM_SIGPIPE)
    end (self, PS_UPSTREAM_SIGPIPE_CODE);
  else if (outcome == PS_UPSTREAM_ENDED)
    ps_upstream_throw (self, "the connection to Redis has ended");
  else if (reply != NULL && reply->type == PS_REDIS_REPLY_ERROR)
    ps_upstream_throw (self, reply->text.data);
  else
    go_on (self, reply);
}

void
ps_upstream_tell (PsUpstream *self, PsLogLevel level, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  self->writer (level, "upstream", text, self->user_data);
}

void
ps_upstream_busy (PsUpstream *self, gint64 us, PsUpstreamStep next)
{
  self->next = next;
  self->timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock) + us, on_timer, self);
}

void
ps_upstream_ask (PsUpstream *self, PsDb db, PsUpstreamStep next, const char *const *words,
                 gsize n_words)
{
  self->next = next;
  ps_upstream_client_call (self->clients[db], words, n_words);
}

void
ps_upstream_connect (PsUpstream *self, PsDb db, PsUpstreamStep next)
{
  self->next = next;
  self->connected[db] = TRUE;
  ps_upstream_client_connect (self->clients[db]);
}

void
ps_upstream_throw (PsUpstream *self, const char *what)
{
  ps_upstream_tell (self, PS_LOG_ERROR, "exception \"%s\"", what);
  if (!self->in_select) {
    end (self, PS_UPSTREAM_EXCEPTION);
    return;
  }
  self->swallow (self);
}

void
ps_upstream_produce (PsUpstream *self, PsUpstreamStep next, const char *key,
                     const char *const *pairs, gsize n_fields)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  g_autofree char *staged = ps_sim_staged_key (key);
  g_autofree char *n_keys = g_strdup_printf ("%" G_GSIZE_FORMAT, n_fields + 2);
  const char *const head[] = {"EVALSHA", PS_UPSTREAM_SET_DIGEST, n_keys, PS_SIM_CHANNEL,
                              PS_KEY_SET};
  for (guint i = 0; i < G_N_ELEMENTS (head); i++)
    g_ptr_array_add (words, (gpointer)head[i]);
  for (gsize i = 0; i < n_fields; i++)
    g_ptr_array_add (words, staged);
  g_ptr_array_add (words, (gpointer) "G");
  g_ptr_array_add (words, (gpointer)key);
  for (gsize i = 0; i < 2 * n_fields; i++)
    g_ptr_array_add (words, (gpointer)pairs[i]);
  ps_upstream_ask (self, PS_DB_APPL, next, (const char *const *)words->pdata, words->len);
}
