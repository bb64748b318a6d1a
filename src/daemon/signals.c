/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/signals.h"
#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

struct _PsSignals {
  int fd;          /* owned */
  GSource *source; /* owned */
  sigset_t before;
  PsSignalFn received;
  gpointer user_data;
};

static gboolean
on_readable (gint fd, GIOCondition condition, gpointer user_data)
{
  PsSignals *self = user_data;
  struct signalfd_siginfo info;
  if (read (fd, &info, sizeof info) == (ssize_t)sizeof info)
    self->received ((int)info.ssi_signo, self->user_data);
  return G_SOURCE_CONTINUE;
}

PsSignals *
ps_signals_new (PsSignalFn received, gpointer user_data, GError **error)
{
  sigset_t set, before;
  sigemptyset (&set);
  sigaddset (&set, SIGTERM);
  sigaddset (&set, SIGINT);
  sigaddset (&set, SIGHUP);
  signal (SIGPIPE, SIG_IGN);
  sigprocmask (SIG_BLOCK, &set, &before);
  int fd = signalfd (-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
  if (fd < 0) {
    g_set_error (error, G_UNIX_ERROR, 0, "cannot make a descriptor for signals: %s",
                 g_strerror (errno));
    sigprocmask (SIG_SETMASK, &before, NULL);
    return NULL;
  }
  PsSignals *self = g_new0 (PsSignals, 1);
  self->fd = fd;
  self->before = before;
  self->received = received;
  self->user_data = user_data;
  self->source = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

void
ps_signals_free (PsSignals *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  close (self->fd);
  sigprocmask (SIG_SETMASK, &self->before, NULL);
  g_free (self);
}
