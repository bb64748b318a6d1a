/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Redis breaks as told, and is not broken by any bytes. */
#include "base/rng.h"
#include "tests/support/sim-redis-client.h"
#include <string.h>

/* Half of the latency passes before the effect, half before the reply; bytes keep their order when
 * it becomes shorter. */
static void
test_latency (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  ps_sim_redis_set_latency_us (rig->redis, PS_SIM_REDIS_ALL, 1000);
  ps_sim_redis_client_put_text (rig, "HSET h a 1\n");
  ps_virtual_clock_advance (rig->clock, 499);
  g_assert_false (ps_sim_redis_exists (rig->redis, 0, "h"));
  ps_virtual_clock_advance (rig->clock, 1);
  g_assert_true (ps_sim_redis_exists (rig->redis, 0, "h"));
  ps_virtual_clock_advance (rig->clock, 499);
  g_assert_cmpstr (rig->got->str, ==, "");
  ps_virtual_clock_advance (rig->clock, 1);
  g_assert_cmpstr (rig->got->str, ==, ":1 ");
  ps_sim_redis_client_put_text (rig, "HSET h a 2\n");
  ps_sim_redis_set_latency_us (rig->redis, PS_SIM_REDIS_ALL, 0);
  ps_sim_redis_client_put_text (rig, "HSET h a 3\n");
  ps_sim_redis_client_expect (rig, ":1 :0 :0 ");
  g_assert_cmpstr (ps_sim_redis_hget (rig->redis, 0, "h", "a"), ==, "3");
}

/* Commands and replies in single bytes are the same commands and replies. */
static void
test_chunks (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  ps_sim_redis_set_chunk (rig->redis, PS_SIM_REDIS_ALL, 1);
  ps_sim_redis_client_put_script (rig, "HSET h a 1 b 2");
  ps_sim_redis_client_put_script (rig, "HGETALL h");
  ps_sim_redis_client_expect (rig, ":2 *4 $1 a $1 1 $1 b $1 2 ");
}

/* Behind a cut at any byte of the requests, exactly the complete commands were carried out; the
 * client sees an end; the next connection lives. */
static void
test_cut_requests (void)
{
  const char *commands = "HSET h a 1\nHSET h b 1\nHSET h c 1\n";
  for (gsize at = 1; at <= strlen (commands); at++) {
    g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
    ps_sim_redis_cut_after_bytes (rig->redis, PS_SIM_REDIS_ALL, PS_SIM_REQUESTS, at);
    ps_sim_redis_client_ask (rig, commands, "");
    g_assert_true (rig->ended);
    g_autoptr (GArray) fields = ps_sim_redis_hgetall (rig->redis, 0, "h");
    g_assert_cmpuint (fields->len, ==, at / 11);
    g_assert_true (ps_sim_redis_client_reconnect (rig));
    ps_sim_redis_client_ask (rig, "PING\n", "+PONG ");
    g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->faults[PS_SIM_REDIS_CUT], ==, 1);
  }
}

/* Behind a cut at any byte of the replies, every command was carried out, and exactly so many bytes
 * came. */
static void
test_cut_replies (void)
{
  for (gsize at = 1; at <= 12; at++) {
    g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
    ps_sim_redis_cut_after_bytes (rig->redis, PS_SIM_REDIS_ALL, PS_SIM_REPLIES, at);
    ps_sim_redis_client_put_text (rig, "HSET h a 1\nHSET h b 1\nHSET h c 1\n");
    ps_sim_redis_client_run (rig);
    g_assert_cmpuint (rig->got->len, ==, at - at / 4);
    g_assert_true (rig->ended);
    g_autoptr (GArray) fields = ps_sim_redis_hgetall (rig->redis, 0, "h");
    g_assert_cmpuint (fields->len, ==, 3);
  }
}

/* In a black hole nothing passes and connecting hangs; afterwards everything arrives. */
static void
test_black_hole (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  ps_sim_redis_black_hole (rig->redis, PS_SIM_REDIS_ALL, TRUE);
  ps_sim_redis_client_ask (rig, "HSET h a 1\n", "");
  g_assert_false (ps_sim_redis_exists (rig->redis, 0, "h"));
  ps_sim_redis_black_hole (rig->redis, PS_SIM_REDIS_ALL, FALSE);
  ps_sim_redis_client_expect (rig, ":1 ");
  ps_sim_redis_black_hole (rig->redis, PS_SIM_REDIS_ALL, TRUE);
  g_assert_false (ps_sim_redis_client_reconnect (rig));
  g_assert_false (rig->ended);
  ps_sim_redis_black_hole (rig->redis, PS_SIM_REDIS_ALL, FALSE);
  ps_sim_redis_client_run (rig);
  g_assert_true (rig->stands);
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->faults[PS_SIM_REDIS_BLACK_HOLE], ==, 3);
}

