/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/limit-links.h"
#include "tests/bench/limit-redis.h"
#include "tests/bench/limit.h"
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define IFINDEX_MAX 262144
#define BUDGET      256  /* messages between two flushes, as the daemon's */
#define BATCH       512  /* commands in flight */
#define LINES_MAX   2000 /* log lines, the daemon's burst; what follows is beneath notice */

typedef struct Port Port;
struct Port {
  char name[IF_NAMESIZE];
  uint32_t flags, mtu, ups, downs;
  uint32_t sent_flags, sent_mtu;
  bool dirty, written;
  Port *next;
};

static Port *by_ifindex[IFINDEX_MAX];
static Port *first, *last;
static size_t n_marked, n_in_flight;
static Port *in_flight[BATCH];
static int log_fd = -1;
static size_t n_lines;

static void
mark (Port *port)
{
  if (port->dirty)
    return;
  port->dirty = true;
  port->next = NULL;
  if (last != NULL)
    last->next = port;
  else
    first = port;
  last = port;
  n_marked++;
}

size_t
limit_absorb (const void *message)
{
  LimitLink link;
  if (!limit_links_walk (message, &link) || link.ifindex <= 0 || link.ifindex >= IFINDEX_MAX)
    return n_marked;
  Port *port = by_ifindex[link.ifindex];
  if (port == NULL) {
    port = by_ifindex[link.ifindex] = calloc (1, sizeof *port);
    memcpy (port->name, link.name, sizeof port->name);
  }
  port->flags = link.flags;
  port->mtu = link.mtu;
  port->ups = link.ups;
  port->downs = link.downs;
  mark (port);
  return n_marked;
}

/* Reads until the queue is empty or the budget is spent. */
static void
read_links (int fd)
{
  static _Alignas(NLMSG_ALIGNTO) char buffer[LIMIT_BUFFER_BYTES];
  for (int i = 0; i < BUDGET; i++) {
    ssize_t size = recv (fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size < 0 && errno == EAGAIN)
      return;
    if (size < 0) {
      perror ("limit: recv");
      exit (1);
    }
    unsigned left = (unsigned)size;
    for (struct nlmsghdr *h = (void *)buffer; NLMSG_OK (h, left); h = NLMSG_NEXT (h, left))
      limit_absorb (h);
  }
}

static void
put_row (LimitRedis *redis, const Port *port)
{
  static const char command[] = "*10\r\n$4\r\nHSET\r\n";
  static const char state[] = "$5\r\nstate\r\n$2\r\nok\r\n$18\r\nnetdev_oper_status\r\n";
  static const char up[] = "$2\r\nup\r\n", down[] = "$4\r\ndown\r\n";
  static const char admin[] = "$12\r\nadmin_status\r\n", mtu[] = "$3\r\nmtu\r\n";
  char key[32] = "PORT_TABLE|", digits[12];
  size_t size = strlen (port->name), n = sizeof digits;
  memcpy (key + 11, port->name, size);
  limit_redis_raw (redis, command, sizeof command - 1);
  limit_redis_bulk (redis, key, 11 + size);
  limit_redis_raw (redis, state, sizeof state - 1);
  if (port->flags & IFF_RUNNING)
    limit_redis_raw (redis, up, sizeof up - 1);
  else
    limit_redis_raw (redis, down, sizeof down - 1);
  limit_redis_raw (redis, admin, sizeof admin - 1);
  if (port->flags & IFF_UP)
    limit_redis_raw (redis, up, sizeof up - 1);
  else
    limit_redis_raw (redis, down, sizeof down - 1);
  limit_redis_raw (redis, mtu, sizeof mtu - 1);
  uint32_t value = port->mtu;
  do
    digits[--n] = (char)('0' + value % 10);
  while ((value /= 10) > 0);
  limit_redis_bulk (redis, digits + n, sizeof digits - n);
}

/* Only what differs is written, one batch in flight. */
static void
flush (LimitRedis *redis)
{
  const uint32_t shown = IFF_UP | IFF_RUNNING;
  while (n_in_flight < BATCH && first != NULL) {
    Port *port = first;
    first = port->next;
    n_marked--;
    port->dirty = false;
    if (first == NULL)
      last = NULL;
    if (port->written && ((port->sent_flags ^ port->flags) & shown) == 0 &&
        port->sent_mtu == port->mtu)
      continue;
    port->written = true;
    port->sent_flags = port->flags;
    port->sent_mtu = port->mtu;
    put_row (redis, port);
    in_flight[n_in_flight++] = port;
  }
  if (n_in_flight > 0)
    limit_redis_send (redis);
}

static void
log_row (const Port *port)
{
  char line[128];
  static const char head[] = "<13>Jan  1 00:00:00 portsyncd: :- take_outcome: Publish ";
  size_t size = strlen (port->name), n = sizeof head - 1;
  memcpy (line, head, n);
  memcpy (line + n, port->name, size);
  n += size;
  memcpy (line + n, port->flags & IFF_RUNNING ? "(ok:up) to state db" : "(ok:no) to state db", 19);
  send (log_fd, line, n + 19, MSG_DONTWAIT | MSG_NOSIGNAL); /* A full socket costs the line. */
}

static void
on_replies (LimitRedis *redis, size_t *n_answered)
{
  *n_answered += limit_redis_count_integers (redis);
  if (*n_answered < n_in_flight)
    return;
  for (size_t i = 0; i < n_in_flight && n_lines < LINES_MAX && log_fd >= 0; i++, n_lines++)
    log_row (in_flight[i]);
  *n_answered = n_in_flight = 0;
}

static void
open_log (const char *path)
{
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (path == NULL || strlen (path) >= sizeof address.sun_path)
    return;
  memcpy (address.sun_path, path, strlen (path));
  log_fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (connect (log_fd, (struct sockaddr *)&address, sizeof address) != 0) {
    perror ("limit: log");
    exit (1);
  }
}

void
limit_mirror (const char *redis_path, const char *log_path)
{
  LimitRedis redis;
  size_t n_answered = 0;
  int links = limit_links_open (true);
  limit_redis_open (&redis, redis_path, 6);
  open_log (log_path);
  if (write (1, "r", 1) != 1)
    exit (1);
  for (;;) {
    struct pollfd fds[] = {{links, POLLIN, 0}, {redis.fd, POLLIN, 0}};
    poll (fds, 2, -1);
    if (fds[1].revents != 0)
      on_replies (&redis, &n_answered);
    if (fds[0].revents != 0)
      read_links (links);
    if (n_in_flight == 0)
      flush (&redis);
  }
}
