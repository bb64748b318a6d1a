/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/life-file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)

struct _PsLifeFile {
  char *lock_path, *path, *new_path; /* owned */
  int lock_fd;                       /* owned; holds the flock */
  int fd;                            /* owned; -1: not open for appending */
  gsize size;
  gboolean degraded;
};

G_DEFINE_QUARK (ps_life_file_error, ps_life_file_error)

static gboolean
fail (GError **error, const char *what, const char *path, int code)
{
  g_set_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO, "cannot %s %s: %s", what, path,
               g_strerror (code));
  return FALSE;
}

/* One write: what the kernel cuts short is not continued, so that lines never interleave. */
static gboolean
write_all (int fd, const char *data, gsize size)
{
  ssize_t n;
  do
    n = write (fd, data, size);
  while (n < 0 && errno == EINTR);
  if (n == (ssize_t)size)
    return TRUE;
  if (n >= 0)
    errno = ENOSPC;
  return FALSE;
}

static gboolean
fail_held (PsLifeFile *self, GError **error)
{
  char text[32] = "";
  ssize_t n = pread (self->lock_fd, text, sizeof text - 1, 0);
  long pid = n > 0 ? strtol (text, NULL, 10) : 0;
  g_autofree char *who = pid > 0 ? g_strdup_printf ("process %ld", pid) : g_strdup ("a process");
  g_set_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_HELD,
               "%s is held by %s: another portsyncd runs as this instance", self->lock_path, who);
  return FALSE;
}

/* The pid is written for people; what counts is the lock, which dies with its holder. */
static gboolean
take_lock (PsLifeFile *self, GError **error)
{
  self->lock_fd = open (self->lock_path, O_RDWR | O_CREAT | OPEN_FLAGS, 0644);
  if (self->lock_fd < 0)
    return fail (error, "open", self->lock_path, errno);
  if (flock (self->lock_fd, LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? fail_held (self, error)
                                : fail (error, "lock", self->lock_path, errno);
  char text[32];
  int n = g_snprintf (text, sizeof text, "%ld\n", (long)getpid ());
  if (ftruncate (self->lock_fd, 0) != 0 || !write_all (self->lock_fd, text, (gsize)n))
    return fail (error, "write", self->lock_path, errno);
  return TRUE;
}

/* Opens the record for appending if it is not open. */
static gboolean
ensure_open (PsLifeFile *self)
{
  if (self->fd >= 0)
    return TRUE;
  self->fd = open (self->path, O_WRONLY | O_APPEND | O_CREAT | OPEN_FLAGS, 0644);
  struct stat info;
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    return FALSE;
  self->size = (gsize)info.st_size;
  return TRUE;
}

static void
close_record (PsLifeFile *self)
{
  if (self->fd >= 0)
    close (self->fd);
  self->fd = -1;
}

static GBytes *
read_open (int fd, const char *path, GError **error)
{
  struct stat info;
  if (fstat (fd, &info) != 0) {
    fail (error, "read", path, errno);
    return NULL;
  }
  if (!S_ISREG (info.st_mode) || info.st_size > PS_LIFE_SIZE_MAX) {
    fail (error, "read", path, S_ISREG (info.st_mode) ? EFBIG : EINVAL);
    return NULL;
  }
  gsize size = (gsize)info.st_size, have = 0;
  g_autofree char *data = g_malloc (size + 1);
  while (have < size) {
    ssize_t n = read (fd, data + have, size - have);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0) {
      fail (error, "read", path, errno);
      return NULL;
    }
    if (n == 0)
      break;
    have += (gsize)n;
  }
  return g_bytes_new_take (g_steal_pointer (&data), have);
}

PsLifeFile *
ps_life_file_open (const char *run_dir, const char *instance, GError **error)
{
  g_autoptr (PsLifeFile) self = g_new0 (PsLifeFile, 1);
  g_autofree char *dir = g_build_filename (run_dir, instance, NULL);
  self->fd = self->lock_fd = -1;
  self->lock_path = g_build_filename (dir, "lock", NULL);
  self->path = g_build_filename (dir, "life", NULL);
  self->new_path = g_build_filename (dir, "life.new", NULL);
  if (g_mkdir_with_parents (dir, 0755) != 0) {
    fail (error, "make", dir, errno);
    return NULL;
  }
  return take_lock (self, error) ? g_steal_pointer (&self) : NULL;
}

void
ps_life_file_free (PsLifeFile *self)
{
  if (self == NULL)
    return;
  close_record (self);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  g_free (self->lock_path);
  g_free (self->path);
  g_free (self->new_path);
  g_free (self);
}

static GBytes *
read_path (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | OPEN_FLAGS);
  if (fd < 0 && errno == ENOENT)
    return g_bytes_new_static ("", 0);
  if (fd < 0) {
    fail (error, "read", path, errno);
    return NULL;
  }
  GBytes *bytes = read_open (fd, path, error);
  close (fd);
  return bytes;
}

GBytes *
ps_life_file_peek (const char *run_dir, const char *instance, GError **error)
{
  g_autofree char *path = g_build_filename (run_dir, instance, "life", NULL);
  return read_path (path, error);
}

GBytes *
ps_life_file_read (PsLifeFile *self, GError **error)
{
  GBytes *bytes = read_path (self->path, error);
  if (bytes != NULL)
    self->size = g_bytes_get_size (bytes);
  return bytes;
}

gboolean
ps_life_file_append (PsLifeFile *self, const char *data, gsize size, GError **error)
{
  int code = 0;
  if (!ensure_open (self)) {
    code = errno;
    close_record (self);
  } else if (self->size + size > PS_LIFE_SIZE_MAX) {
    code = EFBIG;
  } else if (!write_all (self->fd, data, size)) {
    code = errno;
    if (ftruncate (self->fd, (off_t)self->size) != 0)
      close_record (self); /* The next append finds the true size. */
  }
  if (code != 0) {
    self->degraded = TRUE;
    return fail (error, "append to", self->path, code);
  }
  self->size += size;
  return TRUE;
}

static int
write_new (PsLifeFile *self, const char *data, gsize size)
{
  int fd = open (self->new_path, O_WRONLY | O_APPEND | O_CREAT | O_TRUNC | OPEN_FLAGS, 0644);
  if (fd < 0)
    return -1;
  if (write_all (fd, data, size) && rename (self->new_path, self->path) == 0)
    return fd;
  int code = errno;
  unlink (self->new_path);
  close (fd);
  errno = code;
  return -1;
}

gboolean
ps_life_file_replace (PsLifeFile *self, const char *data, gsize size, GError **error)
{
  int fd = write_new (self, data, size);
  if (fd < 0) {
    self->degraded = TRUE;
    return fail (error, "replace", self->path, errno);
  }
  close_record (self);
  self->fd = fd;
  self->size = size;
  self->degraded = FALSE;
  return TRUE;
}

gboolean
ps_life_file_is_degraded (const PsLifeFile *self)
{
  return self->degraded;
}

gsize
ps_life_file_size (const PsLifeFile *self)
{
  return self->size;
}

const char *
ps_life_file_path (const PsLifeFile *self)
{
  return self->path;
}
