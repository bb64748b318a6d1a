/* SPDX-License-Identifier: Apache-2.0 */
/* One port: what the kernel says, what the databases hold, and what is still to be done. Each part
 * of it has one owner, which alone writes it. All other parts read it, or ask the owner by one of
 * its functions. tools/tidy reads the owners from the comments in struct _PsPort and holds src to
 * them. */
#pragma once
#include "base/mark.h"
#include "mirror/flap.h"
G_BEGIN_DECLS

typedef enum {
  PS_PRESENCE_UNKNOWN, /* Not seen, and no complete listing says that it is not there. */
  PS_PRESENCE_PRESENT,
  PS_PRESENCE_GONE,
} PsPresence;

/* The row STATE_DB PORT_TABLE|<name>, as last written or read. present: it has the field `state`,
 * which is what readers take for "the netdev exists". */
typedef struct {
  gboolean present;
  gboolean exact; /* All four fields hold what portsyncd could have written; else rewrite. */
  gboolean up, running;
  guint32 mtu;
  guint32 ifindex; /* Device it was written for; 0: not known (written by an earlier run). */
} PsRowState;

/* What the kernel says of the device that has the port's name. */
typedef struct {
  PsPresence presence;
  guint32 ifindex, flags, mtu; /* valid while PRESENT; IFF_* */
  PsMark seen;                 /* the listing in which its last event came */
  PsFlap flap;
  /* Bits are unsigned: a signed one that is set is -1, and not equal to TRUE. */
  guint had_old : 1; /* a device of an earlier run had this name when the process started */
} PsPortDevice;

/* The port's row in STATE_DB (mirror/row.h). */
typedef struct {
  PsRowState have;        /* what it holds */
  PsMark read;            /* the reading of STATE_DB that found it */
  guint unregistered : 1; /* the device was unregistered: DEL is due whatever the row holds */
  guint repaired : 1;     /* it was no hash and was deleted; no write succeeded since */
} PsPortRow;

/* The port's live row, APPL_DB PORT_TABLE:<name>. */
typedef struct {
  guint there : 1;        /* it was there when last looked at */
  guint stood : 1;        /* a warm start read STATE_DB's row, and did not ask for this one yet */
  guint looked_for : 1;   /* it was asked for since the device came */
  guint told_missing : 1; /* "Cannot find ... in port table" was logged */
} PsPortLive;

/* What the start has to do with the port. */
typedef struct {
  PsMark configured;    /* the reading of CONFIG_DB that found the port; else not set */
  guint pending : 1;    /* PortInitDone waits for it */
  guint precleared : 1; /* never awaited, though configured (docs/rules.md 3.3) */
} PsPortBoot;

/* The sets of names in which the port may be (start/name-set.h). */
typedef enum {
  PS_NAMES_KEPT,       /* in CONFIG_DB, when start/prune.h looked which ports are still there */
  PS_NAMES_CONFIGURED, /* in CONFIG_DB, when start/marker-count.h looked */
  PS_NAMES_LIVE,       /* in APPL_DB, when start/marker-count.h looked */
  PS_N_NAME_SETS,
} PsNameSetId;

typedef struct {
  PsMark in[PS_N_NAME_SETS];
} PsPortNamed;

/* The port's places in the lists of mirror/flush.h. */
typedef struct {
  struct _PsPort *next; /* in the list of marked ports */
  guint dirty : 1;      /* it is in that list */
  guint in_flight : 1;
  guint refused : 2; /* its write was refused; 1 + PsRetryPace: waits for that pause to end */
  guint listed : 2;  /* bits: in the list of each pace, perhaps since long ago */
} PsPortQueue;

/* What the life record says of the port. */
typedef struct {
  guint32 row_ifindex; /* row.have.ifindex as last written there */
} PsPortRecord;

typedef struct _PsPort PsPort;
struct _PsPort {
  char name[IFNAMSIZ];
  PsPortDevice device; /* owner: mirror/links.c mirror/port-table.c */
  PsPortRow row;       /* owner: mirror/row.c */
  PsPortLive live;     /* owner: mirror/poll.c */
  PsPortBoot boot;     /* owner: start/awaited.c */
  PsPortNamed named;   /* owner: start/name-set.c */
  PsPortQueue queue;   /* owner: mirror/flush.c */
  PsPortRecord record; /* owner: engine/journal.c */
};

/* The STATE_DB row that the port ought to have (docs/rules.md 2.3). */
typedef enum {
  PS_WANT_HOLD,   /* Write nothing, keep what is there. */
  PS_WANT_PUT,    /* The four fields. */
  PS_WANT_ABSENT, /* No row. */
} PsWant;

PsWant ps_port_want (const PsPort *self);

/* The row that PS_WANT_PUT asks for. */
PsRowState ps_port_wanted_row (const PsPort *self);

/* TRUE if the row must be deleted: also before it is written for another device
 * (docs/rules.md 2.4). */
gboolean ps_port_must_delete (const PsPort *self);

/* TRUE if the four fields must be written; assumes that a due deletion goes first. */
gboolean ps_port_must_put (const PsPort *self);

/* TRUE if STATE_DB holds exactly the wanted row of a device that is there, and no write is on its
 * way. That a warm start found it so is enough: it was written when the live row was there. */
gboolean ps_port_is_published (const PsPort *self);
G_END_DECLS
