/* SPDX-License-Identifier: Apache-2.0 */
/* Datagrams that a reader of link messages must take without harm: malformed ones, ones that mean
 * nothing, and ones that are not the kernel's. None of them tells of a change. */
#pragma once
#include "sim/world/kernel.h"
G_BEGIN_DECLS

typedef enum {
  PS_FORGED_FOREIGN,    /* RTM_DELLINK of the device, from another process */
  PS_FORGED_GHOST,      /* RTM_DELLINK of the name with an ifindex of an earlier life */
  PS_FORGED_BRIDGE,     /* RTM_DELLINK of AF_BRIDGE with IFLA_MASTER: it left a bridge */
  PS_FORGED_BARE,       /* RTM_NEWLINK, true, with the name alone */
  PS_FORGED_NAMELESS,   /* RTM_NEWLINK without IFLA_IFNAME */
  PS_FORGED_LONG_NAME,  /* RTM_NEWLINK whose name fills its attribute, without an end */
  PS_FORGED_SHORT,      /* nlmsg_len is less than a header */
  PS_FORGED_BEYOND,     /* nlmsg_len reaches beyond the datagram */
  PS_FORGED_EMPTY_ATTR, /* rta_len 0: a walk that adds it stands still */
  PS_FORGED_HUGE,       /* RTM_NEWLINK, true, with 60 KiB of IFLA_VFINFO_LIST behind it */
  PS_FORGED_ERROR,      /* NLMSG_ERROR that answers nothing */
  PS_FORGED_DONE,       /* NLMSG_DONE that answers nothing */
  PS_FORGED_UNKNOWN,    /* a message type that Linux may invent */
  PS_FORGED_N,
} PsForged;

/* For scenario files, in the order of the enumeration; NULL-terminated. */
extern const char *const ps_forged_names[PS_FORGED_N + 1];

/* Puts it into the queue of every socket. */
void ps_forged_send (PsSimKernel *kernel, PsForged kind, const PsSimLink *link);
G_END_DECLS
