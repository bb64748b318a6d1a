/* SPDX-License-Identifier: Apache-2.0 */
/* What was true of each port's device in the kernel, and when: short histories that the daemon's
 * writes are held against. Fed by the kernel's observer, not by messages. */
#pragma once
#include "sim/world/kernel.h"
G_BEGIN_DECLS

#define PS_TRUTH_ENTRIES 32 /* states of a port that are kept one by one */
#define PS_TRUTH_ABSENT  G_MAXUINT64

/* The device had this state from this event on. value: see ps_truth_value; PS_TRUTH_ABSENT: there
 * was none that is not of an earlier run. */
typedef struct {
  guint64 value, event;
  guint32 ifindex;
} PsTruthEntry;

/* Of the states before those: each once, however often it came. */
typedef struct {
  guint64 value, first, last; /* the events from which on it was true; first: or earlier */
  guint32 ifindex;
} PsTruthPast;

typedef struct {
  char name[IFNAMSIZ];
  GArray *entries;    /* of PsTruthEntry, oldest first, never empty */
  GArray *past;       /* of PsTruthPast: what was true before since the last judged write */
  guint64 gone_event; /* When there last was no device, or another one. */
  /* For the judge of writes: */
  guint64 put_event;      /* the state that the last judged write showed */
  guint64 before_event;   /* likewise, of the last write on the connection before that one */
  guint64 put_connection; /* on which the last write came */
  gboolean unsure;        /* The daemon never heard what became of its last write. */
  gboolean deleted;       /* The row was deleted since that write. */
  gboolean owed;          /* It was written for another device without: a deletion was refused. */
  gboolean repeated;      /* The last deletion was one that had been tried before. */
  guint32 put_device;     /* The device whose state it showed; 0: not known. */
  guint64 put_errors;     /* How many errors Redis had answered when it came. */
  gboolean spoiled;       /* Another client made the row something that is no hash. */
  gboolean repaired;      /* It was deleted for that, and the answer may have been lost. */
  gboolean vanished;      /* Another client removed the row since. */
  guint put_process;      /* the number of the process that last wrote the row */
  guint live_process;     /* … and in whose life the port was last seen in APPL_DB */
  gint64 deleted_us;      /* when the row was last deleted */
  gboolean asks_anew;     /* Its device came when APPL_DB had forgotten it, and did so since. */
  /* For rows.c: */
  guint64 row_value;         /* of the row in STATE_DB, as ps_truth_value or ABSENT */
  guint stood_process;       /* when this process decided how to start, the row was there */
  guint read_process;        /* this process read it */
  gboolean touched;          /* another client changed it since */
  guint row_process;         /* this process wrote it last */
  guint64 row_refusals;      /* … when Redis had refused so many commands */
  guint64 staged_connection; /* on which its configuration was last produced */
} PsTruthPort;

typedef struct _PsTruth PsTruth;

PsTruth *ps_truth_new (PsSimKernel *kernel);
void ps_truth_free (PsTruth *self);

/* TRUE if a device of this name is a port's. */
gboolean ps_truth_is_port_name (const char *name, gsize size);

guint64 ps_truth_value (guint32 mtu, gboolean up, gboolean running);

/* Finds or makes a port; owned by the truth. */
PsTruthPort *ps_truth_port (PsTruth *self, const char *name);
PsTruthPort *ps_truth_find (PsTruth *self, const char *name); /* nullable */
guint ps_truth_length (const PsTruth *self);
PsTruthPort *ps_truth_nth (PsTruth *self, guint i); /* in order of first sight */

guint64 ps_truth_n_events (const PsTruth *self); /* changes so far */

/* From the kernel's observer. */
void ps_truth_take (PsTruth *self, const PsSimLink *link, gboolean removed);

/* A process starts: what was true before is nothing that it may write. The ports' devices of this
 * instant may turn out to be of an earlier run. */
void ps_truth_begin_process (PsTruth *self);

/* They are, or are not; keep: those that were so in the life of the process before still are. */
typedef enum { PS_TRUTH_OLD_ALL, PS_TRUTH_OLD_NONE, PS_TRUTH_OLD_KEEP } PsTruthOld;
void ps_truth_decide_old (PsTruth *self, PsTruthOld old);
/* Those for which keep is FALSE are not of an earlier run after all. */
void ps_truth_keep_old (PsTruth *self, gboolean (*keep) (guint32 ifindex, gpointer user_data),
                        gpointer user_data);
gboolean ps_truth_is_old (PsTruth *self, guint32 ifindex);
void ps_truth_add_candidate (PsTruth *self, guint32 ifindex);

/* The port had this state at the instant of the last judged write or later. */
gboolean ps_truth_was (const PsTruthPort *port, guint64 value);

/* TRUE if the port had this state at the instant of the last judged write or later; the port is
 * then known to have been shown up to the earliest such instant. */
gboolean ps_truth_show (PsTruthPort *port, guint64 value);

/* The device that had this state at that instant or later; 0: none, or not one alone. */
guint32 ps_truth_device_with (const PsTruthPort *port, guint64 value);

/* There was a device in the life of the process, or since the last judged write. */
gboolean ps_truth_had_device (const PsTruthPort *port);

const PsTruthEntry *ps_truth_now (const PsTruthPort *port);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsTruth, ps_truth_free)
G_END_DECLS
