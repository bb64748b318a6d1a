/* SPDX-License-Identifier: Apache-2.0 */
/* User and password: what goes over the wire, what a server may answer, and that the password is
 * never told to another server. */
#include "tests/support/session-rig.h"
#include <string.h>

#define SECRET "hunter2 \"$x"

typedef struct {
  const char *password; /* NULL: not to be had */
  guint n_asked;
} Secrets;

static char *
on_password (gpointer user_data, GError **error)
{
  Secrets *secrets = user_data;
  secrets->n_asked++;
  if (secrets->password == NULL)
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "password file /x: not there");
  return g_strdup (secrets->password);
}

static PsSessionRig *
begin (const PsRedisAuth *auth)
{
  PsSessionRig *rig = ps_session_rig_new_as (auth);
  ps_redis_session_start (rig->session);
  ps_session_rig_run (rig);
  return rig;
}

static void
expect_written (PsSessionRig *rig, const char *expected)
{
  const GByteArray *bytes = ps_fake_stream_port_written (rig->port);
  g_autofree char *text = g_strndup (bytes->len > 0 ? (const char *)bytes->data : "", bytes->len);
  g_assert_cmpstr (text, ==, expected);
}

static void
expect_no_secret (PsSessionRig *rig)
{
  g_assert_cmpuint (ps_session_rig_n_lines (rig, "hunter2"), ==, 0);
}

#define SELECT_AND_PING "*2\r\n$6\r\nSELECT\r\n$1\r\n6\r\n*1\r\n$4\r\nPING\r\n"

/* AUTH comes before everything else, in one go with it; a password may hold any character; without
 * a user it is the default user's. */
static void
test_bytes (void)
{
  Secrets secrets = {SECRET, 0};
  PsRedisAuth auth = {"portsyncd", on_password, &secrets};
  g_autoptr (PsSessionRig) named = begin (&auth);
  expect_written (named,
                  "*3\r\n$4\r\nAUTH\r\n$9\r\nportsyncd\r\n$11\r\n" SECRET "\r\n" SELECT_AND_PING);
  ps_session_rig_feed (named, "+OK\r\n+OK\r\n+PONG\r\n");
  ps_session_rig_expect (named, "online");
  expect_no_secret (named);
  PsRedisAuth no_user = {NULL, on_password, &secrets};
  g_autoptr (PsSessionRig) unnamed = begin (&no_user);
  expect_written (unnamed, "*2\r\n$4\r\nAUTH\r\n$11\r\n" SECRET "\r\n" SELECT_AND_PING);
  secrets.password = "";
  g_autoptr (PsSessionRig) without = begin (&auth);
  expect_written (without, "*3\r\n$4\r\nAUTH\r\n$9\r\nportsyncd\r\n$0\r\n\r\n" SELECT_AND_PING);
}

/* A server that does not take us is asked again slowly, with the password of that moment; the log
 * says it once, with what to do, and never repeats what a server may have echoed. */
static void
test_refused (void)
{
  static const char *const answers[] = {
      "-WRONGPASS invalid username-password pair or user is disabled.\r\n",
      "-ERR invalid password\r\n",
      "-ERR unknown command `AUTH`, with args beginning with: `" SECRET "`,\r\n",
      "-NOPERM this user has no permissions: " SECRET "\r\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    Secrets secrets = {SECRET, 0};
    PsRedisAuth auth = {"portsyncd", on_password, &secrets};
    g_autoptr (PsSessionRig) rig = begin (&auth);
    gint64 least_us = G_USEC_PER_SEC / 2;
    for (guint attempt = 0; attempt < 8; attempt++) {
      ps_session_rig_feed (rig, answers[i]);
      gint64 pause_us = ps_session_rig_time_to_attempt (rig);
      g_assert_cmpint (pause_us, >=, least_us);
      g_assert_cmpint (pause_us, <=, 30 * G_USEC_PER_SEC);
      least_us = MIN (2 * least_us, 15 * G_USEC_PER_SEC);
      ps_session_rig_run (rig);
    }
    g_assert_cmpuint (secrets.n_asked, ==, 9);
    g_assert_cmpuint (rig->lines->len, ==, 1);
    g_assert_cmpuint (ps_session_rig_n_lines (rig, "password_file"), ==, 1);
    expect_no_secret (rig);
    g_assert_false (ps_redis_session_is_online (rig->session));
    ps_session_rig_feed (rig, "+OK\r\n+OK\r\n+PONG\r\n");
    ps_session_rig_expect (rig, "online");
    g_assert_cmpuint (ps_redis_session_counters (rig->session)->errors[PS_REFUSAL_PERMISSION], ==,
                      8);
  }
}

