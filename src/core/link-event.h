/* SPDX-License-Identifier: Apache-2.0 */
/* One fact about the kernel's links, as a plain value: copied, recorded, compared. */
#pragma once
#include <glib.h>
#include <net/if.h>
G_BEGIN_DECLS

typedef enum {
  PS_LINK_UPSERT,         /* The link exists (RTM_NEWLINK). */
  PS_LINK_REMOVE,         /* The link is gone (RTM_DELLINK). */
  PS_LINK_SNAPSHOT_BEGIN, /* A full listing was requested; events from here on outrank it. */
  PS_LINK_SNAPSHOT_END,   /* The listing ended; see complete. */
  PS_LINK_LOST,           /* Messages were lost: what is known may be wrong until a snapshot. */
} PsLinkEventType;

/* Which optional attributes the message carried. A missing one keeps its last value. */
typedef enum {
  PS_LINK_HAS_MTU = 1 << 0,
  PS_LINK_HAS_MASTER = 1 << 1,
  PS_LINK_HAS_KIND = 1 << 2,
  PS_LINK_HAS_CARRIER = 1 << 3, /* All three of IFLA_CARRIER_CHANGES, _UP_COUNT, _DOWN_COUNT. */
} PsLinkFields;

typedef struct {
  guint32 changes, ups, downs; /* IFLA_CARRIER_CHANGES (35), _UP_COUNT (47), _DOWN_COUNT (48) */
} PsCarrier;

typedef struct {
  PsLinkEventType type;
  /* UPSERT and REMOVE: */
  gboolean from_dump;  /* Part of the answer to the session's own request. */
  gboolean registered; /* The kernel announces a device that did not exist before (ifi_change is
                        * all ones on register and unregister, docs/kernel.md 5.2). */
  guint32 fields;      /* PsLinkFields */
  guint32 ifindex;     /* > 0 */
  guint32 flags;       /* IFF_* as in ifi_flags; IFF_UP = 0x1, IFF_RUNNING = 0x40 */
  guint32 mtu;
  guint32 master; /* ifindex of the bridge, bond or team; absent means none */
  PsCarrier carrier;
  char name[IFNAMSIZ]; /* Never empty; any bytes but NUL. */
  char kind[IFNAMSIZ]; /* IFLA_INFO_KIND: "veth", "team" … cut to fit */
  gint64 received_us;  /* PsClock time at which the datagram was read. */
  /* SNAPSHOT_END: */
  gboolean complete; /* Ended by NLMSG_DONE, uninterrupted, and nothing lost since the request. */
} PsLinkEvent;
G_END_DECLS
