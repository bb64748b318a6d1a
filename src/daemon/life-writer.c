/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/life-writer.h"
#include "daemon/privilege.h"
#include <errno.h>
#include <glib-unix.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define STACK_BYTES (256 * 1024)

/* The thread and the loop share it. The one that leaves last frees it: a disk that does not answer
 * may hold the thread for longer than the loop lives. */
typedef struct {
  GMutex mutex;
  GCond changed;
  PsLifeFile *file; /* owned; between a write and its answer the thread's, else the loop's */
  GBytes *bytes;    /* owned, nullable: to be written */
  gboolean whole, leaving;
  guint n_users;
  GError *error; /* owned, nullable: of the last write */
  int event_fd;  /* owned; readable: the write is done */
} Shared;

struct _PsLifeWriter {
  Shared *shared;
  GSource *source; /* owned */
  gboolean has_thread;
  PsLifeWriterDone done;
  gpointer user_data;
};

static void
leave (Shared *shared)
{
  g_mutex_lock (&shared->mutex);
  gboolean is_last = --shared->n_users == 0;
  g_mutex_unlock (&shared->mutex);
  if (!is_last)
    return;
  ps_life_file_free (shared->file);
  g_clear_pointer (&shared->bytes, g_bytes_unref);
  g_clear_error (&shared->error);
  close (shared->event_fd);
  g_mutex_clear (&shared->mutex);
  g_cond_clear (&shared->changed);
  g_free (shared);
}

static void
answer (Shared *shared)
{
  guint64 one = 1;
  while (write (shared->event_fd, &one, sizeof one) < 0 && errno == EINTR)
    continue;
}

static void
put (Shared *shared, GBytes *bytes, gboolean whole)
{
  gsize size = 0;
  const char *data = g_bytes_get_data (bytes, &size);
  gboolean written = whole ? ps_life_file_replace (shared->file, data, size, &shared->error)
                           : ps_life_file_append (shared->file, data, size, &shared->error);
  g_assert (written == (shared->error == NULL));
}

/* NULL: the loop is gone. */
static GBytes *
wait_for_bytes (Shared *shared, gboolean *out_whole)
{
  g_mutex_lock (&shared->mutex);
  while (shared->bytes == NULL && !shared->leaving)
    g_cond_wait (&shared->changed, &shared->mutex);
  GBytes *bytes = shared->leaving ? NULL : g_steal_pointer (&shared->bytes);
  *out_whole = shared->whole;
  g_mutex_unlock (&shared->mutex);
  return bytes;
}

/* Capabilities are a thread's own: it gives up its before it does anything. That it may fail is
 * said by the main thread, which does the same. */
static void *
run (void *data)
{
  Shared *shared = data;
  gboolean whole = FALSE;
  g_autoptr (GError) ignored = NULL;
  if (!ps_privilege_drop (&ignored))
    g_clear_error (&ignored);
  for (;;) {
    g_autoptr (GBytes) bytes = wait_for_bytes (shared, &whole);
    if (bytes == NULL)
      break;
    put (shared, bytes, whole);
    answer (shared);
  }
  leave (shared);
  return NULL;
}

/* Signals are the loop's business: the thread inherits a mask that blocks them all. */
static int
start_thread (Shared *shared)
{
  sigset_t all, before;
  pthread_t thread;
  pthread_attr_t attributes;
  sigfillset (&all);
  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK_BYTES);
  pthread_attr_setdetachstate (&attributes, PTHREAD_CREATE_DETACHED);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  shared->n_users++;
  int code = pthread_create (&thread, &attributes, run, shared);
  if (code != 0)
    shared->n_users--;
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  pthread_attr_destroy (&attributes);
  return code;
}

static gboolean
on_answer (gint fd, GIOCondition condition, gpointer user_data)
{
  PsLifeWriter *self = user_data;
  guint64 n;
  if (read (fd, &n, sizeof n) != (ssize_t)sizeof n)
    return G_SOURCE_CONTINUE;
  g_autoptr (GError) error = g_steal_pointer (&self->shared->error);
  self->done (error != NULL ? error->message : NULL, self->user_data);
  return G_SOURCE_CONTINUE;
}

PsLifeWriter *
ps_life_writer_new (PsLifeFile *file, PsLifeWriterDone done, gpointer user_data, GError **error)
{
  int fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) {
    g_set_error (error, G_UNIX_ERROR, 0, "cannot watch the thread that writes the life record: %s",
                 g_strerror (errno));
    ps_life_file_free (file);
    return NULL;
  }
  PsLifeWriter *self = g_new0 (PsLifeWriter, 1);
  self->shared = g_new0 (Shared, 1);
  g_mutex_init (&self->shared->mutex);
  g_cond_init (&self->shared->changed);
  self->shared->file = file;
  self->shared->event_fd = fd;
  self->shared->n_users = 1;
  self->done = done;
  self->user_data = user_data;
  self->source = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_answer), self, NULL);
  g_source_attach (self->source, NULL);
  return self;
}

void
ps_life_writer_free (PsLifeWriter *self)
{
  if (self == NULL)
    return;
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_mutex_lock (&self->shared->mutex);
  self->shared->leaving = TRUE;
  g_cond_signal (&self->shared->changed);
  g_mutex_unlock (&self->shared->mutex);
  leave (self->shared);
  g_free (self);
}

void
ps_life_writer_write (PsLifeWriter *self, GBytes *bytes, gboolean whole)
{
  Shared *shared = self->shared;
  int code = self->has_thread ? 0 : start_thread (shared);
  self->has_thread = code == 0;
  if (code != 0) {
    g_set_error (&shared->error, G_UNIX_ERROR, 0,
                 "cannot start the thread that writes the life record: %s", g_strerror (code));
    answer (shared);
    return;
  }
  g_mutex_lock (&shared->mutex);
  g_assert (shared->bytes == NULL);
  shared->bytes = g_bytes_ref (bytes);
  shared->whole = whole;
  g_cond_signal (&shared->changed);
  g_mutex_unlock (&shared->mutex);
}
