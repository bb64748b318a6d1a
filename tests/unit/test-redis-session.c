/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/connection.h"
#include "tests/support/session-rig.h"
#include <string.h>

#define SECOND G_USEC_PER_SEC

/* --- Handshake --- */

/* The database is selected, the server must be able to answer, and the script is loaded only where
 * something is produced. */
static void
test_handshake (void)
{
  g_autoptr (PsSessionRig) state = ps_session_rig_new_online (FALSE);
  g_autofree char *state_log = ps_session_rig_commands (state, 0);
  g_assert_cmpstr (state_log, ==, "SELECT 6\nPING\n");
  g_autoptr (PsSessionRig) appl = ps_session_rig_new_online (TRUE);
  g_autofree char *appl_log = ps_session_rig_commands (appl, 0);
  g_assert_cmpstr (appl_log, ==, "SELECT 0\nPING\nSCRIPT LOAD SCRIPT\n");
  g_assert_cmpuint (ps_redis_session_counters (state->session)->connects, ==, 1);
  g_assert_cmpuint (ps_redis_session_counters (state->session)->commands, ==, 0);
  g_assert_cmpuint (ps_session_rig_n_lines (state, "connected"), ==, 1);
}

/* A server that answers the handshake with an error, or wrongly, is not used; it is tried again,
 * and the log says why, once. */
static void
test_handshake_refused (void)
{
  static const struct {
    const char *reply, *words;
    gboolean protocol;
  } cases[] = {
      {"-ERR DB index is out of range\r\n", "DB index is out of range", FALSE},
      {"+OK\r\n-LOADING Redis is loading the dataset in memory\r\n", "LOADING Redis", FALSE},
      {"-NOAUTH Authentication required.\r\n", "NOAUTH Authentication", FALSE},
      {"-ERR max number of clients reached\r\n", "max number of clients", FALSE},
      {"+OK\r\n+PONG\r\n-NOPERM no script for you\r\n", "NOPERM no script", FALSE},
      {"+KO\r\n", "protocol error", TRUE},
      {"+OK\r\n$4\r\nPONG\r\n", "protocol error", TRUE},
      {"+OK\r\n+PING\r\n", "protocol error", TRUE},
      {"+OK\r\n+PONG\r\n$40\r\n0123456789012345678901234567890123456789\r\n", "protocol error",
       TRUE},
      {"220 smtp.example ESMTP\r\n", "protocol error", TRUE},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new (TRUE, FALSE);
    ps_redis_session_start (rig->session);
    for (guint attempt = 1; attempt <= 3; attempt++) {
      while (ps_fake_stream_port_n_connects (rig->port) < attempt)
        g_assert_true (ps_virtual_clock_step (rig->clock));
      ps_session_rig_run (rig);
      ps_session_rig_feed (rig, cases[i].reply);
    }
    ps_session_rig_expect (rig, "");
    g_assert_false (ps_redis_session_is_online (rig->session));
    g_assert_cmpuint (ps_session_rig_n_lines (rig, cases[i].words), ==, 1);
    g_assert_cmpuint (rig->lines->len, ==, 1);
    const PsRedisCounters *counters = ps_redis_session_counters (rig->session);
    g_assert_cmpuint (counters->protocol_errors, ==, cases[i].protocol ? 3 : 0);
    g_assert_cmpuint (counters->losses + counters->connects, ==, 0);
  }
}

/* The end of the stream at any byte of the handshake's replies is survived, and a sink that was
 * not told of a connection is told nothing. */
static void
test_handshake_cut (void)
{
  for (gsize end = 0; end < strlen (PS_SESSION_RIG_HELLO); end++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new (FALSE, FALSE);
    ps_redis_session_start (rig->session);
    ps_session_rig_run (rig);
    ps_fake_stream_port_feed (rig->port, PS_SESSION_RIG_HELLO, end);
    ps_session_rig_run (rig);
    ps_fake_stream_port_end (rig->port);
    ps_session_rig_run (rig);
    ps_session_rig_expect (rig, "");
    g_assert_false (ps_fake_stream_port_is_open (rig->port));
    g_assert_cmpuint (ps_virtual_clock_n_timers (rig->clock), ==, 1); /* only the next attempt */
  }
}

