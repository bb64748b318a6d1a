/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/replies.h"
#include "backends/redis/scripts.h"
#include <string.h>

/* Each error is told apart by its first word, in the words that Redis 7 uses. */
static void
test_classes (void)
{
  static const struct {
    const char *text;
    PsRedisError error;
    PsRefusal refusal;
  } cases[] = {
      {"LOADING Redis is loading the dataset in memory", PS_REDIS_ERROR_LOADING,
       PS_REFUSAL_TRANSIENT},
      {"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
       PS_REDIS_ERROR_BUSY, PS_REFUSAL_TRANSIENT},
      {"TRYAGAIN Multiple keys request during rehashing of slot", PS_REDIS_ERROR_TRYAGAIN,
       PS_REFUSAL_TRANSIENT},
      {"MASTERDOWN Link with MASTER is down", PS_REDIS_ERROR_MASTERDOWN, PS_REFUSAL_TRANSIENT},
      {"NOREPLICAS Not enough good replicas to write.", PS_REDIS_ERROR_NOREPLICAS,
       PS_REFUSAL_TRANSIENT},
      {"CLUSTERDOWN The cluster is down", PS_REDIS_ERROR_CLUSTERDOWN, PS_REFUSAL_TRANSIENT},
      {"ERR Script killed by user with SCRIPT KILL.", PS_REDIS_ERROR_KILLED, PS_REFUSAL_TRANSIENT},
      {"ERR max number of clients reached", PS_REDIS_ERROR_MAXCLIENTS, PS_REFUSAL_TRANSIENT},
      {"READONLY You can't write against a read only replica.", PS_REDIS_ERROR_READONLY,
       PS_REFUSAL_READONLY},
      {"OOM command not allowed when used memory > 'maxmemory'.", PS_REDIS_ERROR_OOM,
       PS_REFUSAL_CAPACITY},
      {"MISCONF Redis is configured to save RDB snapshots", PS_REDIS_ERROR_MISCONF,
       PS_REFUSAL_CAPACITY},
      {"NOAUTH Authentication required.", PS_REDIS_ERROR_NOAUTH, PS_REFUSAL_PERMISSION},
      {"WRONGPASS invalid username-password pair", PS_REDIS_ERROR_WRONGPASS, PS_REFUSAL_PERMISSION},
      {"NOPERM this user has no permissions", PS_REDIS_ERROR_NOPERM, PS_REFUSAL_PERMISSION},
      {"ERR ACL failure in script: No permissions to access a channel", PS_REDIS_ERROR_NOPERM,
       PS_REFUSAL_PERMISSION},
      {"ERR The user executing the script can't publish to the channel", PS_REDIS_ERROR_NOPERM,
       PS_REFUSAL_PERMISSION},
      {"DENIED Redis is running in protected mode", PS_REDIS_ERROR_DENIED, PS_REFUSAL_PERMISSION},
      {"WRONGTYPE Operation against a key holding the wrong kind of value",
       PS_REDIS_ERROR_WRONGTYPE, PS_REFUSAL_WRONGTYPE},
      {"NOSCRIPT No matching script. Please use EVAL.", PS_REDIS_ERROR_NOSCRIPT, PS_REFUSAL_OTHER},
      {"ERR unknown command", PS_REDIS_ERROR_OTHER, PS_REFUSAL_OTHER},
      {"OOM", PS_REDIS_ERROR_OOM, PS_REFUSAL_CAPACITY},
      {"", PS_REDIS_ERROR_OTHER, PS_REFUSAL_OTHER},
      {"OOMPH", PS_REDIS_ERROR_OTHER, PS_REFUSAL_OTHER},
      {"LOADIN", PS_REDIS_ERROR_OTHER, PS_REFUSAL_OTHER},
      {" LOADING", PS_REDIS_ERROR_OTHER, PS_REFUSAL_OTHER},
      {"BUSYGROUP name", PS_REDIS_ERROR_OTHER, PS_REFUSAL_OTHER},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    PsRedisError error = ps_redis_error_classify (ps_text (cases[i].text));
    g_assert_cmpint (error, ==, cases[i].error);
    g_assert_cmpint (ps_redis_error_refusal (error), ==, cases[i].refusal);
  }
}

