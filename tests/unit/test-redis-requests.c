/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/session-rig.h"
#include <stdio.h>
#include <string.h>

#define APPL  0
#define STATE 6

/* --- Error replies --- */

/* Each class of error refuses the operation it answers, and only that; no error is a success. */
static void
test_refusals (void)
{
  static const struct {
    const char *error;
    PsRefusal refusal;
  } cases[] = {
      {"LOADING Redis is loading the dataset in memory", PS_REFUSAL_TRANSIENT},
      {"BUSY Redis is busy running a script", PS_REFUSAL_TRANSIENT},
      {"TRYAGAIN x", PS_REFUSAL_TRANSIENT},
      {"MASTERDOWN x", PS_REFUSAL_TRANSIENT},
      {"NOREPLICAS x", PS_REFUSAL_TRANSIENT},
      {"CLUSTERDOWN x", PS_REFUSAL_TRANSIENT},
      {"OOM command not allowed", PS_REFUSAL_CAPACITY},
      {"MISCONF x", PS_REFUSAL_CAPACITY},
      {"NOPERM x", PS_REFUSAL_PERMISSION},
      {"WRONGPASS x", PS_REFUSAL_PERMISSION},
      {"WRONGTYPE x", PS_REFUSAL_WRONGTYPE},
      {"NOSCRIPT x", PS_REFUSAL_OTHER},
      {"ERR wrong number of arguments for 'hset' command", PS_REFUSAL_OTHER},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
    ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "HSET", cases[i].error, 1);
    ps_session_rig_commit (rig, "DELETE T a\nPUT T b f=1\nPUT T c f=1");
    ps_session_rig_run (rig);
    ps_session_rig_expect (rig, "c1:ARA");
    g_assert_cmpint (rig->refusal, ==, cases[i].refusal);
    g_assert_cmpstr (rig->reason, ==, cases[i].error);
    g_assert_true (ps_redis_session_is_online (rig->session));
    g_assert_cmpuint (ps_redis_session_counters (rig->session)->errors[cases[i].refusal], ==, 1);
    g_assert_false (ps_sim_redis_exists (rig->redis, STATE, "T|b"));
  }
}

/* A refused EXISTS, GET, SCAN or script call refuses the whole request; a script call all its keys.
 */
static void
test_refused_requests (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (TRUE);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "EXISTS", "BUSY x", 1);
  ps_session_rig_exists (rig, "T", "a b");
  ps_session_rig_run (rig);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "SCAN", "NOPERM x", 1);
  ps_session_rig_read (rig, "T", NULL);
  ps_session_rig_run (rig);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "EVALSHA", "BUSY x", 1);
  ps_session_rig_commit (rig, "PRODUCE T a f=1\nPRODUCE T b f=1\nPUT T c f=1");
  ps_session_rig_run (rig);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "GET", "NOPERM x", 1);
  ps_session_rig_get (rig, "K");
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "e1:R r2:R c3:RRA g4:R");
}

/* A row that is no hash is delivered as refused and the read is fine; a row that is refused for
 * another reason makes the whole read refused. */
static void
test_refused_rows (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  ps_sim_redis_spoil (rig->redis, STATE, "T|bad");
  ps_sim_redis_hset (rig->redis, STATE, "T|good", "f", "1");
  ps_session_rig_read (rig, "T", NULL);
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "r1:A");
  ps_session_rig_sort_rows (rig);
  ps_session_rig_expect_rows (rig, "bad refused\ngood f=1\n");
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "HGETALL", "LOADING x", 1);
  ps_session_rig_read (rig, "T", "none good");
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "r2:R");
  ps_session_rig_expect_rows (rig, "none refused\ngood f=1\n");
  g_assert_cmpstr (rig->reason, ==, "LOADING x");
}

/* A replica is left; until a write is taken again, each further attempt waits longer. */
static void
test_readonly (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "HSET",
                       "READONLY You can't write against a replica.", 1000);
  gint64 longest_us = 0;
  for (guint i = 0; i < 30; i++) {
    ps_virtual_clock_advance (rig->clock, PS_REDIS_SESSION_PROVEN_US); /* Nor does lasting. */
    ps_session_rig_commit (rig, "PUT T a f=1\nPUT T b f=1");
    ps_session_rig_run (rig);
    gint64 delay_us = ps_session_rig_time_to_attempt (rig);
    longest_us = MAX (longest_us, delay_us);
    ps_session_rig_run (rig);
    g_autofree char *expected = g_strdup_printf ("lost c%u:R? offline online", i + 1);
    ps_session_rig_expect (rig, expected);
    ps_session_rig_exists (rig, "T", "a"); /* Reading proves nothing. */
    rig->ticket--;
    ps_session_rig_run (rig);
    g_string_truncate (rig->seen, 0);
  }
  g_assert_cmpint (rig->refusal, ==, PS_REFUSAL_READONLY);
  g_assert_cmpint (longest_us, >, PS_REDIS_SESSION_BACKOFF_CEILING_US / 2);
  ps_sim_redis_refuse_nothing (rig->redis);
  ps_session_rig_commit (rig, "PUT T a f=1");
  ps_session_rig_run (rig);
  ps_virtual_clock_advance (rig->clock, PS_REDIS_SESSION_PROVEN_US);
  ps_fake_stream_port_end (rig->port);
  ps_session_rig_run (rig);
  g_assert_cmpint (ps_session_rig_time_to_attempt (rig), <=, PS_REDIS_SESSION_BACKOFF_FLOOR_US);
}

