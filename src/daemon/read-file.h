/* SPDX-License-Identifier: Apache-2.0 */
/* A small text file, read whole and within bounds. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* In G_FILE_ERROR; the message says what is wrong and not with which file. What is no regular file
 * (a device has no end, a pipe makes one wait) and what is larger than size_max is refused unread.
 * Free with g_free; a NUL follows the last byte. */
char *ps_read_file (const char *path, gsize size_max, gsize *out_size,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
G_END_DECLS
