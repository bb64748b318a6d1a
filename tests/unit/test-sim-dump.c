/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated kernel's answers, its faults, and the product's session in front of both. */
#include "backends/netlink/encode.h"
#include "backends/netlink/session.h"
#include "base/rng.h"
#include "sim/world/kernel.h"
#include "base/virtual-clock.h"
#include "sim/world/socket-queue.h"
#include "tests/support/datagram-reader.h"
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#define N_LINKS    200
#define N_SEEDS    40
#define N_CHANGES  3000
#define SMALL_ROOM 40 /* messages */
#define MS         G_TIME_SPAN_MILLISECOND

typedef struct {
  PsVirtualClock *clock;
  PsSimKernel *kernel;
  PsDatagramPort *port;
  PsDatagramReader *seen;
  guint64 seed;
  guint32 sequence;
} Bed;

static void
open_bed (Bed *bed, guint64 seed, guint n_links)
{
  *bed = (Bed){.clock = ps_virtual_clock_new (), .seed = seed, .sequence = 100};
  bed->kernel = ps_sim_kernel_new (PS_CLOCK (bed->clock), seed);
  for (guint i = 0; i < n_links; i++) {
    g_autofree char *name = g_strdup_printf ("Ethernet%u", i);
    g_assert_cmpuint (ps_sim_kernel_add (bed->kernel, name, 100 + i, "veth"), ==, 100 + i);
  }
  bed->port = ps_sim_kernel_open (bed->kernel, 0);
  bed->seen = ps_datagram_reader_new ();
}

static void
close_bed (Bed *bed)
{
  g_assert_finalize_object (bed->port);
  ps_sim_kernel_free (bed->kernel);
  g_assert_cmpuint (ps_virtual_clock_n_timers (bed->clock), ==, 0);
  g_assert_finalize_object (bed->clock);
  ps_datagram_reader_free (bed->seen);
}

static void
set_up (Bed *bed, gconstpointer data)
{
  open_bed (bed, 1, N_LINKS);
}

static void
tear_down (Bed *bed, gconstpointer data)
{
  close_bed (bed);
}

static void
ask (Bed *bed)
{
  guint8 request[PS_NETLINK_DUMP_BYTES];
  gsize size = ps_netlink_encode_dump (request, ++bed->sequence);
  g_assert_cmpint (ps_datagram_port_send (bed->port, request, size), ==, 0);
}

static const PsReadMessage *
last (Bed *bed)
{
  return ps_datagram_reader_at (bed->seen, bed->seen->messages->len - 1);
}

static guint
count_interrupted (Bed *bed)
{
  guint n = 0;
  for (guint i = 0; i < bed->seen->messages->len; i++)
    n += (ps_datagram_reader_at (bed->seen, i)->header.nlmsg_flags & NLM_F_DUMP_INTR) != 0;
  return n;
}

/* The next answer that is neither record nor live event. */
static void
read_to_the_end (Bed *bed)
{
  ps_datagram_reader_forget (bed->seen);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpuint (last (bed)->header.nlmsg_type, ==, NLMSG_DONE);
}

/* Each link once, in the order of ifindexes, without statistics, in datagrams of at most 32 KiB
 * that are filled; then DONE. */
static void
test_dump (Bed *bed, gconstpointer data)
{
  guint32 before = 0;
  ps_datagram_reader_drain (bed->seen, bed->port); /* So that Linux knows the reader's buffer. */
  ask (bed);
  read_to_the_end (bed);
  g_assert_cmpuint (ps_datagram_reader_count (bed->seen, RTM_NEWLINK), ==, N_LINKS);
  for (guint i = 0; i < N_LINKS; i++) {
    const PsReadMessage *message = ps_datagram_reader_at (bed->seen, i);
    g_assert_cmpuint (message->header.nlmsg_flags, ==, NLM_F_MULTI);
    g_assert_cmpuint (message->header.nlmsg_seq, ==, bed->sequence);
    g_assert_cmpuint (message->header.nlmsg_pid, ==, ps_datagram_port_port_id (bed->port));
    g_assert_cmpuint (message->header.nlmsg_len, >=, 1050);
    g_assert_cmpuint (message->header.nlmsg_len, <=, 1180);
    g_assert_cmpuint (message->change, ==, 0);
    g_assert_cmpuint (message->event.ifindex, >, before);
    before = message->event.ifindex;
  }
  g_assert_cmpint (last (bed)->error, ==, 0);
  g_assert_cmpuint (bed->seen->largest, <=, 32768);
  g_assert_cmpuint (bed->seen->largest, >, 30000);
  g_assert_cmpuint (bed->seen->n_datagrams, <=, 10);
}

