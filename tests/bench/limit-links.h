/* SPDX-License-Identifier: Apache-2.0 */
/* rtnetlink with bare system calls: the least that can be done to read and set links. */
#pragma once
#include <linux/netlink.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes offered to a receive; the kernel makes its dump parts to measure (docs/kernel.md 4). */
#define LIMIT_BUFFER_BYTES (64 * 1024)

typedef struct {
  int32_t ifindex;
  uint32_t flags, mtu, master;
  uint32_t changes, ups, downs; /* of the carrier */
  char name[IF_NAMESIZE];
  char kind[IF_NAMESIZE];
} LimitLink;

/* A socket; with listen, subscribed to link messages with SONiC's 16 MiB receive buffer. */
int limit_links_open (bool listen);

/* TRUE if message is an RTM_NEWLINK of a port (Ethernet*, no sub-interface), taken apart into
 * out. */
bool limit_links_walk (const struct nlmsghdr *message, LimitLink *out);

/* Lists all links once; each port's is handed to port. Returns the number of messages. */
typedef void (*LimitPortFn) (const LimitLink *link, void *user_data);
uint32_t limit_links_dump (int fd, LimitPortFn port, void *user_data);

/* Clears IFF_UP of n links, 64 requests a datagram, only the last of each answered. */
void limit_links_down (int fd, const int32_t *ifindexes, size_t n);
