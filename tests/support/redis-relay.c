/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/redis-relay.h"
#include <string.h>

#define SEED         1
#define BUFFER_BYTES (64 * 1024)

struct _PsRedisRelay {
  PsFakeStreamPort *port; /* owned */
  PsSimRedis *redis;      /* owned */
  PsStreamPort *out;      /* owned; to the server */
  GPtrArray *log;         /* owned; of char * */
  guint n_connects;       /* of the port, when the way to the server was opened */
  guint n_published;
  gboolean mute;
};

static PsSimGate
on_command (const PsSimRedisCommand *command, gpointer user_data)
{
  PsRedisRelay *self = user_data;
  GString *line = g_string_new (command->words[0].data);
  for (gsize i = 1; i < command->n_words; i++) {
    const char *word = command->words[i].data;
    g_string_append_printf (line, " %s", strchr (word, '\n') != NULL ? "SCRIPT" : word);
  }
  g_ptr_array_add (self->log, g_string_free (line, FALSE));
  return PS_SIM_GATE_RUN;
}

static void
on_effect (const PsSimRedisWrite *write, gpointer user_data)
{
  PsRedisRelay *self = user_data;
  self->n_published += g_str_equal (write->verb, "PUBLISH");
}

static void
pass_requests (PsRedisRelay *self)
{
  const GByteArray *written = ps_fake_stream_port_written (self->port);
  gsize n;
  while (written->len > 0 &&
         ps_stream_port_write (self->out, written->data, written->len, &n) == PS_STREAM_DONE)
    ps_fake_stream_port_take (self->port, n);
  ps_stream_port_want_write (self->out, written->len > 0);
}

static void
pass_replies (PsRedisRelay *self)
{
  g_autofree guint8 *bytes = g_malloc (BUFFER_BYTES);
  PsStreamResult result;
  gsize n;
  while ((result = ps_stream_port_read (self->out, bytes, BUFFER_BYTES, &n)) == PS_STREAM_DONE)
    if (!self->mute)
      ps_fake_stream_port_feed (self->port, bytes, n);
  if (result != PS_STREAM_ENDED)
    return;
  ps_stream_port_close (self->out);
  ps_fake_stream_port_end (self->port);
}

static void
on_ready (guint readiness, gpointer user_data)
{
  if ((readiness & PS_STREAM_WRITABLE) != 0)
    pass_requests (user_data);
  if ((readiness & PS_STREAM_READABLE) != 0)
    pass_replies (user_data);
}

/* The port connects, or has written. */
static void
on_port (PsFakeStreamPort *port, gpointer user_data)
{
  PsRedisRelay *self = user_data;
  guint n = ps_fake_stream_port_n_connects (port);
  if (n == self->n_connects) {
    pass_requests (self);
    return;
  }
  self->n_connects = n;
  ps_stream_port_close (self->out);
  g_assert_true (ps_stream_port_connect (self->out, NULL));
}

PsRedisRelay *
ps_redis_relay_new (PsFakeStreamPort *port, PsClock *clock)
{
  PsRedisRelay *self = g_new0 (PsRedisRelay, 1);
  self->port = g_object_ref (port);
  self->redis = ps_sim_redis_new (clock, SEED);
  self->out = ps_sim_redis_port (self->redis, 0);
  self->log = g_ptr_array_new_with_free_func (g_free);
  ps_stream_port_set_ready (self->out, on_ready, self);
  ps_sim_redis_set_gate (self->redis, on_command, self);
  ps_sim_redis_add_observer (self->redis, on_effect, self);
  ps_fake_stream_port_set_peer (port, on_port, self);
  return self;
}

void
ps_redis_relay_free (PsRedisRelay *self)
{
  if (self == NULL)
    return;
  ps_fake_stream_port_set_peer (self->port, NULL, NULL);
  g_object_unref (self->port);
  ps_stream_port_close (self->out);
  g_object_unref (self->out);
  ps_sim_redis_free (self->redis);
  g_ptr_array_unref (self->log);
  g_free (self);
}

PsSimRedis *
ps_redis_relay_server (PsRedisRelay *self)
{
  return self->redis;
}

void
ps_redis_relay_mute (PsRedisRelay *self, gboolean mute)
{
  self->mute = mute;
}

const GPtrArray *
ps_redis_relay_log (PsRedisRelay *self)
{
  return self->log;
}

guint
ps_redis_relay_n_published (PsRedisRelay *self)
{
  return self->n_published;
}
