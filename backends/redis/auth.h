/* SPDX-License-Identifier: Apache-2.0 */
/* As which user the daemon logs in to a Redis server with passwords. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

/* password: what to say at this connection, asked anew at each, so that a changed password needs no
 * restart; for g_free, by who asked, after it was overwritten. NULL and error: there is none to be
 * had now. It must not log and not call back. */
typedef struct {
  const char *user; /* nullable: the server's default user */
  char *(*password) (gpointer user_data, GError **error);
  gpointer user_data;
} PsRedisAuth;
G_END_DECLS
