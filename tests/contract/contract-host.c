/* SPDX-License-Identifier: Apache-2.0 */
/* What every host must do. The implementation is chosen by the first argument. */
#include "base/virtual-clock.h"
#include "daemon/glib-clock.h"
#include "daemon/host.h"
#include "daemon/life-file.h"
#include "sim/world/sim-host.h"
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define LIMIT_US (10 * G_USEC_PER_SEC) /* a test that takes longer has failed */

typedef struct {
  PsHost *host;
  GMainLoop *loop;
  PsLog *log;
  PsConfig *config;
  PsGlibClock *real; /* of the real host; NULL for the simulated one, like root */
  char *root;
  PsVirtualClock *time; /* of the simulated host, like the following */
  PsSimDisk *disk;
  PsLifeIdentity *identity;

  gboolean inside; /* a call of the host is on the stack */
  guint n_written, n_signals;
  char *error; /* of the last write */
  PsHostSignal last_signal;
} Rig;

static const char *implementation;

static void
on_signal (PsHostSignal signal, gpointer user_data)
{
  Rig *rig = user_data;
  rig->n_signals++;
  rig->last_signal = signal;
}

static void
on_written (const char *error, gpointer user_data)
{
  Rig *rig = user_data;
  g_assert_false (rig->inside);
  rig->n_written++;
  g_free (rig->error);
  rig->error = g_strdup (error);
}

static const PsHostSink sink = {on_signal, on_written};

static void
say_nothing (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
}

static void
on_leaving (gpointer user_data)
{
}

/* A host that was freed before keeps the lock until its writer's thread has ended. */
static PsHost *
open_daemon_host (const Rig *rig)
{
  const PsDaemonHostParts parts = {
      .clock = PS_CLOCK (rig->real),
      .log = rig->log,
      .config = rig->config,
      .loop = rig->loop,
      .leaving = on_leaving,
  };
  gint64 end_us = g_get_monotonic_time () + LIMIT_US;
  for (;;) {
    g_autoptr (GError) error = NULL;
    PsDaemonHost *host = ps_daemon_host_new (&parts);
    if (ps_daemon_host_open (host, &error))
      return PS_HOST (host);
    g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_HELD);
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    g_object_unref (host);
  }
}

static void
begin (Rig *rig)
{
  static const PsHostSeeds seeds = {1, 2};
  if (rig->time == NULL)
    rig->host = open_daemon_host (rig);
  else
    rig->host = PS_HOST (ps_sim_host_new (PS_CLOCK (rig->time), rig->disk, rig->identity, &seeds));
  ps_host_start (rig->host, &sink, rig);
}

static void
end (Rig *rig)
{
  ps_host_stop (rig->host);
  ps_host_stop (rig->host);
  g_clear_object (&rig->host);
}

static void
set_up (Rig *rig, gconstpointer data)
{
  rig->config = ps_config_new ();
  if (strcmp (implementation, "sim") == 0) {
    rig->time = ps_virtual_clock_new ();
    rig->disk = ps_sim_disk_new ();
    rig->identity = ps_life_identity_new ("boot", 7, "net");
    rig->log = ps_log_new (PS_CLOCK (rig->time), say_nothing, NULL);
  } else {
    rig->real = ps_glib_clock_new (NULL);
    rig->loop = g_main_loop_new (NULL, FALSE);
    rig->log = ps_log_new (PS_CLOCK (rig->real), say_nothing, NULL);
    rig->root = g_dir_make_tmp ("ps-host-XXXXXX", NULL);
    g_assert_nonnull (rig->root);
    g_free (rig->config->run_dir);
    rig->config->run_dir = g_build_filename (rig->root, "run", NULL);
  }
  begin (rig);
}

static void
remove_files (const Rig *rig)
{
  g_object_unref (open_daemon_host (rig)); /* The write that was under way has ended. */
  static const char *const names[] = {"default/lock", "default/life", "default/life.new", "default",
                                      ""};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = g_build_filename (rig->config->run_dir, names[i], NULL);
    g_remove (path);
  }
  g_assert_cmpint (g_rmdir (rig->root), ==, 0);
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  end (rig);
  if (rig->root != NULL)
    remove_files (rig);
  ps_log_free (rig->log);
  g_clear_object (&rig->time);
  g_clear_object (&rig->real);
  g_clear_pointer (&rig->loop, g_main_loop_unref);
  g_clear_pointer (&rig->disk, ps_sim_disk_free);
  g_clear_pointer (&rig->identity, ps_life_identity_free);
  ps_config_free (rig->config);
  g_free (rig->root);
  g_free (rig->error);
}

static void
turn (Rig *rig)
{
  if (rig->time == NULL)
    g_main_context_iteration (NULL, TRUE);
  else
    g_assert_true (ps_virtual_clock_step (rig->time));
}

static void
write_life (Rig *rig, const char *text, gboolean whole)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  rig->inside = TRUE;
  ps_host_write_life (rig->host, bytes, whole);
  rig->inside = FALSE;
}

/* Writes, and waits for the answer. */
static void
put_life (Rig *rig, const char *text, gboolean whole)
{
  guint n_before = rig->n_written;
  gint64 end_us = g_get_monotonic_time () + LIMIT_US;
  write_life (rig, text, whole);
  while (rig->n_written == n_before) {
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    turn (rig);
  }
  g_assert_cmpuint (rig->n_written, ==, n_before + 1);
}

