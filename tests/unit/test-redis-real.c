/* SPDX-License-Identifier: Apache-2.0 */
/* The session's failure rules against a real server that is made to fail. */
#include "backends/redis/store.h"
#include "tests/contract/store-rig.h"
#include <poll.h>
#include <string.h>

#define CONFIG_ID 4
#define STATE_ID  6

static guint
error_count (PsStoreRig *rig, PsDb db, PsRefusal refusal)
{
  const PsRedisCounters *counters = ps_redis_store_counters (PS_REDIS_STORE (rig->store), db);
  return (guint)counters->errors[refusal];
}

static gint64
calls_of (PsStoreRig *rig, const char *command)
{
  redisReply *reply = ps_redis_server_command (rig->server, 0, "INFO commandstats");
  g_autofree char *start = g_strdup_printf ("cmdstat_%s:calls=", command);
  const char *at = strstr (reply->str, start);
  gint64 n = at != NULL ? g_ascii_strtoll (at + strlen (start), NULL, 10) : 0;
  freeReplyObject (reply);
  return n;
}

static void
set_config (PsStoreRig *rig, const char *name, const char *value)
{
  ps_redis_server_do (rig->server, 0, "CONFIG SET %s %s", name, value);
}

static PsBatch *
produce_many (guint first, guint n, guint n_fields)
{
  PsBatch *batch = ps_batch_new (PS_DB_APPL);
  for (guint i = first; i < first + n; i++) {
    g_autofree char *key = g_strdup_printf ("Ethernet%u", i);
    ps_batch_op (batch, PS_OP_PRODUCE, "PORT_TABLE", ps_text (key));
    for (guint f = 0; f < n_fields; f++) {
      g_autofree char *name = g_strdup_printf ("field%u", f);
      ps_batch_field (batch, ps_text (name), ps_text (key));
    }
  }
  return batch;
}

/* 300 keys are three calls and three PUBLISHes; produced again, they are merged and no consumer
 * is woken; popped and produced again, they are announced again. */
static void
test_produce (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_commit_batch (rig, produce_many (0, 300, 3));
  ps_store_rig_wait_done (rig, 1);
  g_assert_null (strpbrk (rig->seen->str, "R?"));
  g_assert_cmpint (calls_of (rig, "evalsha"), ==, 3);
  g_assert_cmpint (calls_of (rig, "publish"), ==, 3);
  g_assert_cmpuint (ps_store_rig_size_of_set (rig, PS_DB_APPL, "PORT_TABLE_KEY_SET"), ==, 300);
  ps_store_rig_commit_batch (rig, produce_many (0, 300, 4));
  ps_store_rig_wait_done (rig, 1);
  g_assert_cmpint (calls_of (rig, "publish"), ==, 3);
  g_assert_cmpint (ps_redis_server_do (rig->server, 0, "HLEN _PORT_TABLE:Ethernet7"), ==, 4);
  ps_redis_server_do (rig->server, 0, "SREM PORT_TABLE_KEY_SET Ethernet7");
  ps_store_rig_commit_batch (rig, produce_many (0, 300, 4));
  ps_store_rig_wait_done (rig, 1);
  g_assert_cmpint (calls_of (rig, "publish"), ==, 4);
}

/* A row of thousands of fields is staged whole: Lua's limit of unpacked values is not reached. */
static void
test_many_fields (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  static const guint sizes[] = {1, 499, 500, 501, 1000, 9001};
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    ps_store_rig_commit_batch (rig, produce_many (i, 1, sizes[i]));
    ps_store_rig_wait_done (rig, 1);
    g_assert_cmpint (ps_redis_server_do (rig->server, 0, "HLEN _PORT_TABLE:Ethernet%d", (int)i), ==,
                     sizes[i]);
  }
  g_assert_null (strpbrk (rig->seen->str, "R?"));
}

/* A PUBLISH that is not permitted refuses the call and leaves no key pending, so that the next try
 * announces them again. */
