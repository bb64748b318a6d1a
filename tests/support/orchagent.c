/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/orchagent.h"
#include "tests/support/netdevs.h"
#include "tests/support/port-names.h"
#include <hiredis/hiredis.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CHANNEL     "PORT_TABLE_CHANNEL@0"
#define CONFIG_DONE "PortConfigDone"
#define INIT_DONE   "PortInitDone"
#define TICK_MS     20 /* of reconnecting and of looking for rows to add host_tx_ready to */

/* KEYS: pending set, pending deletions. ARGV: how many, prefix of the live rows. */
#define POP_SCRIPT                                                                                 \
  "local out = {} "                                                                                \
  "for i, key in ipairs(redis.call('SPOP', KEYS[1], ARGV[1])) do "                                 \
  "  local live = ARGV[2] .. key "                                                                 \
  "  local staged = '_' .. live "                                                                  \
  "  if redis.call('SREM', KEYS[2], key) == 1 then redis.call('DEL', live) end "                   \
  "  local fields = redis.call('HGETALL', staged) "                                                \
  "  for f = 1, #fields, 2 do redis.call('HSET', live, fields[f], fields[f + 1]) end "             \
  "  redis.call('DEL', staged) "                                                                   \
  "  out[i] = {key, fields} "                                                                      \
  "end "                                                                                           \
  "return out"

typedef struct {
  char *key;
  guint n_fields;
} Pop;

struct _PsOrchagent {
  PsOrchagentSetup setup; /* held changes under mutex */
  char *path;
  int wake;
  GThread *thread;

  /* Of the thread alone. */
  redisContext *commands, *channel; /* both or neither */
  guint64 credits;                  /* pops that are due */
  gboolean backlog;                 /* pop until nothing comes */
  gboolean configured;              /* PortConfigDone was popped */
  GHashTable *ports;                /* set: configured, netdev not made yet */
  GHashTable *made;                 /* ports whose netdev was made -> host_tx_ready written */
  PsNetdevs *netdevs;

  GMutex mutex; /* guards held and all below */
  GCond idle;   /* busy became FALSE */
  gboolean ended, busy;
  GArray *pops;
  int port_count;
  guint largest_pop;
};

/* A test that saw in Redis what a pop did, and then asks, is told of that pop: it is noted only
 * after Redis did it. The commands of a pop have a time limit, so that this wait has one. */
static void
lock_idle (PsOrchagent *self)
{
  g_mutex_lock (&self->mutex);
  while (self->busy)
    g_cond_wait (&self->idle, &self->mutex);
}

static void
clear_pop (gpointer data)
{
  g_free (((Pop *)data)->key);
}

static void
disconnect (PsOrchagent *self)
{
  g_clear_pointer (&self->commands, redisFree);
  g_clear_pointer (&self->channel, redisFree);
}

static redisReply *
command (PsOrchagent *self, redisContext *context, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  redisReply *reply = redisvCommand (context, format, args);
  va_end (args);
  if (reply != NULL && reply->type != REDIS_REPLY_ERROR)
    return reply;
  if (reply != NULL)
    freeReplyObject (reply); /* LOADING, say: as good as no connection. */
  disconnect (self);
  return NULL;
}

static redisContext *
connect_one (const char *path)
{
  struct timeval answer = {.tv_sec = 30};
  redisContext *context = redisConnectUnix (path);
  if (context != NULL && context->err == 0) {
    redisSetTimeout (context, answer);
    return context;
  }
  if (context != NULL)
    redisFree (context);
  return NULL;
}

static void
connect_both (PsOrchagent *self)
{
  self->commands = connect_one (self->path);
  self->channel = connect_one (self->path);
  if (self->commands == NULL || self->channel == NULL) {
    disconnect (self);
    return;
  }
  redisReply *reply = command (self, self->channel, "SUBSCRIBE " CHANNEL);
  if (reply == NULL)
    return;
  freeReplyObject (reply);
  self->backlog = TRUE;
  self->credits = 0;
}

