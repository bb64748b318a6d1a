/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/password-file.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

G_DEFINE_QUARK (ps_password_file_error, ps_password_file_error)

static char *
fail (GError **error, PsPasswordFileError code, const char *path, const char *text)
{
  g_set_error (error, PS_PASSWORD_FILE_ERROR, code, "password file %s: %s", path, text);
  return NULL;
}

static const char *
fault_of (const struct stat *info)
{
  if (!S_ISREG (info->st_mode))
    return "it is no regular file";
  if (info->st_uid != 0 && info->st_uid != geteuid ())
    return "it belongs to another user (chown root)";
  if ((info->st_mode & (S_IRWXG | S_IRWXO)) != 0)
    return "others than its owner may use it (chmod 600)";
  return NULL;
}

/* One byte more than is allowed, to see what is too long. */
static char *
read_text (int fd, const char *path, GError **error)
{
  char *buffer = g_malloc0 (PS_PASSWORD_MAX + 3);
  gsize size = 0;
  ssize_t n = 1;
  while (n > 0 && size < PS_PASSWORD_MAX + 2) {
    n = read (fd, buffer + size, PS_PASSWORD_MAX + 2 - size);
    size += n > 0 ? (gsize)n : 0;
    if (n < 0 && errno == EINTR)
      n = 1;
  }
  const char *fault = n < 0 ? g_strerror (errno) : NULL;
  if (size > 0 && buffer[size - 1] == '\n')
    buffer[--size] = '\0';
  if (fault == NULL && size == 0)
    fault = "it is empty";
  if (fault == NULL && size > PS_PASSWORD_MAX)
    fault = "it is longer than 512 bytes";
  if (fault == NULL && (strlen (buffer) != size || strpbrk (buffer, "\r\n") != NULL))
    fault = "it must hold one line of text";
  if (fault == NULL)
    return buffer;
  explicit_bzero (buffer, PS_PASSWORD_MAX + 3);
  g_free (buffer);
  return fail (error, n < 0 ? PS_PASSWORD_FILE_ERROR_UNREADABLE : PS_PASSWORD_FILE_ERROR_INVALID,
               path, fault);
}

char *
ps_password_file_read (const char *path, GError **error)
{
  struct stat info;
  /* Not blocking, for what turns out to be a pipe. */
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (fd < 0)
    return fail (error, PS_PASSWORD_FILE_ERROR_UNREADABLE, path, g_strerror (errno));
  const char *fault = fstat (fd, &info) != 0 ? g_strerror (errno) : fault_of (&info);
  char *text = fault == NULL ? read_text (fd, path, error)
                             : fail (error, PS_PASSWORD_FILE_ERROR_OPEN, path, fault);
  close (fd);
  return text;
}
