/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the run directory and the record in it are like: the daemon starts as --print-start-mode
 * says it would, and takes no link down as only it died. */
#include "tests/support/rig.h"
#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_PORTS 2
#define NOBODY  65534

typedef enum { VALID, DAMAGED, ABSENT, N_RECORDS } Record;

typedef struct {
  PsRig *rig;
  char *dir, *instance, *life, *filler, *aside; /* owned */
  char *text;                                   /* owned; a valid record */
  gsize size;
} World;

static void
must (gboolean done, const char *what)
{
  if (!done)
    g_error ("%s: %s", what, g_strerror (errno));
}

static void
be_absent (World *w)
{
  g_autofree char *lock = g_build_filename (w->instance, "lock", NULL);
  g_remove (lock);
  g_remove (w->life);
  must (g_rmdir (w->instance) == 0, "rmdir");
}

static void
be_empty (World *w)
{
  g_autofree char *lock = g_build_filename (w->instance, "lock", NULL);
  must (g_remove (lock) == 0, "remove lock");
}

static void
be_full (World *w)
{
  char block[4096] = "";
  FILE *file = fopen (w->filler, "w");
  must (file != NULL, "open filler");
  setvbuf (file, NULL, _IONBF, 0);
  while (fwrite (block, sizeof block, 1, file) == 1)
    continue;
  must (errno == ENOSPC, "fill");
  fclose (file);
}

static void
be_read_only (World *w)
{
  must (mount ("none", w->dir, "none", MS_REMOUNT | MS_RDONLY, NULL) == 0, "remount");
}

/* Not even root follows a loop. */
static void
be_unreadable (World *w)
{
  must (g_rename (w->instance, w->aside) == 0, "rename");
  must (symlink ("default", w->instance) == 0, "symlink");
}

static void
be_replaced (World *w)
{
  g_autofree char *text = NULL;
  gsize size = 0;
  gboolean has_life = g_file_get_contents (w->life, &text, &size, NULL);
  must (g_rename (w->instance, w->aside) == 0, "rename");
  must (g_mkdir (w->instance, 0755) == 0, "mkdir");
  if (has_life)
    must (g_file_set_contents (w->life, text, (gssize)size, NULL), "write");
}

static void
be_of_another (World *w)
{
  must (chown (w->instance, NOBODY, NOBODY) == 0, "chown");
  must (chmod (w->instance, 0700) == 0, "chmod");
  if (g_file_test (w->life, G_FILE_TEST_EXISTS))
    must (chown (w->life, NOBODY, NOBODY) == 0, "chown");
}

static const struct {
  const char *name;
  void (*make) (World *w);
  gboolean hides_record;
} states[] = {
    {"absent", be_absent, TRUE},
    {"empty", be_empty, FALSE},
    {"full", be_full, FALSE},
    {"read-only", be_read_only, FALSE},
    {"unreadable", be_unreadable, TRUE},
    {"replaced", be_replaced, FALSE},
    {"other-owner", be_of_another, FALSE},
};

static void
put_record (World *w, Record record)
{
  g_autofree char *text = g_memdup2 (w->text, w->size);
  if (record == DAMAGED)
    text[0] ^= 1;
  if (record == ABSENT)
    must (g_remove (w->life) == 0, "remove life");
  else
    must (g_file_set_contents (w->life, text, (gssize)w->size, NULL), "write life");
}

/* The daemon is dead, and left a valid record in a directory of its own. */
static void
set_up (World *w, gconstpointer data)
{
  PsRigSetup setup = {.n_ports = N_PORTS, .batch = 1024, .makes_netdevs = TRUE};
  w->rig = ps_rig_new (&setup);
  w->dir = g_build_filename (w->rig->dir, "small", NULL);
  w->instance = g_build_filename (w->dir, "default", NULL);
  w->life = g_build_filename (w->instance, "life", NULL);
  w->filler = g_build_filename (w->dir, "filler", NULL);
  w->aside = g_build_filename (w->dir, "aside", NULL);
  must (g_mkdir (w->dir, 0755) == 0, "mkdir");
  must (mount ("tmpfs", w->dir, "tmpfs", 0, "size=64k") == 0, "mount");
  ps_daemon_set (w->rig->daemon, "start", "run_dir", w->dir);
  ps_rig_boot (w->rig);
  ps_daemon_terminate (w->rig->daemon);
  must (g_file_get_contents (w->life, &w->text, &w->size, NULL), "read life");
}

static void
tear_down (World *w, gconstpointer data)
{
  must (umount (w->dir) == 0, "umount");
  ps_rig_free (w->rig);
  g_free (w->dir);
  g_free (w->instance);
  g_free (w->life);
  g_free (w->filler);
  g_free (w->aside);
  g_free (w->text);
}

/* The line with the grounds. */
static char *
ask (World *w)
{
  const char *argv[] = {g_getenv ("PORTSYNCD"), "--print-start-mode", "--config",
                        ps_daemon_config_file (w->rig->daemon), NULL};
  g_autofree char *out = NULL;
  g_autoptr (GError) error = NULL;
  int status = 0;
  ps_daemon_save_config (w->rig->daemon);
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &out, NULL,
                &status, &error);
  g_assert_no_error (error);
  g_assert_true (WIFEXITED (status) && WEXITSTATUS (status) == 0);
  g_auto (GStrv) lines = g_strsplit (out, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), >=, 2);
  return g_strdup (lines[1]);
}

static void
test_cell (World *w, gconstpointer data)
{
  guint cell = GPOINTER_TO_UINT (data);
  guint state = cell / N_RECORDS;
  Record record = cell % N_RECORDS;
  gboolean has_record = record == VALID && !states[state].hides_record;
  put_record (w, record);
  states[state].make (w);
  g_autofree char *ground = ask (w);
  g_assert_true (g_str_has_prefix (ground, "resume start: "));
  g_assert_cmpint (strstr (ground, "life record of this boot=yes") != NULL, ==, has_record);
  ps_syslog_sink_clear (w->rig->syslog);
  ps_daemon_start (w->rig->daemon);
  ps_rig_wait_line (w->rig, ground);
  ps_rig_wait_polls (w->rig, 2);
  g_assert_cmpuint (ps_rig_n_lines (w->rig, "Taking down"), ==, 0);
  ps_daemon_terminate (w->rig->daemon);
}

int
main (int argc, char **argv)
{
  static const char *const records[] = {"valid", "damaged", "absent"};
  ps_rig_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (states) * N_RECORDS; i++) {
    g_autofree char *name =
        g_strdup_printf ("/run-dir/%s/%s", states[i / N_RECORDS].name, records[i % N_RECORDS]);
    g_test_add (name, World, GUINT_TO_POINTER (i), set_up, test_cell, tear_down);
  }
  return g_test_run ();
}
