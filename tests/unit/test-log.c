/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/virtual-clock.h"
#include <string.h>

typedef struct {
  PsVirtualClock *clock;
  PsLog *log;
  guint n_lines;
  GString *last, *all; /* all: without the storms */
} Rig;

static void
on_line (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
  Rig *rig = user_data;
  rig->n_lines++;
  g_string_printf (rig->last, "%s %s: %s", ps_log_level_name (level), function, text);
  if (rig->n_lines <= 10)
    g_string_append_printf (rig->all, "%s\n", rig->last->str);
}

static void
set_up (Rig *rig, gconstpointer data)
{
  rig->clock = ps_virtual_clock_new ();
  rig->last = g_string_new (NULL);
  rig->all = g_string_new (NULL);
  rig->log = ps_log_new (PS_CLOCK (rig->clock), on_line, rig);
}

static void
tear_down (Rig *rig, gconstpointer data)
{
  ps_log_free (rig->log);
  g_assert_finalize_object (rig->clock);
  g_string_free (rig->last, TRUE);
  g_string_free (rig->all, TRUE);
}

/* NOTICE is the level at the start; what is above the level is neither written nor counted. */
static void
test_level (Rig *rig, gconstpointer data)
{
  g_assert_cmpint (ps_log_level (rig->log), ==, PS_LOG_NOTICE);
  ps_info (rig->log, "quiet");
  ps_notice (rig->log, "port %s", "Ethernet0");
  ps_log_set_level (rig->log, PS_LOG_ERROR);
  ps_warn (rig->log, "quiet");
  ps_error (rig->log, "loud");
  ps_log_set_level (rig->log, PS_LOG_DEBUG);
  ps_debug (rig->log, "all");
  g_assert_cmpstr (rig->all->str, ==,
                   "NOTICE test_level: port Ethernet0\nERROR test_level: loud\n"
                   "DEBUG test_level: all\n");
}

/* Level names are SONiC's, both ways, and nothing else is one. */
static void
test_names (void)
{
  static const char *const names[] = {"EMERG", "ALERT",  "CRIT", "ERROR",
                                      "WARN",  "NOTICE", "INFO", "DEBUG"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    PsLogLevel level = PS_LOG_EMERG;
    g_assert_true (ps_log_level_from_name (names[i], &level));
    g_assert_cmpuint (level, ==, i);
    g_assert_cmpstr (ps_log_level_name (level), ==, names[i]);
  }
  PsLogLevel level = PS_LOG_CRIT;
  g_assert_false (ps_log_level_from_name ("notice", &level));
  g_assert_false (ps_log_level_from_name ("", &level));
  g_assert_cmpint (level, ==, PS_LOG_CRIT);
}

/* A storm passes up to the burst; the rest is dropped, and its number precedes the next line. */
static void
test_rate (Rig *rig, gconstpointer data)
{
  for (guint i = 0; i < PS_LOG_BURST + 500; i++)
    ps_notice (rig->log, "storm");
  g_assert_cmpuint (rig->n_lines, ==, PS_LOG_BURST);
  ps_virtual_clock_advance (rig->clock, G_USEC_PER_SEC);
  rig->n_lines = 0;
  g_string_truncate (rig->all, 0);
  ps_notice (rig->log, "calm");
  g_assert_cmpuint (rig->n_lines, ==, 2);
  g_assert_true (g_str_has_prefix (rig->all->str, "WARN report_dropped: 500 log lines dropped"));
  g_assert_cmpstr (rig->last->str, ==, "NOTICE test_rate: calm");
  ps_notice (rig->log, "calm");
  g_assert_cmpuint (rig->n_lines, ==, 3);
}

/* Errors pass when notices do not. */
static void
test_errors_pass (Rig *rig, gconstpointer data)
{
  for (guint i = 0; i < PS_LOG_BURST; i++)
    ps_notice (rig->log, "storm");
  ps_warn (rig->log, "not seen");
  rig->n_lines = 0;
  ps_error (rig->log, "seen");
  g_assert_cmpstr (rig->last->str, ==, "ERROR test_errors_pass: seen");
  g_assert_nonnull (strstr (rig->all->str, "1 log lines dropped"));
}

/* Over 300 s no storm gets more than half of what a container may log. */
static void
test_budget (Rig *rig, gconstpointer data)
{
  for (guint second = 0; second < 300; second++) {
    for (guint i = 0; i < 1000; i++)
      ps_notice (rig->log, "storm");
    ps_virtual_clock_advance (rig->clock, G_USEC_PER_SEC);
  }
  g_assert_cmpuint (rig->n_lines, >, 10000);
  g_assert_cmpuint (rig->n_lines, <=, 2000 + 300 * 31 + 300);
}

static void
assert_escaped (const char *text, gsize size, const char *wanted)
{
  g_autofree char *escaped = ps_log_escape (text, size);
  g_assert_cmpstr (escaped, ==, wanted);
}

/* Printable text stays; control characters, backslashes and broken UTF-8 become \xNN; a long
 * text is cut. The result is always one line of valid UTF-8. */
static void
test_escape (void)
{
  assert_escaped ("", 0, "");
  assert_escaped ("Ethernet0 \xc3\xa9", 12, "Ethernet0 \xc3\xa9");
  assert_escaped ("a\nb\\c\x7f", 6, "a\\x0ab\\x5cc\\x7f");
  assert_escaped ("a\0b", 3, "a\\x00b");
  assert_escaped ("\xff\xc3", 2, "\\xff\\xc3");
  assert_escaped ("\xe2\x80\xae", 3, "\\xe2\\x80\\xae"); /* right-to-left override */
  g_autofree char *endless = g_strnfill (1000, 'x');
  g_autofree char *cut = ps_log_escape (endless, 1000);
  g_assert_cmpuint (strlen (cut), ==, 256 + 3);
  g_assert_true (g_str_has_suffix (cut, "x..."));
}

#define ADD(name, fn) g_test_add ("/log/" name, Rig, NULL, set_up, fn, tear_down)

/* A reply of Redis that is quoted must not hold the word on which SONiC's log analyser fails. */
static void
test_softened (Rig *rig, gconstpointer data)
{
  ps_error (rig->log, "refused: %s", "ERR unknown command, a.ERR and ERR ");
  g_assert_cmpstr (rig->last->str, ==,
                   "ERROR test_softened: refused: Err unknown command, a.Err and Err ");
  ps_error (rig->log, "%s", "ERROR, -ERR and xERR stay, as ERR");
  g_assert_cmpstr (rig->last->str, ==, "ERROR test_softened: ERROR, -ERR and xERR stay, as ERR");
}

/* The outputs of LOGOUTPUT are known by name, case counts, nothing else is. */
static void
test_outputs (void)
{
  PsLogOutput output;
  static const char *const names[] = {"SYSLOG", "STDOUT", "STDERR"};
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_assert_true (ps_log_output_from_name (names[i], &output));
    g_assert_cmpint (output, ==, i);
    g_assert_cmpstr (ps_log_output_name (output), ==, names[i]);
  }
  g_assert_false (ps_log_output_from_name ("stderr", &output));
  g_assert_false (ps_log_output_from_name ("", &output));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("level", test_level);
  g_test_add_func ("/log/names", test_names);
  ADD ("rate", test_rate);
  ADD ("errors-pass", test_errors_pass);
  ADD ("budget", test_budget);
  ADD ("softened", test_softened);
  g_test_add_func ("/log/escape", test_escape);
  g_test_add_func ("/log/outputs", test_outputs);
  return g_test_run ();
}
