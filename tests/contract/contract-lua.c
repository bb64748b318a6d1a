/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts do at the simulated Redis what they do at a real one, to the letter: replies, errors and
 * what is in the database then. The server that is installed says whose words are compared. */
#include "backends/redis/scripts.h"
#include "tests/support/redis-server.h"
#include "tests/support/sim-redis-client.h"
#include <string.h>

typedef struct {
  PsRedisServer *server;
  redisContext *real;
  PsSimRedisClient *sim;
} Pair;

static PsSimRedisKind
server_of (PsRedisServer *server)
{
  redisReply *info = ps_redis_server_command (server, 0, "INFO server");
  gboolean is_valkey = strstr (info->str, "server_name:valkey") != NULL;
  gboolean is_seven = strstr (info->str, "redis_version:7.0.") != NULL;
  freeReplyObject (info);
  return is_valkey ? PS_SIM_VALKEY_8_1 : is_seven ? PS_SIM_REDIS_7_0 : PS_SIM_REDIS_8_0;
}

static void
pair_free (Pair *pair)
{
  redisFree (pair->real);
  ps_redis_server_free (pair->server);
  ps_sim_redis_client_free (pair->sim);
  g_free (pair);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

static Pair *
pair_new (void)
{
  Pair *pair = g_new0 (Pair, 1);
  pair->server = ps_redis_server_new (NULL);
  pair->real = redisConnectUnix (ps_redis_server_socket (pair->server));
  g_assert_true (pair->real != NULL && pair->real->err == 0);
  pair->sim = ps_sim_redis_client_new ();
  ps_sim_redis_set_kind (pair->sim->redis, server_of (pair->server));
  return pair;
}

/* As the client of the simulated server has it. */
static void
render (const redisReply *reply, GString *out)
{
  if (reply->type == REDIS_REPLY_ARRAY) {
    g_string_append_printf (out, "*%zu ", reply->elements);
    for (gsize i = 0; i < reply->elements; i++)
      render (reply->element[i], out);
  } else if (reply->type == REDIS_REPLY_INTEGER) {
    g_string_append_printf (out, ":%lld ", reply->integer);
  } else if (reply->type == REDIS_REPLY_NIL) {
    g_string_append (out, "$-1 ");
  } else {
    if (reply->type == REDIS_REPLY_STRING)
      g_string_append_printf (out, "$%zu ", reply->len);
    else
      g_string_append_c (out, reply->type == REDIS_REPLY_ERROR ? '-' : '+');
    g_string_append_len (out, reply->str, (gssize)reply->len);
    g_string_append_c (out, ' ');
  }
}

/* Both get the command. */
static void
compare (Pair *pair, const char *const *words)
{
  g_autoptr (GString) expected = g_string_new (NULL);
  int n = (int)g_strv_length ((char **)words);
  redisReply *reply = redisCommandArgv (pair->real, n, (const char **)words, NULL);
  g_assert_nonnull (reply);
  render (reply, expected);
  freeReplyObject (reply);
  ps_sim_redis_client_put_words (pair->sim, words);
  ps_sim_redis_client_expect (pair->sim, expected->str);
}

static void
compare_line (Pair *pair, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  compare (pair, (const char *const *)words);
}

/* Everything that the sets and hashes of these tests hold. */
static void
compare_state (Pair *pair)
{
  static const char *const lines[] = {"EXISTS S",   "SCARD S",   "EXISTS h",   "HGETALL T1",
                                      "HGETALL T2", "HGETALL h", "HGETALL row"};
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    compare_line (pair, lines[i]);
}

/* What a script can return, call and break. None of them works with the digest of another. */
static void
test_language (void)
{
  static const char *const scripts[] = {
      "return 1", "return 3.99", "return -3.99", "return 1e20", "return true", "return false",
      "return nil", "return", "return 'a\\0b'", "return {}", "return {1,nil,3}",
      "return {1,2.7,-2.7,'a',false,true,{'b',{2}}}", "return {a=1}", "return unpack({1,2})",
      "return {ok='y'}", "return {err='X y'}", "return {ok='a',err='b'}", "return {err='a\\r\\nb'}",
      "return function() end", "return KEYS[1]", "return {KEYS[1],ARGV[1],#KEYS,#ARGV}",
      /* Not a program. */
      "x", "return 1 +", "for", "return (", "local a = 'b", "\"",
      /* Fails. */
      "error('boom')", "error({err='MY own'})", "return foo", "foo=1", "string.foo=1",
      "redis.foo=1", "KEYS=nil", "_G.x=1", "return redis.nope()", "return 1 + {}",
      "return {} .. 'a'", "return print", "return dofile", "return getfenv", "return newproxy",
      "return require", "return debug", "return io", "return package", "return module",
      "\n\nreturn foo", "return tonumber('x') + 1", "return {pcall(error,'x')}",
      "return {pcall(redis.nope)}",
      "local ok, why = pcall(redis.call, 'HSET', 's', 'a', 'b'); return why",
      "local t = {}; for i = 1, 9000 do t[i] = 'x' end; return {unpack(t)}",
      "local function f () return f () + 1 end; return f ()",
      /* Commands. */
      "return redis.call('PING')", "return redis.call('PING').ok",
      "return redis.call('GET','none')", "return tostring(redis.call('GET','none'))",
      "return redis.call('GET','s')", "return redis.call('hset','h','a',1)",
      "return redis.call('HSET','s','a','b')", "return redis.pcall('HSET','s','a','b')",
      "return redis.pcall('HSET','s','a','b').err", "return redis.call('HGETALL','h')",
      "return #redis.call('HGETALL','h')", "return redis.call('nope')",
      "return redis.pcall('nope')", "return redis.call('GET')", "return redis.call()",
      "return redis.pcall()", "return redis.call({})", "return redis.pcall('SET','k',{})",
      "return redis.pcall('SET','k',true)",
      "redis.call('SET','k',3.5); return redis.call('GET','k')",
      "redis.call('SET','k',1e17); return redis.call('GET','k')",
      "redis.call('SET','k',12); return redis.call('GET','k')",
      "return redis.call('EVAL','return 1',0)", "return redis.pcall('SCRIPT','FLUSH')",
      "return redis.error_reply('foo')", "return redis.error_reply('FOO bar')",
      "return redis.error_reply('-FOO bar')", "return redis.error_reply(5)",
      "return redis.error_reply()", "return redis.status_reply('fine')",
      "return redis.status_reply(5)", "redis.call('SELECT','3'); return redis.call('GET','s')",
      "return string.format('%q', 'x') .. string.rep('y', 3) .. 1.5 .. 'abc':sub(2)",
      "return math.min(3, 1, 2) .. table.concat({1,2}, ',') .. select('#', 1, nil)"};
  g_autoptr (Pair) pair = pair_new ();
  compare_line (pair, "SET s v");
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++) {
    const char *words[] = {"EVAL", scripts[i], "0", NULL};
    compare (pair, words);
  }
  compare_line (pair, "GET s");
  compare_state (pair);
}

