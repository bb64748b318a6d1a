/* SPDX-License-Identifier: Apache-2.0 */
/* What people read is what the program does. */
#include "core/config.h"
#include "daemon/options.h"
#include <string.h>

static char *
read_document (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, name, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;
  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static char **
printed_lines (void)
{
  g_autoptr (PsConfig) config = ps_config_new ();
  g_autofree char *printed = ps_config_print (config);
  return g_strsplit (printed, "\n", -1);
}

/* The example configuration is the defaults as --print-config prints them, under a few lines of
 * comment, and it is valid. */
static void
test_example (void)
{
  g_autofree char *example = read_document ("data/portsyncd.conf");
  g_autoptr (PsConfig) config = ps_config_new ();
  g_autofree char *printed = ps_config_print (config);
  g_assert_true (g_str_has_suffix (example, printed));
  g_autoptr (GError) error = NULL;
  g_autoptr (PsConfig) parsed = ps_config_parse (example, strlen (example), "example", &error);
  g_assert_no_error (error);
  g_assert_nonnull (parsed);
}

/* The part of the manual page about one key, up to the next. */
static char *
manual_entry (const char *manual, const char *key)
{
  g_autofree char *start = g_strdup_printf ("\n.It Cm %s\n", key);
  const char *entry = strstr (manual, start);
  g_assert_nonnull (entry);
  entry += strlen (start);
  const char *end = strstr (entry, "\n.It ");
  const char *list_end = strstr (entry, "\n.El");
  end = end == NULL || (list_end != NULL && list_end < end) ? list_end : end;
  g_assert_nonnull (end);
  return g_strndup (entry, (gsize)(end - entry));
}

/* For each key that is printed the manual page has an entry, in its section, with the default and
 * the bounds; and it has no entry for a key that is not printed. */
static void
test_manual_keys (void)
{
  g_autofree char *manual = read_document ("data/portsyncd.8");
  g_auto (GStrv) lines = printed_lines ();
  const char *section = manual;
  guint n_keys = 0;
  for (guint i = 0; lines[i] != NULL; i++) {
    if (lines[i][0] == '[') {
      g_autofree char *title = g_strdup_printf ("\n.Ss %s\n", lines[i]);
      section = strstr (manual, title);
      g_assert_nonnull (section);
    }
    char *equals = lines[i][0] == '#' ? NULL : strstr (lines[i], " = ");
    if (equals == NULL)
      continue;
    g_autofree char *key = g_strndup (lines[i], (gsize)(equals - lines[i]));
    g_autofree char *entry = manual_entry (section, key);
    g_auto (GStrv) value = g_strsplit (equals + 3, "\"", -1);
    g_autofree char *standard =
        g_strdup_printf ("Default\n.Cm %s .", value[1] != NULL ? value[1] : value[0]);
    g_assert_nonnull (strstr (entry, standard));
    g_auto (GStrv) bounds =
        g_regex_split_simple ("^.*(from \\S+ to [0-9a-zG]+).*$", lines[i - 1], 0, 0);
    g_assert_true (bounds[1] == NULL || strstr (entry, bounds[1]) != NULL);
    n_keys++;
  }
  const char *start = strstr (manual, ".Sh CONFIGURATION"), *end = strstr (manual, ".Sh STARTING");
  guint n_entries = 0;
  for (const char *p = start; (p = strstr (p + 1, "\n.It Cm ")) != NULL && p < end;)
    n_entries++;
  g_assert_cmpuint (n_keys, >=, 7);
  g_assert_cmpuint (n_entries, ==, n_keys);
}

/* Each long option of the help is in the manual page, and the other way round. */
static void
test_manual_options (void)
{
  g_autofree char *manual = read_document ("data/portsyncd.8");
  g_autoptr (GRegex) pattern =
      g_regex_new ("^ +(?:-\\w, +)?--([a-z-]+)", G_REGEX_MULTILINE, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  guint n_options = 0, n_entries = 0;
  g_regex_match (pattern, ps_options_help (), 0, &match);
  for (; g_match_info_matches (match); g_match_info_next (match, NULL)) {
    g_autofree char *name = g_match_info_fetch (match, 1);
    g_autofree char *entry = g_strdup_printf ("Fl -%s", name);
    g_assert_nonnull (strstr (manual, entry));
    n_options++;
  }
  const char *start = strstr (manual, "The options are:"), *end = strstr (start, "\n.El");
  for (const char *p = start; (p = strstr (p + 1, "\n.It Fl ")) != NULL && p < end;)
    n_entries++;
  g_assert_cmpuint (n_options, ==, 6);
  g_assert_cmpuint (n_entries, ==, n_options);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/documents/example", test_example);
  g_test_add_func ("/documents/manual-keys", test_manual_keys);
  g_test_add_func ("/documents/manual-options", test_manual_options);
  return g_test_run ();
}
