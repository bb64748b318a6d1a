/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/options.h"
#include <string.h>

static gboolean
parse (const char *line, PsOptions *out_options, GError **error)
{
  static char **argv; /* kept: config_file points into it */
  g_strfreev (argv);
  g_autofree char *command = g_strconcat ("portsyncd", line, NULL);
  argv = g_strsplit (command, " ", -1);
  return ps_options_parse ((int)g_strv_length (argv), argv, out_options, error);
}

static PsOptions
accept (const char *line)
{
  g_autoptr (GError) error = NULL;
  PsOptions options;
  gboolean valid = parse (line, &options, &error);
  g_assert_no_error (error);
  g_assert_true (valid);
  return options;
}

static void
assert_refused (const char *line, const char *message)
{
  g_autoptr (GError) error = NULL;
  PsOptions options = {.config_file = "untouched"};
  g_assert_false (parse (line, &options, &error));
  g_assert_error (error, PS_OPTIONS_ERROR, PS_OPTIONS_ERROR_USAGE);
  g_assert_cmpstr (error->message, ==, message);
  g_assert_cmpstr (options.config_file, ==, "untouched");
}

/* As SONiC starts it, without arguments, nothing is set. */
static void
test_none (void)
{
  PsOptions options = accept ("");
  g_assert_null (options.config_file);
  g_assert_false (options.check_config || options.print_config || options.print_start ||
                  options.version || options.help);
}

/* The file may follow --config, --config= or -c; the last one counts. */
static void
test_config (void)
{
  g_assert_cmpstr (accept (" --config /a").config_file, ==, "/a");
  g_assert_cmpstr (accept (" --config=/a=b").config_file, ==, "/a=b");
  g_assert_cmpstr (accept (" -c /a").config_file, ==, "/a");
  g_assert_cmpstr (accept (" -c /a --config /b").config_file, ==, "/b");
  g_assert_cmpstr (accept (" --config --help").config_file, ==, "--help");
}

/* Each switch sets itself and nothing else. */
static void
test_switches (void)
{
  g_assert_true (accept (" --check-config").check_config);
  g_assert_true (accept (" --print-config").print_config);
  g_assert_true (accept (" --print-start-mode").print_start);
  g_assert_true (accept (" --version").version);
  g_assert_true (accept (" --help").help);
  PsOptions options = accept (" -h");
  g_assert_true (options.help);
  g_assert_false (options.check_config || options.print_config || options.version);
  options = accept (" --check-config --config /a --print-config");
  g_assert_true (options.check_config && options.print_config);
  g_assert_false (options.version || options.help);
}

/* What is not known is refused by name, with the nearest option if there is one. */
static void
test_unknown (void)
{
  assert_refused (" --confg /a", "unknown option '--confg', did you mean '--config'?");
  assert_refused (" --chekc-config", "unknown option '--chekc-config', did you mean "
                                     "'--check-config'?");
  assert_refused (" --confi=/a", "unknown option '--confi=/a', did you mean '--config'?");
  assert_refused (" --frobnicate", "unknown option '--frobnicate', see portsyncd --help");
  assert_refused (" -v", "unknown option '-v', see portsyncd --help");
  assert_refused (" start", "unexpected argument 'start', see portsyncd --help");
  assert_refused (" --help Ethernet0", "unexpected argument 'Ethernet0', see portsyncd --help");
  assert_refused (" a\x1b[2J", "unexpected argument 'a\\x1b[2J', see portsyncd --help");
}

/* An option without its file is not taken for something else. */
static void
test_missing_file (void)
{
  assert_refused (" --config", "option '--config' needs the name of a file");
  assert_refused (" -c", "option '-c' needs the name of a file");
  assert_refused (" --config=", "option '--config=' needs the name of a file");
  assert_refused (" --config ", "option '--config' needs the name of a file");
}

/* Every option that is parsed is in the help, with an example and the exit codes. */
static void
test_help (void)
{
  static const char *const needed[] = {"-c, --config FILE",  "--check-config", "--print-config",
                                       "--print-start-mode", "--version",      "-h, --help",
                                       "Examples:",          "Exit status: 0"};
  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    g_assert_nonnull (strstr (ps_options_help (), needed[i]));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/none", test_none);
  g_test_add_func ("/options/config", test_config);
  g_test_add_func ("/options/switches", test_switches);
  g_test_add_func ("/options/unknown", test_unknown);
  g_test_add_func ("/options/missing-file", test_missing_file);
  g_test_add_func ("/options/help", test_help);
  return g_test_run ();
}
