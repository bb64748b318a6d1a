/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Redis answers as a real one, and shows what it does. */
#include "tests/support/sim-redis-client.h"
#include <string.h>

/* Every command, its reply, and its errors, as a real server words them. */
static void
test_commands (void)
{
  static const char *const cases[][2] = {
      {"ping\n", "+PONG "},
      {"PING hello\n", "$5 hello "},
      {"\r\n  \nPING\r\n", "+PONG "},
      {"SELECT 15\n", "+OK "},
      {"SELECT 16\n", "-ERR DB index is out of range "},
      {"SELECT x\n", "-ERR value is not an integer or out of range "},
      {"HSET h a 1 b 2\n", ":2 "},
      {"HSET h a 3 c 4\n", ":1 "},
      {"HSET h a\n", "-ERR wrong number of arguments for 'hset' command "},
      {"HSET h a 1 b\n", "-ERR wrong number of arguments for 'hset' command "},
      {"HGETALL h\n", "*6 $1 a $1 3 $1 b $1 2 $1 c $1 4 "},
      {"HGETALL none\n", "*0 "},
      {"HGET h b\n", "$1 2 "},
      {"HGET h x\n", "$-1 "},
      {"HDEL h a x b\n", ":2 "},
      {"HDEL h c\n", ":1 "},
      {"EXISTS h\n", ":0 "},
      {"SADD s m n m\n", ":2 "},
      {"SCARD s\n", ":2 "},
      {"SREM s m\nSMEMBERS s\nSADD s m\n", ":1 *1 $1 n :1 "},
      {"SMEMBERS none\n", "*0 "},
      {"SREM s m x\n", ":1 "},
      {"HSET s a 1\n", "-WRONGTYPE Operation against a key holding the wrong kind of value "},
      {"HGETALL s\n", "-WRONGTYPE Operation against a key holding the wrong kind of value "},
      {"SET s v\n", "+OK "},
      {"SADD s m\n", "-WRONGTYPE Operation against a key holding the wrong kind of value "},
      {"GET s\n", "$1 v "},
      {"GET none\n", "$-1 "},
      {"EXISTS s s none\n", ":2 "},
      {"DEL s s none\n", ":1 "},
      {"SCARD s\n", ":0 "},
      {"PUBLISH c G\n", ":0 "},
      {"SCAN x\n", "-ERR invalid cursor "},
      {"SCAN 0 COUNT 0\n", "-ERR syntax error "},
      {"SCAN 0 COUNT\n", "-ERR syntax error "},
      {"SCAN 0\n", "*2 $1 0 *0 "},
      {"NONSENSE a\n", "-ERR unknown command 'NONSENSE' "},
      {"EVAL x 2 a\n", "-ERR Number of keys can't be greater than number of args "},
      {"EVALSHA x 0\n", "-NOSCRIPT No matching script. Please use EVAL. "},
      {"SCRIPT KILL\n", "-ERR unknown subcommand of 'script' "},
      {"HSET h a 1\nFLUSHDB\nEXISTS h\n", ":1 +OK :0 "},
  };
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    ps_sim_redis_client_ask (rig, cases[i][0], cases[i][1]);
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->errors, ==, 14);
  g_assert_false (rig->ended);
}

/* Databases are apart, and a connection begins in the first. */
static void
test_databases (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  ps_sim_redis_client_ask (rig, "HSET h a 1\nSELECT 6\nEXISTS h\nHSET h a 2\n", ":1 +OK :0 :1 ");
  g_assert_cmpstr (ps_sim_redis_hget (rig->redis, 0, "h", "a"), ==, "1");
  g_assert_cmpstr (ps_sim_redis_hget (rig->redis, 6, "h", "a"), ==, "2");
  g_assert_null (ps_sim_redis_hget (rig->redis, 4, "h", "a"));
  g_assert_true (ps_sim_redis_client_reconnect (rig));
  ps_sim_redis_client_ask (rig, "HGET h a\n", "$1 1 ");
}

