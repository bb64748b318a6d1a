/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's links as libnl reads them: the oracle, which shares no code with the product. */
#pragma once
#include <glib.h>
#include <net/if.h>
G_BEGIN_DECLS

typedef struct {
  char name[IF_NAMESIZE];
  char kind[16]; /* IFLA_INFO_KIND, or "" */
  int ifindex;
  guint flags, mtu;
  int master;
  guint32 changes, ups, downs; /* IFLA_CARRIER_CHANGES, _UP_COUNT, _DOWN_COUNT */
} PsKernelLink;

/* Every link of the calling thread's network namespace, of one complete dump. */
GArray *ps_kernel_dump (void);

/* NULL if there is none of that name. The pointer is into links. */
const PsKernelLink *ps_kernel_find (GArray *links, const char *name);
G_END_DECLS