/* Without a password of ours a server that wants one says so at once; likewise asked slowly. */
static void
test_missing (void)
{
  g_autoptr (PsSessionRig) rig = begin (NULL);
  ps_session_rig_feed (rig, "-NOAUTH Authentication required.\r\n");
  g_assert_cmpint (ps_session_rig_time_to_attempt (rig), >=, G_USEC_PER_SEC / 2);
  g_assert_cmpuint (ps_session_rig_n_lines (rig, "NOAUTH Authentication required."), ==, 1);
  g_assert_cmpuint (ps_session_rig_n_lines (rig, "password_file"), ==, 1);
}

/* A server without passwords is used, and the operator told that it heard ours. */
static void
test_not_needed (void)
{
  static const char *const answers[] = {
      "-ERR AUTH <password> called without any password configured for the default user. Are you "
      "sure your configuration is correct?\r\n",
      "-ERR Client sent AUTH, but no password is set\r\n",
  };
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    Secrets secrets = {SECRET, 0};
    PsRedisAuth auth = {NULL, on_password, &secrets};
    g_autoptr (PsSessionRig) rig = begin (&auth);
    ps_session_rig_feed (rig, answers[i]);
    ps_session_rig_feed (rig, "+OK\r\n+PONG\r\n");
    ps_session_rig_expect (rig, "online");
    g_assert_cmpuint (ps_session_rig_n_lines (rig, "asks for no password"), ==, 1);
    expect_no_secret (rig);
  }
}

/* A file that cannot be read now is a reason to wait, not to end; nothing is sent meanwhile. */
static void
test_no_password (void)
{
  Secrets secrets = {NULL, 0};
  PsRedisAuth auth = {"portsyncd", on_password, &secrets};
  g_autoptr (PsSessionRig) rig = begin (&auth);
  expect_written (rig, "");
  g_assert_cmpuint (ps_session_rig_n_lines (rig, "password file /x: not there"), ==, 1);
  g_assert_cmpint (ps_session_rig_time_to_attempt (rig), >=, G_USEC_PER_SEC / 2);
  ps_session_rig_run (rig);
  expect_written (rig, "");
  secrets.password = "found";
  ps_session_rig_time_to_attempt (rig);
  ps_session_rig_run (rig);
  expect_written (rig, "*3\r\n$4\r\nAUTH\r\n$9\r\nportsyncd\r\n$5\r\nfound\r\n" SELECT_AND_PING);
  g_assert_cmpuint (rig->lines->len, ==, 1);
}

/* A server that forgets us in the middle: what is open ends, the password is said again, slowly. */
static void
test_forgotten (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  ps_session_rig_commit (rig, "PUT T a f=1\nPUT T b f=1");
  ps_session_rig_run (rig);
  ps_session_rig_feed (rig, "-NOAUTH Authentication required.\r\n");
  ps_session_rig_expect (rig, "lost c1:R? offline");
  g_assert_cmpint (rig->refusal, ==, PS_REFUSAL_PERMISSION);
  g_assert_cmpint (ps_session_rig_time_to_attempt (rig), >=, G_USEC_PER_SEC / 2);
}

/* A row that we may not write (NOPERM) is its own business: the connection and the rest go on. */
static void
test_one_row (void)
{
  g_autoptr (PsSessionRig) rig = ps_session_rig_new_by_hand ();
  ps_session_rig_commit (rig, "PUT T a f=1\nPUT T b f=1");
  ps_session_rig_run (rig);
  ps_session_rig_feed (rig, "-NOPERM No permissions to access a key\r\n:1\r\n");
  ps_session_rig_expect (rig, "c1:RA");
  g_assert_true (ps_redis_session_is_online (rig->session));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/redis-auth/bytes", test_bytes);
  g_test_add_func ("/redis-auth/refused", test_refused);
  g_test_add_func ("/redis-auth/missing", test_missing);
  g_test_add_func ("/redis-auth/not-needed", test_not_needed);
  g_test_add_func ("/redis-auth/no-password", test_no_password);
  g_test_add_func ("/redis-auth/forgotten", test_forgotten);
  g_test_add_func ("/redis-auth/one-row", test_one_row);
  return g_test_run ();
}
