/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/check/record.h"
#include <string.h>

static guint32
number (const char *word)
{
  return (guint32)g_ascii_strtoull (word, NULL, 10);
}

static PsFlap *
flap_of (PsRecord *self, const char *name)
{
  PsFlap *flap = g_hash_table_lookup (self->flaps, name);
  if (flap != NULL)
    return flap;
  flap = g_new0 (PsFlap, 1);
  g_hash_table_insert (self->flaps, g_strdup (name), flap);
  return flap;
}

/* port NAME ROW FLAP C U D UPS DOWNS */
static void
take_port (PsRecord *self, char **words)
{
  PsFlap *flap = flap_of (self, words[1]);
  flap->ifindex = number (words[3]);
  flap->base = (PsCarrier){
      .changes = number (words[4]), .ups = number (words[5]), .downs = number (words[6])};
  flap->last = flap->base;
  flap->ups = g_ascii_strtoull (words[7], NULL, 10);
  flap->downs = g_ascii_strtoull (words[8], NULL, 10);
}

/* seen NAME IFINDEX C U D */
static void
take_seen (PsRecord *self, char **words)
{
  PsFlap *flap = flap_of (self, words[1]);
  if (flap->ifindex == number (words[2]))
    flap->last = (PsCarrier){
        .changes = number (words[3]), .ups = number (words[4]), .downs = number (words[5])};
}

/* The last word is the checksum. */
static void
take_words (PsRecord *self, char **words)
{
  guint n = g_strv_length (words) - 1;
  if (n == 9 && strcmp (words[0], "port") == 0)
    take_port (self, words);
  else if (n == 6 && strcmp (words[0], "seen") == 0)
    take_seen (self, words);
  else if (n == 2 && strcmp (words[0], "old") == 0)
    g_hash_table_add (self->old, GUINT_TO_POINTER (number (words[1])));
  else if (n == 2 && strcmp (words[0], "old-gone") == 0)
    g_hash_table_remove (self->old, GUINT_TO_POINTER (number (words[1])));
  else if (n == 1 && strcmp (words[0], "copied") == 0)
    self->says_copied = TRUE;
}

/* The first four stand at their places. */
static void
take_line (PsRecord *self, guint line, const char *text, gsize size)
{
  g_autofree char *copy = g_strndup (text, size);
  g_auto (GStrv) words = g_strsplit (copy, " ", -1);
  if (line == 1)
    self->tells_boot = TRUE;
  else if (line == 2)
    self->tells_init = TRUE;
  else if (line == 3)
    self->tells_netns = TRUE;
  else
    take_words (self, words);
}

/* Without the end of the line before, it is part of that one. */
static gboolean
is_whole (const GString *written, const GString *stands, gsize start, gsize end)
{
  gsize from = start > 0 ? start - 1 : 0;
  return memcmp (written->str + from, stands->str + from, end - from) == 0;
}

static gsize
find_end (const GString *text, gsize start)
{
  const char *end = memchr (text->str + start, '\n', text->len - start);
  return end != NULL ? (gsize)(end - text->str) + 1 : text->len;
}

PsRecord *
ps_record_read (const GString *written, const GString *stands)
{
  gsize start = find_end (written, 0);
  if (start == 0 || !is_whole (written, stands, 0, start))
    return NULL;
  PsRecord *self = g_new0 (PsRecord, 1);
  self->old = g_hash_table_new (NULL, NULL);
  self->flaps = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint line = 1; start < written->len; line++) {
    gsize end = find_end (written, start);
    if (is_whole (written, stands, start, end))
      take_line (self, line, written->str + start, end - start);
    else
      self->is_damaged = TRUE;
    start = end;
  }
  return self;
}

void
ps_record_free (PsRecord *self)
{
  if (self == NULL)
    return;
  g_hash_table_unref (self->old);
  g_hash_table_unref (self->flaps);
  g_free (self);
}
