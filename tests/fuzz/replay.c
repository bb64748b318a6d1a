/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target without a fuzzer: over each file of a corpus as a test (TAP), or over one
 * file or standard input, as AFL++ wants it.
 *
 *   replay DIRECTORY    every file in it; an empty one is an error
 *   replay FILE         one file
 *   replay              standard input */
#include "tests/fuzz/fuzz.h"
#include <stdio.h>
#include <string.h>

#define INPUT_MAX (1024 * 1024) /* bytes of standard input that are looked at */

/* The copy has exactly the size of the input, so that a sanitizer sees the first byte too much. */
static void
run_bytes (const void *bytes, gsize size)
{
  g_autofree guint8 *copy = g_malloc (MAX (size, 1));
  if (size > 0)
    memcpy (copy, bytes, size);
  LLVMFuzzerTestOneInput (copy, size);
}

static gboolean
run_file (const char *path)
{
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  if (!g_file_get_contents (path, &bytes, &size, &error)) {
    fprintf (stderr, "replay: %s\n", error->message);
    return FALSE;
  }
  run_bytes (bytes, size);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static GPtrArray *
list_files (const char *directory)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *name;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (paths, g_build_filename (directory, name, NULL));
  g_ptr_array_sort (paths, compare_names);
  return paths;
}

/* The name stands there before the file is run: after a crash the last one is to blame. */
static gboolean
run_corpus (const char *directory)
{
  g_autoptr (GPtrArray) paths = list_files (directory);
  gboolean good = paths->len > 0;
  for (guint i = 0; i < paths->len && good; i++) {
    const char *path = g_ptr_array_index (paths, i);
    printf ("# %s\n", path);
    fflush (stdout);
    good = run_file (path);
  }
  printf ("%s 1 %u inputs of %s\n1..1\n", good ? "ok" : "not ok", paths->len, directory);
  return good;
}

int
main (int argc, char **argv)
{
  static guint8 input[INPUT_MAX];
  LLVMFuzzerInitialize (&argc, &argv);
  if (argc > 2) {
    fprintf (stderr, "Usage: %s [DIRECTORY | FILE]\n", argv[0]);
    return 2;
  }
  if (argc < 2) {
    run_bytes (input, fread (input, 1, sizeof input, stdin));
    return 0;
  }
  if (g_file_test (argv[1], G_FILE_TEST_IS_DIR))
    return run_corpus (argv[1]) ? 0 : 1;
  return run_file (argv[1]) ? 0 : 1;
}
