/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/journal.h"
#include "base/timer.h"
#include "base/told.h"
#include <string.h>

#define APPENDED_MIN (1024 * 1024) /* bytes that are never too many */
#define LINES_MAX    (64 * 1024)   /* bytes that wait for the disk */

/* How often a broken record is tried again, and how often a whole one is looked at. */
#define RETRY_US (10 * G_USEC_PER_SEC)

enum { TIMER_LOOK, TIMER_LEAVE, N_TIMERS };

struct _PsJournal {
  PsClock *clock; /* owned */
  PsLog *log;
  PsHost *host; /* owned */
  const PsLinks *links;
  const PsPortTable *table;
  const PsJournalSink *sink;
  gpointer user_data;
  gboolean started;
  gboolean copied; /* PortConfigDone was acknowledged, by a process of this life */
  GString *lines;  /* owned, nullable: they wait for the disk, bounded */
  gboolean writing;
  gint64 since_us;    /* ... since then */
  gboolean whole_due; /* the whole is to be written, so that lines are not kept */
  gboolean broken;    /* the last write failed; the whole is tried again, each RETRY_US */
  char *told_broken;  /* owned, nullable: the reason that the log has */
  gboolean told_stalled;
  gsize size, appended; /* bytes: of the record as last rewritten, and added since */
  PsTimer timers[N_TIMERS];
};

static void
drop_lines (PsJournal *self)
{
  if (self->lines != NULL)
    g_string_free (g_steal_pointer (&self->lines), TRUE);
}

void
ps_journal_free (PsJournal *self)
{
  if (self == NULL)
    return;
  ps_clock_cancel_all (self->clock, self->timers, N_TIMERS);
  drop_lines (self);
  g_free (self->told_broken);
  g_object_unref (self->host);
  g_object_unref (self->clock);
  g_free (self);
}

/* NULL: no line is kept. Until the start is decided the record of the earlier process must stay as
 * it is; and what is to be written whole holds every line. */
static GString *
lines (PsJournal *self)
{
  if (self->lines != NULL && self->lines->len > LINES_MAX) {
    drop_lines (self);
    self->whole_due = TRUE;
  }
  if (!self->started || self->whole_due)
    return NULL;
  if (self->lines == NULL)
    self->lines = g_string_new (NULL);
  return self->lines;
}

void
ps_journal_old_gone (PsJournal *self, guint32 ifindex)
{
  GString *text = lines (self);
  if (text != NULL)
    ps_life_record_put_old_gone (text, ifindex);
}

void
ps_journal_copied (PsJournal *self)
{
  self->copied = TRUE;
  GString *text = lines (self);
  if (text != NULL)
    ps_life_record_put_copied (text);
}

void
ps_journal_has_row (PsPort *port)
{
  port->record.row_ifindex = port->row.have.ifindex;
}

void
ps_journal_port (PsJournal *self, PsPort *port)
{
  GString *text = lines (self);
  if (text == NULL)
    return;
  ps_journal_has_row (port);
  ps_life_record_put_port (text, port);
}

void
ps_journal_row (PsJournal *self, PsPort *port)
{
  if (port->row.have.ifindex != port->record.row_ifindex)
    ps_journal_port (self, port);
}

void
ps_journal_precleared (PsJournal *self, const PsPort *port)
{
  GString *text = lines (self);
  if (text != NULL)
    ps_life_record_put_precleared (text, port);
}

static void
put_port (GString *text, PsPort *port)
{
  ps_journal_has_row (port);
  if (port->row.have.ifindex != 0 || port->device.flap.ifindex != 0 ||
      ps_flap_ups (&port->device.flap) > 0 || ps_flap_downs (&port->device.flap) > 0)
    ps_life_record_put_port (text, port);
  if (port->boot.precleared)
    ps_life_record_put_precleared (text, port);
  /* Should the device be replaced while the daemon is away, this much was counted. */
  if (port->device.flap.ifindex != 0 &&
      memcmp (&port->device.flap.last, &port->device.flap.base, sizeof (PsCarrier)) != 0)
    ps_life_record_put_seen (text, port);
}

static GBytes *
take_whole (PsJournal *self)
{
  GString *text = g_string_sized_new (4096);
  g_autoptr (GArray) old = ps_links_old (self->links);
  ps_life_record_put_header (text, ps_host_identity (self->host));
  for (guint i = 0; i < old->len; i++)
    ps_life_record_put_old (text, g_array_index (old, guint32, i));
  if (self->copied)
    ps_life_record_put_copied (text);
  for (guint i = 0; i < ps_port_table_length (self->table); i++)
    put_port (text, ps_port_table_nth (self->table, i));
  drop_lines (self);
  self->whole_due = FALSE;
  self->size = text->len;
  self->appended = 0;
  return g_string_free_to_bytes (text);
}

static GBytes *
take_lines (PsJournal *self)
{
  if (self->lines == NULL)
    return g_bytes_new_static ("", 0);
  self->appended += self->lines->len;
  return g_string_free_to_bytes (g_steal_pointer (&self->lines));
}

