/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/options.h"
#include "base/log.h"
#include "base/nearest.h"
#include <string.h>

static const char help_text[] =
    "Usage: portsyncd [OPTION]...\n"
    "Mirror the kernel's view of a switch's ports into the databases of SONiC.\n"
    "\n"
    "  -c, --config FILE       read FILE instead of /etc/portsyncd/portsyncd.conf\n"
    "      --check-config      read the configuration, the password file and "
    "database_config.json,\n"
    "                          look at the run directory, report all that is wrong, and exit\n"
    "      --print-config      print every setting as it would be used, and exit\n"
    "      --print-start-mode  ask Redis and the run directory how a start would go now, print\n"
    "                          cold, resume or warm and the grounds, and exit; changes nothing\n"
    "      --version           print the version and exit\n"
    "  -h, --help              print this text and exit\n"
    "\n"
    "Without options it runs in the foreground until SIGTERM or SIGINT.\n"
    "\n"
    "Examples:\n"
    "  portsyncd                               run as on a switch\n"
    "  portsyncd --config ./try.conf           run with another configuration\n"
    "  portsyncd --print-config > try.conf     write a file to start from\n"
    "  portsyncd --check-config -c ./try.conf  check it\n"
    "  portsyncd --print-start-mode            what a restart of swss would be now\n"
    "\n"
    "Exit status: 0 printed what was asked, 1 fatal error, 2 wrong command line. SIGTERM and\n"
    "SIGINT end it by that signal, when what was to be written is written.\n"
    "See portsyncd(8).\n";

static const char *const long_names[] = {
    "--config", "--check-config", "--print-config", "--print-start-mode", "--version", "--help",
    NULL,
};

G_DEFINE_QUARK (ps_options_error, ps_options_error)

static gboolean
fail (GError **error, const char *what, const char *argument, const char *after)
{
  g_autofree char *safe = ps_log_escape (argument, strlen (argument));
  g_set_error (error, PS_OPTIONS_ERROR, PS_OPTIONS_ERROR_USAGE, "%s '%s'%s", what, safe, after);
  return FALSE;
}

static gboolean
fail_unknown (GError **error, const char *argument)
{
  if (argument[0] != '-')
    return fail (error, "unexpected argument", argument, ", see portsyncd --help");
  g_autofree char *name = g_strndup (argument, strcspn (argument, "="));
  const char *nearest = ps_nearest (name, long_names);
  if (nearest == NULL)
    return fail (error, "unknown option", argument, ", see portsyncd --help");
  g_autofree char *after = g_strdup_printf (", did you mean '%s'?", nearest);
  return fail (error, "unknown option", argument, after);
}

static gboolean *
find_switch (PsOptions *options, const char *argument)
{
  if (strcmp (argument, "--check-config") == 0)
    return &options->check_config;
  if (strcmp (argument, "--print-config") == 0)
    return &options->print_config;
  if (strcmp (argument, "--print-start-mode") == 0)
    return &options->print_start;
  if (strcmp (argument, "--version") == 0)
    return &options->version;
  if (strcmp (argument, "--help") == 0 || strcmp (argument, "-h") == 0)
    return &options->help;
  return NULL;
}

/* The FILE of --config FILE, --config=FILE or -c FILE; NULL if this is not that option or has no
 * file. *index moves to the last argument used. */
static const char *
take_config (int argc, char **argv, int *index)
{
  const char *argument = argv[*index];
  if (g_str_has_prefix (argument, "--config="))
    return argument + strlen ("--config=");
  gboolean named = strcmp (argument, "--config") == 0 || strcmp (argument, "-c") == 0;
  if (!named || *index + 1 >= argc)
    return NULL;
  return argv[++*index];
}

static gboolean
parse_one (int argc, char **argv, int *index, PsOptions *options, GError **error)
{
  const char *argument = argv[*index];
  gboolean *flag = find_switch (options, argument);
  if (flag != NULL) {
    *flag = TRUE;
    return TRUE;
  }
  const char *file = take_config (argc, argv, index);
  if (file != NULL && *file != '\0') {
    options->config_file = file;
    return TRUE;
  }
  gboolean named = strcmp (argument, "--config") == 0 || strcmp (argument, "-c") == 0;
  if (file != NULL || named)
    return fail (error, "option", argument, " needs the name of a file");
  return fail_unknown (error, argument);
}

gboolean
ps_options_parse (int argc, char **argv, PsOptions *out_options, GError **error)
{
  PsOptions options = {NULL};
  for (int i = 1; i < argc; i++)
    if (!parse_one (argc, argv, &i, &options, error))
      return FALSE;
  *out_options = options;
  return TRUE;
}

const char *
ps_options_help (void)
{
  return help_text;
}
