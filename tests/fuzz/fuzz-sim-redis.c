/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Redis and a hostile client: each command has one reply, which the product's codec
 * can read, and broken bytes have one error and the end of the connection. The first byte is the
 * size of the pieces in which the client writes, the second that in which bytes travel. */
#include "backends/redis/codec.h"
#include "sim/world/redis.h"
#include "tests/fuzz/fuzz.h"
#include "base/virtual-clock.h"

#define WAIT_US 1000

typedef struct {
  PsVirtualClock *clock;
  PsSimRedis *redis;
  PsStreamPort *port;
  PsRespReader *reader;
  guint64 n_replies;
  gboolean ended;
} Client;

static void
take_replies (Client *self)
{
  const PsRedisReply *reply;
  PsRespResult result;
  while ((result = ps_resp_reader_next (self->reader, &reply)) == PS_RESP_REPLY)
    self->n_replies++;
  g_assert_cmpint (result, ==, PS_RESP_MORE);
}

static void
on_ready (guint readiness, gpointer user_data)
{
  Client *self = user_data;
  guint8 bytes[4096];
  gsize n;
  PsStreamResult result;
  if ((readiness & PS_STREAM_READABLE) == 0)
    return;
  while ((result = ps_stream_port_read (self->port, bytes, sizeof bytes, &n)) == PS_STREAM_DONE) {
    g_assert_true (ps_resp_reader_feed (self->reader, bytes, n));
    take_replies (self);
  }
  self->ended |= result == PS_STREAM_ENDED;
}

static void
write_all (Client *self, PsFuzzInput *input, gsize piece)
{
  gsize n, n_written;
  while (input->left > 0 && !self->ended) {
    const guint8 *bytes = ps_fuzz_bytes (input, piece, &n);
    PsStreamResult result = ps_stream_port_write (self->port, bytes, n, &n_written);
    g_assert_true (result == PS_STREAM_ENDED || (result == PS_STREAM_DONE && n_written == n));
    ps_virtual_clock_advance (self->clock, WAIT_US);
  }
}

static void
check (const Client *self)
{
  const PsSimRedisCounters *counters = ps_sim_redis_counters (self->redis);
  g_assert_cmpuint (self->n_replies, ==, counters->commands + counters->broken);
  g_assert_cmpuint (counters->errors, <=, counters->commands);
  g_assert_cmpint (self->ended, ==, counters->broken > 0);
  for (guint db = 0; db < PS_SIM_REDIS_DBS; db++) {
    g_autoptr (GPtrArray) keys = ps_sim_redis_keys (self->redis, db, "");
    g_assert_cmpuint (keys->len, ==, ps_sim_redis_n_keys (self->redis, db));
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  PsFuzzInput input = {data, size};
  gsize piece = 16 * (gsize)ps_fuzz_byte (&input) + 1;
  g_autoptr (PsVirtualClock) clock = ps_virtual_clock_new ();
  g_autoptr (PsSimRedis) redis = ps_sim_redis_new (PS_CLOCK (clock), 1);
  g_autoptr (PsRespReader) reader = ps_resp_reader_new ();
  g_autoptr (PsStreamPort) port = ps_sim_redis_port (redis, 0);
  Client self = {clock, redis, port, reader, 0, FALSE};
  ps_sim_redis_set_chunk (redis, PS_SIM_REDIS_ALL, 16 * (gsize)ps_fuzz_byte (&input));
  ps_stream_port_set_ready (port, on_ready, &self);
  g_assert_true (ps_stream_port_connect (port, NULL));
  ps_virtual_clock_advance (clock, WAIT_US);
  write_all (&self, &input, piece);
  ps_virtual_clock_advance (clock, WAIT_US);
  check (&self);
  ps_stream_port_close (port);
  ps_virtual_clock_advance (clock, WAIT_US);
  return 0;
}
