/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/fake-kernel.h"
#include "tests/support/link-message.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

struct _PsFakeKernel {
  PsFakeDatagramPort *port; /* owned */
  GArray *links;            /* of PsLinkEvent */
  int refusal;
  guint n_interrupts, n_dumps;
};

static PsLinkEvent *
lookup (PsFakeKernel *self, guint32 ifindex)
{
  for (guint i = 0; i < self->links->len; i++) {
    PsLinkEvent *link = &g_array_index (self->links, PsLinkEvent, i);
    if (link->ifindex == ifindex)
      return link;
  }
  return NULL;
}

static void
announce (PsFakeKernel *self, const PsLinkEvent *event)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  ps_message_append_link (out, (PsMessageOrigin){0}, event);
  ps_fake_datagram_port_push (self->port, out->data, out->len);
}

static void
answer (PsFakeKernel *self, GByteArray *out)
{
  ps_fake_datagram_port_answer (self->port, out->data, out->len);
  g_byte_array_set_size (out, 0);
}

static void
answer_dump (PsFakeKernel *self, guint32 sequence)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  PsMessageOrigin origin = {NLM_F_MULTI, sequence,
                            ps_datagram_port_port_id (PS_DATAGRAM_PORT (self->port))};
  self->n_dumps++;
  if (self->n_interrupts > 0) {
    self->n_interrupts--;
    origin.flags |= NLM_F_DUMP_INTR;
  }
  for (guint i = 0; i < self->links->len; i++) {
    ps_message_append_link (out, origin, &g_array_index (self->links, PsLinkEvent, i));
    origin.flags = NLM_F_MULTI;
    if ((i + 1) % PS_FAKE_KERNEL_LINKS_PER_PART == 0)
      answer (self, out);
  }
  if (out->len > 0)
    answer (self, out);
  ps_message_append_done (out, origin, 0);
  answer (self, out);
}

static int
change_link (PsFakeKernel *self, const struct ifinfomsg *wish)
{
  PsLinkEvent *link = lookup (self, (guint32)wish->ifi_index);
  if (self->refusal != 0)
    return self->refusal;
  if (link == NULL)
    return ENODEV;
  guint32 flags = (link->flags & ~wish->ifi_change) | (wish->ifi_flags & wish->ifi_change);
  if ((flags & IFF_UP) == 0)
    flags &= ~(guint32)IFF_RUNNING;
  if (flags != link->flags)
    ps_fake_kernel_link (self, link->name, link->ifindex, flags);
  return 0;
}

static void
on_request (PsFakeKernel *self, const guint8 *message, const struct nlmsghdr *header)
{
  struct ifinfomsg info;
  g_assert (header->nlmsg_len >= NLMSG_LENGTH (sizeof info));
  memcpy (&info, message + NLMSG_HDRLEN, sizeof info);
  if (header->nlmsg_type == RTM_GETLINK) {
    answer_dump (self, header->nlmsg_seq);
    return;
  }
  g_assert (header->nlmsg_type == RTM_SETLINK);
  int error = change_link (self, &info);
  if (error == 0 && (header->nlmsg_flags & NLM_F_ACK) == 0)
    return;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  ps_message_append_error (out, header->nlmsg_seq,
                           ps_datagram_port_port_id (PS_DATAGRAM_PORT (self->port)), error);
  answer (self, out);
}

static int
on_send (const guint8 *bytes, gsize n_bytes, gpointer data)
{
  struct nlmsghdr header;
  for (gsize at = 0; at < n_bytes; at += NLMSG_ALIGN (header.nlmsg_len)) {
    memcpy (&header, bytes + at, sizeof header);
    g_assert (header.nlmsg_len >= NLMSG_HDRLEN && header.nlmsg_len <= n_bytes - at);
    on_request (data, bytes + at, &header);
  }
  return 0;
}

PsFakeKernel *
ps_fake_kernel_new (PsFakeDatagramPort *port)
{
  PsFakeKernel *self = g_new0 (PsFakeKernel, 1);
  self->port = g_object_ref (port);
  self->links = g_array_new (FALSE, FALSE, sizeof (PsLinkEvent));
  ps_fake_datagram_port_on_send (port, on_send, self);
  return self;
}

void
ps_fake_kernel_free (PsFakeKernel *self)
{
  if (self == NULL)
    return;
  ps_fake_datagram_port_on_send (self->port, NULL, NULL);
  g_object_unref (self->port);
  g_array_unref (self->links);
  g_free (self);
}

void
ps_fake_kernel_link (PsFakeKernel *self, const char *name, guint32 ifindex, guint32 flags)
{
  PsLinkEvent *known = lookup (self, ifindex);
  PsLinkEvent link = {.fields = PS_LINK_HAS_MTU | PS_LINK_HAS_CARRIER,
                      .ifindex = ifindex,
                      .mtu = 9100,
                      .registered = TRUE};
  if (known != NULL)
    link = *known;
  if ((link.flags ^ flags) & IFF_RUNNING) {
    link.carrier.changes++;
    link.carrier.ups += (flags & IFF_RUNNING) != 0;
    link.carrier.downs += (flags & IFF_RUNNING) == 0;
  }
  link.flags = flags;
  if (known == NULL || name != known->name)
    g_strlcpy (link.name, name, sizeof link.name);
  announce (self, &link);
  link.registered = FALSE;
  if (known != NULL)
    *known = link;
  else
    g_array_append_val (self->links, link);
}

void
ps_fake_kernel_remove (PsFakeKernel *self, guint32 ifindex)
{
  PsLinkEvent *link = lookup (self, ifindex);
  g_assert (link != NULL);
  link->type = PS_LINK_REMOVE;
  announce (self, link);
  g_array_remove_index (self->links, (guint)(link - &g_array_index (self->links, PsLinkEvent, 0)));
}

gboolean
ps_fake_kernel_flags (PsFakeKernel *self, guint32 ifindex, guint32 *out_flags)
{
  PsLinkEvent *link = lookup (self, ifindex);
  if (link == NULL)
    return FALSE;
  *out_flags = link->flags;
  return TRUE;
}

void
ps_fake_kernel_refuse_changes (PsFakeKernel *self, int error)
{
  self->refusal = error;
}

void
ps_fake_kernel_interrupt_dumps (PsFakeKernel *self, guint n)
{
  self->n_interrupts = n;
}

guint
ps_fake_kernel_n_dumps (PsFakeKernel *self)
{
  return self->n_dumps;
}