static void
note_pop (PsOrchagent *self, const char *key, const redisReply *fields)
{
  Pop pop = {g_strdup (key), (guint)fields->elements / 2};
  g_mutex_lock (&self->mutex);
  g_array_append_val (self->pops, pop);
  if (strcmp (key, CONFIG_DONE) == 0)
    for (gsize i = 0; i + 1 < fields->elements; i += 2)
      if (strcmp (fields->element[i]->str, "count") == 0)
        self->port_count = atoi (fields->element[i + 1]->str);
  g_mutex_unlock (&self->mutex);
}

static void
delete_netdev (PsOrchagent *self, const char *key)
{
  g_hash_table_remove (self->ports, key);
  if (!self->setup.makes_netdevs || !g_hash_table_remove (self->made, key))
    return;
  ps_netdevs_delete (self->netdevs, key);
  ps_netdevs_commit_any (self->netdevs);
}

static void
on_key (PsOrchagent *self, const char *key, const redisReply *fields)
{
  note_pop (self, key, fields);
  if (strcmp (key, CONFIG_DONE) == 0)
    self->configured = TRUE;
  else if (fields->elements == 0)
    delete_netdev (self, key);
  else if (g_str_has_prefix (key, "Ethernet") && !g_hash_table_contains (self->made, key))
    g_hash_table_add (self->ports, g_strdup (key));
}

/* What syncd does when orchagent creates the ports' host interfaces. */
static void
make_netdevs (PsOrchagent *self)
{
  if (!self->configured || !self->setup.makes_netdevs)
    return;
  GHashTableIter iter;
  gpointer port;
  g_hash_table_iter_init (&iter, self->ports);
  while (g_hash_table_iter_next (&iter, &port, NULL))
    ps_netdevs_delete (self->netdevs, port);
  ps_netdevs_commit_any (self->netdevs); /* Those of the run before, if any. */
  g_hash_table_iter_init (&iter, self->ports);
  while (g_hash_table_iter_next (&iter, &port, NULL)) {
    PsName peer = ps_peer_name (port);
    ps_netdevs_add_veth (self->netdevs, port, peer.text, 0);
    ps_netdevs_set_up (self->netdevs, peer.text, TRUE);
    ps_netdevs_set_up (self->netdevs, port, TRUE);
    g_hash_table_insert (self->made, g_strdup (port), GINT_TO_POINTER (FALSE));
  }
  ps_netdevs_commit (self->netdevs);
  g_hash_table_remove_all (self->ports);
}

static int
by_key (gconstpointer a, gconstpointer b)
{
  const redisReply *const *left = a, *const *right = b;
  return strcmp ((*left)->element[0]->str, (*right)->element[0]->str);
}

/* Does what one wake-up of the consumer does. orchagent sorts what one pop returns, so within a
 * pop every port comes before the markers. */
static void
pop (PsOrchagent *self)
{
  redisReply *reply =
      command (self, self->commands,
               "EVAL %s 2 PORT_TABLE_KEY_SET PORT_TABLE_DEL_SET %u PORT_TABLE:", POP_SCRIPT,
               self->setup.batch);
  if (reply == NULL)
    return;
  self->backlog = self->backlog && reply->elements > 0;
  if (!self->backlog && self->credits > 0)
    self->credits--;
  if (reply->elements > 1)
    qsort (reply->element, reply->elements, sizeof *reply->element, by_key);
  for (gsize i = 0; i < reply->elements; i++)
    on_key (self, reply->element[i]->element[0]->str, reply->element[i]->element[1]);
  g_mutex_lock (&self->mutex);
  self->largest_pop = MAX (self->largest_pop, (guint)reply->elements);
  g_mutex_unlock (&self->mutex);
  freeReplyObject (reply);
  make_netdevs (self);
}

