/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/upstream.h"
#include "sim/world/upstream-private.h"

PsUpstream *
ps_upstream_start (const PsUpstreamParts *parts)
{
  PsUpstream *self = g_new0 (PsUpstream, 1);
  self->clock = g_object_ref (parts->clock);
  self->netlink = g_object_ref (parts->netlink);
  self->kernel = parts->kernel;
  self->swallow = ps_upstream_swallow;
  self->writer = parts->writer;
  self->user_data = parts->user_data;
  for (guint i = 0; i < PS_N_DBS; i++)
    self->clients[i] = ps_upstream_client_new (parts->databases[i], ps_upstream_replied, self);
  self->ports = g_ptr_array_new_with_free_func (g_free);
  self->pending = g_hash_table_new (g_str_hash, g_str_equal);
  self->downs = g_ptr_array_new_with_free_func (g_free);
  self->old = g_hash_table_new (NULL, NULL);
  self->buffer = g_malloc (PS_UPSTREAM_DATAGRAM_MAX);
  ps_upstream_tell (self, PS_LOG_NOTICE, "SONiC's portsyncd starts");
  ps_upstream_busy (self, PS_UPSTREAM_EXEC_US, ps_upstream_boot);
  return self;
}

void
ps_upstream_free (PsUpstream *self)
{
  if (self == NULL)
    return;
  ps_clock_clear (self->clock, &self->timer);
  ps_datagram_port_set_ready (self->netlink, NULL, NULL);
  for (guint i = 0; i < PS_N_DBS; i++)
    ps_upstream_client_free (self->clients[i]);
  g_hash_table_unref (self->pending);
  g_ptr_array_unref (self->ports);
  g_ptr_array_unref (self->downs);
  g_free (self->log_level);
  g_hash_table_unref (self->old);
  g_object_unref (self->netlink);
  g_object_unref (self->clock);
  g_free (self->buffer);
  g_free (self);
}

gboolean
ps_upstream_has_ended (const PsUpstream *self, int *out_exit_code)
{
  if (self->ended)
    *out_exit_code = self->exit_code;
  return self->ended;
}
