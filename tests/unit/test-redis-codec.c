/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/codec.h"
#include "base/rng.h"
#include <string.h>

/* --- Commands --- */

static void
expect_unsent (PsRespWriter *writer, const char *bytes, gsize n_bytes)
{
  gsize n;
  const guint8 *unsent = ps_resp_writer_unsent (writer, &n);
  g_assert_cmpmem (unsent, n, bytes, n_bytes);
}

/* Words are written with their lengths, whatever bytes they hold. */
static void
test_words (void)
{
  g_autoptr (PsRespWriter) writer = ps_resp_writer_new ();
  expect_unsent (writer, "", 0);
  ps_resp_begin (writer, 4);
  ps_resp_word (writer, ps_text ("DEL"));
  ps_resp_word (writer, (PsText){"a\0\r\n", 4});
  ps_resp_word_joined (writer, ps_text ("T"), ps_text ("|"), ps_text ("Ethernet0"));
  ps_resp_word (writer, ps_text (""));
  static const char expected[] =
      "*4\r\n$3\r\nDEL\r\n$4\r\na\0\r\n\r\n$11\r\nT|Ethernet0\r\n$0\r\n\r\n";
  expect_unsent (writer, expected, sizeof expected - 1);
}

/* Numbers are words of their decimal digits. */
static void
test_numbers (void)
{
  g_autoptr (PsRespWriter) writer = ps_resp_writer_new ();
  ps_resp_word_uint (writer, 0);
  ps_resp_word_uint (writer, 4096);
  ps_resp_word_uint (writer, G_MAXUINT64);
  static const char expected[] = "$1\r\n0\r\n$4\r\n4096\r\n$20\r\n18446744073709551615\r\n";
  expect_unsent (writer, expected, sizeof expected - 1);
}

/* The formatter makes the same bytes. */
static void
test_format (void)
{
  g_autoptr (PsRespWriter) writer = ps_resp_writer_new ();
  ps_resp_format (writer, "SELECT %u", 6u);
  ps_resp_format (writer, "SCRIPT LOAD %s", "return 1\n");
  static const char expected[] = "*2\r\n$6\r\nSELECT\r\n$1\r\n6\r\n"
                                 "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n$9\r\nreturn 1\n\r\n";
  expect_unsent (writer, expected, sizeof expected - 1);
}

/* Sending in any pieces, with words added meanwhile, neither loses nor repeats a byte. */
static void
test_sending (void)
{
  g_autoptr (PsRespWriter) writer = ps_resp_writer_new ();
  g_autoptr (GByteArray) sent = g_byte_array_new ();
  g_autoptr (GString) expected = g_string_new (NULL);
  PsRng rng;
  ps_rng_seed (&rng, 3);
  for (guint i = 0; i < 20000; i++) {
    g_autofree char *word = g_strdup_printf ("word-%u", i);
    ps_resp_word (writer, ps_text (word));
    g_string_append_printf (expected, "$%zu\r\n%s\r\n", strlen (word), word);
    gsize n;
    const guint8 *unsent = ps_resp_writer_unsent (writer, &n);
    gsize part = (gsize)ps_rng_below (&rng, MIN (n, 30) + 1);
    g_byte_array_append (sent, unsent, (guint)part);
    ps_resp_writer_sent (writer, part);
  }
  gsize n;
  const guint8 *unsent = ps_resp_writer_unsent (writer, &n);
  g_byte_array_append (sent, unsent, (guint)n);
  ps_resp_writer_sent (writer, n);
  expect_unsent (writer, "", 0);
  g_assert_cmpmem (sent->data, sent->len, expected->str, expected->len);
}

/* --- Replies --- */

