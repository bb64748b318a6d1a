/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/dump-state.h"

gboolean
ps_netlink_dump_state_is_answer (const PsNetlinkDumpState *self, const struct nlmsghdr *header,
                                 guint32 port_id)
{
  return self->active && header->nlmsg_seq == self->sequence && header->nlmsg_pid == port_id;
}

void
ps_netlink_dump_state_heard (PsNetlinkDumpState *self, const struct nlmsghdr *header, gint64 now_us)
{
  self->heard_us = now_us;
  if (header->nlmsg_flags & NLM_F_DUMP_INTR)
    self->spoiled = TRUE;
}

void
ps_netlink_dump_state_spoil (PsNetlinkDumpState *self)
{
  self->spoiled = TRUE;
}

void
ps_netlink_dump_state_lost (PsNetlinkDumpState *self, gint64 now_us)
{
  self->spoiled = TRUE;
  ps_netlink_dump_pacer_trouble (&self->pacer, now_us);
}

void
ps_netlink_dump_state_sent (PsNetlinkDumpState *self, guint32 sequence, gint64 now_us)
{
  g_assert (!self->active);
  ps_netlink_dump_pacer_asked (&self->pacer);
  self->wanted = FALSE;
  self->active = TRUE;
  self->spoiled = FALSE;
  self->sequence = sequence;
  self->heard_us = now_us;
}

void
ps_netlink_dump_state_send_failed (PsNetlinkDumpState *self, gint64 now_us)
{
  ps_netlink_dump_pacer_asked (&self->pacer);
  ps_netlink_dump_pacer_ended (&self->pacer, now_us, FALSE);
}

gboolean
ps_netlink_dump_state_end (PsNetlinkDumpState *self, gint64 now_us)
{
  g_assert (self->active);
  self->active = FALSE;
  ps_netlink_dump_pacer_ended (&self->pacer, now_us, !self->spoiled);
  return !self->spoiled;
}

gboolean
ps_netlink_dump_state_may_send (const PsNetlinkDumpState *self, gint64 now_us)
{
  return self->wanted && !self->active &&
         ps_netlink_dump_pacer_due_us (&self->pacer, now_us) <= now_us;
}

gint64
ps_netlink_dump_state_due_us (const PsNetlinkDumpState *self, gint64 now_us, gint64 silence_us)
{
  if (self->active)
    return self->heard_us + silence_us;
  return self->wanted ? ps_netlink_dump_pacer_due_us (&self->pacer, now_us) : G_MAXINT64;
}