/* Patterns match as Redis' do. */
static void
test_patterns (void)
{
  static const char *const cases[][2] = {
      {"PORT|*", "PORT|E0"},    {"*", "PORT|E0"},    {"P?RT|E0", "PORT|E0"},
      {"P[A-O]RT*", "PORT|E0"}, {"*|*0", "PORT|E0"}, {"P[^O]RT|E0", NULL},
      {"PORT", NULL},           {"P[O", NULL},       {"PORT|E0?", NULL},
      {"\\PORT|E0", "PORT|E0"}, {"P\\*", NULL},      {"*E", NULL},
  };
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  ps_sim_redis_hset (rig->redis, 0, "PORT|E0", "a", "1");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *command = g_strdup_printf ("KEYS %s\n", cases[i][0]);
    ps_sim_redis_client_ask (rig, command, cases[i][1] != NULL ? "*1 $7 PORT|E0 " : "*0 ");
  }
}

/* The script has the effects that docs/sonic-protocol.md 2.2 lists, in that order and as one
 * command; the digest is unknown until the text came, and again after a flush. */
static void
test_produce (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  const char *call = "EVALSHA SHA 4 C S _T:a _T:b G a 2 f 1 g 2 b 1 f 3";
  ps_sim_redis_add_observer (rig->redis, ps_sim_redis_client_on_write, rig);
  ps_sim_redis_client_put_script (rig, call);
  ps_sim_redis_client_expect (rig, "-NOSCRIPT No matching script. Please use EVAL. ");
  ps_sim_redis_client_expect_told (rig, "");
  ps_sim_redis_client_put_script (rig, "SCRIPT LOAD TEXT");
  ps_sim_redis_client_run (rig);
  g_string_truncate (rig->got, 0);
  ps_sim_redis_client_put_script (rig, call);
  ps_sim_redis_client_expect (rig, "*2 :1 :1 ");
  ps_sim_redis_client_expect_told (
      rig, "1.3 SADD S a=\n1.3 HSET _T:a f=1 g=2\n1.3 SADD S b=\n1.3 HSET _T:b f=3\n"
           "1.3 PUBLISH C G=\n");
  ps_sim_redis_client_put_script (rig, "EVALSHA SHA 3 C S _T:a G a 1 f 9");
  ps_sim_redis_client_expect (rig, "*1 :0 ");
  ps_sim_redis_client_expect_told (rig, "1.4 HSET _T:a f=9\n");
  ps_sim_redis_script_flush (rig->redis, PS_SIM_REDIS_ALL);
  ps_sim_redis_client_put_script (rig, call);
  ps_sim_redis_client_expect (rig, "-NOSCRIPT No matching script. Please use EVAL. ");
  ps_sim_redis_client_put_script (rig, "EVAL TEXT 3 C S _T:c G c 1 f 1");
  ps_sim_redis_client_expect (rig, "*1 :1 ");
  ps_sim_redis_client_put_script (rig, "EVALSHA SHA 3 C S _T:c G c 1 f 2");
  ps_sim_redis_client_expect (rig, "*1 :0 ");
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->faults[PS_SIM_REDIS_NOSCRIPT], ==, 2);
}

/* What fails inside the script leaves no trace of that key; a failed PUBLISH takes all new keys
 * back. */
static void
test_produce_fails (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  ps_sim_redis_spoil (rig->redis, 0, "_T:a");
  ps_sim_redis_client_put_script (rig, "EVAL TEXT 4 C S _T:a _T:b G a 1 f 1 b 1 f 1");
  ps_sim_redis_client_expect (
      rig, "*2 $65 WRONGTYPE Operation against a key holding the wrong kind of value :1 ");
  g_assert_false (ps_sim_redis_sismember (rig->redis, 0, "S", "a"));
  g_assert_true (ps_sim_redis_sismember (rig->redis, 0, "S", "b"));
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "SADD S c", "OOM command not allowed", 1);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "HSET _T:d", "OOM command not allowed", 1);
  ps_sim_redis_client_put_script (rig, "EVAL TEXT 4 C S _T:c _T:d G c 1 f 1 d 1 f 1");
  ps_sim_redis_client_expect (rig, "*2 $23 OOM command not allowed $23 OOM command not allowed ");
  g_assert_cmpuint (ps_sim_redis_scard (rig->redis, 0, "S"), ==, 1);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "PUBLISH", "NOPERM no", 1);
  ps_sim_redis_client_put_script (rig, "EVAL TEXT 3 C S _T:e G e 1 f 1");
  ps_sim_redis_client_expect (
      rig, "-ERR The user executing the script can't run this command or subcommand ");
  g_assert_false (ps_sim_redis_sismember (rig->redis, 0, "S", "e"));
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->faults[PS_SIM_REDIS_REFUSED], ==, 3);
}

