/* SPDX-License-Identifier: Apache-2.0 */
/* A Redis session and whatever a server, or the way to it, may do: what it sends is the protocol,
 * each request is answered once, and afterwards an honest server heals it. */
#include "sim/world/resp.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/ops.h"
#include "tests/support/session-rig.h"
#include <string.h>

#define OPEN_MAX    64 /* requests; a fuzzer would spend its time on nothing else */
#define MANY_OPS    300
#define STEPS_MAX   1000
#define PRODUCED    "*1\r\n:1\r\n"
#define SCAN_PAGE   "*2\r\n$1\r\n7\r\n*2\r\n$3\r\nT|a\r\n$3\r\nT:b\r\n"
#define SCAN_LAST   "*2\r\n$1\r\n0\r\n*1\r\n$3\r\nT|c\r\n"
#define MAX_CLIENTS "-ERR max number of clients reached\r\n"

typedef struct {
  PsSessionRig *rig;
  gboolean produces, running;
  guint n_asked, n_forgotten;
  guint n_connects;        /* that the parser belongs to */
  PsSimRespParser *parser; /* owned; of what the session sends */
} Run;

/* The session's bytes must be commands, on each connection anew. */
static void
check_sent (Run *self)
{
  PsFakeStreamPort *port = self->rig->port;
  const GByteArray *written = ps_fake_stream_port_written (port);
  const PsText *words;
  gsize n_words;
  PsSimRespResult result;
  if (self->n_connects != ps_fake_stream_port_n_connects (port)) {
    ps_sim_resp_parser_free (self->parser);
    self->parser = ps_sim_resp_parser_new ();
    self->n_connects = ps_fake_stream_port_n_connects (port);
  }
  ps_sim_resp_parser_feed (self->parser, written->data, written->len);
  ps_fake_stream_port_take (port, written->len);
  while ((result = ps_sim_resp_parser_next (self->parser, &words, &n_words)) == PS_SIM_RESP_COMMAND)
    g_assert_cmpuint (words[0].size, >, 0);
  g_assert_cmpint (result, ==, PS_SIM_RESP_MORE);
}

static void
run_time (Run *self, gint64 delta_us)
{
  ps_virtual_clock_advance (self->rig->clock, delta_us);
  check_sent (self);
}

static void
say (Run *self, PsRedisSaying what)
{
  static const char *const sayings[PS_REDIS_N_SAYINGS] = {PS_SESSION_RIG_HELLO,
                                                          NULL,
                                                          "+OK\r\n",
                                                          ":0\r\n",
                                                          ":1\r\n",
                                                          "$-1\r\n",
                                                          "*0\r\n",
                                                          "*2\r\n$1\r\nf\r\n$1\r\n1\r\n",
                                                          PRODUCED,
                                                          SCAN_PAGE,
                                                          SCAN_LAST,
                                                          "-NOSCRIPT x\r\n",
                                                          "-READONLY x\r\n",
                                                          "-LOADING x\r\n",
                                                          "-WRONGTYPE x\r\n",
                                                          MAX_CLIENTS};
  g_autofree char *script = g_strdup_printf ("$40\r\n%s\r\n", self->rig->script.sha1);
  ps_fake_stream_port_feed_text (self->rig->port, sayings[what] != NULL ? sayings[what] : script);
}

static void
commit (Run *self, guint which)
{
  static const char *const batches[] = {"PUT T a f=1 g=2", "DELETE T b", "PRODUCE T c h=1",
                                        PS_SESSION_RIG_SCENE_OPS,
                                        "PRODUCE T a f=1\nPRODUCE T b f=1\nPUT T c f=1"};
  g_autoptr (GString) many = g_string_new ("DELETE T k");
  if (which < G_N_ELEMENTS (batches)) {
    ps_session_rig_commit (self->rig, batches[which]);
    return;
  }
  for (guint i = 1; i < MANY_OPS; i++)
    g_string_append_printf (many, "\n%s T k%u f=1", self->produces ? "PRODUCE" : "PUT", i);
  ps_session_rig_commit (self->rig, many->str);
}

static void
read_rows (Run *self, guint which)
{
  if (which == 0)
    ps_session_rig_read_names (self->rig, "T");
  else if (which == 1)
    ps_session_rig_read (self->rig, "T", NULL);
  else if (which == 2)
    ps_session_rig_read (self->rig, "T", "a b c");
  else
    ps_session_rig_get (self->rig, "T");
}

/* The engine asks only while the session is online. */
static void
ask (Run *self, PsRedisOp op, guint which)
{
  PsRedisSession *session = self->rig->session;
  if (!ps_redis_session_is_online (session) || ps_redis_session_n_open (session) >= OPEN_MAX)
    return;
  self->n_asked++;
  if (op == PS_REDIS_OP_COMMIT)
    commit (self, which % 6);
  else if (op == PS_REDIS_OP_READ)
    read_rows (self, which % 4);
  else
    ps_session_rig_exists (self->rig, "T", "a b c");
}

static void
stop (Run *self)
{
  self->n_forgotten += ps_redis_session_n_open (self->rig->session);
  ps_redis_session_stop (self->rig->session);
  self->running = FALSE;
}