/* --- Protocol errors --- */

/* What does not fit ends the connection: one line, everything open unknown, and a new attempt. */
static void
test_protocol_errors (void)
{
  static const char *const bad[] = {
      "+OK\r\n",     /* HSET answers with a number */
      "$1\r\n1\r\n", /* ... which is no text */
      "*0\r\n",
      "$-1\r\n",
      "hello\r\n",
      "*2147483647\r\n",
      ":2\r\n+OK\r\n",                             /* so does DEL */
      ":2\r\n:1\r\n:1\r\n+OK\r\n",                 /* HGETALL: an array */
      ":2\r\n:1\r\n:1\r\n*1\r\n$1\r\nf\r\n",       /* ... of pairs */
      ":2\r\n:1\r\n:1\r\n*2\r\n$1\r\nf\r\n:1\r\n", /* ... of texts */
      ":2\r\n:1\r\n:1\r\n*0\r\n*0\r\n:4\r\n",      /* EXISTS: no more than were asked for */
      ":2\r\n:1\r\n:1\r\n*0\r\n*0\r\n:-1\r\n",
      ":2\r\n:1\r\n:1\r\n*0\r\n*0\r\n$1\r\n2\r\n",
      ":2\r\n:1\r\n:1\r\n*0\r\n*0\r\n:2\r\n:7\r\n", /* one too many */
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
    ps_session_rig_scene (rig);
    ps_session_rig_run (rig);
    ps_session_rig_feed (rig, bad[i]);
    g_test_message ("%s", rig->seen->str);
    g_assert_true (g_str_has_suffix (rig->seen->str, "offline"));
    g_assert_cmpuint (ps_redis_session_n_open (rig->session), ==, 0);
    g_assert_cmpuint (ps_redis_session_counters (rig->session)->protocol_errors, ==, 1);
    g_assert_cmpuint (ps_session_rig_n_lines (rig, "protocol error"), ==, 1);
    g_assert_cmpuint (rig->lines->len, ==, 2); /* connected, lost */
    g_assert_cmpuint (ps_session_rig_time_to_attempt (rig), <=, PS_REDIS_SESSION_BACKOFF_FLOOR_US);
  }
}

/* A reply that answers no command, on an idle connection, is a protocol error; an error of that
 * kind is the server's way to turn us away, and its words are told. */
static void
test_unsolicited (void)
{
  g_autoptr (PsSessionRig) first = ps_session_rig_new_by_hand ();
  ps_session_rig_feed (first, "+hi\r\n");
  ps_session_rig_expect (first, "lost offline");
  g_assert_cmpuint (ps_redis_session_counters (first->session)->protocol_errors, ==, 1);
  g_autoptr (PsSessionRig) second = ps_session_rig_new_by_hand ();
  ps_session_rig_feed (second, "-ERR idle\x01 for too long\r\n");
  ps_session_rig_expect (second, "lost offline");
  g_assert_cmpstr (second->reason, ==, "ERR idle\\x01 for too long");
  g_assert_cmpuint (ps_redis_session_counters (second->session)->protocol_errors, ==, 0);
}

/* A script's reply must have one element a key, each a number or the words of an error. */
static void
test_script_reply (void)
{
  static const char *const bad[] = {
      "*1\r\n:1\r\n",        "*3\r\n:1\r\n:1\r\n:1\r\n", ":2\r\n",
      "*2\r\n:1\r\n$-1\r\n", "*2\r\n:1\r\n*0\r\n",       "$2\r\nOK\r\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (TRUE);
    ps_redis_relay_mute (rig->relay, TRUE);
    ps_session_rig_commit (rig, "PRODUCE T a f=1\nPRODUCE T b f=1");
    ps_session_rig_run (rig);
    ps_session_rig_feed (rig, bad[i]);
    g_assert_true (g_str_has_prefix (rig->seen->str, "lost c1:"));
    g_assert_cmpuint (ps_redis_session_counters (rig->session)->protocol_errors, ==, 1);
  }
}

