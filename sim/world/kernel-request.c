/* SPDX-License-Identifier: Apache-2.0 */
/* What a program asks of the kernel: to list the links, and to take one up or down. */
#include "sim/world/kernel-private.h"
#include <errno.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

/* An answer finds room like any other message, or is lost like it. */
static void
answer (PsSimSocket *self, const struct nlmsghdr *request, int error)
{
  struct nlmsgerr payload = {.error = -error, .msg = *request};
  struct nlmsghdr header = {.nlmsg_len = NLMSG_HDRLEN + sizeof payload,
                            .nlmsg_type = NLMSG_ERROR,
                            .nlmsg_flags = NLM_F_CAPPED,
                            .nlmsg_seq = request->nlmsg_seq,
                            .nlmsg_pid = self->port_id};
  PsSocketMessage slot = {.length = header.nlmsg_len, .charge = PS_SOCKET_CHARGE_ANSWER};
  gboolean was_congested = self->queue.congested;
  guint8 *out = ps_socket_queue_push (&self->queue, &slot);
  if (out != NULL) {
    memcpy (out, &header, sizeof header);
    memcpy (out + NLMSG_HDRLEN, &payload, sizeof payload);
  } else {
    self->kernel->counters.dropped++;
    self->kernel->counters.overruns += !was_congested;
  }
  ps_sim_socket_wake (self);
}

/* Strict checking wants the whole header (docs/kernel.md 1.2). */
static gboolean
read_link_header (const guint8 *bytes, const struct nlmsghdr *header, struct ifinfomsg *out_link)
{
  if (header->nlmsg_len < NLMSG_HDRLEN + sizeof *out_link)
    return FALSE;
  memcpy (out_link, bytes + NLMSG_HDRLEN, sizeof *out_link);
  return TRUE;
}

/* The request has the attribute, and its value is not 0, which counts as none. */
static gboolean
has_ext_mask (const guint8 *bytes, const struct nlmsghdr *header)
{
  struct nlattr attribute;
  guint32 mask;
  gsize at = NLMSG_SPACE (sizeof (struct ifinfomsg));
  for (; at + sizeof attribute <= header->nlmsg_len; at += NLA_ALIGN (attribute.nla_len)) {
    memcpy (&attribute, bytes + at, sizeof attribute);
    if (attribute.nla_len < sizeof attribute || attribute.nla_len > header->nlmsg_len - at)
      return FALSE;
    if (attribute.nla_type != IFLA_EXT_MASK || attribute.nla_len != NLA_HDRLEN + sizeof mask)
      continue;
    memcpy (&mask, bytes + at + NLA_HDRLEN, sizeof mask);
    return mask != 0;
  }
  return FALSE;
}

static int
set_link (PsSimKernel *kernel, const struct ifinfomsg *link)
{
  if (link->ifi_index <= 0 || ps_sim_kernel_device (kernel, (guint32)link->ifi_index) == NULL)
    return ENODEV;
  if (kernel->faults.refusal != 0) {
    kernel->counters.refused++;
    return kernel->faults.refusal;
  }
  if (link->ifi_change & IFF_UP)
    ps_sim_kernel_set_admin (kernel, (guint32)link->ifi_index, (link->ifi_flags & IFF_UP) != 0);
  return 0;
}

static void
handle (PsSimSocket *self, const guint8 *bytes, const struct nlmsghdr *header)
{
  struct ifinfomsg link;
  gboolean is_dump =
      header->nlmsg_type == RTM_GETLINK && (header->nlmsg_flags & NLM_F_DUMP) == NLM_F_DUMP;
  int error = EOPNOTSUPP;
  if (!(header->nlmsg_flags & NLM_F_REQUEST) || header->nlmsg_type < NLMSG_MIN_TYPE)
    return;
  if (!read_link_header (bytes, header, &link))
    error = EINVAL;
  else if (is_dump)
    error = ps_sim_dump_start (self, header->nlmsg_seq, has_ext_mask (bytes, header));
  else if (header->nlmsg_type == RTM_SETLINK)
    error = set_link (self->kernel, &link);
  if (error != 0 || (!is_dump && (header->nlmsg_flags & NLM_F_ACK)))
    answer (self, header, error);
}

void
ps_sim_socket_request (PsSimSocket *self, const guint8 *bytes, gsize n_bytes)
{
  struct nlmsghdr header;
  for (gsize at = 0; n_bytes - at >= sizeof header; at += NLMSG_ALIGN ((gsize)header.nlmsg_len)) {
    memcpy (&header, bytes + at, sizeof header);
    if (header.nlmsg_len < sizeof header || header.nlmsg_len > n_bytes - at)
      return;
    handle (self, bytes + at, &header);
    if (NLMSG_ALIGN ((gsize)header.nlmsg_len) > n_bytes - at)
      return;
  }
}
