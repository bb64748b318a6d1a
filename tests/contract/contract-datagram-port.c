/* SPDX-License-Identifier: Apache-2.0 */
/* What every PsDatagramPort does. Argument: fake, sim (a socket of the simulated kernel), or socket
 * (root; in a namespace of its own). */
#include "backends/netlink/encode.h"
#include "backends/netlink/socket.h"
#include "sim/world/kernel.h"
#include "sim/world/socket-queue.h"
#include "tests/support/kernel-relay.h"
#include "base/virtual-clock.h"
#include "tests/support/netdevs.h"
#include "tests/support/netns.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINK         "Ethernet0"
#define IFINDEX      100
#define TINY_BYTES   8192 /* Room for a handful of link messages. */
#define ROOM         4
#define MANY         50 /* Beyond either room. */
#define FOREIGN_PORT 4242
#define SMALL_BYTES  (45 * 1024) /* Room for a part of a dump and a few live messages. */
#define N_STARVING   6           /* live messages beside which a part finds none */
#define N_LINKS      60          /* more than one part */

static gboolean is_real, is_sim;

typedef struct {
  PsDatagramPort *port;
  PsVirtualClock *clock;    /* fake and sim */
  PsFakeDatagramPort *fake; /* = port */
  PsKernelRelay *relay;     /* fake only: the port is its */
  PsSimKernel *sim;         /* fake and sim */
  PsNetdevs *netdevs;       /* real only */
  guint n_provoked;
  guint n_ready;
  guint8 buffer[65536];
  PsDatagramInfo info;
} Bed;

static void
set_up_fake (Bed *bed)
{
  bed->clock = ps_virtual_clock_new ();
  bed->relay = ps_kernel_relay_new (PS_CLOCK (bed->clock));
  bed->sim = bed->relay->kernel;
  bed->fake = g_object_ref (bed->relay->port);
  bed->port = PS_DATAGRAM_PORT (bed->fake);
  ps_sim_kernel_add (bed->sim, LINK, IFINDEX, "veth");
  ps_kernel_relay_pass (bed->relay);
  ps_fake_datagram_port_set_room (bed->fake, ROOM);
}

static void
set_up_sim (Bed *bed)
{
  bed->clock = ps_virtual_clock_new ();
  bed->sim = ps_sim_kernel_new (PS_CLOCK (bed->clock), 1);
  bed->port = ps_sim_kernel_open (bed->sim, ROOM * PS_SOCKET_CHARGE_LINK);
  g_assert_cmpuint (ps_sim_kernel_add (bed->sim, LINK, IFINDEX, "veth"), ==, IFINDEX);
}

static void
set_up_real (Bed *bed)
{
  g_autoptr (GError) error = NULL;
  ps_netns_enter_new ();
  bed->netdevs = ps_netdevs_new ();
  bed->port = PS_DATAGRAM_PORT (ps_netlink_socket_new (NULL, TINY_BYTES, &error));
  g_assert_no_error (error);
  ps_netdevs_add (bed->netdevs, LINK, "bridge", IFINDEX);
  ps_netdevs_commit (bed->netdevs);
}

static PsDatagramResult
receive (Bed *bed, gsize size)
{
  return ps_datagram_port_receive (bed->port, bed->buffer, size, &bed->info);
}

static void
drain (Bed *bed)
{
  while (receive (bed, sizeof bed->buffer) != PS_DATAGRAM_WOULD_BLOCK)
    g_assert_cmpint (bed->info.error, ==, 0);
}

static void
set_up (Bed *bed, gconstpointer data)
{
  if (is_real)
    set_up_real (bed);
  else if (is_sim)
    set_up_sim (bed);
  else
    set_up_fake (bed);
  drain (bed);
}

static void
tear_down (Bed *bed, gconstpointer data)
{
  g_clear_pointer (&bed->netdevs, ps_netdevs_free);
  if (bed->relay != NULL)
    bed->sim = NULL;
  g_clear_pointer (&bed->relay, ps_kernel_relay_free);
  g_assert_finalize_object (bed->port);
  g_clear_pointer (&bed->sim, ps_sim_kernel_free);
  if (bed->clock != NULL) {
    g_assert_cmpuint (ps_virtual_clock_n_timers (bed->clock), ==, 0);
    g_assert_finalize_object (bed->clock);
  }
}