/* What changes while a dump is read stands between its parts, and later parts know of it. */
static void
test_interleaved (Bed *bed, gconstpointer data)
{
  ps_datagram_reader_drain (bed->seen, bed->port);
  ask (bed);
  ps_datagram_reader_read (bed->seen, bed->port);
  ps_sim_kernel_set_mtu (bed->kernel, 100, 9100);
  ps_sim_kernel_set_mtu (bed->kernel, 100 + N_LINKS - 1, 9100);
  guint first_part = bed->seen->messages->len;
  ps_datagram_reader_drain (bed->seen, bed->port);
  guint n_live = 0;
  for (guint i = 0; i < bed->seen->messages->len; i++) {
    const PsReadMessage *message = ps_datagram_reader_at (bed->seen, i);
    gboolean is_live = !(message->header.nlmsg_flags & NLM_F_MULTI);
    n_live += is_live;
    g_assert_true (!is_live || (i >= first_part && i < bed->seen->messages->len - 50));
  }
  g_assert_cmpuint (n_live, ==, 2);
  const PsReadMessage *record = ps_datagram_reader_at (bed->seen, 0);
  g_assert_cmpuint (record->event.mtu, ==, PS_SIM_KERNEL_MTU); /* Listed before. */
  record = last (bed)->header.nlmsg_type == NLMSG_DONE
               ? ps_datagram_reader_at (bed->seen, bed->seen->messages->len - 2)
               : last (bed);
  g_assert_cmpuint (record->event.ifindex, ==, 100 + N_LINKS - 1);
  g_assert_cmpuint (record->event.mtu, ==, 9100);
  g_assert_cmpuint (count_interrupted (bed), ==, 0); /* Only the list of devices counts. */
}

/* Over seeds: DONE alone and shared, and records that a live event has overtaken. */
static void
test_seeds (void)
{
  guint n_alone = 0, n_stale = 0;
  for (guint64 seed = 1; seed <= N_SEEDS; seed++) {
    Bed bed;
    open_bed (&bed, seed, N_LINKS);
    ask (&bed);
    ps_datagram_reader_read (bed.seen, bed.port);
    for (guint i = 0; i < N_LINKS; i++)
      ps_sim_kernel_set_mtu (bed.kernel, 100 + i, 9100);
    ps_datagram_reader_drain (bed.seen, bed.port);
    gboolean overtaken = FALSE;
    for (guint i = 0, n_live = 0; i < bed.seen->messages->len; i++) {
      const PsReadMessage *message = ps_datagram_reader_at (bed.seen, i);
      n_live += message->header.nlmsg_seq == 0;
      overtaken = overtaken || (message->header.nlmsg_type == RTM_NEWLINK && n_live == N_LINKS &&
                                message->event.mtu == PS_SIM_KERNEL_MTU);
    }
    g_assert_cmpint (overtaken, ==, ps_sim_kernel_counters (bed.kernel)->stale > 0);
    n_stale += overtaken;
    n_alone += last (&bed)->datagram !=
               ps_datagram_reader_at (bed.seen, bed.seen->messages->len - 2)->datagram;
    close_bed (&bed);
  }
  g_assert_cmpuint (n_alone, >, 0);
  g_assert_cmpuint (n_alone, <, N_SEEDS);
  g_assert_cmpuint (n_stale, >, 0);
  g_assert_cmpuint (n_stale, <, N_SEEDS);
}

