/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine-private.h"
#include <string.h>

#define LIFE_APPENDED_MIN (1024 * 1024) /* bytes that are never too many */
#define LIFE_JOURNAL_MAX  (64 * 1024)   /* bytes that wait for the disk */
#define LIFE_RETRY_US                                                                              \
  (10 * G_USEC_PER_SEC) /* a broken record; also how often a whole one is                          \
                           looked at */

static void
drop_journal (PsEngine *self)
{
  if (self->journal != NULL)
    g_string_free (g_steal_pointer (&self->journal), TRUE);
}

/* NULL: no line is kept. Until the start is decided the record of the earlier process must stay as
 * it is; and what is to be written whole holds every line. */
static GString *
journal (PsEngine *self)
{
  if (self->journal != NULL && self->journal->len > LIFE_JOURNAL_MAX) {
    drop_journal (self);
    self->life_due = TRUE;
  }
  if (!self->started || self->life_due)
    return NULL;
  if (self->journal == NULL)
    self->journal = g_string_new (NULL);
  return self->journal;
}

void
ps_engine_journal_old_gone (PsEngine *self, guint32 ifindex)
{
  GString *text = journal (self);
  if (text != NULL)
    ps_life_record_put_old_gone (text, ifindex);
}

void
ps_engine_journal_copied (PsEngine *self)
{
  self->copied = TRUE;
  GString *text = journal (self);
  if (text != NULL)
    ps_life_record_put_copied (text);
}

void
ps_engine_journal_has_row (PsPort *port)
{
  port->record.row_ifindex = port->row.have.ifindex;
}

void
ps_engine_journal_port (PsEngine *self, PsPort *port)
{
  GString *text = journal (self);
  if (text == NULL)
    return;
  ps_engine_journal_has_row (port);
  ps_life_record_put_port (text, port);
}

void
ps_engine_journal_precleared (PsEngine *self, const PsPort *port)
{
  GString *text = journal (self);
  if (text != NULL)
    ps_life_record_put_precleared (text, port);
}

static void
put_port (GString *text, PsPort *port)
{
  ps_engine_journal_has_row (port);
  if (port->row.have.ifindex != 0 || port->device.flap.ifindex != 0 ||
      ps_flap_ups (&port->device.flap) > 0 || ps_flap_downs (&port->device.flap) > 0)
    ps_life_record_put_port (text, port);
  if (port->boot.precleared)
    ps_life_record_put_precleared (text, port);
  /* Should the device be replaced while nobody looks, this much was counted. */
  if (port->device.flap.ifindex != 0 &&
      memcmp (&port->device.flap.last, &port->device.flap.base, sizeof (PsCarrier)) != 0)
    ps_life_record_put_seen (text, port);
}

static GBytes *
take_whole (PsEngine *self)
{
  GString *text = g_string_sized_new (4096);
  g_autoptr (GArray) old = ps_links_old (self->links);
  ps_life_record_put_header (text, self->identity);
  for (guint i = 0; i < old->len; i++)
    ps_life_record_put_old (text, g_array_index (old, guint32, i));
  if (self->copied)
    ps_life_record_put_copied (text);
  for (guint i = 0; i < ps_port_table_length (self->table); i++)
    put_port (text, ps_port_table_nth (self->table, i));
  drop_journal (self);
  self->life_due = FALSE;
  self->life_size = text->len;
  self->life_appended = 0;
  return g_string_free_to_bytes (text);
}

static GBytes *
take_journal (PsEngine *self)
{
  if (self->journal == NULL)
    return g_bytes_new_static ("", 0);
  self->life_appended += self->journal->len;
  return g_string_free_to_bytes (g_steal_pointer (&self->journal));
}

static void
write_next (PsEngine *self)
{
  gsize waits = self->journal != NULL ? self->journal->len : 0;
  gboolean whole =
      self->life_due || self->life_appended + waits > MAX (LIFE_APPENDED_MIN, self->life_size);
  g_autoptr (GBytes) bytes = whole ? take_whole (self) : take_journal (self);
  self->life_writing = TRUE;
  self->life_since_us = ps_clock_now_us (self->clock);
  if (whole)
    self->hooks->life_replace (bytes, self->user_data);
  else
    self->hooks->life_append (bytes, self->user_data);
}