/* --- Producing --- */

/* Rows in the largest call of the script: its keys without channel and set. */
static guint
largest_call (PsSessionRig *rig)
{
  const GPtrArray *log = ps_redis_relay_log (rig->relay);
  guint n_keys, most = 0;
  for (guint i = 0; i < log->len; i++)
    if (sscanf (g_ptr_array_index (log, i), "EVALSHA %*s %u", &n_keys) == 1)
      most = MAX (most, n_keys - 2);
  return most;
}

/* At most 128 keys a call, hence a PUBLISH; calls on other tables are their own. */
static void
test_produce (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (TRUE);
  g_autoptr (GString) ops = g_string_new ("PRODUCE OTHER x f=1");
  for (guint i = 0; i < 300; i++)
    g_string_append_printf (ops, "\nPRODUCE T key%u f=%u", i, i);
  ps_session_rig_commit (rig, ops->str);
  ps_session_rig_run (rig);
  g_assert_cmpuint (largest_call (rig), ==, PS_REDIS_SCRIPT_KEYS_MAX);
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->commands, ==, 4);
  g_assert_cmpuint (ps_redis_relay_n_published (rig->relay), ==, 4);
  g_assert_cmpuint (ps_sim_redis_scard (rig->redis, APPL, "T_KEY_SET"), ==, 300);
  g_assert_cmpuint (ps_sim_redis_scard (rig->redis, APPL, "OTHER_KEY_SET"), ==, 1);
  g_assert_null (strpbrk (rig->seen->str, "R?"));
  const char *first = g_ptr_array_index (ps_redis_relay_log (rig->relay), 3);
  g_autofree char *expected = g_strdup_printf (
      "EVALSHA %s 3 OTHER_CHANNEL@0 OTHER_KEY_SET _OTHER:x G x 1 f 1", rig->script.sha1);
  g_assert_cmpstr (first, ==, expected);
}

/* After SCRIPT FLUSH, the call is repeated with the whole script, once, and its outcome counts. */
static void
test_noscript (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (TRUE);
  ps_sim_redis_script_flush (rig->redis, APPL);
  ps_session_rig_commit (rig, "PRODUCE T a f=1\nPRODUCE T b f=1");
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "c1:AA");
  g_autofree char *log = ps_session_rig_commands (rig, 3);
  g_autofree char *expected =
      g_strdup_printf ("EVALSHA %s 4 T_CHANNEL@0 T_KEY_SET _T:a _T:b G a 1 f 1 b 1 f 1\n"
                       "EVAL SCRIPT 4 T_CHANNEL@0 T_KEY_SET _T:a _T:b G a 1 f 1 b 1 f 1\n",
                       rig->script.sha1);
  g_assert_cmpstr (log, ==, expected);
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->script_reloads, ==, 1);
  ps_sim_redis_script_flush (rig->redis, APPL);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "EVAL ", "NOSCRIPT x", 1);
  ps_session_rig_commit (rig, "PRODUCE T c f=1");
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "c2:R");
  g_assert_cmpuint (ps_redis_session_n_open (rig->session), ==, 0);
}

/* Through a NOSCRIPT, effects keep the order of the requests: what comes after a script call waits
 * until that is answered for good. */
static void
test_noscript_order (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (TRUE);
  ps_sim_redis_script_flush (rig->redis, APPL);
  ps_session_rig_commit (rig, "PRODUCE T a f=1");
  ps_session_rig_commit (rig, "PRODUCE T a f=2");
  ps_session_rig_commit (rig, "DELETE _T a");
  ps_session_rig_commit (rig, "PRODUCE T a f=3");
  ps_session_rig_exists (rig, "_T", "a");
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "c1:A c2:A c3:A c4:A e5:1");
  g_assert_cmpstr (ps_sim_redis_hget (rig->redis, APPL, "_T:a", "f"), ==, "3");
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->script_reloads, ==, 2);
}

static PsSimGate
cut_eval (const PsSimRedisCommand *command, gpointer user_data)
{
  return g_str_equal (command->words[0].data, "EVAL") ? PS_SIM_GATE_CUT_BEFORE : PS_SIM_GATE_RUN;
}

/* A cut between the NOSCRIPT and the answer to the repeated call leaves the outcome unknown. */
static void
test_noscript_cut (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (TRUE);
  ps_sim_redis_script_flush (rig->redis, APPL);
  ps_sim_redis_set_gate (rig->redis, cut_eval, NULL);
  ps_session_rig_commit (rig, "PRODUCE T a f=1");
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "lost c1:? offline");
}

/* --- Reading tables --- */