/* The dump that is asked for so ends before the 51st link, with success. */
static void
assert_cut_dump (Bed *bed, const guint8 *request, gsize size, guint64 n_cut)
{
  ps_datagram_reader_forget (bed->seen);
  g_assert_cmpint (ps_datagram_port_send (bed->port, request, size), ==, 0);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpuint (ps_datagram_reader_count (bed->seen, RTM_NEWLINK), ==, 50);
  g_assert_cmpuint (ps_datagram_reader_count (bed->seen, NLMSG_DONE), ==, 1);
  g_assert_cmpint (ps_datagram_reader_at (bed->seen, 50)->error, ==, 0);
  g_assert_cmpuint (ps_sim_kernel_counters (bed->kernel)->cut_dumps, ==, n_cut);
}

/* A record beyond the usual room: the dump has room for it if the request carries IFLA_EXT_MASK
 * with a value, and otherwise ends before it, with success, as if there were no more. */
static void
test_large_record (Bed *bed, gconstpointer data)
{
  guint8 request[PS_NETLINK_DUMP_BYTES];
  struct nlmsghdr header;
  g_assert_true (ps_sim_kernel_pad (bed->kernel, 150, 50000));
  ps_datagram_reader_drain (bed->seen, bed->port);
  ps_datagram_reader_forget (bed->seen);
  ask (bed);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpuint (ps_datagram_reader_count (bed->seen, RTM_NEWLINK), ==, N_LINKS);
  g_assert_cmpuint (ps_sim_kernel_counters (bed->kernel)->cut_dumps, ==, 0);

  (void)ps_netlink_encode_dump (request, ++bed->sequence);
  memcpy (&header, request, sizeof header);
  header.nlmsg_len = NLMSG_SPACE (sizeof (struct ifinfomsg));
  memcpy (request, &header, sizeof header);
  assert_cut_dump (bed, request, header.nlmsg_len, 1);

  gsize size = ps_netlink_encode_dump (request, ++bed->sequence);
  memset (request + header.nlmsg_len + NLA_HDRLEN, 0, sizeof (guint32));
  assert_cut_dump (bed, request, size, 2);
}

/* A coming, going or renaming during the dump is marked once, on the record after it; also when
 * only DONE is left. */
static void
test_changed (Bed *bed, gconstpointer data)
{
  for (guint round = 0; round < 3; round++) {
    ps_datagram_reader_drain (bed->seen, bed->port);
    ask (bed);
    ps_datagram_reader_read (bed->seen, bed->port);
    if (round == 0)
      ps_sim_kernel_rename (bed->kernel, 100, "other");
    else if (round == 1)
      ps_sim_kernel_remove (bed->kernel, 100 + N_LINKS - 1);
    else
      ps_sim_kernel_add (bed->kernel, "another", 5000, NULL);
    read_to_the_end (bed);
    g_assert_cmpuint (count_interrupted (bed), ==, 1);
  }
  g_assert_cmpuint (ps_sim_kernel_counters (bed->kernel)->changed_dumps, ==, 3);
  ask (bed);
  read_to_the_end (bed);
  g_assert_cmpuint (count_interrupted (bed), ==, 0);
  g_assert_cmpuint (ps_datagram_reader_count (bed->seen, RTM_NEWLINK), ==, N_LINKS);
}

/* One dump at a time on a socket; the first goes on. */
static void
test_busy (Bed *bed, gconstpointer data)
{
  ask (bed);
  ask (bed);
  ps_datagram_reader_drain (bed->seen, bed->port);
  guint n_refused = 0;
  for (guint i = 0; i < bed->seen->messages->len; i++) {
    const PsReadMessage *message = ps_datagram_reader_at (bed->seen, i);
    if (message->header.nlmsg_type != NLMSG_ERROR)
      continue;
    n_refused++;
    g_assert_cmpint (message->error, ==, EBUSY);
    g_assert_cmpuint (message->header.nlmsg_seq, ==, bed->sequence);
  }
  g_assert_cmpuint (n_refused, ==, 1);
  g_assert_cmpuint (ps_datagram_reader_count (bed->seen, NLMSG_DONE), ==, 1);
  g_assert_cmpuint (ps_datagram_reader_count (bed->seen, RTM_NEWLINK), ==, N_LINKS);
}