/* A stopped server lets clients connect and send until buffers are full. What a client sent before
 * it went away is carried out when the server goes on. */
static void
test_stop (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  g_autofree char *large = g_strnfill (300 * 1024, 'x');
  gsize n;
  ps_sim_redis_stop (rig->redis, PS_SIM_REDIS_ALL, TRUE);
  ps_sim_redis_client_ask (rig, "HSET old a 1\n", "");
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_client_ask (rig, "HSET h a 1\n", "");
  g_assert_false (ps_sim_redis_exists (rig->redis, 0, "old"));
  ps_sim_redis_stop (rig->redis, PS_SIM_REDIS_ALL, FALSE);
  ps_sim_redis_client_expect (rig, ":1 ");
  g_assert_true (ps_sim_redis_exists (rig->redis, 0, "old"));
  ps_sim_redis_stop (rig->redis, PS_SIM_REDIS_ALL, TRUE);
  g_assert_cmpint (ps_stream_port_write (rig->port, (guint8 *)large, 300 * 1024, &n), ==,
                   PS_STREAM_DONE);
  g_assert_cmpuint (n, <, 300 * 1024);
  ps_sim_redis_client_run (rig);
  g_assert_cmpint (ps_stream_port_write (rig->port, (guint8 *)large, 1, &n), ==,
                   PS_STREAM_WOULD_BLOCK);
}

/* A killed server takes its connections along and refuses new ones; it comes back with what it
 * held, nothing, or an older state, and without scripts. */
static void
test_restart (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  ps_sim_redis_add_observer (rig->redis, ps_sim_redis_client_on_write, rig);
  ps_sim_redis_client_ask (rig, "HSET h a old\nSADD s m\n", ":1 :1 ");
  ps_sim_redis_snapshot (rig->redis, PS_SIM_REDIS_ALL);
  ps_sim_redis_client_ask (rig, "HSET h a new\nSET t x\nSCRIPT LOAD return\n",
                           ":0 +OK $40 63143b6f8007b98c53ca2149822777b3566f9241 ");
  ps_sim_redis_client_put_text (rig, "HSET h a never\n");
  ps_sim_redis_kill (rig->redis, PS_SIM_REDIS_ALL);
  ps_sim_redis_kill (rig->redis, PS_SIM_REDIS_ALL);
  ps_sim_redis_client_expect (rig, "");
  g_assert_true (rig->ended);
  g_assert_false (ps_sim_redis_is_running (rig->redis, PS_SIM_REDIS_ALL));
  g_assert_false (ps_sim_redis_client_reconnect (rig));
  g_assert_false (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_start (rig->redis, PS_SIM_REDIS_ALL, PS_SIM_REDIS_KEEP);
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_client_ask (rig, "HGET h a\nEVALSHA 63143b6f8007b98c53ca2149822777b3566f9241 0\n",
                           "$3 new -NOSCRIPT No matching script. Please use EVAL. ");
  g_string_truncate (rig->told, 0);
  ps_sim_redis_start (rig->redis, PS_SIM_REDIS_ALL, PS_SIM_REDIS_OLD);
  ps_sim_redis_client_expect_told (rig, "0.0 RESTORE \n");
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_client_ask (rig, "HGET h a\nSCARD s\nEXISTS t\n", "$3 old :1 :0 ");
  ps_sim_redis_start (rig->redis, PS_SIM_REDIS_ALL, PS_SIM_REDIS_EMPTY);
  ps_sim_redis_client_expect_told (rig, "0.0 RESTORE \n");
  g_assert_cmpuint (ps_sim_redis_n_keys (rig->redis, 0), ==, 0);
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->faults[PS_SIM_REDIS_KILLED], ==, 3);
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->faults[PS_SIM_REDIS_CONNECT_REFUSED], ==,
                    2);
}