static void
test_publish_refused (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_redis_server_do (rig->server, 0, "ACL SETUSER default resetchannels");
  ps_store_rig_commit (rig, PS_DB_APPL, "PRODUCE T a f=1\nPRODUCE T b f=1");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c1:RR ");
  g_assert_cmpuint (error_count (rig, PS_DB_APPL, PS_REFUSAL_PERMISSION), ==, 1);
  g_assert_cmpuint (ps_store_rig_size_of_set (rig, PS_DB_APPL, "T_KEY_SET"), ==, 0);
  ps_redis_server_do (rig->server, 0, "ACL SETUSER default allchannels");
  ps_store_rig_commit (rig, PS_DB_APPL, "PRODUCE T a f=1\nPRODUCE T b f=1");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c2:AA ");
  g_assert_cmpuint (ps_store_rig_size_of_set (rig, PS_DB_APPL, "T_KEY_SET"), ==, 2);
}

/* A pending set that is no set refuses every key, and leaves no staged field behind. */
static void
test_pending_spoiled (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_other_spoils (rig, PS_DB_APPL, "T_KEY_SET");
  ps_store_rig_commit (rig, PS_DB_APPL, "PRODUCE T a f=1\nPRODUCE T b f=1");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c1:RR ");
  g_assert_cmpint (ps_redis_server_do (rig->server, 0, "EXISTS _T:a _T:b"), ==, 0);
}

/* After SCRIPT FLUSH the producer goes on as if nothing had been. */
static void
test_script_flush (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  for (guint i = 0; i < 3; i++) {
    ps_redis_server_do (rig->server, 0, "SCRIPT FLUSH");
    ps_store_rig_commit_batch (rig, produce_many (i * 300, 300, 2));
    ps_store_rig_wait_done (rig, 1);
  }
  g_assert_null (strpbrk (rig->seen->str, "R?"));
  g_assert_cmpuint (ps_store_rig_size_of_set (rig, PS_DB_APPL, "PORT_TABLE_KEY_SET"), ==, 900);
  g_assert_cmpuint (
      ps_redis_store_counters (PS_REDIS_STORE (rig->store), PS_DB_APPL)->script_reloads, >=, 3);
  g_assert_true (ps_store_is_online (rig->store));
}

/* Without memory every write is refused as a matter of capacity, nothing of it is done, the
 * connection stays, and reading goes on; with memory again, so do writes. */
static void
test_out_of_memory (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_other_sets (rig, PS_DB_STATE, "T|a", "f", "1");
  set_config (rig, "maxmemory", "1");
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a f=2\nPUT T b f=2\nDELETE T c");
  ps_store_rig_commit (rig, PS_DB_APPL, "PRODUCE T a f=2\nPRODUCE T b f=2");
  ps_store_rig_wait_done (rig, 2);
  g_assert_nonnull (strstr (rig->seen->str, "c1:RRA "));
  g_assert_nonnull (strstr (rig->seen->str, "c2:RR "));
  g_assert_cmpuint (error_count (rig, PS_DB_STATE, PS_REFUSAL_CAPACITY), ==, 2);
  g_assert_cmpuint (error_count (rig, PS_DB_APPL, PS_REFUSAL_CAPACITY), >=, 1);
  g_assert_true (ps_store_is_online (rig->store));
  ps_store_rig_check_rows (rig, PS_DB_STATE, "T", NULL, "a f=1\n");
  set_config (rig, "maxmemory", "0");
  g_assert_cmpint (ps_redis_server_do (rig->server, 0, "EXISTS _T:a T_KEY_SET"), ==, 0);
  ps_store_rig_commit (rig, PS_DB_APPL, "PRODUCE T a f=2\nPRODUCE T b f=2");
  ps_store_rig_wait_done (rig, 1);
  g_assert_nonnull (strstr (rig->seen->str, "c4:AA "));
}

/* A server that became a replica refuses writes, directly and in a script, and is left; when it is
 * a master again, the store is online and writes. */
