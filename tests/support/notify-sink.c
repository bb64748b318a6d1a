/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/notify-sink.h"
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE_MAX 4096

struct _PsNotifySink {
  int fd;
  char *path; /* owned, nullable: abstract */
};

PsNotifySink *
ps_notify_sink_new (const char *name)
{
  PsNotifySink *self = g_new0 (PsNotifySink, 1);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  gsize size = strlen (name);
  g_assert_cmpuint (size, <, sizeof address.sun_path);
  memcpy (address.sun_path, name, size);
  if (name[0] == '@')
    address.sun_path[0] = '\0';
  else
    self->path = g_strdup (name);
  if (self->path != NULL)
    unlink (self->path);
  self->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  gsize length = offsetof (struct sockaddr_un, sun_path) + size;
  if (self->fd < 0 || bind (self->fd, (struct sockaddr *)&address, (socklen_t)length) != 0)
    g_error ("cannot listen at %s: %s", name, g_strerror (errno));
  return self;
}

void
ps_notify_sink_free (PsNotifySink *self)
{
  if (self == NULL)
    return;
  close (self->fd);
  if (self->path != NULL)
    unlink (self->path);
  g_free (self->path);
  g_free (self);
}

static char *
take_one (PsNotifySink *self)
{
  char buffer[MESSAGE_MAX];
  ssize_t n = recv (self->fd, buffer, sizeof buffer, 0);
  return n < 0 ? NULL : g_strdelimit (g_strndup (buffer, (gsize)n), "\n", ',');
}

char *
ps_notify_sink_take (PsNotifySink *self)
{
  GString *all = g_string_new (NULL);
  char *one;
  while ((one = take_one (self)) != NULL) {
    g_string_append_printf (all, "%s%s", all->len > 0 ? " / " : "", one);
    g_free (one);
  }
  return g_string_free (all, FALSE);
}

char *
ps_notify_sink_wait (PsNotifySink *self, const char *text, guint timeout_ms)
{
  gint64 end_us = g_get_monotonic_time () + (gint64)timeout_ms * 1000;
  for (;;) {
    g_autofree char *one = take_one (self);
    if (one != NULL && strstr (one, text) != NULL)
      return g_steal_pointer (&one);
    gint64 left_us = end_us - g_get_monotonic_time ();
    struct pollfd ready = {.fd = self->fd, .events = POLLIN};
    if (one == NULL && (left_us <= 0 || poll (&ready, 1, (int)(left_us / 1000) + 1) < 0))
      return NULL;
  }
}