static void
write_next (PsJournal *self)
{
  gsize waits = self->lines != NULL ? self->lines->len : 0;
  gboolean whole = self->whole_due || self->appended + waits > MAX (APPENDED_MIN, self->size);
  g_autoptr (GBytes) bytes = whole ? take_whole (self) : take_lines (self);
  self->writing = TRUE;
  self->since_us = ps_clock_now_us (self->clock);
  ps_host_write_life (self->host, bytes, whole);
}

gboolean
ps_journal_has_lines (const PsJournal *self)
{
  return self->whole_due || self->lines != NULL;
}

gboolean
ps_journal_is_broken (const PsJournal *self)
{
  return self->broken;
}

gboolean
ps_journal_is_recorded (const PsJournal *self)
{
  return !self->writing && !ps_journal_has_lines (self);
}

void
ps_journal_write (PsJournal *self)
{
  if (!self->writing && !self->broken && !ps_journal_is_recorded (self))
    write_next (self);
}

void
ps_journal_rewrite (PsJournal *self)
{
  drop_lines (self);
  self->whole_due = TRUE;
  ps_journal_write (self);
}

/* One line when the record breaks, or breaks for another reason. */
static void
take_error (PsJournal *self, const char *error)
{
  drop_lines (self);
  self->whole_due = self->broken = TRUE;
  if (!ps_told_is_news (&self->told_broken, error))
    return;
  ps_error (self->log,
            "%s; until that is mended, a restart of portsyncd finds an older life record or none",
            error);
}

static void
take_success (PsJournal *self)
{
  self->broken = FALSE;
  g_clear_pointer (&self->told_broken, g_free);
}

/* What was said to be broken, or to stand, is well again. */
static void
tell_written (PsJournal *self, gboolean was_told)
{
  if (was_told && !self->broken)
    ps_notice (self->log, "The life record is written again");
  self->told_stalled = FALSE;
}

static void
tell_stalled (PsJournal *self)
{
  gint64 us = ps_clock_now_us (self->clock) - self->since_us;
  if (self->told_stalled || us < RETRY_US)
    return;
  self->told_stalled = TRUE;
  ps_error (self->log,
            "The disk has not taken the life record for %" G_GINT64_FORMAT
            " s; ports are mirrored on, but a restart of portsyncd finds an older life record",
            us / G_USEC_PER_SEC);
}

/* The record is written anew until that succeeds, be the disk full or the directory gone. A whole
 * one is looked at: an operator may have taken it away. */
static void
on_look_timer (gpointer user_data)
{
  PsJournal *self = user_data;
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_LOOK], RETRY_US);
  if (self->writing)
    tell_stalled (self);
  else
    write_next (self);
}

void
ps_journal_start (PsJournal *self, gboolean copied)
{
  self->started = TRUE;
  self->copied = copied;
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_LOOK], RETRY_US);
  ps_journal_rewrite (self);
}

static void
on_left (gpointer user_data)
{
  PsJournal *self = user_data;
  if (!ps_journal_is_recorded (self))
    ps_warn (self->log, "Leaving without the last life record: %s",
             self->broken ? self->told_broken : "the disk does not take it");
  self->sink->left (self->user_data);
}

static void
arm_leave (PsJournal *self, gint64 us)
{
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_LEAVE], us);
}

void
ps_journal_leave (PsJournal *self)
{
  ps_clock_cancel (self->clock, &self->timers[TIMER_LOOK]);
  if (self->started) {
    self->broken = FALSE; /* Once more, without a pause. */
    ps_journal_rewrite (self);
  }
  arm_leave (self, ps_journal_is_recorded (self) ? 0 : PS_LEAVE_MAX_US);
}

void
ps_journal_written (PsJournal *self, const char *error)
{
  gboolean was_told = self->told_broken != NULL || self->told_stalled;
  self->writing = FALSE;
  if (error != NULL)
    take_error (self, error);
  else
    take_success (self);
  tell_written (self, was_told);
  ps_journal_write (self);
  self->sink->answered (self->user_data);
  if (ps_timer_is_armed (&self->timers[TIMER_LEAVE]) && !self->writing)
    arm_leave (self, 0);
}

PsJournal *
ps_journal_new (PsClock *clock, PsLog *log, PsHost *host, const PsLinks *links,
                const PsPortTable *table, const PsJournalSink *sink, gpointer user_data)
{
  PsJournal *self = g_new0 (PsJournal, 1);
  ps_timer_bind (&self->timers[TIMER_LOOK], on_look_timer, self);
  ps_timer_bind (&self->timers[TIMER_LEAVE], on_left, self);
  self->clock = g_object_ref (clock);
  self->log = log;
  self->host = g_object_ref (host);
  self->links = links;
  self->table = table;
  self->sink = sink;
  self->user_data = user_data;
  return self;
}