/* Faults of dumps take effect as often as asked for, and are counted: interruptions, failures of
 * both kinds, and a silence after which the rest comes. */
static void
test_dump_faults (Bed *bed, gconstpointer data)
{
  const PsSimKernelCounters *counters = ps_sim_kernel_counters (bed->kernel);
  guint n_refused = 0;
  ps_sim_kernel_interrupt_dumps (bed->kernel, 2);
  for (guint i = 0; i < 3; i++) {
    ask (bed);
    read_to_the_end (bed);
    g_assert_cmpuint (count_interrupted (bed), ==, i < 2);
  }
  g_assert_cmpuint (counters->interrupted, ==, 2);
  ps_sim_kernel_fail_dumps (bed->kernel, 16, EINTR);
  for (guint i = 0; i < 17; i++) {
    ask (bed);
    ps_datagram_reader_forget (bed->seen);
    ps_datagram_reader_drain (bed->seen, bed->port);
    g_assert_cmpint (last (bed)->error, ==, i < 16 ? EINTR : 0);
    n_refused += last (bed)->header.nlmsg_type == NLMSG_ERROR;
  }
  g_assert_cmpuint (n_refused, >, 0);
  g_assert_cmpuint (n_refused, <, 16);
  g_assert_cmpuint (counters->failed, ==, 16);
  ps_sim_kernel_hold_dump (bed->kernel, TRUE);
  ask (bed);
  g_assert_cmpint (ps_datagram_reader_read (bed->seen, bed->port), ==, PS_DATAGRAM_WOULD_BLOCK);
  ps_sim_kernel_hold_dump (bed->kernel, FALSE);
  read_to_the_end (bed);
  g_assert_cmpuint (counters->held, ==, 1);
}

/* Faults of live messages: lost without a trace, doubled, cut; each as often as asked for. */
static void
test_live_faults (Bed *bed, gconstpointer data)
{
  const PsSimKernelCounters *counters = ps_sim_kernel_counters (bed->kernel);
  ps_sim_kernel_drop_silently (bed->kernel, 2);
  for (guint i = 0; i < 3; i++)
    ps_sim_kernel_set_mtu (bed->kernel, 100, 9000 + i);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpuint (bed->seen->messages->len, ==, 1);
  g_assert_cmpuint (ps_datagram_reader_drops (bed->port), ==, 0);
  g_assert_cmpuint (counters->silent, ==, 2);
  ps_sim_kernel_duplicate (bed->kernel, 1);
  ps_sim_kernel_set_mtu (bed->kernel, 100, 1500);
  ps_sim_kernel_set_mtu (bed->kernel, 100, 1501);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpuint (bed->seen->messages->len, ==, 4);
  g_assert_cmpuint (counters->duplicated, ==, 1);
  ps_sim_kernel_truncate_next (bed->kernel);
  ps_sim_kernel_set_mtu (bed->kernel, 100, 1502);
  ps_sim_kernel_set_mtu (bed->kernel, 100, 1503);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpuint (bed->seen->n_cut, ==, 1);
  g_assert_cmpuint (bed->seen->messages->len, ==, 5);
  g_assert_cmpuint (counters->truncated, ==, 1);
  ps_sim_kernel_forge (bed->kernel, 4242, (const guint8 *)"forged", 6);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpuint (bed->seen->n_foreign, ==, 1);
  g_assert_cmpuint (counters->forged, ==, 1);
}

/* Links are taken down by request; refusals bear the errno, and only what failed, or asked for
 * it, is answered. */
