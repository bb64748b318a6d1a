/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/disk.h"

#define FULL "cannot write the life record: No space left on device"

struct _PsSimDisk {
  GString *life;       /* owned */
  GHashTable *damaged; /* owned set: bytes of it of which a bit is turned */
  guint64 n_begun, last_written;
  gint64 latency_us;
  gboolean stalled, full;
  guint64 n_writes, n_slow, n_full;

  /* the write under way */
  PsClock *clock; /* owned; NULL: there is none */
  GBytes *bytes;  /* owned; NULL: they are in the record, or will never be */
  gboolean whole;
  const char *error;
  PsTimerId timer; /* of its end; 0 while the disk stands */
  PsSimDiskDone done;
  gpointer user_data;
};

PsSimDisk *
ps_sim_disk_new (void)
{
  PsSimDisk *self = g_new0 (PsSimDisk, 1);
  self->life = g_string_new (NULL);
  self->damaged = g_hash_table_new (NULL, NULL);
  return self;
}

void
ps_sim_disk_free (PsSimDisk *self)
{
  if (self == NULL)
    return;
  ps_sim_disk_forget (self);
  g_hash_table_unref (self->damaged);
  g_string_free (self->life, TRUE);
  g_free (self);
}

const GString *
ps_sim_disk_life (const PsSimDisk *self)
{
  return self->life;
}

GString *
ps_sim_disk_life_as_written (const PsSimDisk *self)
{
  GString *life = g_string_new_len (self->life->str, (gssize)self->life->len);
  GHashTableIter iter;
  gpointer at;
  g_hash_table_iter_init (&iter, self->damaged);
  while (g_hash_table_iter_next (&iter, &at, NULL))
    life->str[GPOINTER_TO_SIZE (at)] ^= 1;
  return life;
}

void
ps_sim_disk_damage_life (PsSimDisk *self, gsize at)
{
  g_assert (at < self->life->len);
  self->life->str[at] ^= 1;
  if (!g_hash_table_remove (self->damaged, GSIZE_TO_POINTER (at)))
    g_hash_table_add (self->damaged, GSIZE_TO_POINTER (at));
}

void
ps_sim_disk_lose_life (PsSimDisk *self)
{
  g_string_truncate (self->life, 0);
  g_hash_table_remove_all (self->damaged);
  self->last_written = 0;
}

guint64
ps_sim_disk_n_begun (const PsSimDisk *self)
{
  return self->n_begun;
}

guint64
ps_sim_disk_last_written (const PsSimDisk *self)
{
  return self->last_written;
}

static void
put (GString *life, GBytes *bytes, gboolean whole)
{
  gsize size = 0;
  const char *text = g_bytes_get_data (bytes, &size);
  if (whole)
    g_string_truncate (life, 0);
  g_string_append_len (life, text, (gssize)size);
}

GString *
ps_sim_disk_life_to_come (const PsSimDisk *self)
{
  GString *life = g_string_new_len (self->life->str, (gssize)self->life->len);
  if (self->bytes != NULL)
    put (life, self->bytes, self->whole);
  return life;
}

static void
take_bytes (PsSimDisk *self)
{
  g_autoptr (GBytes) bytes = g_steal_pointer (&self->bytes);
  self->error = self->full ? FULL : NULL;
  self->n_full += self->full;
  if (bytes == NULL || self->full)
    return;
  put (self->life, bytes, self->whole);
  self->last_written = self->n_begun;
  if (self->whole)
    g_hash_table_remove_all (self->damaged);
}

static void
on_end (gpointer user_data)
{
  PsSimDisk *self = user_data;
  self->timer = 0;
  if (self->bytes != NULL)
    take_bytes (self);
  PsSimDiskDone done = self->done;
  g_clear_object (&self->clock);
  done (self->error, self->user_data);
}

static void
arm (PsSimDisk *self, gint64 us)
{
  self->timer = ps_clock_arm (self->clock, ps_clock_now_us (self->clock) + us, on_end, self);
}

void
ps_sim_disk_write (PsSimDisk *self, PsClock *clock, GBytes *bytes, gboolean whole,
                   PsSimDiskDone done, gpointer user_data)
{
  g_assert (self->clock == NULL);
  self->clock = g_object_ref (clock);
  self->bytes = g_bytes_ref (bytes);
  self->whole = whole;
  self->done = done;
  self->user_data = user_data;
  self->n_begun++;
  self->n_writes += g_bytes_get_size (bytes) > 0;
  self->n_slow += self->stalled || self->latency_us > 0;
  if (self->stalled)
    return;
  if (self->latency_us == 0)
    take_bytes (self);
  arm (self, self->latency_us);
}

gboolean
ps_sim_disk_forget (PsSimDisk *self)
{
  gboolean waited = self->bytes != NULL;
  if (self->clock != NULL)
    ps_clock_clear (self->clock, &self->timer);
  g_clear_object (&self->clock);
  g_clear_pointer (&self->bytes, g_bytes_unref);
  return waited;
}

void
ps_sim_disk_set_latency_us (PsSimDisk *self, gint64 us)
{
  self->latency_us = us;
}

void
ps_sim_disk_stall (PsSimDisk *self, gboolean stall)
{
  if (self->stalled == stall)
    return;
  self->stalled = stall;
  if (self->clock == NULL || self->bytes == NULL)
    return;
  if (stall)
    ps_clock_clear (self->clock, &self->timer);
  else
    arm (self, self->latency_us);
}

void
ps_sim_disk_fill (PsSimDisk *self, gboolean fill)
{
  self->full = fill;
}

guint64
ps_sim_disk_n_writes (const PsSimDisk *self)
{
  return self->n_writes;
}

guint64
ps_sim_disk_n_slow (const PsSimDisk *self)
{
  return self->n_slow;
}

guint64
ps_sim_disk_n_full (const PsSimDisk *self)
{
  return self->n_full;
}