static guint32
drops (Bed *bed)
{
  guint32 n;
  g_assert_true (ps_datagram_port_drops (bed->port, &n));
  return n;
}

/* n live messages about the link arrive, a datagram each. */
static void
provoke (Bed *bed, guint n)
{
  for (guint i = 0; i < n; i++, bed->n_provoked++) {
    if (is_real)
      ps_netdevs_set_mtu (bed->netdevs, LINK, 1000 + bed->n_provoked);
    else
      ps_sim_kernel_set_mtu (bed->sim, IFINDEX, 1000 + bed->n_provoked);
  }
  if (is_real)
    ps_netdevs_commit (bed->netdevs);
  if (bed->relay != NULL)
    ps_kernel_relay_pass (bed->relay);
}

static struct nlmsghdr
header (Bed *bed)
{
  struct nlmsghdr out;
  g_assert_cmpuint (bed->info.length, >=, sizeof out);
  memcpy (&out, bed->buffer, sizeof out);
  return out;
}

/* One turn of the loop, without waiting. */
static void
turn (Bed *bed)
{
  if (is_real)
    g_main_context_iteration (NULL, FALSE);
  else
    (void)ps_virtual_clock_step (bed->clock);
}

/* A new port has nothing to read, dropped nothing and has an identity. */
static void
test_idle (Bed *bed, gconstpointer data)
{
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_WOULD_BLOCK);
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_WOULD_BLOCK);
  g_assert_cmpuint (drops (bed), ==, 0);
  g_assert_cmpuint (ps_datagram_port_port_id (bed->port), !=, 0);
}

/* Datagrams of the kernel arrive whole, each once, with their length. */
static void
test_receive (Bed *bed, gconstpointer data)
{
  provoke (bed, 2);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_RECEIVED);
    g_assert_cmpuint (bed->info.sender, ==, 0);
    g_assert_cmpuint (header (bed).nlmsg_type, ==, RTM_NEWLINK);
    g_assert_cmpuint (NLMSG_ALIGN (header (bed).nlmsg_len), ==, NLMSG_ALIGN (bed->info.length));
  }
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_WOULD_BLOCK);
}

/* A datagram that does not fit tells its whole length, writes no byte beyond the buffer and is
 * gone. */
static void
test_truncated (Bed *bed, gconstpointer data)
{
  memset (bed->buffer, 0xaa, sizeof bed->buffer);
  provoke (bed, 1);
  g_assert_cmpint (receive (bed, 20), ==, PS_DATAGRAM_RECEIVED);
  g_assert_cmpuint (bed->info.length, >, 20);
  g_assert_cmpuint (header (bed).nlmsg_type, ==, RTM_NEWLINK);
  g_assert_cmpuint (bed->buffer[20], ==, 0xaa);
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_WOULD_BLOCK);
}

/* A dump request is answered on the same port, with its number and our identity, up to a DONE. */
static void
test_dump (Bed *bed, gconstpointer data)
{
  guint8 request[PS_NETLINK_DUMP_BYTES];
  guint n_links = 0;
  gsize size = ps_netlink_encode_dump (request, 1234);
  g_assert_cmpint (ps_datagram_port_send (bed->port, request, size), ==, 0);
  gboolean done = FALSE;
  while (!done) {
    g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_RECEIVED);
    struct nlmsghdr message;
    for (gsize at = 0; at < bed->info.length; at += NLMSG_ALIGN (message.nlmsg_len)) {
      memcpy (&message, bed->buffer + at, sizeof message);
      g_assert_cmpuint (message.nlmsg_seq, ==, 1234);
      g_assert_cmpuint (message.nlmsg_pid, ==, ps_datagram_port_port_id (bed->port));
      g_assert_true (message.nlmsg_flags & NLM_F_MULTI);
      n_links += message.nlmsg_type == RTM_NEWLINK;
      done = done || message.nlmsg_type == NLMSG_DONE;
    }
  }
  g_assert_cmpuint (n_links, ==, is_real ? 2 : 1); /* A namespace has lo. */
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_WOULD_BLOCK);
}