/* A script of more fields than one HSET takes is carried out in parts, and only parts of 500. */
static void
test_produce_many_fields (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  g_autoptr (GString) call = g_string_new ("EVAL TEXT 3 C S _T:a G a 1001");
  guint n_writes = (guint)ps_sim_redis_counters (rig->redis)->writes;
  for (guint i = 0; i < 1001; i++)
    g_string_append_printf (call, " f%u v", i);
  ps_sim_redis_client_put_script (rig, call->str);
  ps_sim_redis_client_expect (rig, "*1 :1 ");
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (rig->redis, 0, "_T:a");
  g_assert_cmpuint (fields->len, ==, 1001);
  g_assert_cmpuint (ps_sim_redis_counters (rig->redis)->writes - n_writes, ==, 1 + 3 + 1);
}

/* One SCAN; its keys are added to seen. Returns the next cursor. */
static guint64
scan_page (PsSimRedisClient *rig, guint64 cursor, GHashTable *seen, guint *n_told)
{
  g_autofree char *command =
      g_strdup_printf ("SCAN %" G_GUINT64_FORMAT " MATCH k* COUNT 7\n", cursor);
  ps_sim_redis_client_put_text (rig, command);
  ps_sim_redis_client_run (rig);
  g_auto (GStrv) words = g_strsplit (rig->got->str, " ", -1);
  g_string_truncate (rig->got, 0);
  guint64 next = g_ascii_strtoull (words[2], NULL, 10);
  for (guint i = 4; words[i] != NULL && words[i + 1] != NULL && words[i][0] != '\0'; i += 2) {
    g_hash_table_add (seen, g_strdup (words[i + 1]));
    ++*n_told;
  }
  return next;
}

/* SCAN meets every key that is there all the time, however others come and go, also when pages
 * repeat some; its order is none of the keys' own. */
static void
test_scan (void)
{
  for (guint percent = 0; percent <= 100; percent += 50) {
    g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
    g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
    guint n_pages = 0, n_told = 0;
    guint64 cursor = 0;
    ps_sim_redis_set_scan (rig->redis, 5, percent);
    for (guint i = 0; i < 200; i++) {
      g_autofree char *key = g_strdup_printf ("%c%u", i % 2 == 0 ? 'k' : 'x', i);
      ps_sim_redis_hset (rig->redis, 0, key, "a", "1");
    }
    do {
      g_autofree char *gone = g_strdup_printf ("x%u", 2 * n_pages + 1);
      g_autofree char *come = g_strdup_printf ("y%u", n_pages);
      cursor = scan_page (rig, cursor, seen, &n_told);
      ps_sim_redis_del (rig->redis, 0, gone);
      ps_sim_redis_hset (rig->redis, 0, come, "a", "1");
      g_assert_cmpuint (++n_pages, <, 1000);
    } while (cursor != 0);
    g_assert_cmpuint (n_pages, >=, 20);
    g_assert_cmpuint (g_hash_table_size (seen), ==, 100);
    g_assert_true ((n_told > 100) == (percent > 0));
  }
}

/* Observers hear every effect with its connection and command; an actor's have none, and what
 * changes nothing is not told. */
static void
test_observer (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  guint id = ps_sim_redis_add_observer (rig->redis, ps_sim_redis_client_on_write, rig);
  ps_sim_redis_client_ask (rig, "HSET h a 1\nDEL none\nSADD s m\nSADD s m\nPING\nDEL h\n",
                           ":1 :0 :1 :0 +PONG :1 ");
  ps_sim_redis_client_expect_told (rig, "1.1 HSET h a=1\n1.3 SADD s m=\n1.6 DEL h\n");
  ps_sim_redis_hset (rig->redis, 0, "h", "b", "2");
  ps_sim_redis_spoil (rig->redis, 0, "h");
  ps_sim_redis_hset (rig->redis, 0, "h", "b", "2");
  ps_sim_redis_flushdb (rig->redis, 0);
  ps_sim_redis_client_expect_told (
      rig, "0.0 HSET h b=2\n0.0 SET h\n0.0 DEL h\n0.0 HSET h b=2\n0.0 FLUSHDB \n");
  ps_sim_redis_remove_observer (rig->redis, id);
  ps_sim_redis_client_ask (rig, "HSET h a 1\n", ":1 ");
  ps_sim_redis_client_expect_told (rig, "");
}

