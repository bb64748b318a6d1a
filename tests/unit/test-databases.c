/* SPDX-License-Identifier: Apache-2.0 */
/* A database_config.json that may become right is waited for, one that will not ends the wait; and
 * how often the log says so. */
#include "daemon/databases.h"
#include "base/virtual-clock.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define S G_USEC_PER_SEC

#define WHOLE                                                                                      \
  "{\"INSTANCES\": {\"redis\": {\"hostname\": \"127.0.0.1\", \"port\": 1,"                         \
  "\"unix_socket_path\": \"/nonexistent/redis.sock\"}}, \"DATABASES\": {"                          \
  "\"APPL_DB\": {\"id\": 0, \"separator\": \":\", \"instance\": \"redis\"},"                       \
  "\"CONFIG_DB\": {\"id\": 4, \"separator\": \"|\", \"instance\": \"redis\"},"                     \
  "\"STATE_DB\": {\"id\": 6, \"separator\": \"|\", \"instance\": \"redis\"}}}"

typedef struct {
  char *dir, *path;
  PsVirtualClock *clock;
  PsLog *log;
  PsRedisStore *store;
  PsDatabases *databases;
  GString *lines; /* of the log */
  char *failure;  /* nullable */
  GError *error;  /* nullable; of ps_databases_new */
} Fixture;

static void
on_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  Fixture *f = user_data;
  g_string_append_printf (f->lines, "%s\n", text);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = g_dir_make_tmp ("portsyncd-XXXXXX", NULL);
  f->path = g_build_filename (f->dir, "database_config.json", NULL);
  f->clock = ps_virtual_clock_new ();
  f->lines = g_string_new (NULL);
  f->log = ps_log_new (PS_CLOCK (f->clock), on_line, f);
  const PsRedisOptions options = {.reply_deadline_us = 3 * S};
  f->store = ps_redis_store_new (PS_CLOCK (f->clock), f->log, &options);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ps_databases_free (f->databases);
  g_object_unref (f->store);
  g_assert_cmpuint (ps_virtual_clock_n_timers (f->clock), ==, 0);
  ps_log_free (f->log);
  g_object_unref (f->clock);
  g_string_free (f->lines, TRUE);
  g_remove (f->path);
  g_assert_cmpint (g_rmdir (f->dir), ==, 0);
  g_clear_error (&f->error);
  g_free (f->failure);
  g_free (f->dir);
  g_free (f->path);
}

static void
on_failed (const GError *error, gpointer user_data)
{
  Fixture *f = user_data;
  g_assert_null (f->failure);
  f->failure = g_strdup (error->message);
}

static void
on_online (PsDb db, guint64 generation, gpointer user_data)
{
}

static void
on_offline (PsDb db, const char *reason, gpointer user_data)
{
}

static const PsStoreSink sink = {on_online, on_offline};

static void
start (Fixture *f)
{
  f->databases =
      ps_databases_new (PS_CLOCK (f->clock), f->log, f->path, f->store, on_failed, f, &f->error);
  if (f->databases != NULL)
    ps_store_start (PS_STORE (f->store), &sink, NULL);
}

static void
write_file (Fixture *f, const char *text, gssize size)
{
  g_assert_true (g_file_set_contents (f->path, text, size, NULL));
}

static guint
n_lines (Fixture *f, const char *words)
{
  guint n = 0;
  for (const char *at = f->lines->str; (at = strstr (at, words)) != NULL; at++)
    n++;
  return n;
}

/* The connections are tried: no server listens there. */
static void
expect_connecting (Fixture *f)
{
  ps_virtual_clock_advance (f->clock, 5 * S);
  g_assert_cmpuint (n_lines (f, "APPL_DB at unix:/nonexistent/redis.sock is not available"), ==, 1);
  g_assert_cmpuint (n_lines (f, "STATE_DB at unix:/nonexistent/redis.sock is not available"), ==,
                    1);
}

/* One that is there at the start is used without a word about it. */
static void
test_there (Fixture *f, gconstpointer data)
{
  write_file (f, WHOLE, -1);
  start (f);
  g_assert_no_error (f->error);
  expect_connecting (f);
  g_assert_cmpuint (n_lines (f, f->path), ==, 0);
}

/* Absent, empty, a pipe without a writer, and cut in many places: it is waited for without a
 * connection, and used as soon as it is whole. */
static void
test_waits (Fixture *f, gconstpointer data)
{
  start (f);
  g_assert_no_error (f->error);
  ps_virtual_clock_advance (f->clock, S);
  write_file (f, "", 0);
  ps_virtual_clock_advance (f->clock, S);
  for (gsize size = 1; size < strlen (WHOLE); size += 7) {
    write_file (f, WHOLE, (gssize)size);
    ps_virtual_clock_advance (f->clock, PS_DATABASES_LOOK_US);
  }
  g_assert_cmpint (g_remove (f->path), ==, 0);
  g_assert_cmpint (mkfifo (f->path, 0600), ==, 0);
  ps_virtual_clock_advance (f->clock, S);
  g_assert_cmpuint (n_lines (f, "is not available"), ==, 0);
  g_assert_null (f->failure);
  g_assert_cmpint (g_remove (f->path), ==, 0);
  write_file (f, WHOLE, -1);
  ps_virtual_clock_advance (f->clock, PS_DATABASES_LOOK_US);
  g_assert_cmpuint (n_lines (f, "is there now"), ==, 1);
  expect_connecting (f);
}

/* The wait is told at once and then each minute, with the path, the reason and whose job it is. */
static void
test_told (Fixture *f, gconstpointer data)
{
  start (f);
  g_assert_cmpuint (n_lines (f, f->path), ==, 1);
  g_assert_cmpuint (n_lines (f, "No such file or directory (the database container writes it; "
                                "[database] config names another); waiting for it"),
                    ==, 1);
  ps_virtual_clock_advance (f->clock, 59 * S);
  g_assert_cmpuint (n_lines (f, f->path), ==, 1);
  ps_virtual_clock_advance (f->clock, 2 * S);
  g_assert_cmpuint (n_lines (f, f->path), ==, 2);
  ps_virtual_clock_advance (f->clock, 600 * S);
  g_assert_cmpuint (n_lines (f, f->path), ==, 12);
}

/* What is JSON and wrong is an error at the start, and ends the wait. */
static void
test_wrong (Fixture *f, gconstpointer data)
{
  write_file (f, "{\"INSTANCES\": {}, \"DATABASES\": {}}", -1);
  start (f);
  g_assert_null (f->databases);
  g_assert_error (f->error, PS_REDIS_DB_CONFIG_ERROR, PS_REDIS_DB_CONFIG_ERROR_INVALID);
  g_clear_error (&f->error);
  write_file (f, "{", -1);
  start (f);
  g_assert_no_error (f->error);
  write_file (f, "{}", -1);
  ps_virtual_clock_advance (f->clock, PS_DATABASES_LOOK_US);
  g_assert_nonnull (strstr (f->failure, "/INSTANCES"));
  ps_virtual_clock_advance (f->clock, 10 * S);
  g_assert_cmpuint (n_lines (f, "is not available"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/databases/there", Fixture, NULL, set_up, test_there, tear_down);
  g_test_add ("/databases/waits", Fixture, NULL, set_up, test_waits, tear_down);
  g_test_add ("/databases/told", Fixture, NULL, set_up, test_told, tear_down);
  g_test_add ("/databases/wrong", Fixture, NULL, set_up, test_wrong, tear_down);
  return g_test_run ();
}