/* --- Bytes in pieces --- */

/* Replies that arrive byte by byte mean the same. */
static void
test_replies_split (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  ps_fake_stream_port_set_chunks (rig->port, 1, G_MAXSIZE);
  ps_session_rig_scene (rig);
  ps_session_rig_feed (rig, PS_SESSION_RIG_SCENE_REPLIES);
  ps_session_rig_expect (rig, "c1:AAA r2:A e3:2");
  ps_session_rig_expect_rows (rig, "a f=1 g=2\nc h=\n");
}

/* Replies in two pieces, parted at every byte, mean the same. */
static void
test_replies_parted (void)
{
  for (gsize at = 0; at <= strlen (PS_SESSION_RIG_SCENE_REPLIES); at++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
    ps_session_rig_scene (rig);
    ps_fake_stream_port_feed (rig->port, PS_SESSION_RIG_SCENE_REPLIES, at);
    ps_session_rig_run (rig);
    ps_session_rig_feed (rig, &PS_SESSION_RIG_SCENE_REPLIES[at]);
    ps_session_rig_expect (rig, "c1:AAA r2:A e3:2");
    ps_session_rig_expect_rows (rig, "a f=1 g=2\nc h=\n");
  }
}

/* When the stream is cut at any byte, every request ends exactly once; what was not answered is
 * unknown, what was answered is not. */
static void
test_cut (void)
{
  for (gsize end = 0; end < strlen (PS_SESSION_RIG_SCENE_REPLIES); end++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
    ps_session_rig_scene (rig);
    ps_fake_stream_port_feed (rig->port, PS_SESSION_RIG_SCENE_REPLIES, end);
    ps_session_rig_run (rig);
    ps_fake_stream_port_end (rig->port);
    ps_session_rig_run (rig);
    const char *expected = end < 4    ? "lost c1:??? r2:? e3:? offline"
                           : end < 8  ? "lost c1:A?? r2:? e3:? offline"
                           : end < 12 ? "lost c1:AA? r2:? e3:? offline"
                           : end < 61 ? "c1:AAA lost r2:? e3:? offline"
                                      : "c1:AAA r2:A lost e3:? offline";
    ps_session_rig_expect (rig, expected);
    g_assert_cmpuint (ps_redis_session_n_open (rig->session), ==, 0);
    g_assert_cmpuint (ps_redis_session_counters (rig->session)->losses, ==, 1);
  }
}

/* Writes that stop at every byte go on when there is room, and the server gets each byte once. */
static void
test_partial_writes (void)
{
  g_autoptr (PsSessionRig) whole = ps_session_rig_new_online (FALSE);
  ps_session_rig_scene (whole);
  ps_session_rig_run (whole);
  g_autofree char *expected = ps_session_rig_commands (whole, 2);
  for (gsize room = 0; room < 200; room++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
    ps_fake_stream_port_set_room (rig->port, room);
    ps_session_rig_scene (rig);
    ps_session_rig_run (rig);
    g_assert_true (ps_fake_stream_port_wants_write (rig->port));
    ps_fake_stream_port_set_room (rig->port, 3);
    ps_session_rig_run (rig);
    ps_fake_stream_port_set_room (rig->port, G_MAXSIZE);
    ps_session_rig_run (rig);
    g_autofree char *log = ps_session_rig_commands (rig, 2);
    g_assert_cmpstr (log, ==, expected);
    g_assert_false (ps_fake_stream_port_wants_write (rig->port));
    g_assert_cmpuint (ps_redis_session_n_open (rig->session), ==, 0);
  }
}

/* A stream that takes one byte at a time is served to the end. */
static void
test_bytewise_writes (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  ps_fake_stream_port_set_chunks (rig->port, 1, 1);
  ps_session_rig_scene (rig);
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "c1:AAA r2:A e3:2");
}