/* A reply as text: +OK -ERR :1 "text" nil [a b]. */
static void
print_reply (const PsRedisReply *reply, GString *out)
{
  switch (reply->type) {
  case PS_REDIS_REPLY_STATUS:
    g_string_append_printf (out, "+%s", reply->text.data);
    break;
  case PS_REDIS_REPLY_ERROR:
    g_string_append_printf (out, "-%s", reply->text.data);
    break;
  case PS_REDIS_REPLY_INTEGER:
    g_string_append_printf (out, ":%" G_GINT64_FORMAT, reply->integer);
    break;
  case PS_REDIS_REPLY_STRING:
    g_assert_cmpint (reply->text.data[reply->text.size], ==, '\0');
    g_string_append_printf (out, "\"%s\"/%zu", reply->text.data, reply->text.size);
    break;
  case PS_REDIS_REPLY_NIL:
    g_string_append (out, "nil");
    break;
  case PS_REDIS_REPLY_ARRAY:
    g_string_append_c (out, '[');
    for (gsize i = 0; i < reply->n_elements; i++) {
      g_string_append (out, i > 0 ? " " : "");
      print_reply (&reply->elements[i], out);
    }
    g_string_append_c (out, ']');
    break;
  }
}

/* All replies in bytes fed n at a time, separated by line feeds; "BROKEN" ends them. */
static char *
parse (const char *bytes, gsize n_bytes, gsize step)
{
  g_autoptr (PsRespReader) reader = ps_resp_reader_new ();
  GString *out = g_string_new (NULL);
  for (gsize at = 0; at < n_bytes; at += step) {
    const PsRedisReply *reply = NULL;
    PsRespResult result;
    ps_resp_reader_feed (reader, (const guint8 *)bytes + at, MIN (step, n_bytes - at));
    while ((result = ps_resp_reader_next (reader, &reply)) == PS_RESP_REPLY) {
      print_reply (reply, out);
      g_string_append_c (out, '\n');
    }
    if (result == PS_RESP_BROKEN) {
      g_assert_cmpuint (strlen (ps_resp_reader_error (reader)), >, 0);
      g_assert_false (ps_resp_reader_feed (reader, (const guint8 *)"+OK\r\n", 5));
      g_assert_cmpint (ps_resp_reader_next (reader, &reply), ==, PS_RESP_BROKEN);
      g_string_append (out, "BROKEN");
      break;
    }
  }
  return g_string_free (out, FALSE);
}

static const char all_types[] = "+OK\r\n"
                                "-ERR no\r\n"
                                ":-42\r\n"
                                "$3\r\na\0b\r\n"
                                "$0\r\n\r\n"
                                "$-1\r\n"
                                "*-1\r\n"
                                "*0\r\n"
                                "*3\r\n$1\r\nx\r\n:7\r\n*2\r\n-WRONGTYPE k\r\n$-1\r\n"
                                "*1\r\n*1\r\n*1\r\n+deep\r\n";

static const char all_printed[] = "+OK\n-ERR no\n:-42\n\"a\"/3\n\"\"/0\nnil\nnil\n[]\n"
                                  "[\"x\"/1 :7 [-WRONGTYPE k nil]]\n[[[+deep]]]\n";

/* Every type of reply is read, however the bytes are split. */
static void
test_types (void)
{
  for (gsize step = 1; step <= sizeof all_types; step++) {
    g_autofree char *printed = parse (all_types, sizeof all_types - 1, step);
    g_assert_cmpstr (printed, ==, all_printed);
  }
}

/* At every cut the replies before it are there, and nothing of the rest. */
static void
test_cuts (void)
{
  gsize longest = 0;
  for (gsize end = 0; end < sizeof all_types - 1; end++) {
    g_autofree char *printed = parse (all_types, end, 7);
    g_assert_true (g_str_has_prefix (all_printed, printed));
    g_assert_cmpuint (strlen (printed), >=, longest);
    longest = strlen (printed);
  }
  g_assert_cmpuint (longest, <, sizeof all_printed - 1);
}

/* What is not the protocol, and what claims to be larger than a limit, is an error, before any
 * memory is taken for it. */
