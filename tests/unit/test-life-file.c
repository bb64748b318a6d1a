/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/identity.h"
#include "daemon/life-file.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
  char *root, *run_dir;
} Dir;

static void
set_up (Dir *dir, gconstpointer data)
{
  dir->root = g_dir_make_tmp ("ps-life-XXXXXX", NULL);
  g_assert_nonnull (dir->root);
  dir->run_dir = g_build_filename (dir->root, "a", "b", NULL);
}

static void
tear_down (Dir *dir, gconstpointer data)
{
  static const char *const files[] = {"lock", "life", "life.new", "."};
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (dir->run_dir, "default", files[i], NULL);
    if (g_remove (path) != 0 && i == G_N_ELEMENTS (files) - 1) {
      g_autofree char *instance = g_build_filename (dir->run_dir, "default", NULL);
      g_rmdir (instance);
    }
  }
  g_autofree char *parent = g_path_get_dirname (dir->run_dir);
  g_rmdir (dir->run_dir);
  g_rmdir (parent);
  g_assert_cmpint (g_rmdir (dir->root), ==, 0);
  g_free (dir->run_dir);
  g_free (dir->root);
}

static char *
record_of (const Dir *dir)
{
  return g_build_filename (dir->run_dir, "default", "life", NULL);
}

static PsLifeFile *
open_file (const Dir *dir)
{
  g_autoptr (GError) error = NULL;
  PsLifeFile *file = ps_life_file_new (dir->run_dir, "default");
  g_assert_true (ps_life_file_hold (file, &error));
  g_assert_no_error (error);
  return file;
}

static void
assert_holds (PsLifeFile *file, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = ps_life_file_read (file, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), text, strlen (text));
}

static void
append (PsLifeFile *file, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (ps_life_file_append (file, text, strlen (text), &error));
  g_assert_no_error (error);
}

static void
replace (PsLifeFile *file, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (ps_life_file_replace (file, text, strlen (text), &error));
  g_assert_no_error (error);
}

/* Directories are made, a new record is empty, and what is written is there for the next life. */
static void
test_round_trip (Dir *dir, gconstpointer data)
{
  g_autoptr (PsLifeFile) file = open_file (dir);
  assert_holds (file, "");
  append (file, "one\n");
  append (file, "two\n");
  assert_holds (file, "one\ntwo\n");
  replace (file, "three\n");
  append (file, "four\n");
  assert_holds (file, "three\nfour\n");
  g_clear_pointer (&file, ps_life_file_free);
  file = open_file (dir);
  assert_holds (file, "three\nfour\n");
  append (file, "five\n");
  assert_holds (file, "three\nfour\nfive\n");
  struct stat info;
  g_autofree char *path = record_of (dir);
  g_assert_cmpint (stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0644);
}