/* While it loads, and while a rule refuses, only SELECT goes through, and nothing is changed. */
static void
test_refusals (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  ps_sim_redis_set_loading_us (rig->redis, PS_SIM_REDIS_ALL, 5 * PS_SIM_REDIS_CLIENT_WAIT_US);
  ps_sim_redis_start (rig->redis, PS_SIM_REDIS_ALL, PS_SIM_REDIS_KEEP);
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_client_ask (rig, "SELECT 0\nPING\n",
                           "+OK -LOADING Redis is loading the dataset in memory ");
  ps_virtual_clock_advance (rig->clock, 5 * PS_SIM_REDIS_CLIENT_WAIT_US);
  ps_sim_redis_client_ask (rig, "PING\n", "+PONG ");
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "HSET h", "READONLY no", 1);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "", "BUSY wait", 2);
  ps_sim_redis_client_ask (rig, "SELECT 0\nHSET h a 1\nHSET h a 1\nPING\nHSET h a 1\n",
                           "+OK -READONLY no -BUSY wait -BUSY wait :1 ");
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "PIN", "ERR prefix", G_MAXUINT);
  ps_sim_redis_client_ask (rig, "PING\nHSET h b 1\n", "-ERR prefix :1 ");
  ps_sim_redis_refuse_nothing (rig->redis);
  ps_sim_redis_client_ask (rig, "PING\n", "+PONG ");
  ps_sim_redis_refuse_connect (rig->redis, PS_SIM_REDIS_ALL, TRUE);
  g_assert_false (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_refuse_connect (rig->redis, PS_SIM_REDIS_ALL, FALSE);
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->faults[PS_SIM_REDIS_LOADING], ==, 1);
}

/* What is not the protocol is told so and ends that connection only. */
static void
test_broken (void)
{
  static const char *const cases[] = {"*1\r\n:4\r\nPING\r\n", "*1\r\n$-1\r\n", "*1\r\n$4\r\nPINGxx",
                                      "*99999999999\r\n",     "*1x\r\n",       "*\r\n",
                                      "*1\r\n$600000000\r\n"};
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    ps_sim_redis_client_put_text (rig, "PING\n");
    ps_sim_redis_client_put_text (rig, cases[i]);
    ps_sim_redis_client_run (rig);
    g_assert_true (g_str_has_prefix (rig->got->str, "+PONG -ERR Protocol error: "));
    g_assert_true (rig->ended);
    g_assert_true (ps_sim_redis_client_reconnect (rig));
  }
  ps_sim_redis_client_ask (rig, "*0\r\n*-1\r\nPING\n", "+PONG ");
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->broken, ==, G_N_ELEMENTS (cases));
}

static void
mutate (PsRng *rng, GByteArray *bytes)
{
  for (guint64 n = ps_rng_below (rng, 4); n > 0 && bytes->len > 0; n--) {
    guint at = (guint)ps_rng_below (rng, bytes->len);
    switch (ps_rng_below (rng, 3)) {
    case 0:
      bytes->data[at] = (guint8)ps_rng_next (rng);
      break;
    case 1:
      g_byte_array_remove_index (bytes, at);
      break;
    default:
      g_byte_array_set_size (bytes, at + 1);
    }
  }
}

static GByteArray *
draw_bytes (PsRng *rng)
{
  static const char *const seeds[] = {
      "*4\r\n$4\r\nHSET\r\n$1\r\nh\r\n$1\r\na\r\n$1\r\n1\r\n",
      "*2\r\n$7\r\nHGETALL\r\n$1\r\nh\r\n",
      "*6\r\n$4\r\nSCAN\r\n$1\r\n0\r\n$5\r\nMATCH\r\n$4\r\n[h-\\\r\n$5\r\nCOUNT\r\n$2\r\n10\r\n",
      "*3\r\n$4\r\nSADD\r\n$1\r\ns\r\n$1\r\nm\r\n",
      "*3\r\n$6\r\nSCRIPT\r\n$4\r\nLOAD\r\n$8\r\nreturn 1\r\n",
      "*4\r\n$4\r\nEVAL\r\n$29\r\nredis.call('HSET',KEYS[1],1,2)\r\n$1\r\n1\r\n$1\r\nk\r\n",
      "DEL h s\r\nEXISTS h\nKEYS [^a-\\\n",
  };
  GByteArray *bytes = g_byte_array_new ();
  const char *seed = seeds[ps_rng_below (rng, G_N_ELEMENTS (seeds))];
  if (ps_rng_below (rng, 4) > 0) {
    g_byte_array_append (bytes, (const guint8 *)seed, (guint)strlen (seed));
    mutate (rng, bytes);
  }
  while (bytes->len == 0 || ps_rng_below (rng, 8) == 0) {
    guint8 byte = (guint8)ps_rng_next (rng);
    g_byte_array_append (bytes, &byte, 1);
  }
  return bytes;
}