static void
read_channel (PsOrchagent *self)
{
  gpointer reply = NULL;
  if (redisBufferRead (self->channel) != REDIS_OK) {
    disconnect (self);
    return;
  }
  while (redisGetReplyFromReader (self->channel, &reply) == REDIS_OK && reply != NULL) {
    self->credits++;
    freeReplyObject (reply);
    reply = NULL;
  }
}

/* Like orchagent, only into rows that exist (docs/sonic-protocol.md 4.2). */
static void
write_host_tx_ready (PsOrchagent *self)
{
  GHashTableIter iter;
  gpointer port, written;
  g_hash_table_iter_init (&iter, self->made);
  while (g_hash_table_iter_next (&iter, &port, &written)) {
    if (GPOINTER_TO_INT (written) || self->commands == NULL)
      continue;
    redisReply *reply =
        command (self, self->commands, "EVAL %s 1 PORT_TABLE|%s",
                 "redis.call('SELECT', 6) if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end "
                 "redis.call('HSET', KEYS[1], 'host_tx_ready', 'true') return 1",
                 (const char *)port);
    if (reply == NULL)
      return;
    if (reply->integer == 1)
      g_hash_table_iter_replace (&iter, GINT_TO_POINTER (TRUE));
    freeReplyObject (reply);
  }
}

static gboolean
wait_and_read (PsOrchagent *self, gboolean pop_is_due)
{
  eventfd_t value;
  int channel = self->channel != NULL ? self->channel->fd : -1;
  gboolean ticks = self->channel == NULL || self->setup.host_tx_ready;
  struct pollfd fds[] = {{self->wake, POLLIN, 0}, {channel, POLLIN, 0}};
  poll (fds, G_N_ELEMENTS (fds), pop_is_due ? (int)self->setup.delay_ms : ticks ? TICK_MS : -1);
  if (fds[0].revents != 0)
    eventfd_read (self->wake, &value);
  if (fds[1].revents != 0)
    read_channel (self);
  g_mutex_lock (&self->mutex);
  gboolean ended = self->ended;
  g_mutex_unlock (&self->mutex);
  return !ended;
}

static gpointer
run (gpointer user_data)
{
  PsOrchagent *self = user_data;
  gboolean pop_is_due = FALSE;
  self->netdevs = ps_netdevs_new ();
  while (wait_and_read (self, pop_is_due)) {
    if (self->commands == NULL)
      connect_both (self);
    g_mutex_lock (&self->mutex);
    gboolean held = self->setup.held;
    self->busy = pop_is_due && !held && self->commands != NULL;
    g_mutex_unlock (&self->mutex);
    if (self->busy)
      pop (self);
    g_mutex_lock (&self->mutex);
    self->busy = FALSE;
    g_cond_broadcast (&self->idle);
    g_mutex_unlock (&self->mutex);
    if (self->setup.host_tx_ready && self->commands != NULL)
      write_host_tx_ready (self);
    pop_is_due = !held && self->commands != NULL && (self->backlog || self->credits > 0);
  }
  disconnect (self);
  ps_netdevs_free (self->netdevs);
  return NULL;
}

PsOrchagent *
ps_orchagent_new (const PsOrchagentSetup *setup)
{
  PsOrchagent *self = g_new0 (PsOrchagent, 1);
  self->setup = *setup;
  self->path = g_strdup (setup->unix_socket_path);
  self->wake = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  self->ports = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->pops = g_array_new (FALSE, TRUE, sizeof (Pop));
  g_array_set_clear_func (self->pops, clear_pop);
  self->port_count = -1;
  g_mutex_init (&self->mutex);
  g_cond_init (&self->idle);
  self->thread = g_thread_new ("orchagent", run, self);
  return self;
}

static void
set_flag (PsOrchagent *self, gboolean *flag, gboolean value)
{
  g_mutex_lock (&self->mutex);
  *flag = value;
  g_mutex_unlock (&self->mutex);
  eventfd_write (self->wake, 1);
}

