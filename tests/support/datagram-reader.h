/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a PsDatagramPort and takes down what came, message by message. */
#pragma once
#include "backends/netlink/datagram-port.h"
#include "core/link-event.h"
#include <linux/netlink.h>
G_BEGIN_DECLS

typedef struct {
  struct nlmsghdr header;
  guint datagram;    /* Which one held it, from 1. */
  int error;         /* NLMSG_ERROR and NLMSG_DONE: errno */
  guint8 family;     /* RTM_*LINK: ifi_family */
  guint32 change;    /* RTM_*LINK: ifi_change */
  PsLinkEvent event; /* RTM_*LINK of AF_UNSPEC, decoded by the product. */
} PsReadMessage;

typedef struct {
  GArray *messages; /* owned; of PsReadMessage */
  guint n_datagrams, n_overruns, n_cut, n_foreign;
  gsize largest;  /* datagram */
  guint64 digest; /* of all bytes and results */
  guint8 *buffer; /* owned */
} PsDatagramReader;

PsDatagramReader *ps_datagram_reader_new (void);
void ps_datagram_reader_free (PsDatagramReader *self);

/* Forgets the messages; the counts and the digest go on. */
void ps_datagram_reader_forget (PsDatagramReader *self);

/* One call of receive. Fails the test if what comes is malformed. */
PsDatagramResult ps_datagram_reader_read (PsDatagramReader *self, PsDatagramPort *port);

/* Until nothing waits. */
void ps_datagram_reader_drain (PsDatagramReader *self, PsDatagramPort *port);

/* What the port says of its drops; it must say something. */
guint32 ps_datagram_reader_drops (PsDatagramPort *port);

const PsReadMessage *ps_datagram_reader_at (PsDatagramReader *self, guint n);
/* Messages of this type. */
guint ps_datagram_reader_count (PsDatagramReader *self, guint16 type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsDatagramReader, ps_datagram_reader_free)
G_END_DECLS