/* What stands around a script. */
static void
test_commands (void)
{
  static const char *const lines[] = {"EVAL return 0 more",
                                      "EVAL return",
                                      "EVAL return x",
                                      "EVAL return -1",
                                      "EVAL return 2 a",
                                      "EVALSHA x 0",
                                      "EVALSHA ffffffffffffffffffffffffffffffffffffffff 0",
                                      "SCRIPT LOAD return",
                                      "SCRIPT LOAD (",
                                      "EVALSHA 63143b6f8007b98c53ca2149822777b3566f9241 0",
                                      "EVALSHA 63143B6F8007B98C53CA2149822777B3566F9241 0",
                                      "SCRIPT FLUSH",
                                      "EVALSHA 63143b6f8007b98c53ca2149822777b3566f9241 0"};
  g_autoptr (Pair) pair = pair_new ();
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    compare_line (pair, lines[i]);
}

/* The product's scripts, as they are meant to be called and as they are not. */
static void
test_product (void)
{
  static const char *const produce[] = {"2 C S G",
                                        "3 C S T1 G a 1 f 1",
                                        "4 C S T1 T2 G a 2 f 1 g 2 b 1 f 3",
                                        "3 C S s G c 1 f 1",
                                        "4 C S s T2 G c 1 f 1 d 1 f 1",
                                        "3 C s T1 G a 1 f 1",
                                        "1 C G",
                                        "3 C S T1 G",
                                        "0",
                                        "3 C S T1 G a 2 f",
                                        "3 C S T1 G a x f",
                                        "3 C S T1 G e 0",
                                        "3 C S T1 G e -1",
                                        "3 C S T1 G a 4294967295 f v"};
  static const char *const correct[] = {"3 row S D f 1 2 T", "3 row S D f 2 3 T", "3 s S D f 2 3 T",
                                        "3 row s D f 3 4 T", "0"};
  g_autoptr (Pair) pair = pair_new ();
  compare_line (pair, "SET s v");
  compare_line (pair, "HSET row f 1");
  for (guint i = 0; i < G_N_ELEMENTS (produce) + G_N_ELEMENTS (correct); i++) {
    gboolean first = i < G_N_ELEMENTS (produce);
    g_auto (GStrv) rest =
        g_strsplit (first ? produce[i] : correct[i - G_N_ELEMENTS (produce)], " ", -1);
    g_autoptr (GPtrArray) words = g_ptr_array_new ();
    g_ptr_array_add (words, (gpointer) "EVAL");
    g_ptr_array_add (words, (gpointer)(first ? ps_redis_script_produce ().text
                                             : ps_redis_script_correct_text ()));
    for (guint k = 0; rest[k] != NULL; k++)
      g_ptr_array_add (words, rest[k]);
    g_ptr_array_add (words, NULL);
    compare (pair, (const char *const *)words->pdata);
    compare_state (pair);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/lua/language", test_language);
  g_test_add_func ("/lua/commands", test_commands);
  g_test_add_func ("/lua/product", test_product);
  return g_test_run ();
}
