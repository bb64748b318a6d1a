/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into the daemon: a write to a file named life or life.new, and the renaming of one,
 * does not end as long as the file exists that the environment's PS_DISK_STALL names. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int
is_record (const char *path)
{
  const char *name = strrchr (path, '/');
  return name != NULL && (strcmp (name, "/life") == 0 || strcmp (name, "/life.new") == 0);
}

static void
stand (void)
{
  const char *path = getenv ("PS_DISK_STALL");
  const struct timespec pause = {.tv_nsec = 5000000};
  while (path != NULL && access (path, F_OK) == 0)
    nanosleep (&pause, NULL);
}

ssize_t
write (int fd, const void *data, size_t size)
{
  static ssize_t (*real) (int, const void *, size_t);
  if (real == NULL)
    real = (ssize_t (*) (int, const void *, size_t))dlsym (RTLD_NEXT, "write");
  char link[64], path[4096];
  snprintf (link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink (link, path, sizeof path - 1);
  path[n > 0 ? n : 0] = '\0';
  if (is_record (path))
    stand ();
  return real (fd, data, size);
}

int
rename (const char *from, const char *to)
{
  static int (*real) (const char *, const char *);
  if (real == NULL)
    real = (int (*) (const char *, const char *))dlsym (RTLD_NEXT, "rename");
  if (is_record (to))
    stand ();
  return real (from, to);
}
