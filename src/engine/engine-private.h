/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's parts, shared by its four files: engine.c (events), engine-start.c (the way to the
 * start mode), engine-warm.c (the way of a warm start to its end), engine-life.c (the life record).
 */
#pragma once
#include "engine/engine.h"
#include "mirror/poll.h"
#include "mirror/reconcile.h"
#include "start/marker-count.h"
#include "start/markers.h"
#include "start/warm-row.h"
G_BEGIN_DECLS

struct _PsEngine {
  PsClock *clock;       /* owned */
  PsLinkSource *source; /* owned */
  PsStore *store;       /* owned */
  PsLog *log;
  const PsConfig *config;
  const PsEngineHooks *hooks;
  gpointer user_data;
  PsLifeIdentity *identity; /* owned */
  PsLifeRecord *life;       /* owned, nullable: the record of an earlier process of this kernel */
  PsLifeWhose whose;        /* ours: of this same life, of the same PID 1, too */

  PsRefusals *refusals; /* owned, like the following */
  PsPortTable *table;
  PsLinks *links;
  PsFlush *flush;
  PsReconcile *reconcile;
  PsConfigReader *reader;
  PsMarkers *markers;
  PsMarkerCount *count;
  PsPoll *poll;
  PsWarmRow *warm;
  PsLogRow *log_row;

  /* start */
  PsEvidenceReader *evidence_reader; /* owned, nullable */
  gboolean has_evidence;             /* read on the connection that stands */
  PsEvidence evidence;               /* its texts are owned */
  gboolean config_asked;             /* whether it is loaded, since the start waits for that */
  gboolean listed;                   /* the first listing ended, complete or not */
  gboolean listing_expired;          /* eoiu_timeout passed */
  gboolean started;
  gboolean asks_later; /* for live rows: when those of STATE_DB were read */
  gboolean preclearing, preclear_due;
  gboolean reconciled; /* the start is over, or was declared so */
  PsStart start;
  gint64 started_us;

  gboolean has_eoiu;
  gint64 eoiu_us;
  guint n_interrupted;

  PsTimerId eoiu_timer, audit_timer, drain_timer, warm_timer;
  PsTimerId life_timer, copy_timer, config_timer;
  gboolean copied; /* PortConfigDone was acknowledged, by us or an earlier process of this life */
  gboolean told_loss, draining, drained;
  gint64 told_markers_us;
  guint64 progress;
  gboolean copy_due; /* when the life record is written, or copy_timer has fired */

  /* The life record: at most one write is with the disk, whatever it takes. */
  gboolean life_writing;
  gint64 life_since_us; /* ... since then */
  gboolean life_due;    /* the whole is to be written, so that lines are not kept */
  gboolean life_broken; /* the last write failed; the whole is tried again, each 10 s */
  gboolean told_stalled;
  char *told_broken;              /* owned, nullable: the reason that the log has */
  GString *journal;               /* owned, nullable: lines that wait for the disk, bounded */
  gsize life_size, life_appended; /* bytes: of the record as last rewritten, and added since */
};

/* engine-start.c */
void ps_engine_restore (PsEngine *self);        /* takes over the life record, before any event */
void ps_engine_await_evidence (PsEngine *self); /* once, before the store is started */
void ps_engine_read_evidence (PsEngine *self);  /* the store is online */
void ps_engine_try_start (PsEngine *self);      /* decides, when listing and evidence are there */
void ps_engine_preclear (PsEngine *self);       /* the store is online and preclear_due */
void ps_engine_check_copy (PsEngine *self);     /* the record was written or failed */

/* engine-warm.c */
void ps_engine_start_warm (PsEngine *self); /* the start is decided, of whatever mode */
void ps_engine_check_warm (PsEngine *self); /* a state may be due */

/* Appends "; missing: " and the names of the ports that PortInitDone waits for, unless there are
 * none. */
void ps_engine_name_missing (PsEngine *self, GString *text);

/* engine-life.c: lines for the record, kept until the disk is free. A process that is killed before
 * they are written has never known of what they say (decision 0015). */
void ps_engine_journal_old_gone (PsEngine *self, guint32 ifindex);
void ps_engine_journal_copied (PsEngine *self); /* also remembers it */
void ps_engine_journal_port (PsEngine *self, PsPort *port);
void ps_engine_journal_has_row (PsPort *port); /* The record has the port's row as it is. */
void ps_engine_journal_precleared (PsEngine *self, const PsPort *port);

/* Hands them to the disk in one piece, when a turn of the loop has done its work and the disk has
 * taken what it was given before. A kill before that costs what one before the acknowledgement
 * would (decision 0007). The whole record anew if what was added since the last time outweighs it:
 * devices that come and go all the time must not fill the disk. */
void ps_engine_write_journal (PsEngine *self);

/* The whole record anew, as soon as the disk is free. */
void ps_engine_rewrite_life (PsEngine *self);

/* All that is to be known after this process is written. */
gboolean ps_engine_is_recorded (const PsEngine *self);

void
ps_engine_start_life (PsEngine *self); /* the start is decided: the record is kept from now on */
void ps_engine_leave (PsEngine *self); /* the last record, then `drained` */
void ps_engine_clear_life (PsEngine *self);

/* engine.c */
void ps_engine_port_changed (PsEngine *self, PsPort *port);
G_END_DECLS
