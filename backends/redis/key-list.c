/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/key-list.h"
#include "base/hash.h"

#define SLOTS_MIN 64

struct _PsRedisKeyList {
  GString *text;  /* owned; each key and a NUL */
  GArray *ends;   /* owned; of gsize: where each key's NUL stands in text */
  guint32 *slots; /* owned, nullable; open addressing: index + 1 of a key, 0 is free */
  guint n_slots;  /* a power of two, at least twice the length */
};

PsRedisKeyList *
ps_redis_key_list_new (void)
{
  PsRedisKeyList *self = g_new0 (PsRedisKeyList, 1);
  self->text = g_string_new (NULL);
  self->ends = g_array_new (FALSE, FALSE, sizeof (gsize));
  return self;
}

void
ps_redis_key_list_free (PsRedisKeyList *self)
{
  if (self == NULL)
    return;
  g_string_free (self->text, TRUE);
  g_array_unref (self->ends);
  g_free (self->slots);
  g_free (self);
}

void
ps_redis_key_list_append (PsRedisKeyList *self, PsText key)
{
  g_string_append_len (self->text, key.data, (gssize)key.size);
  gsize end = self->text->len;
  g_string_append_c (self->text, '\0');
  g_array_append_val (self->ends, end);
}

guint
ps_redis_key_list_length (const PsRedisKeyList *self)
{
  return self->ends->len;
}

PsText
ps_redis_key_list_get (const PsRedisKeyList *self, guint index)
{
  g_assert (index < self->ends->len);
  gsize start = index == 0 ? 0 : g_array_index (self->ends, gsize, index - 1) + 1;
  return (PsText){self->text->str + start, g_array_index (self->ends, gsize, index) - start};
}

/* The slot of an equal key, or the free one where it belongs. */
static guint32 *
find_slot (PsRedisKeyList *self, PsText key)
{
  guint mask = self->n_slots - 1;
  for (guint i = ps_hash_32 (key.data, key.size) & mask;; i = (i + 1) & mask) {
    guint32 *slot = &self->slots[i];
    if (*slot == 0 || ps_text_equal (ps_redis_key_list_get (self, *slot - 1), key))
      return slot;
  }
}

/* The free slot of a key that is in none. */
static guint32 *
find_free (PsRedisKeyList *self, PsText key)
{
  guint mask = self->n_slots - 1, i = ps_hash_32 (key.data, key.size) & mask;
  while (self->slots[i] != 0)
    i = (i + 1) & mask;
  return &self->slots[i];
}

static void
grow (PsRedisKeyList *self)
{
  g_free (self->slots);
  self->n_slots = MAX (self->n_slots * 4, SLOTS_MIN);
  self->slots = g_new0 (guint32, self->n_slots);
  for (guint i = 0; i < self->ends->len; i++)
    *find_free (self, ps_redis_key_list_get (self, i)) = i + 1;
}

gboolean
ps_redis_key_list_add_new (PsRedisKeyList *self, PsText key)
{
  if ((self->ends->len + 1) * 2 > self->n_slots)
    grow (self);
  guint32 *slot = find_slot (self, key);
  if (*slot != 0)
    return FALSE;
  ps_redis_key_list_append (self, key);
  *slot = self->ends->len;
  return TRUE;
}
