/* SPDX-License-Identifier: Apache-2.0 */
/* The life record: what neither the kernel nor Redis remembers when only this process dies
 * (docs/rules.md 6.1). A journal of text lines, each with a checksum; a torn or damaged line is
 * skipped and costs only itself. Pure: bytes in, bytes out.
 *
 *   portsyncd-life 1              format
 *   boot ID                       kernel's boot id
 *   init N                        start time of PID 1 (/proc/1/stat, field 22)
 *   netns TEXT                    the network namespace of the process
 *   old IFINDEX                   device of an earlier run, ignored
 *   old-gone IFINDEX
 *   copied                        PortConfigDone was acknowledged
 *   precleared NAME               PortInitDone does not wait for it
 *   port NAME ROW FLAP C U D UPS DOWNS
 *        ROW: device the STATE_DB row was written for (0: no row);
 *        FLAP: device of the carrier baseline C U D; UPS, DOWNS: counted on devices before it
 *   seen NAME IFINDEX C U D       carrier counters last seen, as of the last rewriting */
#pragma once
#include "base/log.h"
#include "core/life-identity.h"
#include "mirror/port.h"
G_BEGIN_DECLS

/* Bytes; a larger file is no life record, and is not read. */
#define PS_LIFE_SIZE_MAX (64 * 1024 * 1024)

typedef struct {
  char name[IFNAMSIZ];
  guint32 row_ifindex;
  PsFlap flap; /* last equals base, or what "seen" says */
  gboolean precleared;
} PsLifePort;

typedef struct {
  PsLifeIdentity identity; /* boot_id and netns are NULL when their lines are missing */
  gboolean has_init;       /* ... and this is FALSE */
  gboolean copied;
  GHashTable *old;   /* owned set of ifindexes */
  GHashTable *ports; /* owned; name -> PsLifePort */
  GPtrArray *order;  /* owned; the same, in the order in which the record names them first */
  guint n_damaged;   /* lines skipped */
} PsLifeRecord;

/* Reads a record; NULL with a reason (static) if it is no record of this format. */
PsLifeRecord *ps_life_record_parse (const char *text, gsize size, const char **out_reason);
void ps_life_record_free (PsLifeRecord *self);

/* Gives the memory of the ports back, once the port table has taken them over. */
void ps_life_record_drop_ports (PsLifeRecord *self);

/* NULL, or the (static) name of the first thing that differs. */
const char *ps_life_record_differs (const PsLifeRecord *self, const PsLifeIdentity *now);

/* Boot and network namespace are the same, whatever PID 1 is: what the record says of devices is
 * true of today's, for an ifindex means the same device. So after a restart of the container. */
gboolean ps_life_record_is_of_kernel (const PsLifeRecord *self, const PsLifeIdentity *now);

/* Whose life a record tells of. */
typedef enum {
  PS_LIFE_UNKNOWN, /* There is none, or it does not say. */
  PS_LIFE_OTHER,   /* of another boot, container or network namespace */
  PS_LIFE_OURS,    /* of this same life of the system */
} PsLifeWhose;

/* Reads what was found in the run directory (nullable), and says in the log what is not used of it.
 * NULL: there is nothing of this kernel. */
PsLifeRecord *
ps_life_record_load (GBytes *record, const PsLifeIdentity *now, PsLog *log, PsLifeWhose *out_whose);

/* Each appends whole lines. */
void ps_life_record_put_header (GString *out, const PsLifeIdentity *identity);
void ps_life_record_put_old (GString *out, guint32 ifindex);
void ps_life_record_put_old_gone (GString *out, guint32 ifindex);
void ps_life_record_put_copied (GString *out);
void ps_life_record_put_port (GString *out, const PsPort *port);
void ps_life_record_put_precleared (GString *out, const PsPort *port);
void ps_life_record_put_seen (GString *out, const PsPort *port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsLifeRecord, ps_life_record_free)
G_END_DECLS