static void
test_readonly (void)
{
  static const struct {
    PsDb db;
    const char *ops;
  } cases[] = {{PS_DB_STATE, "PUT T a f=1"}, {PS_DB_APPL, "PRODUCE T a f=1"}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
    ps_redis_server_do (rig->server, 0, "REPLICAOF 127.0.0.1 1");
    ps_store_rig_commit (rig, cases[i].db, cases[i].ops);
    WAIT_FOR (rig, strstr (rig->seen->str, "online2") != NULL);
    ps_store_rig_expect_seen (rig, "c1:R offline online2 ");
    g_assert_cmpuint (error_count (rig, cases[i].db, PS_REFUSAL_READONLY), ==, 1);
    ps_redis_server_do (rig->server, 0, "REPLICAOF NO ONE");
    rig->n_done = 0;
    ps_store_rig_commit (rig, cases[i].db, cases[i].ops);
    ps_store_rig_wait_done (rig, 1);
    ps_store_rig_expect_seen (rig, "c2:A ");
  }
}

/* While the server loads its data it is connected and of no use: commands are refused as transient,
 * a new connection does not come online before it is done. */
static void
test_loading (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_redis_server_do (rig->server, 0, "EVAL %s 0",
                      "for i = 1, 3000 do redis.call ('SET', 'filler' .. i, string.rep ('x', 200)) "
                      "end");
  set_config (rig, "loading-process-events-interval-bytes", "1024");
  set_config (rig, "key-load-delay", "300");
  redisContext *side = redisConnectUnix (ps_redis_server_socket (rig->server));
  g_assert_cmpint (redisAppendCommand (side, "DEBUG RELOAD"), ==, REDIS_OK);
  for (int done = 0; !done;)
    g_assert_cmpint (redisBufferWrite (side, &done), ==, REDIS_OK);
  while (error_count (rig, PS_DB_STATE, PS_REFUSAL_TRANSIENT) == 0) {
    ps_store_rig_exists (rig, PS_DB_STATE, "T", "a");
    ps_store_rig_wait_done (rig, 1);
  }
  g_assert_true (ps_store_is_online (rig->store));
  g_assert_true (g_str_has_suffix (rig->seen->str, ":R "));
  ps_store_stop (rig->store);
  g_string_truncate (rig->seen, 0);
  ps_store_start (rig->store, &ps_store_rig_sink, rig);
  WAIT_FOR (rig, error_count (rig, PS_DB_STATE, PS_REFUSAL_TRANSIENT) >= 2);
  ps_store_rig_expect_seen (rig, "");
  set_config (rig, "key-load-delay", "0");
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  ps_store_rig_expect_seen (rig, "online2 ");
  redisFree (side);
}

/* A server that is full turns us away with words, and is tried again until there is room. */
static void
test_max_clients (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new ();
  ps_redis_server_do (rig->server, 0, "PING");
  set_config (rig, "maxclients", "1");
  ps_store_start (rig->store, &ps_store_rig_sink, rig);
  WAIT_FOR (rig, error_count (rig, PS_DB_APPL, PS_REFUSAL_TRANSIENT) >= 2);
  ps_store_rig_expect_seen (rig, "");
  set_config (rig, "maxclients", "100");
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  ps_store_rig_expect_seen (rig, "online1 ");
}

/* A server that wants a password that we do not have is no protocol error. */
static void
test_no_auth (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new ();
  ps_redis_server_do (rig->server, 0, "PING");
  set_config (rig, "requirepass", "secret");
  ps_store_start (rig->store, &ps_store_rig_sink, rig);
  WAIT_FOR (rig, error_count (rig, PS_DB_STATE, PS_REFUSAL_PERMISSION) >= 2);
  ps_store_rig_expect_seen (rig, "");
  g_assert_cmpuint (
      ps_redis_store_counters (PS_REDIS_STORE (rig->store), PS_DB_STATE)->protocol_errors, ==, 0);
}

