/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/read-file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
fail (GError **error, int code)
{
  g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (code), "cannot be read: %s",
               g_strerror (code));
  return FALSE;
}

static gboolean
fail_large (GError **error, gsize size_max)
{
  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "larger than %" G_GSIZE_FORMAT " KiB",
               size_max / 1024);
  return FALSE;
}

static gboolean
check_kind (int fd, gsize size_max, GError **error)
{
  struct stat info;
  if (fstat (fd, &info) != 0)
    return fail (error, errno);
  if (S_ISDIR (info.st_mode))
    return fail (error, EISDIR);
  if (!S_ISREG (info.st_mode)) {
    g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "no regular file");
    return FALSE;
  }
  return (guint64)info.st_size <= size_max || fail_large (error, size_max);
}

/* The size that was told may be out of date, and is 0 in /proc. */
static gboolean
read_all (int fd, gsize size_max, GString *out, GError **error)
{
  char bytes[4096];
  ssize_t n = 1;
  while (n != 0) {
    n = read (fd, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return fail (error, errno);
    if (out->len + (gsize)n > size_max)
      return fail_large (error, size_max);
    g_string_append_len (out, bytes, n);
  }
  return TRUE;
}

char *
ps_read_file (const char *path, gsize size_max, gsize *out_size, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0) {
    fail (error, errno);
    return NULL;
  }
  gboolean ok = check_kind (fd, size_max, error) && read_all (fd, size_max, text, error);
  close (fd);
  *out_size = text->len;
  return ok ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