static PsSimGate
gate_at_third (const PsSimRedisCommand *command, gpointer user_data)
{
  g_assert_cmpstr (command->words[0].data, ==, "HSET");
  return command->command == 3 ? *(PsSimGate *)user_data : PS_SIM_GATE_RUN;
}

/* The gate ends a connection before or after a command; what came before stays. */
static void
test_gate (void)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
    PsSimGate gate = i == 0 ? PS_SIM_GATE_CUT_BEFORE : PS_SIM_GATE_CUT_AFTER;
    ps_sim_redis_set_gate (rig->redis, gate_at_third, &gate);
    ps_sim_redis_client_ask (rig, "hset h a 1\nHSET h b 1\nHSET h c 1\nHSET h d 1\n", ":1 :1 ");
    g_assert_true (rig->ended);
    g_assert_nonnull (ps_sim_redis_hget (rig->redis, 0, "h", "b"));
    g_assert_true ((ps_sim_redis_hget (rig->redis, 0, "h", "c") != NULL) == (i == 1));
    g_assert_null (ps_sim_redis_hget (rig->redis, 0, "h", "d"));
  }
}

/* Sets and keys from outside: sorted, by prefix, popped each once. */
static void
test_actors (void)
{
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  static const char *const members[] = {"c", "a", "b"};
  for (guint i = 0; i < 3; i++) {
    g_assert_true (ps_sim_redis_sadd (rig->redis, 0, "s", members[i]));
    g_assert_false (ps_sim_redis_sadd (rig->redis, 0, "s", members[i]));
    ps_sim_redis_hset (rig->redis, 0, "t:h", members[i], "1");
    g_autofree char *key = g_strconcat ("t:", members[i], NULL);
    ps_sim_redis_hset (rig->redis, 0, key, "f", "v");
  }
  g_autoptr (GArray) fields = ps_sim_redis_hgetall (rig->redis, 0, "t:h");
  g_assert_cmpstr (g_array_index (fields, PsField, 0).name.data, ==, "a");
  g_assert_cmpstr (g_array_index (fields, PsField, 2).name.data, ==, "c");
  g_autoptr (GPtrArray) keys = ps_sim_redis_keys (rig->redis, 0, "t:");
  g_assert_cmpuint (keys->len, ==, 4);
  g_assert_cmpstr (g_ptr_array_index (keys, 0), ==, "t:a");
  g_assert_cmpstr (g_ptr_array_index (keys, 3), ==, "t:h");
  g_assert_true (ps_sim_redis_srem (rig->redis, 0, "s", "b"));
  g_assert_false (ps_sim_redis_srem (rig->redis, 0, "s", "b"));
  g_autofree char *first = ps_sim_redis_spop (rig->redis, 0, "s");
  g_autofree char *second = ps_sim_redis_spop (rig->redis, 0, "s");
  g_assert_cmpint (first[0] + second[0], ==, 'a' + 'c');
  g_assert_null (ps_sim_redis_spop (rig->redis, 0, "s"));
  g_assert_false (ps_sim_redis_exists (rig->redis, 0, "s"));
  g_assert_true (ps_sim_redis_hdel (rig->redis, 0, "t:a", "f"));
  g_assert_false (ps_sim_redis_exists (rig->redis, 0, "t:a"));
  ps_sim_redis_spoil (rig->redis, 0, "s");
  g_assert_false (ps_sim_redis_sadd (rig->redis, 0, "s", "a"));
}

/* Each server has its own words, also for what an ACL denies to a script; a number is text of its
 * own. */