/* Killed in the middle of a pipeline, every operation has one outcome, and every one that was said
 * to be applied had been. */
static void
test_kill (void)
{
  for (guint round = 0; round < 5; round++) {
    g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
    for (guint i = 0; i < 20; i++)
      ps_store_rig_commit_batch (rig, produce_many (i * 500, 500, 5));
    WAIT_FOR (rig, rig->n_done > round);
    ps_redis_server_kill (rig->server);
    WAIT_FOR (rig, rig->n_done == 20 && strstr (rig->seen->str, "offline") != NULL);
    g_auto (GStrv) words = g_strsplit (rig->seen->str, " ", -1);
    guint n_commits = 0;
    for (guint i = 0; words[i] != NULL; i++) {
      if (words[i][0] != 'c')
        continue;
      g_autofree char *start = g_strdup_printf ("c%u:", ++n_commits);
      g_assert_true (g_str_has_prefix (words[i], start));
      g_assert_cmpuint (strspn (words[i] + strlen (start), "A?"), ==, 500);
      g_assert_cmpuint (strlen (words[i]), ==, strlen (start) + 500);
    }
    g_assert_cmpuint (n_commits, ==, 20);
    g_string_truncate (rig->seen, 0);
    ps_redis_server_start (rig->server);
    WAIT_FOR (rig, ps_store_is_online (rig->store));
    g_assert_true (g_str_has_suffix (rig->seen->str, "online2 "));
  }
}

/* A server that stands still is left at the deadline; when it goes on, the store is online again.
 */
static void
test_stopped (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_redis_server_pause (rig->server);
  gint64 before_us = g_get_monotonic_time ();
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a f=1\nPUT T b f=1");
  WAIT_FOR (rig, strstr (rig->seen->str, "offline") != NULL);
  g_assert_cmpint (g_get_monotonic_time () - before_us, >=, PS_STORE_RIG_DEADLINE_US);
  ps_store_rig_expect_seen (rig, "c1:?? offline ");
  g_assert_cmpuint (ps_redis_store_counters (PS_REDIS_STORE (rig->store), PS_DB_STATE)->deadlines,
                    ==, 1);
  ps_redis_server_resume (rig->server);
  WAIT_FOR (rig, ps_store_is_online (rig->store));
  ps_store_rig_expect_seen (rig, "online2 ");
}

/* A table of 100,000 rows is read whole, each row once, while the loop goes on. */
static void
test_large_table (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_redis_server_do (
      rig->server, STATE_ID, "EVAL %s 0",
      "for i = 0, 99999 do redis.call ('HSET', 'PORT_TABLE|Ethernet' .. i, 'state', "
      "'ok', 'netdev_oper_status', 'up', 'admin_status', 'up', 'mtu', i) end");
  PsRead read = {.db = PS_DB_STATE, .table = "PORT_TABLE"};
  gint64 before_us = g_get_monotonic_time ();
  ps_store_rig_read (rig, &read);
  ps_store_rig_wait_done (rig, 1);
  g_test_message ("100,000 rows in %" G_GINT64_FORMAT " ms",
                  (g_get_monotonic_time () - before_us) / 1000);
  ps_store_rig_expect_seen (rig, "r1:A ");
  g_assert_cmpuint (rig->rows->len, ==, 100000);
  g_autofree gboolean *seen = g_new0 (gboolean, 100000);
  for (guint i = 0; i < rig->rows->len; i++) {
    const char *row = g_ptr_array_index (rig->rows, i);
    guint64 number = g_ascii_strtoull (row + strlen ("Ethernet"), NULL, 10);
    g_autofree char *expected = g_strdup_printf ("Ethernet%" G_GUINT64_FORMAT
                                                 " state=ok netdev_oper_status=up admin_status=up "
                                                 "mtu=%" G_GUINT64_FORMAT,
                                                 number, number);
    g_assert_cmpstr (row, ==, expected);
    g_assert_false (seen[number]);
    seen[number] = TRUE;
  }
}