static void
start (Run *self)
{
  if (!self->running)
    ps_redis_session_start (self->rig->session);
  self->running = TRUE;
}

static void
do_port (Run *self, PsRedisOp op, PsFuzzInput *input)
{
  PsFakeStreamPort *port = self->rig->port;
  gsize n, m;
  const guint8 *bytes;
  switch ((guint)op) {
  case PS_REDIS_OP_FEED:
    bytes = ps_fuzz_block (input, &n);
    ps_fake_stream_port_feed (port, bytes, n);
    break;
  case PS_REDIS_OP_SAY:
    say (self, ps_fuzz_byte (input) % PS_REDIS_N_SAYINGS);
    break;
  case PS_REDIS_OP_END:
    ps_fake_stream_port_end (port);
    break;
  case PS_REDIS_OP_CONNECT:
    ps_fake_stream_port_set_connect (port, ps_fuzz_byte (input) % (PS_FAKE_IGNORE + 1));
    break;
  case PS_REDIS_OP_CHUNKS:
    n = ps_fuzz_number (input);
    m = ps_fuzz_number (input);
    ps_fake_stream_port_set_chunks (port, n + 1, m + 1);
    break;
  case PS_REDIS_OP_ROOM:
    ps_fake_stream_port_set_room (port, ps_fuzz_number (input));
    break;
  default:
    g_assert_not_reached ();
  }
}

static void
do_op (Run *self, PsRedisOp op, PsFuzzInput *input)
{
  if (op == PS_REDIS_OP_TIME)
    run_time (self, ps_fuzz_number (input) * G_TIME_SPAN_MILLISECOND);
  else if (op == PS_REDIS_OP_COMMIT || op == PS_REDIS_OP_READ)
    ask (self, op, ps_fuzz_byte (input));
  else if (op == PS_REDIS_OP_EXISTS)
    ask (self, op, 0);
  else if (op == PS_REDIS_OP_STOP)
    stop (self);
  else if (op == PS_REDIS_OP_START)
    start (self);
  else if (op == PS_REDIS_OP_FREE)
    self->rig->free_next = TRUE;
  else
    do_port (self, op, input);
}

/* Words such as "c1:A" in what was told. EXISTS was asked for three keys. */
static guint
count_answers (Run *self)
{
  g_auto (GStrv) words = g_strsplit (self->rig->seen->str, " ", -1);
  guint n = 0;
  for (guint i = 0; words[i] != NULL; i++) {
    const char *colon = strchr (words[i], ':');
    n += colon != NULL;
    if (words[i][0] == 'e' && colon != NULL)
      g_assert_cmpint (g_ascii_strtoll (colon + 1, NULL, 10), <=, 3);
  }
  return n;
}

static void
run_until_open (Run *self)
{
  for (guint i = 0; i < STEPS_MAX && !ps_fake_stream_port_is_open (self->rig->port); i++)
    g_assert_true (ps_virtual_clock_step (self->rig->clock));
  g_assert_true (ps_fake_stream_port_is_open (self->rig->port));
  run_time (self, 0);
}

/* The server closes, and comes back as an honest one. */
static void
heal (Run *self)
{
  PsFakeStreamPort *port = self->rig->port;
  self->rig->free_next = FALSE;
  start (self);
  ps_fake_stream_port_set_connect (port, PS_FAKE_ACCEPT);
  ps_fake_stream_port_set_chunks (port, G_MAXSIZE, G_MAXSIZE);
  ps_fake_stream_port_end (port);
  run_time (self, 0);
  run_until_open (self);
  g_assert_cmpuint (count_answers (self) + self->n_forgotten, ==, self->n_asked);
  say (self, PS_REDIS_SAY_HELLO);
  if (self->produces)
    say (self, PS_REDIS_SAY_SCRIPT);
  run_time (self, 0);
  g_assert_true (ps_redis_session_is_online (self->rig->session));
  ask (self, PS_REDIS_OP_EXISTS, 0);
  run_time (self, 0);
  say (self, PS_REDIS_SAY_ONE);
  run_time (self, 0);
  g_assert_true (g_str_has_suffix (self->rig->seen->str, ":1"));
  g_assert_cmpuint (count_answers (self) + self->n_forgotten, ==, self->n_asked);
  g_assert_cmpuint (ps_redis_session_n_open (self->rig->session), ==, 0);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  PsFuzzInput input = {data, size};
  gboolean produces = (ps_fuzz_byte (&input) & PS_REDIS_FLAG_PRODUCES) != 0;
  Run self = {ps_session_rig_new (produces, FALSE), produces, FALSE, 0, 0, 0, NULL};
  start (&self);
  while (input.left > 0 && self.rig->session != NULL) {
    do_op (&self, ps_fuzz_byte (&input) % PS_REDIS_N_OPS, &input);
    run_time (&self, 0);
  }
  if (self.rig->session != NULL)
    heal (&self);
  g_assert_cmpuint (count_answers (&self), <=, self.n_asked);
  ps_sim_resp_parser_free (self.parser);
  ps_session_rig_free (self.rig);
  return 0;
}
