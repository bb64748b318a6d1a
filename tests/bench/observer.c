/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/observer.h"
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define PENDING_MAX 256 /* changes of one port that were sent and not yet seen */
#define PATIENCE_US (20 * G_USEC_PER_SEC)
#define KEY_PREFIX  "__keyspace@6__:PORT_TABLE|Ethernet"

typedef struct {
  gint64 sent_us;
  guint mtu;
} Change;

typedef struct {
  Change pending[PENDING_MAX];
  guint n_pending;
} Port;

struct _PsObserver {
  PsWorld *world;
  redisContext *context;
  guint n;
  Port *ports;
  guint n_open; /* changes pending, of all ports */
  GArray *latencies;
};

PsObserver *
ps_observer_new (PsWorld *world, guint n)
{
  PsObserver *self = g_new0 (PsObserver, 1);
  self->world = world;
  self->n = n;
  self->ports = g_new0 (Port, n);
  self->context = redisConnectUnix (ps_redis_server_socket (world->redis));
  if (self->context == NULL || self->context->err != 0)
    g_error ("the observer cannot connect");
  redisReply *reply = redisCommand (self->context, "PSUBSCRIBE %s*", KEY_PREFIX);
  if (reply == NULL || reply->type == REDIS_REPLY_ERROR)
    g_error ("the observer cannot subscribe");
  freeReplyObject (reply);
  return self;
}

void
ps_observer_free (PsObserver *self)
{
  redisFree (self->context);
  g_free (self->ports);
  g_free (self);
}

static guint
shown_mtu (PsObserver *self, guint port)
{
  g_autofree char *key = g_strdup_printf ("PORT_TABLE|%s", ps_port_name (port).text);
  g_autofree char *mtu = ps_db_hget (self->world->db, PS_DB_STATE, key, "mtu");
  return mtu != NULL ? (guint)g_ascii_strtoull (mtu, NULL, 10) : 0;
}

/* The oldest n changes of the port are seen. */
static void
see (PsObserver *self, Port *port, guint n, gint64 now_us)
{
  for (guint i = 0; i < n; i++) {
    gint64 latency = now_us - port->pending[i].sent_us;
    g_array_append_val (self->latencies, latency);
  }
  port->n_pending -= n;
  self->n_open -= n;
  memmove (port->pending, port->pending + n, port->n_pending * sizeof (Change));
}

/* A write that several changes wait for may be that of any: then the row decides. */
static void
on_write (PsObserver *self, guint i)
{
  Port *port = &self->ports[i];
  gint64 now_us = ps_now_us ();
  if (port->n_pending <= 1) {
    see (self, port, port->n_pending, now_us);
    return;
  }
  guint mtu = shown_mtu (self, i);
  for (guint at = port->n_pending; at > 0; at--) {
    if (port->pending[at - 1].mtu == mtu) {
      see (self, port, at, now_us);
      return;
    }
  }
}

/* The port whose row the event is about; G_MAXUINT: none of ours. */
static guint
port_of (PsObserver *self, const redisReply *reply)
{
  if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 4 ||
      !g_str_has_prefix (reply->element[2]->str, KEY_PREFIX) ||
      strcmp (reply->element[3]->str, "hset") != 0)
    return G_MAXUINT;
  guint64 number = g_ascii_strtoull (reply->element[2]->str + strlen (KEY_PREFIX), NULL, 10);
  return number / 4 < self->n ? (guint)(number / 4) : G_MAXUINT;
}

/* Waits at most this long for events, then hands on what has come. */
typedef void (*WriteFn) (PsObserver *self, guint port);
static void
read_events (PsObserver *self, gint64 wait_us, WriteFn fn)
{
  struct pollfd fd = {self->context->fd, POLLIN, 0};
  struct timespec wait = {wait_us / G_USEC_PER_SEC, (wait_us % G_USEC_PER_SEC) * 1000};
  gpointer reply = NULL;
  if (ppoll (&fd, 1, &wait, NULL) != 1)
    return;
  if (redisBufferRead (self->context) != REDIS_OK)
    g_error ("the observer lost Redis");
  while (redisGetReplyFromReader (self->context, &reply) == REDIS_OK && reply != NULL) {
    guint port = port_of (self, reply);
    if (port != G_MAXUINT && fn != NULL)
      fn (self, port);
    freeReplyObject (reply);
    reply = NULL;
  }
}

static void
change (PsObserver *self, PsSender *sender, guint i)
{
  Port *port = &self->ports[i];
  guint mtu = ps_sender_next_mtu ();
  if (port->n_pending == PENDING_MAX)
    g_error ("%u changes of one port were not seen", PENDING_MAX);
  port->pending[port->n_pending++] = (Change){ps_now_us (), mtu};
  self->n_open++;
  ps_sender_mtu (sender, i, mtu);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *)a, y = *(const gint64 *)b;
  return (x > y) - (x < y);
}

GArray *
ps_observer_run (PsObserver *self, PsSender *sender, guint n_changes, guint rate)
{
  self->latencies = g_array_sized_new (FALSE, FALSE, sizeof (gint64), n_changes);
  read_events (self, 0, NULL);
  gint64 start_us = ps_now_us ();
  for (guint i = 0; i < n_changes; i++) {
    gint64 due_us = start_us + (gint64)i * G_USEC_PER_SEC / rate, left_us;
    while ((left_us = due_us - ps_now_us ()) > 0)
      read_events (self, left_us, on_write);
    read_events (self, 0, on_write);
    change (self, sender, i % self->n);
  }
  gint64 end_us = ps_now_us () + PATIENCE_US;
  while (self->n_open > 0 && ps_now_us () < end_us)
    read_events (self, 100000, on_write);
  if (self->n_open > 0)
    g_error ("%u of %u changes were never seen", self->n_open, n_changes);
  g_array_sort (self->latencies, compare);
  return g_steal_pointer (&self->latencies);
}

gint64
ps_observer_await (PsObserver *self, guint port, guint mtu)
{
  gint64 end_us = ps_now_us () + PATIENCE_US;
  while (shown_mtu (self, port) != mtu) {
    if (ps_now_us () > end_us)
      g_error ("the row of %s never showed MTU %u", ps_port_name (port).text, mtu);
    read_events (self, 1000000, NULL);
  }
  return ps_now_us ();
}