static void
test_broken (void)
{
  static const char *const broken[] = {
      "hello\r\n",
      "HTTP/1.1 400 Bad Request\r\n",
      "\r\n",
      ":notanumber\r\n",
      ":\r\n",
      "$-5\r\n",
      "$x\r\n",
      "*-2\r\n",
      "*2147483647\r\n",
      "*9999999999999999999999\r\n",
      "*262145\r\n",
      "*1\r\n*1\r\n*1\r\n*1\r\n",
      "*2\r\n:1\r\n?\r\n",
      "%1\r\n+a\r\n+b\r\n",
      "~1\r\n+a\r\n",
      ">1\r\n+a\r\n",
      ",1.5\r\n",
      "#t\r\n",
      "=5\r\ntxt:a\r\n",
      "(123456789012345678901234567890\r\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_autofree char *at_once = parse (broken[i], strlen (broken[i]), 4096);
    g_autofree char *bytewise = parse (broken[i], strlen (broken[i]), 1);
    g_test_message ("%s", broken[i]);
    g_assert_cmpstr (at_once, ==, "BROKEN");
    g_assert_cmpstr (bytewise, ==, "BROKEN");
  }
}

/* The limit of elements counts those of nested arrays; at the limit a reply is fine. */
static void
test_elements (void)
{
  g_autoptr (GString) good = g_string_new ("*262144\r\n");
  for (guint i = 0; i < PS_RESP_ELEMENTS_MAX; i++)
    g_string_append (good, ":1\r\n");
  g_autoptr (PsRespReader) reader = ps_resp_reader_new ();
  const PsRedisReply *reply;
  for (guint i = 0; i < 3; i++) {
    g_assert_true (ps_resp_reader_feed (reader, (const guint8 *)good->str, good->len));
    g_assert_cmpint (ps_resp_reader_next (reader, &reply), ==, PS_RESP_REPLY);
    g_assert_cmpuint (reply->n_elements, ==, PS_RESP_ELEMENTS_MAX);
  }
  static const char nested[] = "*2\r\n*262140\r\n";
  g_autoptr (GString) bad = g_string_new (nested);
  for (guint i = 0; i < 262140; i++)
    g_string_append (bad, "+\r\n");
  g_string_append (bad, "*3\r\n");
  g_autofree char *printed = parse (bad->str, bad->len, bad->len);
  g_assert_cmpstr (printed, ==, "BROKEN");
}

/* A line without an end, and a text that is too large, are errors and do not grow for ever. */
static void
test_too_large (void)
{
  g_autofree guint8 *chunk = g_malloc (1 << 20);
  memset (chunk, 'a', 1 << 20);
  static const char *const starts[] = {"+", "-", ":1", "$99999999\r\n", "*1\r\n$99999999\r\n"};
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++) {
    g_autoptr (PsRespReader) reader = ps_resp_reader_new ();
    const PsRedisReply *reply;
    guint n = 0;
    PsRespResult result = PS_RESP_MORE;
    ps_resp_reader_feed (reader, (const guint8 *)starts[i], strlen (starts[i]));
    for (; result == PS_RESP_MORE && n < 100; n++) {
      ps_resp_reader_feed (reader, chunk, 1 << 20);
      result = ps_resp_reader_next (reader, &reply);
    }
    g_assert_cmpint (result, ==, PS_RESP_BROKEN);
    g_assert_cmpuint (n, <=, i < 3 ? 1 : 65);
  }
}

/* A text of many megabytes arrives whole. */
static void
test_large_text (void)
{
  gsize size = 20 * 1000 * 1000;
  g_autoptr (GString) bytes = g_string_new (NULL);
  g_string_printf (bytes, "$%zu\r\n", size);
  for (gsize i = 0; i < size; i++)
    g_string_append_c (bytes, (char)('a' + i % 23));
  g_string_append (bytes, "\r\n:5\r\n");
  g_autoptr (PsRespReader) reader = ps_resp_reader_new ();
  const PsRedisReply *reply = NULL;
  for (gsize at = 0; at < bytes->len - 4; at += 32768) {
    g_assert_cmpint (ps_resp_reader_next (reader, &reply), ==, PS_RESP_MORE);
    gsize n = MIN (32768, bytes->len - at);
    g_assert_true (ps_resp_reader_feed (reader, (const guint8 *)bytes->str + at, n));
  }
  g_assert_cmpint (ps_resp_reader_next (reader, &reply), ==, PS_RESP_REPLY);
  g_assert_cmpmem (reply->text.data, reply->text.size, strchr (bytes->str, '\n') + 1, size);
  g_assert_cmpint (ps_resp_reader_next (reader, &reply), ==, PS_RESP_REPLY);
  g_assert_cmpint (reply->integer, ==, 5);
  g_assert_cmpint (ps_resp_reader_next (reader, &reply), ==, PS_RESP_MORE);
}