/* No bytes bring it down: random ones, and commands with bytes changed, lost and cut; whatever they
 * were, the next connection is served. */
static void
test_hostile (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  PsRng rng;
  ps_rng_seed (&rng, 42);
  for (guint i = 0; i < 5000; i++) {
    g_autoptr (GByteArray) bytes = draw_bytes (&rng);
    ps_sim_redis_set_chunk (rig->redis, PS_SIM_REDIS_ALL, (gsize)ps_rng_below (&rng, 4));
    ps_sim_redis_client_put (rig, bytes->data, bytes->len);
    ps_sim_redis_client_run (rig);
    if (rig->ended || ps_rng_below (&rng, 8) == 0)
      g_assert_true (ps_sim_redis_client_reconnect (rig));
  }
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_client_ask (rig, "PING\n", "+PONG ");
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->broken, >, 100);
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->writes, >, 100);
}

/* The same script with mutated arguments. */
static void
test_hostile_script (void)
{
  static const char *const words[] = {"G", "a", "b", "0", "1", "2", "x", "-1", "99999999999", ""};
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  PsRng rng;
  ps_rng_seed (&rng, 43);
  ps_sim_redis_client_put_script (rig, "SCRIPT LOAD TEXT");
  for (guint i = 0; i < 3000; i++) {
    g_autoptr (GString) call = g_string_new ("EVALSHA SHA");
    g_string_append_printf (call, " %u", (guint)ps_rng_below (&rng, 6));
    for (guint64 n = ps_rng_below (&rng, 12); n > 0; n--)
      g_string_append_printf (call, " %s", words[ps_rng_below (&rng, G_N_ELEMENTS (words))]);
    ps_sim_redis_client_put_script (rig, call->str);
    ps_sim_redis_client_run (rig);
  }
  g_assert_false (rig->ended);
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->writes, >, 0);
  g_string_truncate (rig->got, 0);
  ps_sim_redis_client_ask (rig, "PING\n", "+PONG ");
}

/* What happens to one database leaves the others alone: the client of database 0 hears nothing of
 * it. Then the same happens to its own. */
static void
test_one_database (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  PsSimRedis *redis = rig->redis;
  for (guint i = 0; i < 2; i++) {
    guint db = i == 0 ? 6 : 0;
    ps_sim_redis_black_hole (redis, db, TRUE);
    ps_sim_redis_client_ask (rig, "PING\n", i == 0 ? "+PONG " : "");
    ps_sim_redis_black_hole (redis, db, FALSE);
    ps_sim_redis_client_expect (rig, i == 0 ? "" : "+PONG ");
    ps_sim_redis_set_latency_us (redis, db, 2 * PS_SIM_REDIS_CLIENT_WAIT_US);
    ps_sim_redis_client_ask (rig, "PING\n", i == 0 ? "+PONG " : "");
    ps_sim_redis_set_latency_us (redis, db, 0);
    ps_sim_redis_client_run (rig);
    ps_sim_redis_client_expect (rig, i == 0 ? "" : "+PONG ");
    ps_sim_redis_refuse (redis, db, "PING", "ERR no", 1);
    ps_sim_redis_client_ask (rig, "PING\n", i == 0 ? "+PONG " : "-ERR no ");
    ps_sim_redis_stray (redis, db, "+OK\r\n");
    ps_sim_redis_client_expect (rig, i == 0 ? "" : "+OK ");
    ps_sim_redis_cut_after_bytes (redis, db, PS_SIM_REQUESTS, 3);
    ps_sim_redis_client_ask (rig, "PING\n", i == 0 ? "+PONG " : "");
    g_assert_cmpint (rig->ended, ==, i);
    ps_sim_redis_refuse_connect (redis, db, TRUE);
    g_assert_cmpint (ps_sim_redis_client_reconnect (rig), ==, 1 - i);
    ps_sim_redis_refuse_connect (redis, db, FALSE);
    g_assert_true (ps_sim_redis_client_reconnect (rig));
    g_assert_cmpuint (ps_sim_redis_n_faults (redis, db, PS_SIM_REDIS_BLACK_HOLE), ==, i);
    g_assert_cmpuint (ps_sim_redis_n_faults (redis, db, PS_SIM_REDIS_REFUSED), ==, i);
    g_assert_cmpuint (ps_sim_redis_n_faults (redis, db, PS_SIM_REDIS_STRAY), ==, i);
    g_assert_cmpuint (ps_sim_redis_n_faults (redis, db, PS_SIM_REDIS_CONNECT_REFUSED), ==, i);
    g_assert_cmpuint (ps_sim_redis_n_cut (redis, db, PS_SIM_REQUESTS), ==, i);
  }
}