/* A change of a link that is not there is refused with an answer of its number. */
static void
test_refusal (Bed *bed, gconstpointer data)
{
  guint8 request[PS_NETLINK_ADMIN_DOWN_BYTES];
  gsize size = ps_netlink_encode_admin_down (request, (guint32[]){9999}, 1, 55);
  struct nlmsgerr answer;
  g_assert_cmpint (ps_datagram_port_send (bed->port, request, size), ==, 0);
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_RECEIVED);
  g_assert_cmpuint (header (bed).nlmsg_type, ==, NLMSG_ERROR);
  g_assert_cmpuint (header (bed).nlmsg_seq, ==, 55);
  memcpy (&answer, bed->buffer + NLMSG_HDRLEN, sizeof answer);
  g_assert_cmpint (answer.error, ==, -ENODEV);
}

/* An overrun is told once, before the older messages that still wait. Until they are read, what
 * comes is dropped, too; after that the port works. The drop counter knows all. */
static void
test_overrun (Bed *bed, gconstpointer data)
{
  guint n_received = 0;
  provoke (bed, MANY);
  guint32 n_dropped = drops (bed);
  g_assert_cmpuint (n_dropped, >, 0);
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_OVERRUN);
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_RECEIVED);
  n_received++;
  provoke (bed, 1);
  g_assert_cmpuint (drops (bed), ==, n_dropped + 1);
  while (receive (bed, sizeof bed->buffer) == PS_DATAGRAM_RECEIVED)
    n_received++;
  g_assert_cmpuint (n_received + n_dropped, ==, MANY);
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_WOULD_BLOCK);
  provoke (bed, 1);
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_RECEIVED);
  g_assert_cmpuint (drops (bed), ==, n_dropped + 1);
}

static void
add_links (Bed *bed)
{
  for (guint i = 0; i < N_LINKS; i++) {
    g_autofree char *name = g_strdup_printf ("br%u", i);
    if (is_real)
      ps_netdevs_add (bed->netdevs, name, "bridge", IFINDEX + 1 + i);
    else
      ps_sim_kernel_add (bed->sim, name, IFINDEX + 1 + i, "bridge");
  }
  if (is_real)
    ps_netdevs_commit (bed->netdevs);
}

/* Another port, with more links than fit into the first part of a dump. */
static void
open_small (Bed *bed)
{
  g_autoptr (GError) error = NULL;
  if (!is_real && !is_sim) {
    ps_fake_datagram_port_set_room (bed->fake, 0);
    return;
  }
  add_links (bed);
  g_assert_finalize_object (bed->port);
  if (is_real)
    bed->port = PS_DATAGRAM_PORT (ps_netlink_socket_new (NULL, SMALL_BYTES / 2, &error));
  else
    bed->port = ps_sim_kernel_open (bed->sim, SMALL_BYTES);
  g_assert_no_error (error);
}

/* Reads all, DONE among it. Returns how many overruns were told on the way. */
static guint
read_dump (Bed *bed, guint *out_n_links, guint *out_n_live)
{
  guint n_overruns = 0;
  *out_n_links = *out_n_live = 0;
  gboolean is_done = FALSE;
  PsDatagramResult result;
  while ((result = receive (bed, sizeof bed->buffer)) != PS_DATAGRAM_WOULD_BLOCK) {
    n_overruns += result == PS_DATAGRAM_OVERRUN;
    if (result == PS_DATAGRAM_OVERRUN)
      continue;
    g_assert_cmpint (result, ==, PS_DATAGRAM_RECEIVED);
    struct nlmsghdr message;
    for (gsize at = 0; at < bed->info.length; at += NLMSG_ALIGN (message.nlmsg_len)) {
      memcpy (&message, bed->buffer + at, sizeof message);
      gboolean is_link = message.nlmsg_type == RTM_NEWLINK;
      *out_n_links += is_link && (message.nlmsg_flags & NLM_F_MULTI) != 0;
      *out_n_live += is_link && (message.nlmsg_flags & NLM_F_MULTI) == 0;
      is_done = is_done || message.nlmsg_type == NLMSG_DONE;
    }
  }
  g_assert_true (is_done);
  return n_overruns;
}

