/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/history.h"
#include "base/hash.h"
#include <string.h>

#define MIX          0x9e3779b97f4a7c15u
#define N_LANES      4
#define SUBJECT_SIZE 32
#define US           G_USEC_PER_SEC

typedef struct {
  gint64 time_us;
  const char *text;
  guint64 number;
  char subject[SUBJECT_SIZE];
} PsNote;

struct _PsHistory {
  guint64 lanes[N_LANES];
  guint64 n_notes;
  PsNote notes[PS_HISTORY_EVENTS]; /* a ring */
};

/* The shift carries the upper half down: a product of words alone never does. */
static inline guint64
fold (guint64 hash, guint64 word)
{
  hash = (hash ^ word) * PS_HASH_64_PRIME;
  return hash ^ (hash >> 29);
}

PsHistory *
ps_history_new (void)
{
  PsHistory *self = g_new0 (PsHistory, 1);
  for (guint i = 0; i < N_LANES; i++)
    self->lanes[i] = PS_HASH_64_START + i;
  return self;
}

void
ps_history_free (PsHistory *self)
{
  g_free (self);
}

void
ps_history_add_number (PsHistory *self, guint64 number)
{
  self->lanes[0] = fold (self->lanes[0], number);
}

static inline guint64
word_at (const guint8 *bytes)
{
  guint64 word;
  memcpy (&word, bytes, sizeof word);
  return word;
}

/* Two words at once: both halves of their product, so that each bit of either moves the whole. */
static inline guint64
fold_pair (guint64 hash, guint64 one, guint64 other)
{
  unsigned __int128 product = (unsigned __int128)(hash ^ one) * (other ^ MIX);
  return (guint64)product ^ (guint64)(product >> 64) ^ hash;
}

/* The lanes do not wait for each other: link messages are long, and every byte counts. */
void
ps_history_add_bytes (PsHistory *self, gconstpointer data, gsize n_bytes)
{
  const guint8 *bytes = data;
  guint64 lanes[N_LANES];
  memcpy (lanes, self->lanes, sizeof lanes);
  lanes[0] = fold (lanes[0], n_bytes);
  gsize at = 0;
  for (; at + 16 * N_LANES <= n_bytes; at += 16 * N_LANES)
    for (guint i = 0; i < N_LANES; i++)
      lanes[i] =
          fold_pair (lanes[i], word_at (bytes + at + 16 * i), word_at (bytes + at + 16 * i + 8));
  for (; at < n_bytes; at += 8) {
    guint64 word = 0;
    memcpy (&word, bytes + at, MIN (8, n_bytes - at));
    lanes[(at / 8) % N_LANES] = fold (lanes[(at / 8) % N_LANES], word);
  }
  memcpy (self->lanes, lanes, sizeof lanes);
}

void
ps_history_note (PsHistory *self, gint64 time_us, const char *text, const char *subject,
                 guint64 number)
{
  PsNote *note = &self->notes[self->n_notes++ % PS_HISTORY_EVENTS];
  note->time_us = time_us;
  note->text = text;
  note->number = number;
  gsize size = strnlen (subject, sizeof note->subject - 1);
  memcpy (note->subject, subject, size);
  note->subject[size] = '\0';
}

guint64
ps_history_digest (const PsHistory *self)
{
  guint64 digest = PS_HASH_64_START;
  for (guint i = 0; i < N_LANES; i++)
    digest = fold (digest, self->lanes[i]);
  return digest;
}

guint64
ps_history_n_events (const PsHistory *self)
{
  return self->n_notes;
}

static char *
make_line (const PsNote *note)
{
  return g_strdup_printf ("%" G_GINT64_FORMAT ".%06d %s %s %" G_GUINT64_FORMAT, note->time_us / US,
                          (int)(note->time_us % US), note->text, note->subject, note->number);
}

GPtrArray *
ps_history_lines (const PsHistory *self)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func (g_free);
  guint64 first = self->n_notes > PS_HISTORY_EVENTS ? self->n_notes - PS_HISTORY_EVENTS : 0;
  for (guint64 i = first; i < self->n_notes; i++)
    g_ptr_array_add (lines, make_line (&self->notes[i % PS_HISTORY_EVENTS]));
  return lines;
}

char *
ps_history_last_line (const PsHistory *self)
{
  if (self->n_notes == 0)
    return NULL;
  return make_line (&self->notes[(self->n_notes - 1) % PS_HISTORY_EVENTS]);
}