static void
test_admin_requests (Bed *bed, gconstpointer data)
{
  guint8 request[PS_NETLINK_ADMIN_DOWN_BYTES];
  guint32 links[] = {100, 9999, 101};
  ps_sim_kernel_set_admin (bed->kernel, 100, TRUE);
  ps_sim_kernel_set_admin (bed->kernel, 101, TRUE);
  ps_datagram_reader_drain (bed->seen, bed->port);
  gsize size = ps_netlink_encode_admin_down (request, links, G_N_ELEMENTS (links), 50);
  ps_datagram_reader_forget (bed->seen);
  g_assert_cmpint (ps_datagram_port_send (bed->port, request, size), ==, 0);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpuint (bed->seen->messages->len, ==, 4);
  g_assert_cmpint (ps_datagram_reader_at (bed->seen, 1)->error, ==, ENODEV);
  g_assert_cmpuint (ps_datagram_reader_at (bed->seen, 1)->header.nlmsg_seq, ==, 51);
  g_assert_cmpuint (last (bed)->header.nlmsg_type, ==, NLMSG_ERROR);
  g_assert_cmpint (last (bed)->error, ==, 0);
  g_assert_false (ps_sim_kernel_find_ifindex (bed->kernel, 101)->flags & IFF_UP);
  ps_sim_kernel_set_admin (bed->kernel, 100, TRUE);
  ps_sim_kernel_refuse_admin (bed->kernel, EPERM);
  size = ps_netlink_encode_admin_down (request, links, 1, 60);
  ps_datagram_port_send (bed->port, request, size);
  ps_datagram_reader_drain (bed->seen, bed->port);
  g_assert_cmpint (last (bed)->error, ==, EPERM);
  g_assert_true (ps_sim_kernel_find_ifindex (bed->kernel, 100)->flags & IFF_UP);
  ps_sim_kernel_refuse_admin (bed->kernel, 0);
  ps_datagram_port_send (bed->port, request, size);
  g_assert_false (ps_sim_kernel_find_ifindex (bed->kernel, 100)->flags & IFF_UP);
}

/* Requests of random bytes, and right ones with random bytes in them, do no harm. */
static void
test_hostile_requests (Bed *bed, gconstpointer data)
{
  PsRng rng;
  ps_rng_seed (&rng, 99);
  for (guint round = 0; round < 20000; round++) {
    guint8 request[PS_NETLINK_DUMP_BYTES + 8];
    (void)ps_netlink_encode_dump (request, round);
    for (guint i = 0; i < 8; i++)
      request[PS_NETLINK_DUMP_BYTES + i] = (guint8)ps_rng_next (&rng);
    for (guint64 n = ps_rng_below (&rng, 6); n > 0; n--)
      request[ps_rng_below (&rng, sizeof request)] = (guint8)ps_rng_next (&rng);
    g_autofree guint8 *exact = g_memdup2 (request, sizeof request);
    ps_datagram_port_send (bed->port, exact, 1 + ps_rng_below (&rng, sizeof request));
    if (round % 16 == 0) {
      ps_datagram_reader_drain (bed->seen, bed->port);
      ps_datagram_reader_forget (bed->seen);
    }
  }
  ps_datagram_reader_drain (bed->seen, bed->port);
  ask (bed);
  read_to_the_end (bed);
  g_assert_cmpuint (ps_datagram_reader_count (bed->seen, RTM_NEWLINK), ==, N_LINKS);
}

/* One random change of the devices. */
static void
change (PsSimKernel *kernel, PsRng *rng)
{
  guint n = (guint)ps_rng_below (rng, ps_sim_kernel_length (kernel));
  guint32 ifindex = ps_sim_kernel_nth (kernel, n)->ifindex;
  g_autofree char *name = g_strdup_printf ("Ethernet%u", (guint)ps_rng_below (rng, 2 * N_LINKS));
  switch (ps_rng_below (rng, 12)) {
  case 0:
    ps_sim_kernel_rename (kernel, ifindex, name);
    break;
  case 1:
    ps_sim_kernel_remove (kernel, ifindex);
    break;
  case 2:
    ps_sim_kernel_add (kernel, name, 0, ps_rng_below (rng, 2) == 0 ? "veth" : NULL);
    break;
  case 3:
    ps_sim_kernel_set_mtu (kernel, ifindex, 1500 + (guint32)ps_rng_below (rng, 2));
    break;
  case 4:
  case 5:
    ps_sim_kernel_set_admin (kernel, ifindex, ps_rng_below (rng, 4) != 0);
    break;
  default:
    ps_sim_kernel_set_carrier (kernel, ifindex, ps_rng_below (rng, 2) == 0);
    break;
  }
  if (ps_sim_kernel_length (kernel) < N_LINKS / 2)
    ps_sim_kernel_add (kernel, name, 0, "veth");
}

