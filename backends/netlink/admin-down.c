/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/admin-down.h"
#include "backends/netlink/encode.h"
#include <errno.h>

static gboolean
is_finished (const PsNetlinkAdminDown *self)
{
  return self->first == self->n_links;
}

static void
plan_batch (PsNetlinkAdminDown *self)
{
  self->n_batch = (guint)MIN (self->n_links - self->first, PS_NETLINK_ADMIN_DOWN_MAX);
  self->in_flight = FALSE;
  self->attempts = 0;
  self->retry_us = 0;
}

/* Accounts for the batch: n_failed of its links with that errno, the others are done. */
static void
close_batch (PsNetlinkAdminDown *self, guint n_failed, int error)
{
  self->result.n_failed += n_failed;
  self->result.n_done += self->n_batch - n_failed;
  if (n_failed > 0 && self->result.first_errno == 0)
    self->result.first_errno = error;
  self->first += self->n_batch;
  plan_batch (self);
}

void
ps_netlink_admin_down_clear (PsNetlinkAdminDown *self)
{
  g_free (self->links);
  *self = (PsNetlinkAdminDown){0};
}

void
ps_netlink_admin_down_open (PsNetlinkAdminDown *self, const guint32 *ifindexes, gsize n)
{
  g_assert (self->links == NULL);
  self->links = g_memdup2 (ifindexes, n * sizeof *ifindexes);
  self->n_links = n;
  plan_batch (self);
}

gboolean
ps_netlink_admin_down_may_send (const PsNetlinkAdminDown *self, gint64 now_us)
{
  return self->links != NULL && !self->in_flight && !is_finished (self) && self->retry_us <= now_us;
}

void
ps_netlink_admin_down_sent (PsNetlinkAdminDown *self, guint32 first_sequence, gint64 now_us)
{
  self->in_flight = TRUE;
  self->lost = FALSE;
  self->attempts++;
  self->first_sequence = first_sequence;
  self->n_refused = 0;
  self->first_refusal = 0;
  self->heard_us = now_us;
}

void
ps_netlink_admin_down_send_failed (PsNetlinkAdminDown *self, int error, gint64 now_us)
{
  self->attempts++;
  self->retry_us = now_us + PS_NETLINK_ADMIN_DOWN_RETRY_US;
  if (self->attempts >= PS_NETLINK_ADMIN_DOWN_ATTEMPTS)
    close_batch (self, self->n_batch, error);
}

gboolean
ps_netlink_admin_down_answer (PsNetlinkAdminDown *self, guint32 sequence, int error, gint64 now_us)
{
  guint32 at = sequence - self->first_sequence;
  if (!self->in_flight || at >= self->n_batch)
    return FALSE;
  self->heard_us = now_us;
  if (error != 0 && error != ENODEV) {
    self->n_refused = MIN (self->n_refused + 1, self->n_batch);
    if (self->first_refusal == 0)
      self->first_refusal = error;
  }
  if (at + 1 == self->n_batch)
    close_batch (self, self->n_refused, self->first_refusal);
  return TRUE;
}

void
ps_netlink_admin_down_lost (PsNetlinkAdminDown *self)
{
  self->lost = TRUE;
}

void
ps_netlink_admin_down_drained (PsNetlinkAdminDown *self)
{
  if (!self->in_flight || !self->lost)
    return;
  self->in_flight = FALSE;
  if (self->attempts >= PS_NETLINK_ADMIN_DOWN_ATTEMPTS)
    close_batch (self, self->n_batch, ENOBUFS);
}

void
ps_netlink_admin_down_give_up (PsNetlinkAdminDown *self, int error)
{
  if (self->links == NULL || is_finished (self))
    return;
  self->n_batch = (guint)(self->n_links - self->first);
  close_batch (self, self->n_batch, error);
}

gboolean
ps_netlink_admin_down_take_result (PsNetlinkAdminDown *self, PsNetlinkAdminDownResult *out_result)
{
  if (self->links == NULL || !is_finished (self))
    return FALSE;
  *out_result = self->result;
  ps_netlink_admin_down_clear (self);
  return TRUE;
}

gint64
ps_netlink_admin_down_due_us (const PsNetlinkAdminDown *self, gint64 silence_us)
{
  if (self->links == NULL)
    return G_MAXINT64;
  return self->in_flight ? self->heard_us + silence_us : self->retry_us;
}
