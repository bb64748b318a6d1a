/* SPDX-License-Identifier: Apache-2.0 */
/* A file that holds one password and that no other user may read. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

#define PS_PASSWORD_MAX 512 /* bytes; Redis itself takes no longer ones in an ACL file */

#define PS_PASSWORD_FILE_ERROR (ps_password_file_error_quark ())
GQuark ps_password_file_error_quark (void);
typedef enum {
  PS_PASSWORD_FILE_ERROR_UNREADABLE,
  PS_PASSWORD_FILE_ERROR_OPEN,    /* others than its owner may read or write it */
  PS_PASSWORD_FILE_ERROR_INVALID, /* empty, too long, or not one line */
} PsPasswordFileError;

/* The text of path without the line feed at its end; for g_free after it was overwritten. The file
 * must be a regular one, belong to root or to the daemon's user, and have no mode bits for group
 * and others. An error names the file, what is wrong and what to do, and nothing of what is in
 * it. */
char *ps_password_file_read (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
G_END_DECLS