/* A stream that breaks while we write ends everything unknown, from the loop. */
static void
test_broken_write (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  ps_fake_stream_port_end (rig->port);
  ps_session_rig_scene (rig);
  ps_session_rig_expect (rig, "");
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "lost c1:??? r2:? e3:? offline");
}

/* --- Bounds --- */

/* No more than the window is in flight, however many rows are asked for; each reply makes room. */
static void
test_window (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  g_autoptr (GString) keys = g_string_new ("k0");
  for (guint i = 1; i < 2000; i++)
    g_string_append_printf (keys, " k%u", i);
  ps_redis_relay_mute (rig->relay, TRUE);
  ps_session_rig_read (rig, "T", keys->str);
  ps_session_rig_commit (rig, "PUT T a f=1");
  ps_session_rig_run (rig);
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->commands, ==,
                    PS_REDIS_SESSION_WINDOW);
  g_assert_cmpuint (ps_redis_relay_log (rig->relay)->len, ==, 2 + PS_REDIS_SESSION_WINDOW);
  for (guint i = 0; i < 10; i++)
    ps_fake_stream_port_feed_text (rig->port, "*0\r\n");
  ps_session_rig_run (rig);
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->commands, ==,
                    PS_REDIS_SESSION_WINDOW + 10);
  ps_redis_relay_mute (rig->relay, FALSE);
  for (guint i = 0; i < PS_REDIS_SESSION_WINDOW; i++)
    ps_fake_stream_port_feed_text (rig->port, "*0\r\n");
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "r1:A c2:A");
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->commands, ==, 2001);
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->replies, ==, 2001);
}

/* What is not sent yet is bounded in bytes as well. */
static void
test_output (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  g_autofree char *value = g_strnfill (300 * 1000, 'v');
  g_autoptr (GString) ops = g_string_new (NULL);
  for (guint i = 0; i < 20; i++)
    g_string_append_printf (ops, "%sPUT T k%u f=%s", i > 0 ? "\n" : "", i, value);
  ps_fake_stream_port_set_room (rig->port, 0);
  ps_session_rig_commit (rig, ops->str);
  ps_session_rig_run (rig);
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->commands, ==, 4);
  ps_fake_stream_port_set_room (rig->port, G_MAXSIZE);
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "c1:AAAAAAAAAAAAAAAAAAAA");
}

static void
submit_many (guint n)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  ps_redis_relay_mute (rig->relay, TRUE);
  for (guint i = 0; i < n; i++)
    ps_session_rig_exists (rig, "T", "a");
  ps_session_rig_run (rig);
  g_assert_cmpuint (ps_redis_session_n_open (rig->session), ==, n);
}

/* As many requests as the limit says may be open; one more is taken for the leak that it is. */
static void
test_requests_max (void)
{
  if (g_test_subprocess ()) {
    submit_many (PS_REDIS_SESSION_REQUESTS_MAX + 1);
    return;
  }
  submit_many (PS_REDIS_SESSION_REQUESTS_MAX);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
}

/* --- Time --- */

/* A server that is silent for the deadline is left, not a moment before, and everything in flight
 * ends unknown. */
static void
test_deadline (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  ps_virtual_clock_advance (rig->clock, 100 * SECOND); /* Idle is not silent. */
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->deadlines, ==, 0);
  ps_redis_relay_mute (rig->relay, TRUE);
  ps_session_rig_scene (rig);
  ps_virtual_clock_advance (rig->clock, PS_SESSION_RIG_DEADLINE_US - 1);
  ps_session_rig_expect (rig, "");
  ps_virtual_clock_advance (rig->clock, 1);
  ps_session_rig_expect (rig, "lost c1:??? r2:? e3:? offline");
  g_assert_cmpstr (rig->reason, ==, "no reply for 3.0 s");
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->deadlines, ==, 1);
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->protocol_errors, ==, 0);
}