/* A value of a megabyte goes there and comes back. */
static void
test_large_value (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  g_autofree char *value = g_malloc (1 << 20);
  for (guint i = 0; i < (1 << 20) - 1; i++)
    value[i] = (char)('a' + i % 26);
  value[(1 << 20) - 1] = '\0';
  PsBatch *batch = ps_batch_new (PS_DB_STATE);
  for (guint i = 0; i < 8; i++) {
    char key[2] = {(char)('0' + i), '\0'};
    ps_batch_op (batch, PS_OP_PUT, "T", ps_text (key));
    ps_batch_field (batch, ps_text ("f"), ps_text (value));
  }
  ps_store_rig_commit_batch (rig, batch);
  PsRead read = {.db = PS_DB_STATE, .table = "T"};
  ps_store_rig_read (rig, &read);
  ps_store_rig_wait_done (rig, 2);
  ps_store_rig_expect_seen (rig, "c1:AAAAAAAA r2:A ");
  ps_store_rig_sort_rows (rig);
  for (guint i = 0; i < 8; i++) {
    const char *row = g_ptr_array_index (rig->rows, i);
    g_assert_cmpint (row[0], ==, '0' + (int)i);
    g_assert_cmpstr (row + strlen ("0 f="), ==, value);
  }
}

/* Data that is lost with the server is not missed by the store: it says online, and reads nothing.
 */
static void
test_restart_empty (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  ps_store_rig_other_sets (rig, PS_DB_CONFIG, "T|a", "f", "1");
  g_assert_cmpint (ps_redis_server_do (rig->server, CONFIG_ID, "DBSIZE"), ==, 1);
  ps_redis_server_restart (rig->server, TRUE);
  WAIT_FOR (rig, strstr (rig->seen->str, "online2") != NULL);
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "T", NULL, "a f=1\n");
  ps_redis_server_restart (rig->server, FALSE);
  WAIT_FOR (rig, strstr (rig->seen->str, "online3") != NULL);
  ps_store_rig_check_rows (rig, PS_DB_CONFIG, "T", NULL, "");
}

/* Idle for longer than the deadline, the connection stays: nothing is owed. */
static void
test_idle (void)
{
  g_autoptr (PsStoreRig) rig = ps_store_rig_new_online ();
  gint64 end_us = g_get_monotonic_time () + PS_STORE_RIG_DEADLINE_US * 3 / 2;
  while (g_get_monotonic_time () < end_us)
    ps_store_rig_turn (rig);
  ps_store_rig_expect_seen (rig, "");
  ps_store_rig_commit (rig, PS_DB_STATE, "PUT T a f=1");
  ps_store_rig_wait_done (rig, 1);
  ps_store_rig_expect_seen (rig, "c1:A ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ps_store_rig_implementation = "redis";
  g_test_add_func ("/redis-real/produce", test_produce);
  g_test_add_func ("/redis-real/many-fields", test_many_fields);
  g_test_add_func ("/redis-real/publish-refused", test_publish_refused);
  g_test_add_func ("/redis-real/pending-spoiled", test_pending_spoiled);
  g_test_add_func ("/redis-real/script-flush", test_script_flush);
  g_test_add_func ("/redis-real/out-of-memory", test_out_of_memory);
  g_test_add_func ("/redis-real/readonly", test_readonly);
  g_test_add_func ("/redis-real/loading", test_loading);
  g_test_add_func ("/redis-real/max-clients", test_max_clients);
  g_test_add_func ("/redis-real/no-auth", test_no_auth);
  g_test_add_func ("/redis-real/kill", test_kill);
  g_test_add_func ("/redis-real/stopped", test_stopped);
  g_test_add_func ("/redis-real/large-table", test_large_table);
  g_test_add_func ("/redis-real/large-value", test_large_value);
  g_test_add_func ("/redis-real/restart-empty", test_restart_empty);
  g_test_add_func ("/redis-real/idle", test_idle);
  return g_test_run ();
}
