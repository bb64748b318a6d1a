/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes that the daemon exchanges with Redis, against a recording: no server is there. */
#include "tests/support/rig.h"
#include "tests/umockdev/golden.h"
#include <string.h>

static const char *
golden_dir (void)
{
  const char *dir = g_getenv ("GOLDEN");
  g_assert_nonnull (dir);
  return dir;
}

/* Each byte of each connection is the recorded one, to the end of the recording and not beyond: who
 * changes the wire changes the recording, knowingly. */
static void
test_replay (void)
{
  g_autofree char *why = ps_golden_run (PS_GOLDEN_REPLAY, golden_dir ());
  if (why != NULL)
    g_error ("the daemon does not say what was recorded (if that is meant: tests/umockdev/record):"
             "\n%s",
             why);
}

#define LAST_LOOK                                                                                  \
  "w 0 "                                                                                           \
  "*3^M^J$6^M^JEXISTS^M^J$25^M^JPORT_TABLE:PortConfigDone^M^J$26^M^J_PORT_TABLE:PortConfigDone"    \
  "^M^J\n"

typedef struct {
  const char *name;
  guint file;            /* whose recording is changed */
  const char *from, *to; /* what stands once in it, and is put in its place */
} Change;

static char *
changed (const Change *change, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, change->from, -1);
  g_assert_cmpuint (g_strv_length (parts), ==, 2);
  return g_strjoin (change->to, parts[0], parts[1], NULL);
}

static char *
make_changed (const Change *change)
{
  g_autoptr (GError) error = NULL;
  char *dir = g_dir_make_tmp ("golden-XXXXXX", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < PS_N_GOLDEN; i++) {
    g_autofree char *from = g_build_filename (golden_dir (), ps_golden_files[i], NULL);
    g_autofree char *to = g_build_filename (dir, ps_golden_files[i], NULL);
    g_autofree char *text = NULL;
    g_file_get_contents (from, &text, NULL, &error);
    g_assert_no_error (error);
    g_autofree char *other = i == change->file ? changed (change, text) : NULL;
    g_file_set_contents (to, other != NULL ? other : text, -1, &error);
    g_assert_no_error (error);
  }
  return dir;
}

/* One byte that differs is noticed on each connection, also in the last command; so is a command
 * that was not recorded. */
static void
test_change (gconstpointer data)
{
  g_autofree char *dir = make_changed (data);
  g_autofree char *why = ps_golden_run (PS_GOLDEN_REPLAY, dir);
  g_assert_nonnull (why);
  g_assert_nonnull (strstr (why, "data mismatch"));
}

int
main (int argc, char **argv)
{
  static const Change changes[] = {
      {"database-appl", 0, "SELECT^M^J$1^M^J0", "SELECT^M^J$1^M^J1"},
      {"database-config", 1, "SELECT^M^J$1^M^J4", "SELECT^M^J$1^M^J5"},
      {"database-state", 2, "SELECT^M^J$1^M^J6", "SELECT^M^J$1^M^J7"},
      {"script", 0, "'SADD', pending", "'sadd', pending"},
      {"deletion", 2, "DEL^M^J$20^M^JPORT_TABLE|Ethernet4", "DEL^M^J$20^M^JPORT_TABLE|Ethernet8"},
      {"last-command", 0, LAST_LOOK, "w 0 *1^M^J$4^M^JPING^M^J\n"},
      {"command-too-many", 0, LAST_LOOK "r 0 :0^M^J\n", ""},
  };
  ps_rig_init (&argc, &argv);
  g_test_add_func ("/golden/replay", test_replay);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++) {
    g_autofree char *path = g_strdup_printf ("/golden/change/%s", changes[i].name);
    g_test_add_data_func (path, &changes[i], test_change);
  }
  return g_test_run ();
}
