/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/upstream-client.h"

#define READ_BYTES 16384

struct _PsUpstreamClient {
  PsStreamPort *port; /* owned */
  PsUpstreamReplied replied;
  gpointer user_data;
  PsRespWriter *writer; /* owned */
  PsRespReader *reader; /* owned */
  gboolean connecting, failed;
};

/* Between commands it does not look at the socket. */
static void
finish (PsUpstreamClient *self, PsUpstreamOutcome outcome, const PsRedisReply *reply)
{
  ps_stream_port_set_ready (self->port, NULL, NULL);
  self->connecting = FALSE;
  self->failed |= outcome != PS_UPSTREAM_REPLIED;
  self->replied (outcome, reply, self->user_data);
}

/* FALSE: it is over. */
static gboolean
write_rest (PsUpstreamClient *self)
{
  gsize n, n_written;
  const guint8 *bytes;
  while ((bytes = ps_resp_writer_unsent (self->writer, &n)), n > 0) {
    PsStreamResult result = ps_stream_port_write (self->port, bytes, n, &n_written);
    if (result == PS_STREAM_ENDED) {
      finish (self, PS_UPSTREAM_SIGPIPE, NULL);
      return FALSE;
    }
    if (result == PS_STREAM_WOULD_BLOCK)
      break;
    ps_resp_writer_sent (self->writer, n_written);
  }
  ps_stream_port_want_write (self->port, n > 0);
  return TRUE;
}

static void
read_reply (PsUpstreamClient *self)
{
  guint8 buffer[READ_BYTES];
  const PsRedisReply *reply;
  gsize n;
  for (;;) {
    PsRespResult result = ps_resp_reader_next (self->reader, &reply);
    if (result == PS_RESP_REPLY) {
      finish (self, PS_UPSTREAM_REPLIED, reply);
      return;
    }
    PsStreamResult got = ps_stream_port_read (self->port, buffer, sizeof buffer, &n);
    if (got == PS_STREAM_WOULD_BLOCK && result == PS_RESP_MORE)
      return;
    if (got != PS_STREAM_DONE || result == PS_RESP_BROKEN ||
        !ps_resp_reader_feed (self->reader, buffer, n)) {
      finish (self, PS_UPSTREAM_ENDED, NULL);
      return;
    }
  }
}

static void
on_ready (guint readiness, gpointer user_data)
{
  PsUpstreamClient *self = user_data;
  if ((readiness & PS_STREAM_READABLE) != 0)
    read_reply (self);
  else if (self->connecting)
    finish (self, PS_UPSTREAM_REPLIED, NULL);
  else
    write_rest (self);
}

PsUpstreamClient *
ps_upstream_client_new (PsStreamPort *port, PsUpstreamReplied replied, gpointer user_data)
{
  PsUpstreamClient *self = g_new0 (PsUpstreamClient, 1);
  self->port = g_object_ref (port);
  self->replied = replied;
  self->user_data = user_data;
  self->writer = ps_resp_writer_new ();
  self->reader = ps_resp_reader_new ();
  return self;
}

void
ps_upstream_client_free (PsUpstreamClient *self)
{
  if (self == NULL)
    return;
  ps_stream_port_set_ready (self->port, NULL, NULL);
  ps_stream_port_close (self->port);
  g_object_unref (self->port);
  ps_resp_writer_free (self->writer);
  ps_resp_reader_free (self->reader);
  g_free (self);
}

void
ps_upstream_client_connect (PsUpstreamClient *self)
{
  self->connecting = TRUE;
  if (!ps_stream_port_connect (self->port, NULL))
    finish (self, PS_UPSTREAM_ENDED, NULL);
  else
    ps_stream_port_set_ready (self->port, on_ready, self);
}

void
ps_upstream_client_call (PsUpstreamClient *self, const char *const *words, gsize n_words)
{
  if (self->failed) {
    finish (self, PS_UPSTREAM_ENDED, NULL);
    return;
  }
  ps_resp_begin (self->writer, n_words);
  for (gsize i = 0; i < n_words; i++)
    ps_resp_word (self->writer, ps_text (words[i]));
  if (write_rest (self))
    ps_stream_port_set_ready (self->port, on_ready, self);
}
