/* SPDX-License-Identifier: Apache-2.0 */
/* The command line as a value. Pure: nothing is printed, opened or ended here. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* Exit codes. SONiC restarts the container only after a code that is not 0
 * (docs/sonic-protocol.md 6.1), so 0 never follows a failure, and a daemon that was told to end
 * ends by the signal (ending.h). */
#define PS_EXIT_OK    0 /* What was asked for is printed. */
#define PS_EXIT_FATAL 1 /* The daemon could not start or go on; also a broken configuration. */
#define PS_EXIT_USAGE 2 /* The command line is wrong. */

typedef struct {
  const char *config_file; /* not owned, an element of argv; NULL: the default file, if it exists */
  gboolean check_config;   /* read what a start would read, say what is wrong, end */
  gboolean print_config;   /* print the effective configuration, end */
  gboolean print_start;    /* print how a start would be decided now, end */
  gboolean version;
  gboolean help;
} PsOptions;

#define PS_OPTIONS_ERROR (ps_options_error_quark ())
GQuark ps_options_error_quark (void);
typedef enum { PS_OPTIONS_ERROR_USAGE } PsOptionsError;

/* argv[0] is not read; argv stays as it is. An error is one line that names the argument and the
 * nearest known option. */
gboolean ps_options_parse (int argc, char **argv, PsOptions *out_options,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The text of --help, with examples. Static. */
const char *ps_options_help (void);
G_END_DECLS