/* As the next process finds it. */
static void
expect_life (Rig *rig, const char *text)
{
  end (rig);
  begin (rig);
  g_autoptr (GBytes) bytes = ps_host_read_life (rig->host);
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

/* The answer does not change while the process lives. */
static void
test_identity (Rig *rig, gconstpointer data)
{
  const PsLifeIdentity *identity = ps_host_identity (rig->host);
  g_assert_nonnull (identity);
  g_assert_true (ps_host_identity (rig->host) == identity);
}

static void
test_no_life (Rig *rig, gconstpointer data)
{
  g_autoptr (GBytes) bytes = ps_host_read_life (rig->host);
  g_assert_true (bytes == NULL || g_bytes_get_size (bytes) == 0);
}

/* What was added, and what was put in the place of the whole, is what the next process finds. */
static void
test_life (Rig *rig, gconstpointer data)
{
  put_life (rig, "one\n", TRUE);
  g_assert_cmpstr (rig->error, ==, NULL);
  put_life (rig, "two\n", FALSE);
  g_assert_cmpstr (rig->error, ==, NULL);
  expect_life (rig, "one\ntwo\n");
  put_life (rig, "three\n", TRUE);
  g_assert_cmpstr (rig->error, ==, NULL);
  expect_life (rig, "three\n");
}

/* Adding nothing asks whether the record is there, and is answered as well. */
static void
test_nothing_added (Rig *rig, gconstpointer data)
{
  put_life (rig, "one\n", TRUE);
  put_life (rig, "", FALSE);
  g_assert_cmpstr (rig->error, ==, NULL);
  expect_life (rig, "one\n");
}

static void
break_disk (Rig *rig, gboolean broken)
{
  if (rig->disk != NULL) {
    ps_sim_disk_fill (rig->disk, broken);
    return;
  }
  /* A file in the place of the run directory. */
  g_autofree char *aside = g_build_filename (rig->root, "aside", NULL);
  const char *run_dir = rig->config->run_dir;
  if (broken) {
    g_assert_cmpint (g_rename (run_dir, aside), ==, 0);
    g_assert_true (g_file_set_contents (run_dir, "", 0, NULL));
  } else {
    g_assert_cmpint (g_remove (run_dir), ==, 0);
    g_assert_cmpint (g_rename (aside, run_dir), ==, 0);
  }
}

/* The answer says why, and the old record stands. */
static void
test_refused (Rig *rig, gconstpointer data)
{
  put_life (rig, "one\n", TRUE);
  break_disk (rig, TRUE);
  put_life (rig, "two\n", TRUE);
  g_assert_nonnull (rig->error);
  g_assert_cmpstr (rig->error, !=, "");
  break_disk (rig, FALSE);
  expect_life (rig, "one\n");
}

/* What stopped the host is not called any more, though a write is under way. */
static void
test_stopped (Rig *rig, gconstpointer data)
{
  put_life (rig, "one\n", TRUE);
  write_life (rig, "two\n", FALSE);
  ps_host_stop (rig->host);
  gint64 end_us = g_get_monotonic_time () + LIMIT_US;
  if (rig->time != NULL)
    ps_virtual_clock_advance (rig->time, G_USEC_PER_SEC);
  /* The writer's answer is all that the loop can have to do. */
  while (rig->time == NULL && !g_main_context_iteration (NULL, FALSE))
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
  g_assert_cmpuint (rig->n_written, ==, 1);
}

static void
test_signal (Rig *rig, gconstpointer data)
{
  gint64 end_us = g_get_monotonic_time () + LIMIT_US;
  if (rig->time != NULL)
    ps_sim_host_terminate (PS_SIM_HOST (rig->host));
  else
    g_assert_cmpint (kill (getpid (), SIGTERM), ==, 0);
  while (rig->n_signals == 0) {
    g_assert_cmpint (g_get_monotonic_time (), <, end_us);
    turn (rig);
  }
  g_assert_cmpuint (rig->n_signals, ==, 1);
  g_assert_cmpint (rig->last_signal, ==, PS_HOST_TERMINATE);
}

/* Without a password there is an empty one and no error. What a host need not have may be asked for
 * all the same. */
static void
test_optional (Rig *rig, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *password = ps_host_password (rig->host, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (password, ==, "");
  ps_host_burst_over (rig->host);
}

static gboolean
has_failed (Rig *rig)
{
  int code = 0;
  if (rig->time != NULL)
    return ps_sim_host_has_ended (PS_SIM_HOST (rig->host), &code) && code == 1;
  g_autoptr (GError) error = NULL;
  return !ps_daemon_host_outcome (PS_DAEMON_HOST (rig->host), &code, &error) &&
         strcmp (error->message, "first") == 0;
}

/* The first end counts. */
static void
test_ended (Rig *rig, gconstpointer data)
{
  g_autoptr (GError) first = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "first");
  g_autoptr (GError) second = g_error_new (G_FILE_ERROR, G_FILE_ERROR_IO, "second");
  g_assert_false (has_failed (rig));
  ps_host_ended (rig->host, first);
  ps_host_ended (rig->host, second);
  ps_host_ended (rig->host, NULL);
  g_assert_true (has_failed (rig));
}

#define ADD(name, fn) g_test_add ("/host/" name, Rig, NULL, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  implementation = argv[1];
  ADD ("identity", test_identity);
  ADD ("no-life", test_no_life);
  ADD ("life", test_life);
  ADD ("nothing-added", test_nothing_added);
  ADD ("refused", test_refused);
  ADD ("stopped", test_stopped);
  ADD ("signal", test_signal);
  ADD ("optional", test_optional);
  ADD ("ended", test_ended);
  return g_test_run ();
}
