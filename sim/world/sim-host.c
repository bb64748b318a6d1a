/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/sim-host.h"
#include <signal.h>

struct _PsSimHost {
  GObject parent;
  PsClock *clock;  /* owned */
  PsSimDisk *disk; /* not owned */
  const PsLifeIdentity *identity;
  PsHostSeeds seeds;
  const PsHostSink *sink; /* nullable: not started */
  gpointer user_data;
  gboolean ended;
  int exit_code;
};

static void
sim_host_start (PsHost *host, const PsHostSink *sink, gpointer user_data)
{
  PsSimHost *self = PS_SIM_HOST (host);
  self->sink = sink;
  self->user_data = user_data;
}

static void
sim_host_stop (PsHost *host)
{
  PsSimHost *self = PS_SIM_HOST (host);
  ps_sim_disk_forget (self->disk);
  self->sink = NULL;
}

static const PsLifeIdentity *
sim_host_identity (PsHost *host)
{
  return PS_SIM_HOST (host)->identity;
}

static PsHostSeeds
sim_host_seeds (PsHost *host)
{
  return PS_SIM_HOST (host)->seeds;
}

static GBytes *
sim_host_read_life (PsHost *host)
{
  const GString *life = ps_sim_disk_life (PS_SIM_HOST (host)->disk);
  return g_bytes_new (life->str, life->len);
}

static void
on_written (const char *error, gpointer user_data)
{
  PsSimHost *self = user_data;
  self->sink->life_written (error, self->user_data);
}

static void
sim_host_write_life (PsHost *host, GBytes *bytes, gboolean whole)
{
  PsSimHost *self = PS_SIM_HOST (host);
  ps_sim_disk_write (self->disk, self->clock, bytes, whole, on_written, self);
}

static void
sim_host_ended (PsHost *host, const GError *error)
{
  PsSimHost *self = PS_SIM_HOST (host);
  if (self->ended)
    return;
  self->ended = TRUE;
  self->exit_code = error != NULL ? 1 : 128 + SIGTERM;
}

/* Its lines go to the world whatever the output is, it has no privileges to give up, and memory is
 * the real system's business. */
static void
host_iface_init (PsHostInterface *iface)
{
  iface->start = sim_host_start;
  iface->stop = sim_host_stop;
  iface->identity = sim_host_identity;
  iface->seeds = sim_host_seeds;
  iface->read_life = sim_host_read_life;
  iface->write_life = sim_host_write_life;
  iface->ended = sim_host_ended;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PsSimHost, ps_sim_host, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (PS_TYPE_HOST, host_iface_init))

static void
ps_sim_host_init (PsSimHost *self G_GNUC_UNUSED)
{
}

static void
ps_sim_host_finalize (GObject *object)
{
  PsSimHost *self = PS_SIM_HOST (object);
  g_object_unref (self->clock);
  G_OBJECT_CLASS (ps_sim_host_parent_class)->finalize (object);
}

static void
ps_sim_host_class_init (PsSimHostClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ps_sim_host_finalize;
}

PsSimHost *
ps_sim_host_new (PsClock *clock, PsSimDisk *disk, const PsLifeIdentity *identity,
                 const PsHostSeeds *seeds)
{
  PsSimHost *self = g_object_new (PS_TYPE_SIM_HOST, NULL);
  self->clock = g_object_ref (clock);
  self->disk = disk;
  self->identity = identity;
  self->seeds = *seeds;
  return self;
}

void
ps_sim_host_terminate (PsSimHost *self)
{
  self->sink->signal (PS_HOST_TERMINATE, self->user_data);
}

gboolean
ps_sim_host_has_ended (const PsSimHost *self, int *out_exit_code)
{
  if (self->ended)
    *out_exit_code = self->exit_code;
  return self->ended;
}
