/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/netlink/decode.h"
#include "mirror/flush.h"
#include "mirror/links.h"
#include "tests/bench/cases.h"
#include "tests/bench/limit.h"
#include "tests/bench/table.h"
#include "base/virtual-clock.h"
#include "tests/support/memory-store.h"
#include "tests/support/netdevs.h"
#include "tests/support/netns.h"
#include "tests/support/port-names.h"
#include <errno.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define N_PORTS       128
#define MESSAGE_BYTES 4096
#define N_EVENTS      200000

/* A message that the kernel sent about a port, and where its MTU stands. */
typedef struct {
  _Alignas(NLMSG_ALIGNTO) guint8 bytes[MESSAGE_BYTES];
  gsize size, mtu_at;
} Message;

typedef struct {
  Message *messages; /* owned; one a port */
  PsPortTable *table;
  PsLinks *links;
  PsFlush *flush;
  PsVirtualClock *clock;
  PsMemoryStore *store;
  PsLog *log;
  PsRefusals *refusals;
} Core;

static void
say_nothing (PsLogLevel level, const char *function, const char *text, gpointer user_data)
{
}

static void
on_changed (PsPort *port, gpointer user_data)
{
  Core *self = user_data;
  ps_flush_mark (self->flush, port);
}

static void
on_baseline (PsPort *port, gpointer user_data)
{
}

static void
on_old_gone (guint32 ifindex, gpointer user_data)
{
}

static const PsLinksSink links_sink = {on_changed, on_baseline, on_old_gone};

static void
on_acknowledged (PsPort *port, gpointer user_data)
{
}

static void
on_batch_done (gpointer user_data)
{
}

static const PsFlushSink flush_sink = {on_acknowledged, on_batch_done};

static gsize
mtu_at (const Message *message)
{
  const struct nlmsghdr *head = (gconstpointer)message->bytes;
  const struct ifinfomsg *info = NLMSG_DATA (head);
  int left = (int)NLMSG_PAYLOAD (head, sizeof *info);
  for (const struct rtattr *a = IFLA_RTA (info); RTA_OK (a, left); a = RTA_NEXT (a, left))
    if (a->rta_type == IFLA_MTU)
      return (gsize)((const guint8 *)RTA_DATA (a) - message->bytes);
  g_error ("a recorded message has no MTU");
}

/* The messages of which veth pairs' new MTUs are told, as they came from the kernel. */
static Message *
record (void)
{
  Message *messages = g_new0 (Message, N_PORTS);
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
  ps_netns_open_own (); /* Held for ever. */
  ps_netns_enter_new ();
  g_autoptr (PsNetdevs) netdevs = ps_netdevs_new ();
  for (guint i = 0; i < N_PORTS; i++)
    ps_netdevs_add_veth (netdevs, ps_port_name (i).text, ps_peer_name (ps_port_name (i).text).text,
                         0);
  ps_netdevs_commit (netdevs);
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (fd < 0 || bind (fd, (const struct sockaddr *)&address, sizeof address) != 0)
    g_error ("rtnetlink socket: %s", g_strerror (errno));
  for (guint i = 0; i < N_PORTS; i++) {
    ps_netdevs_set_mtu (netdevs, ps_port_name (i).text, 1600);
    ps_netdevs_commit (netdevs);
    gssize size = recv (fd, messages[i].bytes, MESSAGE_BYTES, 0);
    if (size <= 0)
      g_error ("no message: %s", g_strerror (errno));
    messages[i].size = (gsize)size;
    messages[i].mtu_at = mtu_at (&messages[i]);
  }
  close (fd);
  return messages;
}

static void
set_up (Core *self)
{
  self->messages = record ();
  self->clock = ps_virtual_clock_new ();
  self->store = ps_memory_store_new (PS_CLOCK (self->clock));
  self->log = ps_log_new (PS_CLOCK (self->clock), say_nothing, NULL);
  self->table = ps_port_table_new ();
  self->links = ps_links_new (self->table, self->log, &links_sink, self);
  self->refusals = ps_refusals_new (PS_CLOCK (self->clock), self->log);
  self->flush = ps_flush_new (PS_STORE (self->store), self->log, self->refusals, &flush_sink, self);
  /* As after a start: the old set is known, hence not collected any more. */
  ps_links_set_old (self->links, NULL, 0);
}

static void
tear_down (Core *self)
{
  ps_flush_free (self->flush);
  ps_refusals_free (self->refusals);
  ps_links_free (self->links);
  ps_port_table_free (self->table);
  ps_log_free (self->log);
  g_object_unref (self->store);
  g_object_unref (self->clock);
  g_free (self->messages);
}

/* The next event: another port, another MTU than last time. */
static const Message *
next (Core *self, guint i)
{
  Message *message = &self->messages[i % N_PORTS];
  guint32 mtu = 1500 + i % 7001;
  memcpy (message->bytes + message->mtu_at, &mtu, sizeof mtu);
  return message;
}

static void
absorb (Core *self, guint n)
{
  for (guint i = 0; i < n; i++) {
    const Message *message = next (self, i);
    PsLinkEvent event;
    if (ps_netlink_decode_link (message->bytes, message->size, &event) != PS_NETLINK_DECODE_OK)
      g_error ("a recorded message cannot be decoded");
    ps_links_apply (self->links, &event);
  }
  g_assert_cmpuint (ps_flush_n_waiting (self->flush), ==, MIN (n, N_PORTS));
}

static void
absorb_bare (Core *self, guint n)
{
  gsize marked = 0;
  for (guint i = 0; i < n; i++)
    marked = limit_absorb (next (self, i)->bytes);
  g_assert_cmpuint (marked, ==, N_PORTS);
}

static gint64
thread_ns (void)
{
  struct timespec now;
  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (gint64)now.tv_sec * 1000000000 + now.tv_nsec;
}

void
ps_case_core (const PsBenchOptions *options)
{
  Core core = {0};
  PsSamples ours = {0}, bare = {0};
  guint n = options->quick ? N_EVENTS / 4 : N_EVENTS;
  set_up (&core);
  for (guint i = 0; i < options->n_reps; i++) {
    gint64 start = thread_ns ();
    absorb (&core, n);
    gint64 middle = thread_ns ();
    absorb_bare (&core, n);
    ps_samples_add (&ours, (double)(middle - start) / n);
    ps_samples_add (&bare, (double)(thread_ns () - middle) / n);
  }
  tear_down (&core);
  ps_table_row (&(PsFigure){"event absorbed (decode, apply, mark)", "ns", &ours, &bare,
                            PS_BAR_AT_MOST, 1500, PS_BAR_RATIO, 8, NULL});
}

void
ps_case_core_only (guint n)
{
  Core core = {0};
  set_up (&core);
  absorb (&core, n);
  tear_down (&core);
}