/* A part of a dump that finds no room beside live messages comes later: the dump is whole, every
 * live message comes, and nothing was dropped, though some kernels say ENOBUFS. */
static void
test_starved_dump (Bed *bed, gconstpointer data)
{
  guint8 request[PS_NETLINK_DUMP_BYTES];
  guint n_links, n_live;
  gsize size = ps_netlink_encode_dump (request, 1234);
  open_small (bed);
  guint32 n_dropped = drops (bed);
  if (is_sim)
    ps_sim_kernel_hold_dump (bed->sim, TRUE);
  else if (!is_real)
    ps_fake_datagram_port_starve_dump (bed->fake);
  g_assert_cmpint (ps_datagram_port_send (bed->port, request, size), ==, 0);
  provoke (bed, N_STARVING);
  if (is_sim)
    ps_sim_kernel_hold_dump (bed->sim, FALSE);
  guint n_overruns = read_dump (bed, &n_links, &n_live);
  g_test_message ("%u overruns", n_overruns);
  g_assert_true (is_real || n_overruns > 0);
  g_assert_cmpuint (n_links, ==, is_real ? N_LINKS + 2 : is_sim ? N_LINKS + 1 : 1);
  g_assert_cmpuint (n_live, ==, bed->n_provoked);
  g_assert_cmpuint (drops (bed), ==, n_dropped);
}

static void
on_ready (gpointer data)
{
  ((Bed *)data)->n_ready++;
}

/* Readiness is a level: ready is called again and again until all was read, never inside another
 * call, and not after it was taken away. */
static void
test_readiness (Bed *bed, gconstpointer data)
{
  provoke (bed, 1);
  ps_datagram_port_set_ready (bed->port, on_ready, bed);
  g_assert_cmpuint (bed->n_ready, ==, 0);
  for (guint i = 1; i <= 3; i++) {
    turn (bed);
    g_assert_cmpuint (bed->n_ready, ==, i);
  }
  drain (bed);
  for (guint i = 0; i < 3; i++)
    turn (bed);
  g_assert_cmpuint (bed->n_ready, ==, 3);
  provoke (bed, 1);
  turn (bed);
  g_assert_cmpuint (bed->n_ready, ==, 4);
  ps_datagram_port_set_ready (bed->port, NULL, NULL);
  turn (bed);
  g_assert_cmpuint (bed->n_ready, ==, 4);
  ps_datagram_port_set_ready (bed->port, on_ready, bed);
  turn (bed);
  g_assert_cmpuint (bed->n_ready, ==, 5);
  ps_datagram_port_set_ready (bed->port, NULL, NULL);
}

static void
on_ready_once (gpointer data)
{
  Bed *bed = data;
  bed->n_ready++;
  ps_datagram_port_set_ready (bed->port, NULL, NULL);
}

/* Readiness may be taken away from inside its own call. */
static void
test_readiness_ends_itself (Bed *bed, gconstpointer data)
{
  ps_datagram_port_set_ready (bed->port, on_ready_once, bed);
  provoke (bed, 2);
  for (guint i = 0; i < 3; i++)
    turn (bed);
  g_assert_cmpuint (bed->n_ready, ==, 1);
}

/* An overrun makes the port ready though nothing may be queued. */
static void
test_overrun_is_ready (Bed *bed, gconstpointer data)
{
  provoke (bed, MANY);
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_OVERRUN);
  drain (bed);
  ps_datagram_port_set_ready (bed->port, on_ready, bed);
  turn (bed);
  g_assert_cmpuint (bed->n_ready, ==, 0);
  provoke (bed, MANY);
  turn (bed);
  g_assert_cmpuint (bed->n_ready, ==, 1);
  ps_datagram_port_set_ready (bed->port, NULL, NULL);
}

