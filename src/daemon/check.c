/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/check.h"
#include "daemon/databases.h"
#include "daemon/life-file.h"
#include "daemon/password-file.h"
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void
add (GPtrArray *complaints, const char *where, const char *what)
{
  g_ptr_array_add (complaints, g_strdup_printf ("%s: %s", where, what));
}

static void
check_password (const PsConfig *config, GPtrArray *complaints)
{
  g_autoptr (GError) error = NULL;
  if (config->password_file == NULL)
    return;
  char *password = ps_password_file_read (config->password_file, &error);
  if (password == NULL)
    g_ptr_array_add (complaints, g_strdup (error->message));
  else
    explicit_bzero (password, strlen (password));
  g_free (password);
}

static void
check_host (const PsConfig *config, const char *host, GPtrArray *complaints)
{
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
  int code = getaddrinfo (host, NULL, &hints, &list);
  if (code == 0) {
    freeaddrinfo (list);
    return;
  }
  g_autofree char *what = g_strdup_printf ("host %s: %s", host, gai_strerror (code));
  add (complaints, config->database_config, what);
}

static void
check_databases (const PsConfig *config, GPtrArray *complaints)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (PsRedisDbConfig) databases = ps_databases_read (config->database_config, &error);
  const char *last = NULL;
  if (databases == NULL)
    g_ptr_array_add (complaints, g_strdup (error->message));
  for (guint i = 0; databases != NULL && i < PS_N_DBS; i++) {
    const char *host = databases->dbs[i].host;
    if (host != NULL && g_strcmp0 (host, last) != 0)
      check_host (config, host, complaints);
    last = host;
  }
}

/* What would be opened there; a link is not followed. */
static void
check_file (const char *dir, const char *name, GPtrArray *complaints)
{
  g_autofree char *path = g_build_filename (dir, name, NULL);
  struct stat info;
  if (lstat (path, &info) != 0)
    return; /* It is made. */
  if (!S_ISREG (info.st_mode))
    add (complaints, path, "no regular file");
  else if (faccessat (AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0)
    add (complaints, path, g_strerror (errno));
}

/* The directory, or the nearest above it in which it can be made. */
static void
check_run_dir (const PsConfig *config, GPtrArray *complaints)
{
  g_autofree char *instance = g_build_filename (config->run_dir, PS_LIFE_FILE_INSTANCE, NULL);
  g_autofree char *dir = g_strdup (instance);
  struct stat info;
  while (stat (dir, &info) != 0 && errno == ENOENT && strcmp (dir, "/") != 0) {
    char *above = g_path_get_dirname (dir);
    g_free (dir);
    dir = above;
  }
  if (stat (dir, &info) != 0)
    add (complaints, dir, g_strerror (errno));
  else if (!S_ISDIR (info.st_mode))
    add (complaints, dir, "no directory ([start] run_dir)");
  else if (faccessat (AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) != 0)
    add (complaints, dir, g_strerror (errno));
  check_file (instance, "lock", complaints);
  check_file (instance, "life", complaints);
}

char *
ps_check_surroundings (const PsConfig *config)
{
  g_autoptr (GPtrArray) complaints = g_ptr_array_new_with_free_func (g_free);
  check_password (config, complaints);
  check_databases (config, complaints);
  check_run_dir (config, complaints);
  if (complaints->len == 0)
    return NULL;
  g_ptr_array_add (complaints, NULL);
  return g_strjoinv ("\n", (char **)complaints->pdata);
}