void
ps_orchagent_free (PsOrchagent *self)
{
  if (self == NULL)
    return;
  set_flag (self, &self->ended, TRUE);
  g_thread_join (self->thread);
  close (self->wake);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->idle);
  g_hash_table_unref (self->ports);
  g_hash_table_unref (self->made);
  g_array_unref (self->pops);
  g_free (self->path);
  g_free (self);
}

void
ps_orchagent_hold (PsOrchagent *self, gboolean held)
{
  set_flag (self, &self->setup.held, held);
}

gboolean
ps_orchagent_is_held (PsOrchagent *self)
{
  g_mutex_lock (&self->mutex);
  gboolean held = self->setup.held;
  g_mutex_unlock (&self->mutex);
  return held;
}

gboolean
ps_orchagent_is_busy (PsOrchagent *self)
{
  g_mutex_lock (&self->mutex);
  gboolean busy = self->busy;
  g_mutex_unlock (&self->mutex);
  return busy;
}

guint
ps_orchagent_n_popped (PsOrchagent *self)
{
  lock_idle (self);
  guint n = self->pops->len;
  g_mutex_unlock (&self->mutex);
  return n;
}

guint
ps_orchagent_count (PsOrchagent *self, const char *key)
{
  guint n = 0;
  lock_idle (self);
  for (guint i = 0; i < self->pops->len; i++)
    n += strcmp (g_array_index (self->pops, Pop, i).key, key) == 0;
  g_mutex_unlock (&self->mutex);
  return n;
}

int
ps_orchagent_port_count (PsOrchagent *self)
{
  lock_idle (self);
  int n = self->port_count;
  g_mutex_unlock (&self->mutex);
  return n;
}

guint
ps_orchagent_n_empty (PsOrchagent *self)
{
  guint n = 0;
  lock_idle (self);
  for (guint i = 0; i < self->pops->len; i++)
    n += g_array_index (self->pops, Pop, i).n_fields == 0;
  g_mutex_unlock (&self->mutex);
  return n;
}

guint
ps_orchagent_largest_pop (PsOrchagent *self)
{
  lock_idle (self);
  guint n = self->largest_pop;
  g_mutex_unlock (&self->mutex);
  return n;
}

/* Key -> place of its first pop, plus one. */
static GHashTable *
first_places (PsOrchagent *self)
{
  GHashTable *places = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  lock_idle (self);
  for (guint i = 0; i < self->pops->len; i++) {
    const char *key = g_array_index (self->pops, Pop, i).key;
    if (!g_hash_table_contains (places, key))
      g_hash_table_insert (places, g_strdup (key), GUINT_TO_POINTER (i + 1));
  }
  g_mutex_unlock (&self->mutex);
  return places;
}

void
ps_orchagent_assert_boot (PsOrchagent *self, guint n_ports, guint n_starts)
{
  g_autoptr (GHashTable) places = first_places (self);
  guint config_done = GPOINTER_TO_UINT (g_hash_table_lookup (places, CONFIG_DONE));
  guint init_done = GPOINTER_TO_UINT (g_hash_table_lookup (places, INIT_DONE));
  g_assert_cmpuint (config_done, >, 0);
  g_assert_cmpuint (init_done, >, config_done);
  g_assert_cmpint (ps_orchagent_port_count (self), ==, (int)n_ports);
  for (guint i = 0; i < n_ports; i++) {
    PsName port = ps_port_name (i);
    guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, port.text));
    if (place == 0 || place > config_done)
      g_error ("%s was pop %u, PortConfigDone %u", port.text, place, config_done);
  }
  g_assert_cmpuint (ps_orchagent_count (self, CONFIG_DONE), <=, n_starts);
  g_assert_cmpuint (ps_orchagent_count (self, INIT_DONE), <=, n_starts);
  g_assert_cmpuint (ps_orchagent_n_empty (self), ==, 0);
}

void
ps_orchagent_clear (PsOrchagent *self)
{
  lock_idle (self);
  g_array_set_size (self->pops, 0);
  self->port_count = -1;
  self->largest_pop = 0;
  g_mutex_unlock (&self->mutex);
}