/* A slow server, one reply in less than the deadline, is not left, however long it takes. */
static void
test_slow (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  ps_session_rig_scene (rig);
  static const char *const replies[] = {":2\r\n", ":1\r\n", ":1\r\n", "*2\r\n+f\r\n+1\r\n",
                                        "*0\r\n", ":2\r\n"};
  for (guint i = 0; i < 3; i++) {
    ps_virtual_clock_advance (rig->clock, PS_SESSION_RIG_DEADLINE_US - 1);
    ps_session_rig_feed (rig, replies[i]);
  }
  ps_session_rig_expect (rig, "c1:AAA");
  ps_virtual_clock_advance (rig->clock, PS_SESSION_RIG_DEADLINE_US);
  ps_session_rig_expect (rig, "lost r2:? e3:? offline");
}

/* A server that answers one command of many in each deadline is left as well, though later: what
 * waits is written on a new connection instead of minutes later. */
static void
test_trickle (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  gint64 begin_us = ps_clock_now_us (PS_CLOCK (rig->clock));
  guint n = 0;
  for (guint i = 0; i < 100; i++)
    ps_session_rig_commit (rig, "PUT T a f=1");
  ps_session_rig_run (rig);
  for (; ps_redis_session_is_online (rig->session) && n < 100; n++) {
    ps_virtual_clock_advance (rig->clock, PS_SESSION_RIG_DEADLINE_US - 1);
    if (ps_redis_session_is_online (rig->session))
      ps_session_rig_feed (rig, ":1\r\n");
  }
  gint64 took_us = ps_clock_now_us (PS_CLOCK (rig->clock)) - begin_us;
  g_assert_cmpint (took_us, >=, PS_REDIS_CONNECTION_TRICKLE * (PS_SESSION_RIG_DEADLINE_US - 1));
  g_assert_cmpint (took_us, <=, (2 * PS_REDIS_CONNECTION_TRICKLE + 1) * PS_SESSION_RIG_DEADLINE_US);
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->deadlines, ==, 1);
  g_assert_cmpuint (ps_session_rig_n_lines (rig, "a command was not answered"), ==, 1);
}

/* … but one that works off all that it was asked within that time is not, however long it goes on
 * and however full it is kept. */
static void
test_slow_and_steady (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  for (guint i = 0; i < 12; i++)
    ps_session_rig_commit (rig, "PUT T a f=1");
  for (guint i = 0; i < 200; i++) {
    ps_virtual_clock_advance (rig->clock, PS_SESSION_RIG_DEADLINE_US / 2);
    ps_session_rig_feed (rig, ":1\r\n");
    ps_session_rig_commit (rig, "PUT T a f=1");
    ps_session_rig_run (rig);
  }
  g_assert_true (ps_redis_session_is_online (rig->session));
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->deadlines, ==, 0);
}

/* Connecting, and the handshake, have the same deadline. */
static void
test_connect_deadline (void)
{
  for (guint i = 0; i < 2; i++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new (FALSE, FALSE);
    ps_fake_stream_port_set_connect (rig->port, i == 0 ? PS_FAKE_IGNORE : PS_FAKE_ACCEPT);
    ps_redis_session_start (rig->session);
    ps_virtual_clock_advance (rig->clock, PS_SESSION_RIG_DEADLINE_US - 1);
    g_assert_true (ps_fake_stream_port_is_open (rig->port));
    g_assert_cmpuint (ps_redis_session_counters (rig->session)->deadlines, ==, 0);
    g_assert_true (ps_virtual_clock_step (rig->clock));
    g_assert_cmpuint (ps_redis_session_counters (rig->session)->deadlines, ==, 1);
    ps_session_rig_expect (rig, "");
    g_assert_cmpuint (rig->lines->len, ==, 1);
  }
}