/* A database on a server of its own: the other server stops, dies, forgets its scripts and comes
 * back with other data by itself. */
static void
test_servers (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  PsSimRedis *redis = rig->redis;
  ps_stream_port_close (rig->port);
  ps_sim_redis_client_run (rig);
  ps_sim_redis_set_apart (redis, 6);
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_hset (redis, 6, "h", "a", "old");
  ps_sim_redis_snapshot (redis, 6);
  ps_sim_redis_hset (redis, 6, "h", "a", "new");
  ps_sim_redis_client_ask (rig, "HSET h a new\nSCRIPT LOAD return\n",
                           ":1 $40 63143b6f8007b98c53ca2149822777b3566f9241 ");
  ps_sim_redis_stop (redis, 6, TRUE);
  ps_sim_redis_script_flush (redis, 6);
  ps_sim_redis_client_ask (rig, "EVALSHA 63143b6f8007b98c53ca2149822777b3566f9241 0\n", "$-1 ");
  ps_sim_redis_kill (redis, 6);
  g_assert_false (ps_sim_redis_is_answering (redis));
  g_assert_true (ps_sim_redis_is_running (redis, 0));
  g_assert_false (ps_sim_redis_is_running (redis, 6));
  ps_sim_redis_set_loading_us (redis, 6, G_USEC_PER_SEC);
  ps_sim_redis_start (redis, 6, PS_SIM_REDIS_OLD);
  ps_sim_redis_client_ask (rig, "HGET h a\n", "$3 new ");
  g_assert_cmpstr (ps_sim_redis_hget (redis, 6, "h", "a"), ==, "old");
  ps_sim_redis_start (redis, 6, PS_SIM_REDIS_EMPTY);
  g_assert_null (ps_sim_redis_hget (redis, 6, "h", "a"));
  g_assert_false (rig->ended);
  g_assert_cmpuint (ps_sim_redis_n_faults (redis, 6, PS_SIM_REDIS_KILLED), ==, 2);
  g_assert_cmpuint (ps_sim_redis_n_faults (redis, 0, PS_SIM_REDIS_KILLED), ==, 0);
  ps_sim_redis_kill (redis, 0);
  ps_sim_redis_client_expect (rig, "");
  g_assert_true (rig->ended && ps_sim_redis_is_running (redis, 6));
  ps_sim_redis_start_dead (redis);
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_client_ask (rig, "HGET h a\n", "$3 new ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim-redis-faults/latency", test_latency);
  g_test_add_func ("/sim-redis-faults/chunks", test_chunks);
  g_test_add_func ("/sim-redis-faults/cut-requests", test_cut_requests);
  g_test_add_func ("/sim-redis-faults/cut-replies", test_cut_replies);
  g_test_add_func ("/sim-redis-faults/black-hole", test_black_hole);
  g_test_add_func ("/sim-redis-faults/stop", test_stop);
  g_test_add_func ("/sim-redis-faults/restart", test_restart);
  g_test_add_func ("/sim-redis-faults/refusals", test_refusals);
  g_test_add_func ("/sim-redis-faults/one-database", test_one_database);
  g_test_add_func ("/sim-redis-faults/servers", test_servers);
  g_test_add_func ("/sim-redis-faults/broken", test_broken);
  g_test_add_func ("/sim-redis-faults/hostile", test_hostile);
  g_test_add_func ("/sim-redis-faults/hostile-script", test_hostile_script);
  return g_test_run ();
}