gboolean
ps_engine_is_recorded (const PsEngine *self)
{
  return !self->life_writing && !self->life_due && self->journal == NULL;
}

void
ps_engine_write_journal (PsEngine *self)
{
  if (!self->life_writing && !self->life_broken && !ps_engine_is_recorded (self))
    write_next (self);
}

void
ps_engine_rewrite_life (PsEngine *self)
{
  drop_journal (self);
  self->life_due = TRUE;
  ps_engine_write_journal (self);
}

/* One line when the record breaks, or breaks for another reason. */
static void
take_error (PsEngine *self, const char *error)
{
  drop_journal (self);
  self->life_due = self->life_broken = TRUE;
  if (g_strcmp0 (self->told_broken, error) == 0)
    return;
  g_free (self->told_broken);
  self->told_broken = g_strdup (error);
  ps_error (self->log,
            "%s; until that is mended, a restart of portsyncd finds an older life record or none",
            error);
}

static void
take_success (PsEngine *self)
{
  self->life_broken = FALSE;
  g_clear_pointer (&self->told_broken, g_free);
}

/* What was said to be broken, or to stand, is well again. */
static void
tell_written (PsEngine *self, gboolean was_told)
{
  if (was_told && !self->life_broken)
    ps_notice (self->log, "The life record is written again");
  self->told_stalled = FALSE;
}

static void
tell_stalled (PsEngine *self)
{
  gint64 us = ps_clock_now_us (self->clock) - self->life_since_us;
  if (self->told_stalled || us < LIFE_RETRY_US)
    return;
  self->told_stalled = TRUE;
  ps_error (self->log,
            "The disk has not taken the life record for %" G_GINT64_FORMAT
            " s; ports are mirrored on, but a restart of portsyncd finds an older life record",
            us / G_USEC_PER_SEC);
}

/* The record is written anew until that succeeds, be the disk full or the directory gone. A whole
 * one is looked at: somebody may have taken it away. */
static void
on_life_timer (gpointer user_data)
{
  PsEngine *self = user_data;
  self->life_timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock) + LIFE_RETRY_US,
                                   on_life_timer, self);
  if (self->life_writing)
    tell_stalled (self);
  else
    write_next (self);
}

void
ps_engine_start_life (PsEngine *self)
{
  self->life_timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock) + LIFE_RETRY_US,
                                   on_life_timer, self);
  ps_engine_rewrite_life (self);
}

static void
on_left (gpointer user_data)
{
  PsEngine *self = user_data;
  self->drain_timer = 0;
  if (!ps_engine_is_recorded (self))
    ps_warn (self->log, "Leaving without the last life record: %s",
             self->life_broken ? self->told_broken : "the disk does not take it");
  self->hooks->drained (self->user_data);
}

static void
arm_leave (PsEngine *self, gint64 us)
{
  ps_clock_clear (self->clock, &self->drain_timer);
  self->drain_timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock) + us, on_left, self);
}

void
ps_engine_leave (PsEngine *self)
{
  ps_clock_clear (self->clock, &self->life_timer);
  if (self->started) {
    self->life_broken = FALSE; /* Once more, without a pause. */
    ps_engine_rewrite_life (self);
  }
  arm_leave (self, ps_engine_is_recorded (self) ? 0 : PS_LEAVE_MAX_US);
}

void
ps_engine_life_written (PsEngine *self, const char *error)
{
  gboolean was_told = self->told_broken != NULL || self->told_stalled;
  self->life_writing = FALSE;
  if (error != NULL)
    take_error (self, error);
  else
    take_success (self);
  tell_written (self, was_told);
  ps_engine_write_journal (self);
  ps_engine_check_copy (self);
  if (self->drained && self->drain_timer != 0 && !self->life_writing)
    arm_leave (self, 0);
}

void
ps_engine_clear_life (PsEngine *self)
{
  ps_clock_clear (self->clock, &self->life_timer);
  ps_clock_clear (self->clock, &self->copy_timer);
  drop_journal (self);
  g_free (self->told_broken);
}
