/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the life record (start/life-record.h) up to date: collects its lines, hands them to the
 * disk, and has the whole written anew when that is due. At most one write is with the disk,
 * whatever it takes. A process that is killed before its lines are written has never known of what
 * they say (decision 0015). */
#pragma once
#include "core/host.h"
#include "mirror/links.h"
#include "start/life-record.h"
G_BEGIN_DECLS

/* How long a process that leaves waits for its last record to be taken. */
#define PS_LEAVE_MAX_US (G_USEC_PER_SEC / 2)

typedef struct _PsJournal PsJournal;

/* answered: what ps_journal_written said was worked off. left: the answer to ps_journal_leave,
 * once.
 */
typedef struct {
  void (*answered) (gpointer user_data);
  void (*left) (gpointer user_data);
} PsJournalSink;

/* log, links and table must outlive it. */
PsJournal *ps_journal_new (PsClock *clock, PsLog *log, PsHost *host, const PsLinks *links,
                           const PsPortTable *table, const PsJournalSink *sink, gpointer user_data);
void ps_journal_free (PsJournal *self);

/* The start is decided: the record is kept from now on, and written whole. Before, the record of
 * the process before stays as it is, and no line is kept. copied: PortConfigDone was acknowledged,
 * by an earlier process of this life, or is not to be written. */
void ps_journal_start (PsJournal *self, gboolean copied);

/* Lines for the record. */
void ps_journal_old_gone (PsJournal *self, guint32 ifindex);
void ps_journal_copied (PsJournal *self);
void ps_journal_port (PsJournal *self, PsPort *port);
void ps_journal_row (PsJournal *self, PsPort *port); /* if the record has another row */
void ps_journal_precleared (PsJournal *self, const PsPort *port);

/* The record has the port's row as it is. */
void ps_journal_has_row (PsPort *port);

/* Hands them to the disk in one piece, when a turn of the loop has done its work and the disk has
 * taken what it was given before. A kill before that costs what one before the acknowledgement
 * would (decision 0007). The whole record anew if what was added since the last time outweighs it:
 * devices that come and go all the time must not fill the disk. */
void ps_journal_write (PsJournal *self);

/* The whole record anew, as soon as the disk is free. */
void ps_journal_rewrite (PsJournal *self);

/* The host has answered (core/host.h). */
void ps_journal_written (PsJournal *self, const char *error);

/* The last record, with PS_LEAVE_MAX_US for the disk to take it; then `left`, never from inside
 * this call. */
void ps_journal_leave (PsJournal *self);

/* Something was not handed to the disk yet. */
gboolean ps_journal_has_lines (const PsJournal *self);

/* All that is to be known after this process is written. */
gboolean ps_journal_is_recorded (const PsJournal *self);

/* The last write failed. */
gboolean ps_journal_is_broken (const PsJournal *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsJournal, ps_journal_free)
G_END_DECLS
