/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/life-file.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_FLAGS (O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)

struct _PsLifeFile {
  char *dir, *lock_path, *path, *new_path; /* owned */
  int lock_fd;                             /* owned; holds the flock; -1: not held */
  int fd;                                  /* owned; -1: not open for appending */
  gsize size;                              /* of the record, before an append */
};

G_DEFINE_QUARK (ps_life_file_error, ps_life_file_error)

static gboolean
fail (GError **error, const char *what, const char *path, int code)
{
  g_set_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO, "cannot %s %s: %s", what, path,
               g_strerror (code));
  return FALSE;
}

static gboolean
fail_replaced (GError **error, const char *path)
{
  g_set_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_IO,
               "%s was removed or replaced by another program", path);
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
  if (pid > 0 && kill ((pid_t)pid, 0) != 0 && errno == ESRCH)
    pid = 0; /* One of before, which a later one could not write over. */
  g_autofree char *who = pid > 0 ? g_strdup_printf ("process %ld", pid) : g_strdup ("a process");
  g_set_error (error, PS_LIFE_FILE_ERROR, PS_LIFE_FILE_ERROR_HELD,
               "%s is held by %s: another portsyncd runs as this instance", self->lock_path, who);
  return FALSE;
}

/* FALSE: the path is surely another file by now, or none. */
static gboolean
is_in_place (int fd, const char *path)
{
  struct stat ours, there;
  if (lstat (path, &there) != 0)
    return errno != ENOENT && errno != ENOTDIR;
  return fstat (fd, &ours) == 0 && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* Where nothing can be written, what is there can still be locked. */
static int
open_lock (const char *path)
{
  int fd = open (path, O_RDWR | O_CREAT | OPEN_FLAGS, 0644);
  if (fd >= 0)
    return fd;
  int code = errno;
  fd = open (path, O_RDONLY | OPEN_FLAGS);
  errno = code;
  return fd;
}

/* For people; what counts is the lock, which dies with its holder. On a full or read-only disk no
 * pid or an old one stays. */
static void
write_pid (int fd)
{
  char text[32];
  int n = g_snprintf (text, sizeof text, "%ld\n", (long)getpid ());
  if (ftruncate (fd, 0) == 0)
    write_all (fd, text, (gsize)n);
}

static gboolean
take_lock (PsLifeFile *self, GError **error)
{
  self->lock_fd = open_lock (self->lock_path);
  if (self->lock_fd < 0)
    return fail (error, "open", self->lock_path, errno);
  if (flock (self->lock_fd, LOCK_EX | LOCK_NB) != 0)
    return errno == EWOULDBLOCK ? fail_held (self, error)
                                : fail (error, "lock", self->lock_path, errno);
  if (!is_in_place (self->lock_fd, self->lock_path))
    return fail_replaced (error, self->lock_path);
  write_pid (self->lock_fd);
  return TRUE;
}

/* Opens the record for appending if it is not open, and finds out where it ends. */
static gboolean
ensure_open (PsLifeFile *self)
{
  struct stat info;
  if (self->fd < 0)
    self->fd = open (self->path, O_WRONLY | O_APPEND | O_CREAT | OPEN_FLAGS, 0644);
  if (self->fd < 0 || fstat (self->fd, &info) != 0)
    return FALSE;
  self->size = (gsize)info.st_size;
  return TRUE;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
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
ps_life_file_new (const char *run_dir, const char *instance)
{
  PsLifeFile *self = g_new0 (PsLifeFile, 1);
  self->fd = self->lock_fd = -1;
  self->dir = g_build_filename (run_dir, instance, NULL);
  self->lock_path = g_build_filename (self->dir, "lock", NULL);
  self->path = g_build_filename (self->dir, "life", NULL);
  self->new_path = g_build_filename (self->dir, "life.new", NULL);
  return self;
}

gboolean
ps_life_file_hold (PsLifeFile *self, GError **error)
{
  if (self->lock_fd >= 0 && is_in_place (self->lock_fd, self->lock_path))
    return TRUE;
  close_fd (&self->lock_fd);
  close_fd (&self->fd);
  if (g_mkdir_with_parents (self->dir, 0755) != 0)
    return fail (error, "make", self->dir, errno);
  if (take_lock (self, error))
    return TRUE;
  close_fd (&self->lock_fd);
  return FALSE;
}

void
ps_life_file_free (PsLifeFile *self)
{
  if (self == NULL)
    return;
  close_fd (&self->fd);
  close_fd (&self->lock_fd);
  g_free (self->dir);
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
ps_life_file_read (const PsLifeFile *self, GError **error)
{
  return read_path (self->path, error);
}

GBytes *
ps_life_file_look (const PsLifeFile *self, PsLog *log)
{
  g_autoptr (GError) why = NULL;
  GBytes *record = ps_life_file_read (self, &why);
  if (record == NULL)
    ps_error (log, "%s; Redis alone tells whether only portsyncd died", why->message);
  return record;
}

static gboolean
append (PsLifeFile *self, const char *data, gsize size, GError **error)
{
  int code = 0;
  if (!ensure_open (self)) {
    code = errno;
    close_fd (&self->fd);
  } else if (!is_in_place (self->fd, self->path)) {
    close_fd (&self->fd);
    return fail_replaced (error, self->path);
  } else if (self->size + size > PS_LIFE_SIZE_MAX) {
    code = EFBIG;
  } else if (size > 0 && !write_all (self->fd, data, size)) {
    code = errno;
    if (ftruncate (self->fd, (off_t)self->size) != 0)
      close_fd (&self->fd); /* The next append finds the true size. */
  }
  return code == 0 ? TRUE : fail (error, "append to", self->path, code);
}

gboolean
ps_life_file_append (PsLifeFile *self, const char *data, gsize size, GError **error)
{
  gboolean was_open = self->fd >= 0;
  if (!ps_life_file_hold (self, error))
    return FALSE;
  /* Where the lock went, the record may have gone, too: what is there by now lacks lines of this
   * process. */
  if (was_open && self->fd < 0)
    return fail_replaced (error, self->lock_path);
  return append (self, data, size, error);
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
  if (!ps_life_file_hold (self, error))
    return FALSE;
  int fd = write_new (self, data, size);
  if (fd < 0)
    return fail (error, "replace", self->path, errno);
  close_fd (&self->fd);
  self->fd = fd;
  return TRUE;
}