static void
send_as_foreigner (Bed *bed)
{
  struct sockaddr_nl own = {.nl_family = AF_NETLINK, .nl_pid = FOREIGN_PORT};
  struct sockaddr_nl to = {.nl_family = AF_NETLINK, .nl_pid = ps_datagram_port_port_id (bed->port)};
  struct nlmsghdr message = {.nlmsg_len = sizeof message, .nlmsg_type = RTM_DELLINK};
  int fd = socket (AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (bind (fd, (struct sockaddr *)&own, sizeof own), ==, 0);
  g_assert_cmpint (sendto (fd, &message, sizeof message, 0, (struct sockaddr *)&to, sizeof to), ==,
                   (int)sizeof message);
  close (fd);
}

/* A datagram of another process bears its sender's identity, so that it can be told apart. */
static void
test_foreign_sender (Bed *bed, gconstpointer data)
{
  if (is_real)
    send_as_foreigner (bed);
  else if (is_sim)
    ps_sim_kernel_forge (bed->sim, FOREIGN_PORT, (const guint8 *)"forged", 6);
  else
    ps_fake_datagram_port_push_from (bed->fake, (const guint8 *)"forged", 6, FOREIGN_PORT);
  g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_RECEIVED);
  g_assert_cmpuint (bed->info.sender, ==, FOREIGN_PORT);
}

/* The descriptor of the socket with our identity. */
static int
find_descriptor (Bed *bed)
{
  for (int fd = 3; fd < 1024; fd++) {
    struct sockaddr_nl name = {0};
    socklen_t size = sizeof name;
    if (getsockname (fd, (struct sockaddr *)&name, &size) == 0 && name.nl_family == AF_NETLINK &&
        name.nl_pid == ps_datagram_port_port_id (bed->port))
      return fd;
  }
  g_assert_not_reached ();
}

static void
break_port (Bed *bed)
{
  if (is_sim) {
    ps_sim_kernel_close_sockets (bed->sim, ENOTSOCK);
    return;
  }
  if (!is_real) {
    ps_fake_datagram_port_close (bed->fake, ENOTSOCK);
    return;
  }
  int fd = find_descriptor (bed), other = open ("/dev/zero", O_RDONLY | O_CLOEXEC);
  g_assert_cmpint (dup3 (other, fd, O_CLOEXEC), ==, fd);
  close (other);
}

/* A port that died says so, with the errno, on every call. */
static void
test_closed (Bed *bed, gconstpointer data)
{
  break_port (bed);
  for (guint i = 0; i < 2; i++) {
    g_assert_cmpint (receive (bed, sizeof bed->buffer), ==, PS_DATAGRAM_CLOSED);
    g_assert_cmpint (bed->info.error, ==, ENOTSOCK);
  }
  guint32 n;
  g_assert_cmpint (ps_datagram_port_send (bed->port, bed->buffer, 16), ==, ENOTSOCK);
  g_assert_false (ps_datagram_port_drops (bed->port, &n));
}

static void
add (const char *implementation, const char *name, void (*test) (Bed *, gconstpointer))
{
  g_autofree char *path = g_strdup_printf ("/datagram-port/%s/%s", implementation, name);
  g_test_add (path, Bed, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  is_real = strcmp (argv[1], "socket") == 0;
  is_sim = strcmp (argv[1], "sim") == 0;
  g_assert_true (is_real || is_sim || strcmp (argv[1], "fake") == 0);
  add (argv[1], "idle", test_idle);
  add (argv[1], "receive", test_receive);
  add (argv[1], "truncated", test_truncated);
  add (argv[1], "dump", test_dump);
  add (argv[1], "refusal", test_refusal);
  add (argv[1], "overrun", test_overrun);
  add (argv[1], "starved-dump", test_starved_dump);
  add (argv[1], "readiness", test_readiness);
  add (argv[1], "readiness-ends-itself", test_readiness_ends_itself);
  add (argv[1], "overrun-is-ready", test_overrun_is_ready);
  add (argv[1], "foreign-sender", test_foreign_sender);
  add (argv[1], "closed", test_closed);
  return g_test_run ();
}