static void
test_servers (void)
{
  static const char *const scripts[] = {"return redis.pcall('nope')",
                                        "return redis.pcall('GET')",
                                        "return redis.pcall()",
                                        "return redis.pcall({})",
                                        "return redis.pcall('HSET',1,2,3)",
                                        "redis.call('SET','k',1e17); return redis.call('GET','k')"};
  static const char *const replies[PS_SIM_REDIS_N_KINDS][G_N_ELEMENTS (scripts)] = {
      {"-ERR Unknown Redis command called from script ",
       "-ERR Wrong number of args calling Redis command from script ",
       "-ERR Please specify at least one argument for this redis lib call ",
       "-ERR Lua redis lib command arguments must be strings or integers ",
       "-ERR The user executing the script can't run this command or subcommand ", "$5 1e+17 "},
      {"-ERR Unknown Redis command called from script ",
       "-ERR Wrong number of args calling Redis command from script ",
       "-ERR Please specify at least one argument for this redis lib call ",
       "-ERR Lua redis lib command arguments must be strings or integers ",
       "-ERR ACL failure in script: User default has no permissions to run the 'hset' command ",
       "$18 100000000000000000 "},
      {"-ERR Unknown command called from script ",
       "-ERR Wrong number of args calling command from script ",
       "-ERR Please specify at least one argument for this call ",
       "-ERR Command arguments must be strings or integers ",
       "-ERR ACL failure in script: User default has no permissions to run the 'hset' command ",
       "$18 100000000000000000 "}};
  for (guint server = 0; server < PS_SIM_REDIS_N_KINDS; server++) {
    g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
    ps_sim_redis_set_kind (rig->redis, (PsSimRedisKind)server);
    ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "HSET", "NOPERM no", 1);
    for (guint i = 0; i < G_N_ELEMENTS (scripts); i++) {
      const char *words[] = {"EVAL", scripts[i], "0", NULL};
      ps_sim_redis_client_put_words (rig, words);
      ps_sim_redis_client_expect (rig, replies[server][i]);
    }
    ps_sim_redis_client_ask (rig, "EVALSHA x 0\n",
                             server == PS_SIM_VALKEY_8_1
                                 ? "-NOSCRIPT No matching script. "
                                 : "-NOSCRIPT No matching script. Please use EVAL. ");
  }
}

/* Nothing that a script does keeps the simulator from ending: endless loops, caught or not, memory
 * without end, tables that hold themselves, compiled code. */
static void
test_runaway (void)
{
  static const char *const cases[][2] = {
      {"while true do end", "-ERR Script killed by user with SCRIPT KILL"},
      {"while true do pcall(function () while true do end end) end", "-ERR Script killed by user"},
      {"local s = 'x'; while true do s = s .. s end", "-ERR no memory"},
      {"return string.rep('x', 1e9)", "-ERR no memory"},
      {"local t = {}; t[1] = t; return t", "*1 *1 *1 *1 *1 *1 *1 *1 -ERR reached lua stack limit"},
      {"\x1bLua", "-ERR Error compiling script (new function): it is compiled already"},
      {"redis.call('SET', 'k', 'v'); error('late')", "-ERR user_script:1: late script: "},
  };
  g_autoptr (PsSimRedisClient) rig = ps_sim_redis_client_new ();
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const char *words[] = {"EVAL", cases[i][0], "0", NULL};
    ps_sim_redis_client_put_words (rig, words);
    ps_sim_redis_client_run (rig);
    g_assert_true (g_str_has_prefix (rig->got->str, cases[i][1]));
    g_string_truncate (rig->got, 0);
  }
  ps_sim_redis_client_ask (rig, "GET k\n", "$1 v ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sim-redis/commands", test_commands);
  g_test_add_func ("/sim-redis/databases", test_databases);
  g_test_add_func ("/sim-redis/patterns", test_patterns);
  g_test_add_func ("/sim-redis/produce", test_produce);
  g_test_add_func ("/sim-redis/produce-fails", test_produce_fails);
  g_test_add_func ("/sim-redis/produce-many-fields", test_produce_many_fields);
  g_test_add_func ("/sim-redis/servers", test_servers);
  g_test_add_func ("/sim-redis/runaway", test_runaway);
  g_test_add_func ("/sim-redis/scan", test_scan);
  g_test_add_func ("/sim-redis/observer", test_observer);
  g_test_add_func ("/sim-redis/gate", test_gate);
  g_test_add_func ("/sim-redis/actors", test_actors);
  return g_test_run ();
}
