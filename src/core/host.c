/* SPDX-License-Identifier: Apache-2.0 */
#include "core/host.h"

G_DEFINE_INTERFACE (PsHost, ps_host, G_TYPE_OBJECT)

static void
ps_host_default_init (PsHostInterface *iface G_GNUC_UNUSED)
{
}

void
ps_host_start (PsHost *self, const PsHostSink *sink, gpointer user_data)
{
  g_assert (sink != NULL && sink->signal != NULL && sink->life_written != NULL);
  PS_HOST_GET_IFACE (self)->start (self, sink, user_data);
}

void
ps_host_stop (PsHost *self)
{
  PS_HOST_GET_IFACE (self)->stop (self);
}

const PsLifeIdentity *
ps_host_identity (PsHost *self)
{
  return PS_HOST_GET_IFACE (self)->identity (self);
}

PsHostSeeds
ps_host_seeds (PsHost *self)
{
  return PS_HOST_GET_IFACE (self)->seeds (self);
}

char *
ps_host_password (PsHost *self, GError **error)
{
  char *(*password) (PsHost *, GError **) = PS_HOST_GET_IFACE (self)->password;
  return password != NULL ? password (self, error) : g_strdup ("");
}

GBytes *
ps_host_read_life (PsHost *self)
{
  return PS_HOST_GET_IFACE (self)->read_life (self);
}

void
ps_host_write_life (PsHost *self, GBytes *bytes, gboolean whole)
{
  g_assert (bytes != NULL);
  PS_HOST_GET_IFACE (self)->write_life (self, bytes, whole);
}

void
ps_host_log_output (PsHost *self, PsLogOutput output)
{
  if (PS_HOST_GET_IFACE (self)->log_output != NULL)
    PS_HOST_GET_IFACE (self)->log_output (self, output);
}

void
ps_host_links_settled (PsHost *self)
{
  if (PS_HOST_GET_IFACE (self)->links_settled != NULL)
    PS_HOST_GET_IFACE (self)->links_settled (self);
}

void
ps_host_burst_over (PsHost *self)
{
  if (PS_HOST_GET_IFACE (self)->burst_over != NULL)
    PS_HOST_GET_IFACE (self)->burst_over (self);
}

void
ps_host_ended (PsHost *self, const GError *error)
{
  PS_HOST_GET_IFACE (self)->ended (self, error);
}
