/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/storm.h"
#include "tests/support/netdevs.h"
#include "tests/support/port-names.h"
#include "tests/support/wait.h"

#define BATCH 16

struct _PsStorm {
  GThread *thread;
  GRand *random;
  guint n_ports, pause_us;
  PsStormKinds kinds;
  PsNetdevs *netdevs;
  GMutex mutex; /* guards the two below; released between batches */
  gboolean ended;
  guint64 n_changes;
};

static void
change_one (PsStorm *self)
{
  PsName port = ps_port_name ((guint)g_rand_int_range (self->random, 0, (gint32)self->n_ports));
  PsName peer = ps_peer_name (port.text);
  PsStormKinds kind;
  do
    kind = (PsStormKinds)(1 << g_rand_int_range (self->random, 0, 3));
  while ((kind & self->kinds) == 0);
  if (kind == PS_STORM_CARRIER)
    ps_netdevs_set_up (self->netdevs, peer.text, g_rand_boolean (self->random));
  else if (kind == PS_STORM_ADMIN)
    ps_netdevs_set_up (self->netdevs, port.text, g_rand_boolean (self->random));
  else
    ps_netdevs_set_mtu (self->netdevs, port.text,
                        (guint)g_rand_int_range (self->random, 1280, 9217));
}

static gpointer
run (gpointer user_data)
{
  PsStorm *self = user_data;
  gboolean ended = FALSE;
  self->netdevs = ps_netdevs_new ();
  while (!ended) {
    for (guint i = 0; i < BATCH; i++)
      change_one (self);
    ps_netdevs_commit (self->netdevs);
    g_mutex_lock (&self->mutex);
    self->n_changes += BATCH;
    ended = self->ended;
    g_mutex_unlock (&self->mutex);
    if (self->pause_us > 0)
      g_usleep (self->pause_us);
  }
  ps_netdevs_free (self->netdevs);
  return NULL;
}

PsStorm *
ps_storm_start (guint n_ports, PsStormKinds kinds, guint64 seed, guint pause_us)
{
  PsStorm *self = g_new0 (PsStorm, 1);
  self->n_ports = n_ports;
  self->kinds = kinds;
  self->pause_us = pause_us;
  self->random = g_rand_new_with_seed ((guint32)(seed ^ (seed >> 32)));
  g_mutex_init (&self->mutex);
  self->thread = g_thread_new ("storm", run, self);
  return self;
}

guint64
ps_storm_n_changes (PsStorm *self)
{
  g_mutex_lock (&self->mutex);
  guint64 n = self->n_changes;
  g_mutex_unlock (&self->mutex);
  return n;
}

typedef struct {
  PsStorm *storm;
  guint64 n;
} Goal;

static gboolean
is_reached (gpointer user_data)
{
  const Goal *goal = user_data;
  return ps_storm_n_changes (goal->storm) >= goal->n;
}

void
ps_storm_wait (PsStorm *self, guint64 n)
{
  Goal goal = {self, n};
  if (!ps_wait_until (is_reached, &goal, 3 * PS_WAIT_MS))
    g_error ("the storm made %" G_GUINT64_FORMAT " changes", ps_storm_n_changes (self));
}

guint64
ps_storm_stop (PsStorm *self)
{
  g_mutex_lock (&self->mutex);
  self->ended = TRUE;
  g_mutex_unlock (&self->mutex);
  g_thread_join (self->thread);
  guint64 n = self->n_changes;
  g_rand_free (self->random);
  g_mutex_clear (&self->mutex);
  g_free (self);
  return n;
}