/* A second copy is refused with the pid of the first; when that is gone, it is let in. */
static void
test_lock (Dir *dir, gconstpointer data)
{
  g_autoptr (PsLifeFile) file = open_file (dir);
  g_autoptr (GError) error = NULL;
  g_autoptr (PsLifeFile) second = ps_life_file_new (dir->run_dir, "default");
  g_assert_false (ps_life_file_hold (second, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_HELD);
  g_autofree char *who = g_strdup_printf ("held by process %d:", (int)getpid ());
  g_assert_nonnull (strstr (error->message, who));
  g_clear_pointer (&file, ps_life_file_free);
  file = open_file (dir);
}

static void
hold_for_ever (const Dir *dir, int ready_fd)
{
  PsLifeFile *file = ps_life_file_new (dir->run_dir, "default");
  if (!ps_life_file_hold (file, NULL) || write (ready_fd, "x", 1) != 1)
    _exit (1);
  for (;;)
    pause ();
}

/* The lock of a process that was killed is free at once. */
static void
test_lock_of_the_dead (Dir *dir, gconstpointer data)
{
  int ready[2];
  g_assert_cmpint (pipe (ready), ==, 0);
  pid_t child = fork ();
  if (child == 0)
    hold_for_ever (dir, ready[1]);
  char byte;
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (PsLifeFile) second = ps_life_file_new (dir->run_dir, "default");
  g_assert_false (ps_life_file_hold (second, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_HELD);
  g_autofree char *who = g_strdup_printf ("held by process %d:", (int)child);
  g_assert_nonnull (strstr (error->message, who));
  kill (child, SIGKILL);
  g_assert_cmpint (waitpid (child, NULL, 0), ==, child);
  g_autoptr (PsLifeFile) file = open_file (dir);
  g_assert_nonnull (file);
}

/* A run directory that cannot be made is an error with its path. */
static void
test_no_directory (Dir *dir, gconstpointer data)
{
  g_autofree char *path = g_build_filename (dir->root, "file", NULL);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  g_autoptr (GError) error = NULL;
  g_autoptr (PsLifeFile) file = ps_life_file_new (path, "default");
  g_assert_false (ps_life_file_hold (file, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO);
  g_assert_nonnull (strstr (error->message, path));
  g_assert_cmpint (g_unlink (path), ==, 0);
}

static void
limit_file_size (rlim_t bytes)
{
  struct rlimit limit = {bytes, RLIM_INFINITY};
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

/* A write that is cut short leaves whole lines, and does not stop later ones. */
static void
test_full_disk (Dir *dir, gconstpointer data)
{
  g_autoptr (PsLifeFile) file = open_file (dir);
  g_autoptr (GError) error = NULL;
  signal (SIGXFSZ, SIG_IGN);
  append (file, "12345678\n");
  limit_file_size (12);
  g_assert_false (ps_life_file_append (file, "abcdefgh\n", 9, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO);
  assert_holds (file, "12345678\n");
  append (file, "x\n");
  g_clear_error (&error);
  g_assert_false (ps_life_file_replace (file, "0123456789abcdef", 16, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO);
  limit_file_size (RLIM_INFINITY);
  assert_holds (file, "12345678\nx\n");
  replace (file, "whole\n");
  assert_holds (file, "whole\n");
}

/* A record beyond the limit, a directory and a link in its place are refused, not read. */
static void
test_strange_records (Dir *dir, gconstpointer data)
{
  g_autoptr (PsLifeFile) file = open_file (dir);
  g_autoptr (GError) error = NULL;
  g_autofree char *path = record_of (dir);
  append (file, "x\n");
  g_assert_cmpint (truncate (path, PS_LIFE_SIZE_MAX), ==, 0);
  g_autoptr (GBytes) bytes = ps_life_file_read (file, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (bytes), ==, PS_LIFE_SIZE_MAX);
  g_assert_false (ps_life_file_append (file, "y\n", 2, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO);
  g_clear_error (&error);
  g_assert_cmpint (truncate (path, PS_LIFE_SIZE_MAX + 1), ==, 0);
  g_assert_null (ps_life_file_read (file, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO);
  g_clear_error (&error);
  g_assert_cmpint (unlink (path), ==, 0);
  g_assert_cmpint (symlink ("/etc/passwd", path), ==, 0);
  g_assert_null (ps_life_file_read (file, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO);
  g_clear_error (&error);
  g_assert_cmpint (unlink (path), ==, 0);
  g_assert_cmpint (mkdir (path, 0755), ==, 0);
  g_assert_null (ps_life_file_read (file, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO);
  g_assert_cmpint (rmdir (path), ==, 0);
}

/* The real /proc gives an identity that is the same twice. */
static void
test_identity_real (void)
{
  g_autoptr (GError) error = NULL;
  PsIdentity a, b;
  g_assert_true (ps_identity_read (NULL, &a, &error));
  g_assert_no_error (error);
  g_assert_true (ps_identity_read (NULL, &b, &error));
  g_assert_cmpuint (strlen (a.boot_id), ==, 36);
  g_assert_cmpstr (a.boot_id, ==, b.boot_id);
  g_assert_cmpuint (a.init_start, ==, b.init_start);
  g_assert_cmpstr (a.netns, ==, b.netns);
  g_assert_nonnull (strchr (a.netns, ':'));
}

static gboolean
read_stat (const char *root, const char *text, PsIdentity *out_identity)
{
  g_autofree char *path = g_build_filename (root, "stat", NULL);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  PsIdentityPaths paths = {.init_stat = path};
  g_autoptr (GError) error = NULL;
  gboolean valid = ps_identity_read (&paths, out_identity, &error);
  g_assert_true (valid == (error == NULL));
  g_assert_true (valid || strstr (error->message, path) != NULL);
  g_unlink (path);
  return valid;
}

/* Field 22 is found behind any process name; what is not such a line is an error. */
static void
test_identity_stat (Dir *dir, gconstpointer data)
{
  PsIdentity identity;
  g_assert_true (read_stat (dir->root,
                            "1 (a) S (b ) c) S 0 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4711 "
                            "99 100\n",
                            &identity));
  g_assert_cmpuint (identity.init_start, ==, 4711);
  g_assert_false (read_stat (dir->root, "", &identity));
  g_assert_false (read_stat (dir->root, "1 (a)", &identity));
  g_assert_false (read_stat (dir->root, "1 (a) S 0 1 1 0 -1", &identity));
  g_assert_false (
      read_stat (dir->root, "1 (a) S 0 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 x 9", &identity));
}

/* A missing file is named. */
static void
test_identity_missing (void)
{
  PsIdentityPaths paths = {.boot_id = "/nonexistent/boot_id"};
  PsIdentity identity;
  g_autoptr (GError) error = NULL;
  g_assert_false (ps_identity_read (&paths, &identity, &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/boot_id"));
  g_clear_error (&error);
  paths = (PsIdentityPaths){.netns = "/nonexistent/net"};
  g_assert_false (ps_identity_read (&paths, &identity, &error));
  g_assert_nonnull (strstr (error->message, "/nonexistent/net"));
}

/* An unknown identity is unlike any other, and unlike the next unknown one. */
static void
test_identity_unknown (void)
{
  PsIdentity a, b;
  ps_identity_make_unknown (&a);
  ps_identity_make_unknown (&b);
  g_assert_cmpstr (a.boot_id, ==, "unknown");
  g_assert_cmpuint (a.init_start, ==, 0);
  g_assert_cmpstr (a.netns, !=, b.netns);
  g_assert_null (strpbrk (a.netns, " \n"));
}

static void
assert_fails (PsLifeFile *file, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_assert_false (ps_life_file_append (file, "x\n", 2, &error));
  g_assert_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO);
  if (strstr (error->message, text) == NULL)
    g_error ("\"%s\" is not in \"%s\"", text, error->message);
}

static gboolean
is_held (const Dir *dir)
{
  g_autoptr (PsLifeFile) other = ps_life_file_new (dir->run_dir, "default");
  g_autoptr (GError) error = NULL;
  return !ps_life_file_hold (other, &error) &&
         g_error_matches (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_HELD);
}

static void
remove_files (const Dir *dir)
{
  static const char *const files[] = {"lock", "life"};
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autofree char *path = g_build_filename (dir->run_dir, "default", files[i], NULL);
    g_remove (path);
  }
}

/* Who takes the record or the whole directory away is noticed with the next write, also an empty
 * one; the directory is made and the lock taken anew, and the whole record is written again. */
static void
test_replaced (Dir *dir, gconstpointer data)
{
  g_autoptr (PsLifeFile) file = open_file (dir);
  g_autoptr (GError) error = NULL;
  replace (file, "one\n");
  g_autofree char *path = record_of (dir);
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_false (ps_life_file_append (file, "", 0, &error));
  g_assert_nonnull (strstr (error->message, "was removed or replaced"));
  replace (file, "two\n");
  assert_holds (file, "two\n");
  remove_files (dir);
  g_autofree char *instance = g_path_get_dirname (path);
  g_assert_cmpint (g_rmdir (instance), ==, 0);
  assert_fails (file, "was removed or replaced"); /* Not a record of the last line alone. */
  remove_files (dir);
  g_assert_cmpint (g_rmdir (instance), ==, 0);
  g_assert_false (is_held (dir));
  remove_files (dir);
  replace (file, "three\n");
  assert_holds (file, "three\n");
  g_assert_true (is_held (dir));
}

/* A lock that cannot be opened for writing is taken all the same; the record is read without any
 * lock, and what has no lock is not written. */
static void
test_lock_of_a_file (Dir *dir, gconstpointer data)
{
  g_autoptr (PsLifeFile) file = open_file (dir);
  replace (file, "one\n");
  g_clear_pointer (&file, ps_life_file_free);
  g_autofree char *lock = g_build_filename (dir->run_dir, "default", "lock", NULL);
  g_assert_cmpint (g_remove (lock), ==, 0);
  g_assert_cmpint (g_mkdir (lock, 0755), ==, 0); /* EISDIR for writing */
  file = open_file (dir);
  g_assert_true (is_held (dir));
  append (file, "two\n");
  g_clear_pointer (&file, ps_life_file_free);
  g_assert_cmpint (g_remove (lock), ==, 0);
  g_assert_cmpint (symlink ("nowhere", lock), ==, 0); /* ELOOP for every opening */
  file = ps_life_file_new (dir->run_dir, "default");
  assert_holds (file, "one\ntwo\n");
  assert_fails (file, lock);
  assert_holds (file, "one\ntwo\n");
}

/* A disk without room for the pid does not cost the lock. */
static void
test_lock_without_room (Dir *dir, gconstpointer data)
{
  signal (SIGXFSZ, SIG_IGN);
  limit_file_size (0);
  g_autoptr (PsLifeFile) file = open_file (dir);
  limit_file_size (RLIM_INFINITY);
  g_assert_nonnull (file);
  g_assert_true (is_held (dir));
}

/* Who only looks needs no lock and makes nothing, no directory either. */
static void
test_peek (Dir *dir, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PsLifeFile) looker = ps_life_file_new (dir->run_dir, "default");
  g_autoptr (GBytes) none = ps_life_file_read (looker, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (none), ==, 0);
  g_assert_false (g_file_test (dir->run_dir, G_FILE_TEST_EXISTS));
  g_autoptr (PsLifeFile) file = open_file (dir);
  g_assert_true (ps_life_file_replace (file, "abc", 3, &error));
  g_autoptr (GBytes) some = ps_life_file_read (looker, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (g_bytes_get_data (some, NULL), g_bytes_get_size (some), "abc", 3);
}

#define ADD(name, fn) g_test_add ("/life-file/" name, Dir, NULL, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("round-trip", test_round_trip);
  ADD ("lock", test_lock);
  ADD ("peek", test_peek);
  ADD ("replaced", test_replaced);
  ADD ("lock-of-a-file", test_lock_of_a_file);
  ADD ("lock-without-room", test_lock_without_room);
  ADD ("lock-of-the-dead", test_lock_of_the_dead);
  ADD ("no-directory", test_no_directory);
  ADD ("full-disk", test_full_disk);
  ADD ("strange-records", test_strange_records);
  ADD ("identity-stat", test_identity_stat);
  g_test_add_func ("/life-file/identity-real", test_identity_real);
  g_test_add_func ("/life-file/identity-missing", test_identity_missing);
  g_test_add_func ("/life-file/identity-unknown", test_identity_unknown);
  return g_test_run ();
}
