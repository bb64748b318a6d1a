/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/read-file.h"
#include <glib/gstdio.h>
#include <sys/stat.h>

#define SIZE_MAX_HERE 2048

static void
expect_refused (const char *path, const char *words)
{
  g_autoptr (GError) error = NULL;
  gsize size;
  g_assert_null (ps_read_file (path, SIZE_MAX_HERE, &size, &error));
  g_assert_nonnull (error);
  g_assert_cmpstr (error->message, ==, words);
}

/* As long as is allowed, also with bytes that are no text. */
static void
test_whole (void)
{
  g_autofree char *dir = g_dir_make_tmp ("read-file-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "file", NULL);
  g_autofree char *bytes = g_malloc0 (SIZE_MAX_HERE + 1);
  g_autoptr (GError) error = NULL;
  gsize size;
  g_assert_true (g_file_set_contents (path, bytes, SIZE_MAX_HERE, NULL));
  g_autofree char *read = ps_read_file (path, SIZE_MAX_HERE, &size, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (read, size, bytes, SIZE_MAX_HERE);
  g_assert_true (g_file_set_contents (path, bytes, SIZE_MAX_HERE + 1, NULL));
  expect_refused (path, "larger than 2 KiB");
  g_assert_cmpint (g_remove (path), ==, 0);
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

/* The kernel says 0 bytes of it, and gives more. */
static void
test_size_untold (void)
{
  struct stat info;
  g_assert_cmpint (stat ("/proc/self/maps", &info), ==, 0);
  g_assert_cmpint (info.st_size, ==, 0);
  expect_refused ("/proc/self/maps", "larger than 2 KiB");
}

/* What has no end, or may keep the reader waiting, is not begun. */
static void
test_kinds (void)
{
  g_autofree char *dir = g_dir_make_tmp ("read-file-XXXXXX", NULL);
  g_autofree char *pipe = g_build_filename (dir, "pipe", NULL);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  expect_refused (pipe, "no regular file");
  g_assert_cmpint (g_remove (pipe), ==, 0);
  expect_refused ("/dev/zero", "no regular file");
  expect_refused (dir, "cannot be read: Is a directory");
  expect_refused (pipe, "cannot be read: No such file or directory");
  g_assert_cmpint (g_rmdir (dir), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/read-file/whole", test_whole);
  g_test_add_func ("/read-file/size-untold", test_size_untold);
  g_test_add_func ("/read-file/kinds", test_kinds);
  return g_test_run ();
}