/* Attempts are a growing time apart, up to the ceiling; the log has one line for all of them. */
static void
test_backoff (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new (FALSE, FALSE);
  ps_fake_stream_port_set_connect (rig->port, PS_FAKE_REFUSE);
  ps_redis_session_start (rig->session);
  ps_session_rig_run (rig);
  gint64 bound_us = PS_REDIS_SESSION_BACKOFF_FLOOR_US, longest_us = 0;
  for (guint i = 0; i < 60; i++) {
    gint64 delay_us = ps_session_rig_time_to_attempt (rig);
    ps_session_rig_run (rig);
    g_assert_cmpint (delay_us, <=, bound_us);
    g_assert_cmpint (delay_us, >=, bound_us / 2);
    bound_us = MIN (bound_us * 2, PS_REDIS_SESSION_BACKOFF_CEILING_US);
    longest_us = MAX (longest_us, delay_us);
  }
  g_assert_cmpint (longest_us, >, PS_REDIS_SESSION_BACKOFF_CEILING_US / 2);
  g_assert_cmpuint (rig->lines->len, ==, 1);
  g_assert_cmpuint (ps_redis_session_counters (rig->session)->attempts, ==, 61);
}

/* Neither a connection nor a handshake resets the back-off: a server that greets and dies at once
 * gets at most six attempts in any second. One that stayed for a second does. */
static void
test_backoff_reset (void)
{
  static const char *const greetings[] = {"+OK\r\n", PS_SESSION_RIG_HELLO};
  for (guint g = 0; g < G_N_ELEMENTS (greetings); g++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new (FALSE, FALSE);
    ps_redis_session_start (rig->session);
    ps_session_rig_run (rig);
    gint64 delays_us[40], least_us = G_MAXINT64;
    for (guint i = 0; i < G_N_ELEMENTS (delays_us); i++) {
      ps_session_rig_feed (rig, greetings[g]);
      ps_fake_stream_port_end (rig->port);
      delays_us[i] = ps_session_rig_time_to_attempt (rig);
      ps_session_rig_run (rig);
    }
    for (guint i = 5; i < G_N_ELEMENTS (delays_us); i++)
      least_us = MIN (least_us, delays_us[i]);
    g_assert_cmpint (least_us, >=, PS_REDIS_SESSION_BACKOFF_CEILING_US / 2);
    g_assert_cmpint (delays_us[0] + delays_us[1] + delays_us[2] + delays_us[3] + delays_us[4], >=,
                     PS_REDIS_SESSION_BACKOFF_CEILING_US / 2);
    ps_session_rig_feed (rig, PS_SESSION_RIG_HELLO);
    g_assert_true (ps_redis_session_is_online (rig->session));
    ps_virtual_clock_advance (rig->clock, PS_REDIS_SESSION_PROVEN_US);
    ps_fake_stream_port_end (rig->port);
    ps_session_rig_run (rig);
    g_assert_cmpint (ps_session_rig_time_to_attempt (rig), <=, PS_REDIS_SESSION_BACKOFF_FLOOR_US);
  }
}

/* --- Life --- */

/* Freed from inside any of its functions, the session calls nothing more and leaves nothing. */
static void
test_free_inside (void)
{
  for (guint i = 0; i < 6; i++) {
    g_autoptr (PsSessionRig) rig = ps_session_rig_new (FALSE, TRUE);
    ps_sim_redis_hset (rig->redis, 6, "T|a", "f", "1");
    ps_sim_redis_hset (rig->redis, 6, "T|b", "f", "1");
    rig->free_next = i == 0;
    ps_redis_session_start (rig->session);
    ps_session_rig_run (rig);
    ps_session_rig_expect (rig, "online");
    if (i == 0)
      continue;
    rig->free_next = TRUE;
    if (i == 1)
      ps_fake_stream_port_end (rig->port);
    if (i == 2)
      ps_session_rig_scene (rig);
    if (i == 3)
      ps_session_rig_read (rig, "T", NULL);
    if (i == 4)
      ps_session_rig_read_names (rig, "T");
    if (i == 5)
      ps_redis_relay_mute (rig->relay, TRUE);
    ps_session_rig_exists (rig, "T", "a");
    ps_virtual_clock_advance (rig->clock, 10 * SECOND);
    static const char *const last[] = {"", "lost", "c1:AAA", "row", "row", "lost"};
    ps_session_rig_expect (rig, last[i]);
    g_assert_null (rig->session);
    g_assert_false (ps_fake_stream_port_is_open (rig->port));
  }
}