/* What a session in front of the kernel has told, kept as a user of it would. */
typedef struct {
  PsLinkSource *source;
  GHashTable *links; /* owned; ifindex to owned PsLinkEvent */
  GHashTable *fresh; /* owned; ifindexes that a live event or a record told of since BEGIN */
  GHashTable *live;  /* owned; of them, by an event */
  guint n_complete, n_lost;
} Mirror;

static void
apply (Mirror *mirror, const PsLinkEvent *event)
{
  gpointer key = GUINT_TO_POINTER (event->ifindex);
  if (event->from_dump && g_hash_table_contains (mirror->live, key))
    return;
  g_hash_table_add (mirror->fresh, key);
  if (!event->from_dump)
    g_hash_table_add (mirror->live, key);
  if (event->type == PS_LINK_REMOVE)
    g_hash_table_remove (mirror->links, key);
  else
    g_hash_table_insert (mirror->links, key, g_memdup2 (event, sizeof *event));
}

static gboolean
is_absent (gpointer key, gpointer value, gpointer data)
{
  return !g_hash_table_contains (((Mirror *)data)->fresh, key);
}

static void
on_event (Mirror *mirror, const PsLinkEvent *event)
{
  switch (event->type) {
  case PS_LINK_UPSERT:
  case PS_LINK_REMOVE:
    apply (mirror, event);
    break;
  case PS_LINK_SNAPSHOT_BEGIN:
    g_hash_table_remove_all (mirror->fresh);
    g_hash_table_remove_all (mirror->live);
    break;
  case PS_LINK_SNAPSHOT_END:
    mirror->n_complete += event->complete != FALSE;
    if (event->complete)
      g_hash_table_foreach_remove (mirror->links, is_absent, mirror);
    else
      ps_link_source_request_snapshot (mirror->source);
    break;
  case PS_LINK_LOST:
    mirror->n_lost++;
    ps_link_source_request_snapshot (mirror->source);
    break;
  }
}

static void
on_events (const PsLinkEvent *events, gsize n_events, gpointer data)
{
  for (gsize i = 0; i < n_events; i++)
    on_event (data, &events[i]);
}

static void
on_admin_down (const PsNetlinkAdminDownResult *result, gpointer data)
{
}

static void
on_failed (const GError *error, gpointer data)
{
  g_assert_not_reached ();
}

static void
ignore_line (PsLogLevel level, const char *function, const char *text, gpointer data)
{
}

static void
assert_mirrored (Mirror *mirror, PsSimKernel *kernel)
{
  g_assert_cmpuint (g_hash_table_size (mirror->links), ==, ps_sim_kernel_length (kernel));
  for (guint i = 0; i < ps_sim_kernel_length (kernel); i++) {
    const PsSimLink *link = ps_sim_kernel_nth (kernel, i);
    const PsLinkEvent *seen = g_hash_table_lookup (mirror->links, GUINT_TO_POINTER (link->ifindex));
    g_assert_nonnull (seen);
    g_assert_cmpstr (seen->name, ==, link->name);
    g_assert_cmpuint (seen->mtu, ==, link->mtu);
    if (!(link->flags & IFF_UP)) /* Of what is down no carrier is told. */
      continue;
    g_assert_cmphex (seen->flags, ==, link->flags);
    g_assert_cmpuint (seen->carrier.changes, ==, link->carrier.changes);
  }
}

