/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/syslog-sink.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_BYTES 65536
#define LINES_MAX      1000000 /* A test that logs more than this is itself the defect. */

struct _PsSyslogSink {
  char *path;
  int fd, wake; /* wake: something below has changed */
  int copy;     /* or -1 */
  GThread *thread;
  GMutex mutex;
  gboolean stalled, ended; /* under mutex, as is lines */
  GPtrArray *lines;
};

/* A test that asks gets all that was sent until then, also what the thread has not been awake
 * for. */
static void
lock_and_take (PsSyslogSink *self)
{
  char line[LINE_MAX_BYTES];
  ssize_t n;
  g_mutex_lock (&self->mutex);
  while (!self->stalled && (n = recv (self->fd, line, sizeof line, MSG_DONTWAIT)) >= 0) {
    if (self->copy >= 0 && dprintf (self->copy, "%.*s\n", (int)n, line) < 0)
      g_error ("copy of syslog: %s", g_strerror (errno));
    g_assert_cmpuint (self->lines->len, <, LINES_MAX);
    g_ptr_array_add (self->lines, g_strndup (line, (gsize)n));
  }
}

static gpointer
run (gpointer user_data)
{
  PsSyslogSink *self = user_data;
  for (;;) {
    eventfd_t value;
    g_mutex_lock (&self->mutex);
    gboolean stalled = self->stalled, ended = self->ended;
    g_mutex_unlock (&self->mutex);
    if (ended)
      return NULL;
    struct pollfd fds[] = {{self->wake, POLLIN, 0}, {stalled ? -1 : self->fd, POLLIN, 0}};
    poll (fds, G_N_ELEMENTS (fds), -1);
    if (fds[0].revents != 0)
      eventfd_read (self->wake, &value);
    if (fds[1].revents == 0)
      continue;
    lock_and_take (self);
    g_mutex_unlock (&self->mutex);
  }
}

PsSyslogSink *
ps_syslog_sink_new (const char *path, const char *copy)
{
  PsSyslogSink *self = g_new0 (PsSyslogSink, 1);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  g_assert_cmpuint (strlen (path), <, sizeof address.sun_path);
  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  unlink (path);
  self->path = g_strdup (path);
  self->fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (self->fd < 0 || bind (self->fd, (const struct sockaddr *)&address, sizeof address) != 0)
    g_error ("syslog sink at %s: %s", path, g_strerror (errno));
  self->copy = copy != NULL ? open (copy, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->lines = g_ptr_array_new_with_free_func (g_free);
  g_mutex_init (&self->mutex);
  self->thread = g_thread_new ("syslog-sink", run, self);
  return self;
}

static void
set_flag (PsSyslogSink *self, gboolean *flag, gboolean value)
{
  g_mutex_lock (&self->mutex);
  *flag = value;
  g_mutex_unlock (&self->mutex);
  eventfd_write (self->wake, 1);
}

void
ps_syslog_sink_free (PsSyslogSink *self)
{
  if (self == NULL)
    return;
  set_flag (self, &self->ended, TRUE);
  g_thread_join (self->thread);
  close (self->fd);
  close (self->wake);
  if (self->copy >= 0)
    close (self->copy);
  unlink (self->path);
  g_mutex_clear (&self->mutex);
  g_ptr_array_unref (self->lines);
  g_free (self->path);
  g_free (self);
}

void
ps_syslog_sink_stall (PsSyslogSink *self, gboolean stalled)
{
  set_flag (self, &self->stalled, stalled);
}

guint
ps_syslog_sink_count (PsSyslogSink *self, const char *text)
{
  guint n = 0;
  lock_and_take (self);
  for (guint i = 0; i < self->lines->len; i++)
    n += strstr (g_ptr_array_index (self->lines, i), text) != NULL;
  g_mutex_unlock (&self->mutex);
  return n;
}

guint
ps_syslog_sink_n_lines (PsSyslogSink *self)
{
  lock_and_take (self);
  guint n = self->lines->len;
  g_mutex_unlock (&self->mutex);
  return n;
}

char *
ps_syslog_sink_text (PsSyslogSink *self)
{
  GString *text = g_string_new ("");
  lock_and_take (self);
  for (guint i = 0; i < self->lines->len; i++)
    g_string_append_printf (text, "%s\n", (char *)g_ptr_array_index (self->lines, i));
  g_mutex_unlock (&self->mutex);
  return g_string_free (text, FALSE);
}

void
ps_syslog_sink_clear (PsSyslogSink *self)
{
  lock_and_take (self);
  g_ptr_array_set_size (self->lines, 0);
  g_mutex_unlock (&self->mutex);
}
