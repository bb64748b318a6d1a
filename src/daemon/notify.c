/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/notify.h"
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct _PsNotify {
  int fd; /* owned; -1: there is no manager */
  struct sockaddr_un address;
  socklen_t address_size;
  gint64 watchdog_us;
};

/* FALSE if this names no socket. */
static gboolean
set_address (PsNotify *self, const char *name)
{
  gsize size = name != NULL ? strlen (name) : 0;
  if (size < 2 || size >= sizeof self->address.sun_path || (name[0] != '/' && name[0] != '@'))
    return FALSE;
  self->address.sun_family = AF_UNIX;
  memcpy (self->address.sun_path, name, size);
  /* An abstract name begins with a NUL and does not end with one, unix(7). */
  if (name[0] == '@')
    self->address.sun_path[0] = '\0';
  self->address_size =
      (socklen_t)(offsetof (struct sockaddr_un, sun_path) + size + (name[0] == '/'));
  return TRUE;
}

static gint64
read_watchdog (const char *usec, const char *pid)
{
  guint64 us = 0, whom = 0;
  if (usec == NULL || !g_ascii_string_to_unsigned (usec, 10, 1, G_MAXINT64, &us, NULL))
    return 0;
  /* The variables may be inherited: then they speak of another process. */
  if (pid != NULL && (!g_ascii_string_to_unsigned (pid, 10, 1, G_MAXINT32, &whom, NULL) ||
                      (pid_t)whom != getpid ()))
    return 0;
  return (gint64)us;
}

PsNotify *
ps_notify_new (const char *socket_name, const char *watchdog_usec, const char *watchdog_pid)
{
  PsNotify *self = g_new0 (PsNotify, 1);
  self->fd = -1;
  if (!set_address (self, socket_name))
    return self;
  self->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (self->fd >= 0)
    self->watchdog_us = read_watchdog (watchdog_usec, watchdog_pid);
  return self;
}

PsNotify *
ps_notify_new_from_environment (void)
{
  return ps_notify_new (g_getenv ("NOTIFY_SOCKET"), g_getenv ("WATCHDOG_USEC"),
                        g_getenv ("WATCHDOG_PID"));
}

void
ps_notify_free (PsNotify *self)
{
  if (self == NULL)
    return;
  if (self->fd >= 0)
    close (self->fd);
  g_free (self);
}

gboolean
ps_notify_send (PsNotify *self, const char *lines)
{
  if (self->fd < 0)
    return FALSE;
  ssize_t n;
  do
    n = sendto (self->fd, lines, strlen (lines), MSG_DONTWAIT | MSG_NOSIGNAL,
                (const struct sockaddr *)&self->address, self->address_size);
  while (n < 0 && errno == EINTR);
  return n >= 0;
}

gboolean
ps_notify_is_wanted (const PsNotify *self)
{
  return self->fd >= 0;
}

gint64
ps_notify_watchdog_us (const PsNotify *self)
{
  return self->watchdog_us;
}
