/* SPDX-License-Identifier: Apache-2.0 */
/* Which files are taken for a password, and that a refusal tells nothing of what they hold. */
#include "daemon/password-file.h"
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char *dir, *path;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  f->dir = g_dir_make_tmp ("portsyncd-XXXXXX", NULL);
  f->path = g_build_filename (f->dir, "password", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  g_remove (f->path);
  g_assert_cmpint (g_rmdir (f->dir), ==, 0);
  g_free (f->dir);
  g_free (f->path);
}

static void
write_file (Fixture *f, const char *text, gsize size, mode_t mode)
{
  g_assert_true (g_file_set_contents (f->path, text, (gssize)size, NULL));
  g_assert_cmpint (chmod (f->path, mode), ==, 0);
}

static void
expect_refused (Fixture *f, PsPasswordFileError code, const char *words)
{
  g_autoptr (GError) error = NULL;
  g_assert_null (ps_password_file_read (f->path, &error));
  g_assert_error (error, PS_PASSWORD_FILE_ERROR, (int)code);
  g_assert_nonnull (strstr (error->message, f->path));
  g_assert_nonnull (strstr (error->message, words));
  g_assert_null (strstr (error->message, "secret"));
}

/* One line, with or without its end; spaces and the largest size are part of it. */
static void
test_taken (Fixture *f, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (PS_PASSWORD_MAX, 'x');
  g_autofree char *longest_line = g_strconcat (longest, "\n", NULL);
  const char *const cases[][2] = {{"secret", "secret"},
                                  {"secret\n", "secret"},
                                  {" s e \"c'ret\t \n", " s e \"c'ret\t "},
                                  {longest, longest},
                                  {longest_line, longest}};
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    write_file (f, cases[i][0], strlen (cases[i][0]), i % 2 ? 0600 : 0400);
    g_autofree char *text = ps_password_file_read (f->path, NULL);
    g_assert_cmpstr (text, ==, cases[i][1]);
  }
}

static void
test_invalid (Fixture *f, gconstpointer data)
{
  g_autofree char *too_long = g_strnfill (PS_PASSWORD_MAX + 1, 'x');
  const struct {
    const char *text;
    gsize size;
    const char *words;
  } cases[] = {
      {"", 0, "empty"},
      {"\n", 1, "empty"},
      {"secret\n\n", 8, "one line"},
      {"secret\r\n", 8, "one line"},
      {"sec\0ret", 7, "one line"},
      {"\nsecret", 7, "one line"},
      {too_long, PS_PASSWORD_MAX + 1, "512"},
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    write_file (f, cases[i].text, cases[i].size, 0600);
    expect_refused (f, PS_PASSWORD_FILE_ERROR_INVALID, cases[i].words);
  }
}

/* Any right of group or others is one too many; other owners and other kinds of files as well. */
static void
test_open (Fixture *f, gconstpointer data)
{
  static const mode_t modes[] = {0640, 0620, 0610, 0604, 0602, 0601, 0644, 0777};
  for (guint i = 0; i < G_N_ELEMENTS (modes); i++) {
    write_file (f, "secret", 6, modes[i]);
    expect_refused (f, PS_PASSWORD_FILE_ERROR_OPEN, "chmod 600");
  }
  write_file (f, "secret", 6, 0600);
  if (geteuid () == 0) {
    g_assert_cmpint (chown (f->path, 4711, 0), ==, 0);
    expect_refused (f, PS_PASSWORD_FILE_ERROR_OPEN, "chown root");
  }
  g_assert_cmpint (g_remove (f->path), ==, 0);
  g_assert_cmpint (mkfifo (f->path, 0600), ==, 0);
  expect_refused (f, PS_PASSWORD_FILE_ERROR_OPEN, "no regular file");
  g_assert_cmpint (g_remove (f->path), ==, 0);
  expect_refused (f, PS_PASSWORD_FILE_ERROR_UNREADABLE, "No such file");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, fn) g_test_add ("/password-file/" name, Fixture, NULL, set_up, fn, tear_down)
  ADD ("taken", test_taken);
  ADD ("invalid", test_invalid);
  ADD ("open", test_open);
  return g_test_run ();
}
