/* SPDX-License-Identifier: Apache-2.0 */
/* One port: what the kernel says, what the databases hold, and what is still to be done. */
#pragma once
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
  gboolean exact; /* All four fields hold what we could have written; else rewrite. */
  gboolean up, running;
  guint32 mtu;
  guint32 ifindex; /* Device it was written for; 0: not known (written by an earlier run). */
} PsRowState;

typedef struct _PsPort PsPort;
struct _PsPort {
  char name[IFNAMSIZ];
  /* Kernel: */
  PsPresence presence;
  guint32 ifindex, flags, mtu; /* valid while PRESENT; IFF_* */
  guint32 seen;                /* snapshot number of the last event */
  PsFlap flap;
  /* Databases: */
  PsRowState row;
  guint32 journaled_row; /* row.ifindex as the life record has it */
  guint32 row_read;      /* number of the STATE_DB reading that found the row */
  guint64 config_read;   /* number of the CONFIG_DB reading that found the port; 0: never */
  guint32 named;         /* number of the last reading of names (start/prune.h) that found it */
  guint32 counted_configured, counted_live; /* the same of the last looks of start/marker-count.h */
  /* Bits are unsigned: a signed one that is set is -1, and not equal to TRUE. */
  guint live : 1;         /* APPL_DB PORT_TABLE:<name> was there when last looked at */
  guint stood : 1;        /* a warm start read its row, and did not ask for the live one yet */
  guint pending : 1;      /* PortInitDone waits for it */
  guint had_old : 1;      /* a device of an earlier run had this name when we started */
  guint precleared : 1;   /* never awaited, though pending (docs/rules.md 3.3) */
  guint unregistered : 1; /* the device was unregistered: DEL is due whatever the row holds */
  guint looked_for : 1;   /* the live row was asked for since the device came */
  guint told_missing : 1; /* "Cannot find … in port table" was logged */
  /* Owned by flush: */
  guint dirty : 1, in_flight : 1;
  guint refused : 2;  /* its write was refused; 1 + PsRetryPace: waits for that pause to end */
  guint listed : 2;   /* bits: in flush's list of each pace, perhaps since long ago */
  guint repaired : 1; /* its row was no hash and was deleted; no write succeeded since */
  PsPort *next_dirty;
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