/* A whole table is read page by page, each row once, though the server repeats keys. */
static void
test_scan (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  ps_sim_redis_hset (rig->redis, STATE, "T|a", "f", "1");
  ps_sim_redis_hset (rig->redis, STATE, "T|b", "f", "2");
  ps_sim_redis_hset (rig->redis, STATE, "T|c", "f", "3");
  ps_sim_redis_hset (rig->redis, STATE, "TX|d", "f", "4");
  ps_sim_redis_set_scan (rig->redis, 1, 80);
  ps_session_rig_read (rig, "T", NULL);
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "r1:A");
  ps_session_rig_sort_rows (rig);
  ps_session_rig_expect_rows (rig, "a f=1\nb f=2\nc f=3\n");
  /* Four pages of one key, three rows; more pages: keys came twice. */
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->commands, >, 4 + 3);
}

/* A row that is deleted between SCAN and HGETALL is not a row of the table. */
static void
test_scan_vanished (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  ps_session_rig_read (rig, "T", NULL);
  ps_session_rig_run (rig);
  ps_session_rig_feed (rig, "*2\r\n$1\r\n0\r\n*3\r\n$3\r\nT|a\r\n$3\r\nT|b\r\n$2\r\nTX\r\n");
  ps_session_rig_feed (rig, "*0\r\n*2\r\n$1\r\nf\r\n$1\r\n1\r\n");
  ps_session_rig_expect (rig, "r1:A");
  ps_session_rig_expect_rows (rig, "b f=1\n");
}

/* A SCAN answered with nonsense is a protocol error. */
static void
test_scan_garbled (void)
{
  static const char *const bad[] = {
      ":0\r\n",
      "*1\r\n$1\r\n0\r\n",
      "*2\r\n$1\r\nx\r\n*0\r\n",
      "*2\r\n$0\r\n\r\n*0\r\n",
      "*2\r\n$21\r\n123456789012345678901\r\n*0\r\n",
      "*2\r\n:0\r\n*0\r\n",
      "*2\r\n$1\r\n0\r\n:0\r\n",
      "*2\r\n$1\r\n0\r\n*1\r\n:7\r\n",
      "*2\r\n$1\r\n0\r\n*1\r\n$-1\r\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
    ps_session_rig_read (rig, "T", NULL);
    ps_session_rig_run (rig);
    ps_session_rig_feed (rig, bad[i]);
    ps_session_rig_expect (rig, "lost r1:? offline");
    g_assert_cmpuint (ps_redis_session_counters (rig->session)->protocol_errors, ==, 1);
  }
}

/* A table of more rows than the limit is refused, not read for ever. */
static void
test_scan_too_large (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  g_autoptr (GString) page = g_string_new (NULL);
  ps_session_rig_read_names (rig, "T");
  ps_session_rig_run (rig);
  for (guint n = 0; n < 9 && rig->seen->len == 0; n++) {
    g_string_assign (page, "*2\r\n$1\r\n5\r\n*131072\r\n");
    for (guint i = 0; i < 131072; i++)
      g_string_append_printf (page, "$9\r\nT|%07u\r\n", n * 131072 + i);
    ps_session_rig_feed (rig, page->str);
    while (ps_fake_stream_port_is_open (rig->port) && rig->seen->len == 0 &&
           ps_fake_stream_port_written (rig->port)->len == 0)
      ps_session_rig_run (rig);
  }
  ps_session_rig_expect (rig, "r1:R");
  g_assert_cmpstr (rig->reason, ==, "the table has too many rows");
  g_assert_true (ps_redis_session_is_online (rig->session));
  g_assert_cmpuint (rig->rows->len, ==, 8 * 131072 * strlen ("0000000\n"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redis-requests/refusals", test_refusals);
  g_test_add_func ("/redis-requests/refused-requests", test_refused_requests);
  g_test_add_func ("/redis-requests/refused-rows", test_refused_rows);
  g_test_add_func ("/redis-requests/readonly", test_readonly);
  g_test_add_func ("/redis-requests/protocol-errors", test_protocol_errors);
  g_test_add_func ("/redis-requests/unsolicited", test_unsolicited);
  g_test_add_func ("/redis-requests/script-reply", test_script_reply);
  g_test_add_func ("/redis-requests/produce", test_produce);
  g_test_add_func ("/redis-requests/noscript", test_noscript);
  g_test_add_func ("/redis-requests/noscript-order", test_noscript_order);
  g_test_add_func ("/redis-requests/noscript-cut", test_noscript_cut);
  g_test_add_func ("/redis-requests/scan", test_scan);
  g_test_add_func ("/redis-requests/scan-vanished", test_scan_vanished);
  g_test_add_func ("/redis-requests/scan-garbled", test_scan_garbled);
  g_test_add_func ("/redis-requests/scan-too-large", test_scan_too_large);
  return g_test_run ();
}
