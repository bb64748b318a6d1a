/* SPDX-License-Identifier: Apache-2.0 */
/* Both readers of the Redis protocol, the product's (replies) and the simulated server's
 * (commands): wherever the bytes are cut, the same is read, and nothing exceeds its bounds. The
 * first byte is the size of the pieces. */
#include "backends/redis/codec.h"
#include "sim/world/resp.h"
#include "tests/fuzz/fuzz.h"
#include <string.h>

static gsize
put_reply (GString *out, const PsRedisReply *reply, guint depth)
{
  gsize n = reply->type == PS_REDIS_REPLY_ARRAY ? reply->n_elements : 0;
  g_assert_cmpuint (depth, <=, PS_RESP_DEPTH_MAX + 1);
  g_string_append_printf (out, "%d.%" G_GINT64_FORMAT ".%zu.", (int)reply->type, reply->integer,
                          reply->n_elements);
  if (reply->type <= PS_REDIS_REPLY_ERROR || reply->type == PS_REDIS_REPLY_STRING) {
    g_assert_cmpint (reply->text.data[reply->text.size], ==, '\0');
    g_string_append_len (out, reply->text.data, (gssize)reply->text.size);
  }
  for (gsize i = 0; i < reply->n_elements; i++)
    n += put_reply (out, &reply->elements[i], depth + 1);
  return n;
}

/* What a reader makes of the bytes, fed in pieces. */
static GString *
read_replies (const guint8 *bytes, gsize size, gsize piece)
{
  GString *out = g_string_new (NULL);
  g_autoptr (PsRespReader) reader = ps_resp_reader_new ();
  PsRespResult result = PS_RESP_MORE;
  for (gsize at = 0; at < size && result == PS_RESP_MORE; at += piece) {
    const PsRedisReply *reply;
    ps_resp_reader_feed (reader, bytes + at, MIN (piece, size - at));
    while ((result = ps_resp_reader_next (reader, &reply)) == PS_RESP_REPLY)
      g_assert_cmpuint (put_reply (out, reply, 1), <=, PS_RESP_ELEMENTS_MAX);
  }
  g_string_append_printf (out, " %d %s", (int)result, ps_resp_reader_error (reader));
  return out;
}

static void
put_command (GString *out, const PsText *words, gsize n)
{
  g_assert_cmpuint (n, >, 0);
  for (gsize i = 0; i < n; i++) {
    g_assert_cmpint (words[i].data[words[i].size], ==, '\0');
    g_string_append_printf (out, "%zu.", words[i].size);
    g_string_append_len (out, words[i].data, (gssize)words[i].size);
  }
  for (gsize i = 0; i < words[0].size; i++)
    g_assert_false (g_ascii_islower (words[0].data[i]));
  g_string_append_c (out, '\n');
}

static GString *
read_commands (const guint8 *bytes, gsize size, gsize piece)
{
  GString *out = g_string_new (NULL);
  g_autoptr (PsSimRespParser) parser = ps_sim_resp_parser_new ();
  PsSimRespResult result = PS_SIM_RESP_MORE;
  for (gsize at = 0; at < size; at += piece) {
    const PsText *words;
    gsize n_words;
    ps_sim_resp_parser_feed (parser, bytes + at, MIN (piece, size - at));
    while ((result = ps_sim_resp_parser_next (parser, &words, &n_words)) == PS_SIM_RESP_COMMAND)
      put_command (out, words, n_words);
  }
  const char *broken = ps_sim_resp_parser_error (parser);
  g_assert_true ((result == PS_SIM_RESP_BROKEN) == (broken != NULL));
  g_string_append_printf (out, " %d %s", (int)result, broken != NULL ? broken : "");
  return out;
}

typedef GString *(*Read) (const guint8 *bytes, gsize size, gsize piece);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const Read reads[] = {read_replies, read_commands};
  PsFuzzInput input = {data, size};
  gsize piece = (gsize)ps_fuzz_byte (&input) + 1;
  for (guint i = 0; i < G_N_ELEMENTS (reads); i++) {
    g_autoptr (GString) whole = reads[i](input.at, input.left, MAX (input.left, 1));
    g_autoptr (GString) cut = reads[i](input.at, input.left, piece);
    g_assert_cmpmem (whole->str, whole->len, cut->str, cut->len);
  }
  return 0;
}