/* What the servers word differently, as Redis 7.0.15, Redis 8.0.2 and Valkey 8.1.1 said it, means
 * the same; so does what they say behind an error that a script threw. */
static void
test_servers (void)
{
  static const struct {
    PsRedisError error;
    const char *texts[5];
  } cases[] = {
      {PS_REDIS_ERROR_NOSCRIPT,
       {"NOSCRIPT No matching script. Please use EVAL.", "NOSCRIPT No matching script."}},
      {PS_REDIS_ERROR_BUSY,
       {"BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
        "BUSY Valkey is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE."}},
      {PS_REDIS_ERROR_KILLED,
       {"ERR Script killed by user with SCRIPT KILL... script: "
        "694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7, on @user_script:1.",
        "ERR Script killed by user with SCRIPT KILL. script: "
        "694a5fe1ddb97a4c6a1bf299d9537c7d3d0f84e7, on @user_script:1."}},
      {PS_REDIS_ERROR_NOPERM,
       {"NOPERM this user has no permissions to run the 'hset' command",
        "NOPERM this user has no permissions to access one of the keys used as arguments",
        "NOPERM User u has no permissions to run the 'hset' command",
        "NOPERM No permissions to access a key", "NOPERM No permissions to access a channel"}},
      {PS_REDIS_ERROR_NOPERM,
       {"ERR The user executing the script can't run this command or subcommand",
        "ERR The user executing the script can't access at least one of the keys mentioned in the "
        "command arguments",
        "ERR The user executing the script can't publish to the channel mentioned in the command "
        "script: 8e6d175d62f665ae7d05c89682f55645d5a22ed9, on @user_script:1."}},
      {PS_REDIS_ERROR_NOPERM,
       {"ERR ACL failure in script: User u has no permissions to run the 'hset' command",
        "ERR ACL failure in script: No permissions to access a key",
        "ERR ACL failure in script: No permissions to access a channel script: "
        "8e6d175d62f665ae7d05c89682f55645d5a22ed9, on @user_script:1."}},
      {PS_REDIS_ERROR_OOM,
       {"OOM command not allowed when used memory > 'maxmemory'. script: "
        "1d2a272864daaefa08e6929b7a0a39d182a2e466, on @user_script:1."}},
      {PS_REDIS_ERROR_READONLY,
       {"READONLY You can't write against a read only replica. script: "
        "1d2a272864daaefa08e6929b7a0a39d182a2e466, on @user_script:1."}},
      {PS_REDIS_ERROR_WRONGTYPE,
       {"WRONGTYPE Operation against a key holding the wrong kind of value script: "
        "649588e125412605f7fc9a618f7d471b1290fa95, on @user_script:1."}},
      {PS_REDIS_ERROR_OTHER,
       {"ERR Error compiling script (new function): user_script:1: '=' expected near '<eof>'",
        "ERR user_script:1: boom script: 82903a0434f1503e152f89c03c9acd881a0e8150, on "
        "@user_script:1.",
        "ERR Unknown Redis command called from script", "ERR Unknown command called from script"}},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint k = 0; k < G_N_ELEMENTS (cases[i].texts) && cases[i].texts[k] != NULL; k++)
      g_assert_cmpint (ps_redis_error_classify (ps_text (cases[i].texts[k])), ==, cases[i].error);
}

/* No error whatever is taken for a success. */
static void
test_never_success (void)
{
  for (guint error = 0; error <= PS_REDIS_ERROR_OTHER; error++)
    g_assert_cmpint (ps_redis_error_refusal ((PsRedisError)error), !=, PS_REFUSAL_NONE);
  PsText cut = {"LOADING", 4};
  g_assert_cmpint (ps_redis_error_classify (cut), ==, PS_REDIS_ERROR_OTHER);
}

/* The script is known to the server by the digest of exactly its text. */
static void
test_script (void)
{
  PsRedisScript script = ps_redis_script_produce ();
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA1, script.text, -1);
  g_assert_cmpuint (strlen (script.sha1), ==, 40);
  g_assert_cmpstr (script.sha1, ==, digest);
  g_assert_null (strchr (script.text, '\r'));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redis-replies/classes", test_classes);
  g_test_add_func ("/redis-replies/servers", test_servers);
  g_test_add_func ("/redis-replies/never-success", test_never_success);
  g_test_add_func ("/redis-replies/script", test_script);
  return g_test_run ();
}
