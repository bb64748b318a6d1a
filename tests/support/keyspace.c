/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/keyspace.h"
#include "tests/support/wait.h"
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
  char *key, *operation;
} Event;

struct _PsKeyspace {
  redisContext *context; /* of the thread, once it runs */
  int wake;
  GThread *thread;
  gsize skip;     /* bytes of a channel's name before the key */
  char *sentinel; /* the channel of ps_keyspace_sync, which no other recorder hears */
  GMutex mutex;   /* guards all below */
  guint n_sentinels;
  GArray *events;
  char *ended; /* owned; why the connection did; NULL: it stands */
};

static void
clear_event (gpointer data)
{
  Event *event = data;
  g_free (event->key);
  g_free (event->operation);
}

/* Patterns answer with four elements: "pmessage", pattern, channel, payload. */
static void
take (PsKeyspace *self, const redisReply *reply)
{
  g_mutex_lock (&self->mutex);
  if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 3 &&
      strcmp (reply->element[0]->str, "message") == 0)
    self->n_sentinels++;
  if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 4 &&
      reply->element[2]->len >= self->skip) {
    Event event = {g_strdup (reply->element[2]->str + self->skip),
                   g_strdup (reply->element[3]->str)};
    g_array_append_val (self->events, event);
  }
  g_mutex_unlock (&self->mutex);
}

static gboolean
read_all (PsKeyspace *self)
{
  gpointer reply = NULL;
  if (redisBufferRead (self->context) != REDIS_OK)
    return FALSE;
  while (redisGetReplyFromReader (self->context, &reply) == REDIS_OK && reply != NULL) {
    take (self, reply);
    freeReplyObject (reply);
    reply = NULL;
  }
  return self->context->err == 0;
}

static void
note_end (PsKeyspace *self)
{
  g_mutex_lock (&self->mutex);
  self->ended = g_strdup (self->context->errstr);
  g_mutex_unlock (&self->mutex);
}

static gpointer
run (gpointer user_data)
{
  PsKeyspace *self = user_data;
  for (;;) {
    struct pollfd fds[] = {{self->wake, POLLIN, 0}, {self->context->fd, POLLIN, 0}};
    poll (fds, G_N_ELEMENTS (fds), -1);
    if (fds[0].revents != 0)
      return NULL;
    if (fds[1].revents != 0 && !read_all (self)) {
      note_end (self);
      return NULL;
    }
  }
}

static void
subscribe (PsKeyspace *self, const char *command, const char *what)
{
  redisReply *reply = redisCommand (self->context, "%s %s", command, what);
  if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
    g_error ("%s %s: %s", command, what, reply != NULL ? reply->str : self->context->errstr);
  freeReplyObject (reply);
}

PsKeyspace *
ps_keyspace_new (const char *unix_socket_path, int db, const char *prefix)
{
  static int n_recorders;
  PsKeyspace *self = g_new0 (PsKeyspace, 1);
  g_autofree char *pattern = g_strdup_printf ("__keyspace@%d__:%s*", db, prefix);
  self->skip = strlen (pattern) - 1;
  self->sentinel = g_strdup_printf ("rig-sentinel-%d", g_atomic_int_add (&n_recorders, 1));
  self->events = g_array_new (FALSE, TRUE, sizeof (Event));
  g_array_set_clear_func (self->events, clear_event);
  self->wake = eventfd (0, EFD_CLOEXEC);
  self->context = redisConnectUnix (unix_socket_path);
  g_mutex_init (&self->mutex);
  if (self->context == NULL || self->context->err != 0)
    g_error ("cannot connect to %s", unix_socket_path);
  redisReply *reply = redisCommand (self->context, "CONFIG SET notify-keyspace-events AKE");
  g_assert_nonnull (reply);
  freeReplyObject (reply);
  /* In this order: when hiredis has read an event, it takes that for the answer to the next
   * command, and does not even send it. What comes behind the last answer the thread finds. */
  subscribe (self, "SUBSCRIBE", self->sentinel);
  subscribe (self, "PSUBSCRIBE", pattern);
  self->thread = g_thread_new ("keyspace", run, self);
  return self;
}

void
ps_keyspace_free (PsKeyspace *self)
{
  if (self == NULL)
    return;
  eventfd_write (self->wake, 1);
  g_thread_join (self->thread);
  close (self->wake);
  redisFree (self->context);
  g_array_unref (self->events);
  g_free (self->sentinel);
  g_free (self->ended);
  g_mutex_clear (&self->mutex);
  g_free (self);
}

static gboolean
sentinel_arrived_or_ended (gpointer user_data)
{
  PsKeyspace *self = user_data;
  g_mutex_lock (&self->mutex);
  gboolean over = self->n_sentinels > 0 || self->ended != NULL;
  g_mutex_unlock (&self->mutex);
  return over;
}

void
ps_keyspace_sync (PsKeyspace *self, PsDb *db)
{
  g_mutex_lock (&self->mutex);
  self->n_sentinels = 0;
  g_mutex_unlock (&self->mutex);
  ps_db_do (db, 0, "PUBLISH %s x", self->sentinel);
  if (!ps_wait_until (sentinel_arrived_or_ended, self, PS_WAIT_MS))
    g_error ("the keyspace recorder does not hear its own sentinel on %s", self->sentinel);
  g_mutex_lock (&self->mutex);
  if (self->n_sentinels == 0)
    g_error ("the connection of the keyspace recorder ended: %s", self->ended);
  g_mutex_unlock (&self->mutex);
}

guint
ps_keyspace_count (PsKeyspace *self, const char *key, const char *operation)
{
  guint n = 0;
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->events->len; i++) {
    const Event *event = &g_array_index (self->events, Event, i);
    n += (key == NULL || strcmp (event->key, key) == 0) &&
         (operation == NULL || strcmp (event->operation, operation) == 0);
  }
  g_mutex_unlock (&self->mutex);
  return n;
}

char *
ps_keyspace_history (PsKeyspace *self, const char *key)
{
  GString *text = g_string_new ("");
  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->events->len; i++) {
    const Event *event = &g_array_index (self->events, Event, i);
    if (strcmp (event->key, key) == 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", event->operation);
  }
  g_mutex_unlock (&self->mutex);
  return g_string_free (text, FALSE);
}

void
ps_keyspace_clear (PsKeyspace *self)
{
  g_mutex_lock (&self->mutex);
  g_array_set_size (self->events, 0);
  g_mutex_unlock (&self->mutex);
}
