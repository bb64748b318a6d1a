/* SPDX-License-Identifier: Apache-2.0 */
/* From the command line to an exit code. */
#include "daemon/app.h"
#include "daemon/check.h"
#include "daemon/ending.h"
#include "daemon/options.h"
#include "daemon/read-file.h"
#include "daemon/start-probe.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

/* A text may have several lines. */
static void
tell (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    fprintf (stderr, "portsyncd: %s\n", lines[i]);
}

static int
complain (GError *error, int code)
{
  tell (error->message);
  g_error_free (error);
  return code;
}

/* A default file that does not exist means the defaults; one that was named must be there. */
static PsConfig *
load_config (const char *file, GError **error)
{
  g_autofree char *text = NULL;
  gsize size = 0;
  g_autoptr (GError) why = NULL;
  const char *path = file != NULL ? file : PS_CONFIG_DEFAULT_FILE;
  text = ps_read_file (path, PS_CONFIG_SIZE_MAX, &size, &why);
  if (text != NULL)
    return ps_config_parse (text, size, path, error);
  if (file == NULL && g_error_matches (why, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return ps_config_new ();
  g_set_error (error, PS_CONFIG_ERROR, PS_CONFIG_ERROR_INVALID, "%s: %s", path, why->message);
  return NULL;
}

static int
print_and_leave (const char *text)
{
  if (fputs (text, stdout) >= 0 && fflush (stdout) == 0)
    return PS_EXIT_OK;
  fprintf (stderr, "portsyncd: standard output cannot be written: %s\n", g_strerror (errno));
  return PS_EXIT_FATAL;
}

static int
check (const PsConfig *config)
{
  g_autofree char *complaints = ps_check_surroundings (config);
  if (complaints == NULL)
    return print_and_leave ("The configuration is right.\n");
  tell (complaints);
  return PS_EXIT_FATAL;
}

static int
print_start (const PsConfig *config)
{
  GError *error = NULL;
  g_autofree char *text = ps_start_probe (config, &error);
  return text != NULL ? print_and_leave (text) : complain (error, PS_EXIT_FATAL);
}

/* Until a signal is obeyed, which is returned; 0 on error. */
static int
live (const char *config_file, GError **error)
{
  int number = 0;
  g_autoptr (PsConfig) config = load_config (config_file, error);
  g_autoptr (PsApp) app = config != NULL ? ps_app_new (config, error) : NULL;
  return app != NULL && ps_app_run (app, &number, error) ? number : 0;
}

static int
run (const char *config_file, gint64 born_us)
{
  GError *error = NULL;
  int number = live (config_file, &error);
  if (number != 0)
    return ps_ending_by_signal (number);
  int code = complain (error, PS_EXIT_FATAL);
  ps_ending_hold (born_us);
  return code;
}

/* What prints and leaves; its errors end it at once. */
static int
answer (const PsOptions *options)
{
  GError *error = NULL;
  g_autoptr (PsConfig) config = load_config (options->config_file, &error);
  if (config == NULL)
    return complain (error, PS_EXIT_FATAL);
  if (options->print_config) {
    g_autofree char *text = ps_config_print (config);
    return print_and_leave (text);
  }
  return options->check_config ? check (config) : print_start (config);
}

/* Else the lock, the life record or a socket gets the number of a standard stream that was closed,
 * and what is printed goes there. Printing still fails, since nothing can be written to these. */
static void
fill_standard_streams (void)
{
  for (int fd = 0; fd <= 2; fd++) {
    if (fcntl (fd, F_GETFD) < 0)
      (void)!open ("/dev/null", O_RDONLY);
  }
}

int
main (int argc, char **argv)
{
  gint64 born_us = g_get_monotonic_time ();
  fill_standard_streams ();
  PsOptions options;
  GError *error = NULL;
  if (!ps_options_parse (argc, argv, &options, &error))
    return complain (error, PS_EXIT_USAGE);
  if (options.help)
    return print_and_leave (ps_options_help ());
  if (options.version)
    return print_and_leave ("portsyncd " PS_VERSION "\n");
  if (options.print_config || options.check_config || options.print_start)
    return answer (&options);
  return run (options.config_file, born_us);
}