static void
churn (Bed *bed, Mirror *mirror)
{
  static const PsLinkSink sink = {on_events, on_admin_down, on_failed};
  PsRng rng;
  PsClock *clock = PS_CLOCK (bed->clock);
  PsLog *log = ps_log_new (clock, ignore_line, NULL);
  g_autoptr (PsDatagramPort) port =
      ps_sim_kernel_open (bed->kernel, SMALL_ROOM * PS_SOCKET_CHARGE_LINK);
  mirror->source = PS_LINK_SOURCE (ps_netlink_session_new (port, clock, log, 1));
  ps_rng_seed (&rng, bed->seed);
  ps_link_source_start (mirror->source, &sink, mirror);
  ps_link_source_request_snapshot (mirror->source);
  ps_sim_kernel_interrupt_dumps (bed->kernel, 3);
  ps_sim_kernel_fail_dumps (bed->kernel, 2, EINTR);
  ps_sim_kernel_truncate_next (bed->kernel);
  for (guint i = 0; i < N_CHANGES; i++) {
    change (bed->kernel, &rng);
    ps_virtual_clock_advance_to (bed->clock,
                                 ps_clock_now_us (clock) + (gint64)ps_rng_below (&rng, 40));
    if (ps_rng_below (&rng, 100) == 0)
      ps_virtual_clock_advance_to (bed->clock, ps_clock_now_us (clock) + 100 * MS);
    ps_datagram_reader_drain (bed->seen, bed->port);
    ps_datagram_reader_forget (bed->seen);
  }
  ps_virtual_clock_advance_to (bed->clock, ps_clock_now_us (clock) + 20 * G_USEC_PER_SEC);
  assert_mirrored (mirror, bed->kernel);
  g_assert_finalize_object (mirror->source);
  ps_log_free (log);
}

/* Whatever happens (loss, interruption, failure, stale records), the product's session ends with
 * the kernel's own picture. The same seed gives the same bytes, another one others. */
static void
test_churn (void)
{
  guint64 digests[4];
  guint64 n_stale = 0;
  guint n_lost = 0;
  for (guint i = 0; i < G_N_ELEMENTS (digests); i++) {
    Bed bed;
    Mirror mirror = {.links = g_hash_table_new_full (NULL, NULL, NULL, g_free),
                     .fresh = g_hash_table_new (NULL, NULL),
                     .live = g_hash_table_new (NULL, NULL)};
    open_bed (&bed, MAX (i, 1), N_LINKS);
    churn (&bed, &mirror);
    digests[i] = bed.seen->digest;
    n_lost += mirror.n_lost;
    n_stale += ps_sim_kernel_counters (bed.kernel)->stale;
    g_assert_cmpuint (mirror.n_complete, >, 0);
    g_assert_cmpuint (ps_sim_kernel_counters (bed.kernel)->interrupted, ==, 3);
    g_hash_table_unref (mirror.links);
    g_hash_table_unref (mirror.fresh);
    g_hash_table_unref (mirror.live);
    close_bed (&bed);
  }
  g_assert_cmpuint (digests[0], ==, digests[1]);
  g_assert_cmpuint (digests[1], !=, digests[2]);
  g_assert_cmpuint (digests[2], !=, digests[3]);
  g_assert_cmpuint (n_lost, >, 0);
  g_assert_cmpuint (n_stale, >, 0);
}

#define ADD(name, fn) g_test_add ("/sim-dump/" name, Bed, NULL, set_up, fn, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("dump", test_dump);
  ADD ("interleaved", test_interleaved);
  g_test_add_func ("/sim-dump/seeds", test_seeds);
  ADD ("large-record", test_large_record);
  ADD ("changed", test_changed);
  ADD ("busy", test_busy);
  ADD ("dump-faults", test_dump_faults);
  ADD ("live-faults", test_live_faults);
  ADD ("admin-requests", test_admin_requests);
  ADD ("hostile-requests", test_hostile_requests);
  g_test_add_func ("/sim-dump/churn", test_churn);
  return g_test_run ();
}