/* Stopped, the session is silent for ever, and can be started again. */
static void
test_stop (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  ps_session_rig_scene (rig);
  ps_redis_session_stop (rig->session);
  ps_redis_session_stop (rig->session);
  ps_virtual_clock_advance (rig->clock, 100 * SECOND);
  ps_session_rig_expect (rig, "");
  g_assert_cmpuint (ps_virtual_clock_n_timers (rig->clock), ==, 0);
  ps_redis_session_start (rig->session);
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "online");
  ps_session_rig_scene (rig);
  ps_session_rig_run (rig);
  ps_session_rig_expect (rig, "c4:AAA r5:A e6:2");
}

/* The log speaks of changes: of each loss, and of each new reason why there is no connection. */
static void
test_log (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_online (FALSE);
  g_assert_cmpuint (rig->lines->len, ==, 1);
  ps_fake_stream_port_set_connect (rig->port, PS_FAKE_REFUSE);
  ps_fake_stream_port_end (rig->port);
  ps_virtual_clock_advance (rig->clock, 60 * SECOND);
  g_assert_cmpuint (rig->lines->len, ==, 3);
  g_assert_cmpuint (ps_session_rig_n_lines (rig, "lost: connection closed"), ==, 1);
  g_assert_cmpuint (ps_session_rig_n_lines (rig, "not available: refused by the test"), ==, 1);
  ps_fake_stream_port_set_connect (rig->port, PS_FAKE_ACCEPT);
  ps_sim_redis_refuse (rig->redis, PS_SIM_REDIS_ALL, "PING", "LOADING Redis is loading", 5);
  ps_virtual_clock_advance (rig->clock, 60 * SECOND);
  g_assert_cmpuint (rig->lines->len, ==, 5);
  g_assert_cmpuint (ps_session_rig_n_lines (rig, "not available: LOADING"), ==, 1);
  g_assert_cmpuint (ps_session_rig_n_lines (rig, "connected at fake:1"), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redis-session/handshake", test_handshake);
  g_test_add_func ("/redis-session/handshake-refused", test_handshake_refused);
  g_test_add_func ("/redis-session/handshake-cut", test_handshake_cut);
  g_test_add_func ("/redis-session/replies-split", test_replies_split);
  g_test_add_func ("/redis-session/replies-parted", test_replies_parted);
  g_test_add_func ("/redis-session/cut", test_cut);
  g_test_add_func ("/redis-session/partial-writes", test_partial_writes);
  g_test_add_func ("/redis-session/bytewise-writes", test_bytewise_writes);
  g_test_add_func ("/redis-session/broken-write", test_broken_write);
  g_test_add_func ("/redis-session/window", test_window);
  g_test_add_func ("/redis-session/output", test_output);
  g_test_add_func ("/redis-session/requests-max", test_requests_max);
  g_test_add_func ("/redis-session/deadline", test_deadline);
  g_test_add_func ("/redis-session/slow", test_slow);
  g_test_add_func ("/redis-session/trickle", test_trickle);
  g_test_add_func ("/redis-session/slow-and-steady", test_slow_and_steady);
  g_test_add_func ("/redis-session/connect-deadline", test_connect_deadline);
  g_test_add_func ("/redis-session/backoff", test_backoff);
  g_test_add_func ("/redis-session/backoff-reset", test_backoff_reset);
  g_test_add_func ("/redis-session/free-inside", test_free_inside);
  g_test_add_func ("/redis-session/stop", test_stop);
  g_test_add_func ("/redis-session/log", test_log);
  return g_test_run ();
}
