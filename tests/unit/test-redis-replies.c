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
  PsScript script = ps_script_produce ();
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
  g_test_add_func ("/redis-replies/never-success", test_never_success);
  g_test_add_func ("/redis-replies/script", test_script);
  return g_test_run ();
}