static void
make_reply (PsRng *rng, guint depth, GString *bytes, GString *printed)
{
  guint kind = (guint)ps_rng_below (rng, depth < PS_RESP_DEPTH_MAX ? 6 : 5);
  guint n = (guint)ps_rng_below (rng, 40);
  g_autofree char *text = g_strnfill (n, 'q');
  if (kind == 0) {
    g_string_append_printf (bytes, "+%s\r\n", text);
    g_string_append_printf (printed, "+%s", text);
  } else if (kind == 1) {
    g_string_append_printf (bytes, "-E%s\r\n", text);
    g_string_append_printf (printed, "-E%s", text);
  } else if (kind == 2) {
    g_string_append_printf (bytes, ":%u\r\n", n);
    g_string_append_printf (printed, ":%u", n);
  } else if (kind == 3) {
    g_string_append_printf (bytes, "$%u\r\n%s\r\n", n, text);
    g_string_append_printf (printed, "\"%s\"/%u", text, n);
  } else if (kind == 4) {
    g_string_append (bytes, "$-1\r\n");
    g_string_append (printed, "nil");
  } else {
    guint n_elements = (guint)ps_rng_below (rng, 6);
    g_string_append_printf (bytes, "*%u\r\n", n_elements);
    g_string_append_c (printed, '[');
    for (guint i = 0; i < n_elements; i++) {
      g_string_append (printed, i > 0 ? " " : "");
      make_reply (rng, depth + 1, bytes, printed);
    }
    g_string_append_c (printed, ']');
  }
}

/* Random replies in random pieces come out as they were made. */
static void
test_random (void)
{
  PsRng rng;
  ps_rng_seed (&rng, 11);
  for (guint round = 0; round < 200; round++) {
    g_autoptr (GString) bytes = g_string_new (NULL);
    g_autoptr (GString) printed = g_string_new (NULL);
    for (guint i = 0; i < 50; i++) {
      make_reply (&rng, 0, bytes, printed);
      g_string_append_c (printed, '\n');
    }
    g_autofree char *parsed = parse (bytes->str, bytes->len, 1 + (gsize)ps_rng_below (&rng, 300));
    g_assert_cmpstr (parsed, ==, printed->str);
  }
}

/* Random bytes never do more than break the reader. */
static void
test_noise (void)
{
  static const char alphabet[] = "+-:$*\r\n0123456789ab%";
  PsRng rng;
  ps_rng_seed (&rng, 5);
  for (guint round = 0; round < 20000; round++) {
    char bytes[64];
    for (guint i = 0; i < sizeof bytes; i++)
      bytes[i] = alphabet[ps_rng_below (&rng, sizeof alphabet - 1)];
    g_autofree char *printed = parse (bytes, sizeof bytes, 1 + (gsize)ps_rng_below (&rng, 64));
    g_assert_nonnull (printed);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redis-codec/words", test_words);
  g_test_add_func ("/redis-codec/numbers", test_numbers);
  g_test_add_func ("/redis-codec/format", test_format);
  g_test_add_func ("/redis-codec/sending", test_sending);
  g_test_add_func ("/redis-codec/types", test_types);
  g_test_add_func ("/redis-codec/cuts", test_cuts);
  g_test_add_func ("/redis-codec/broken", test_broken);
  g_test_add_func ("/redis-codec/elements", test_elements);
  g_test_add_func ("/redis-codec/too-large", test_too_large);
  g_test_add_func ("/redis-codec/large-text", test_large_text);
  g_test_add_func ("/redis-codec/random", test_random);
  g_test_add_func ("/redis-codec/noise", test_noise);
  return g_test_run ();
}
