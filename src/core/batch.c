/* SPDX-License-Identifier: Apache-2.0 */
#include "core/batch.h"
#include <string.h>

/* Positions, not pointers: the text buffer moves when it grows. */
typedef struct {
  gsize offset, size;
} PsSlice;

typedef struct {
  PsOpType type;
  PsSlice table, key;
  guint first_field, n_fields;
} PsOpSlot;

typedef struct {
  PsSlice name, value;
} PsFieldSlot;

struct _PsBatch {
  PsDb db;
  GArray *ops;    /* owned; of PsOpSlot */
  GArray *fields; /* owned; of PsFieldSlot */
  char *text;     /* owned */
  gsize capacity, length;
};

PsBatch *
ps_batch_new (PsDb db)
{
  g_assert (db < PS_N_DBS);
  PsBatch *self = g_new0 (PsBatch, 1);
  self->db = db;
  self->ops = g_array_new (FALSE, FALSE, sizeof (PsOpSlot));
  self->fields = g_array_new (FALSE, FALSE, sizeof (PsFieldSlot));
  return self;
}

void
ps_batch_free (PsBatch *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->ops);
  g_array_unref (self->fields);
  g_free (self->text);
  g_free (self);
}

static PsSlice
keep (PsBatch *self, PsText text)
{
  PsSlice slice = {self->length, text.size};
  if (self->capacity - self->length <= text.size) {
    self->capacity = MAX (self->capacity * 2, self->length + text.size + 256);
    self->text = g_realloc (self->text, self->capacity);
  }
  if (text.size > 0)
    memcpy (self->text + self->length, text.data, text.size);
  self->text[self->length + text.size] = '\0';
  self->length += text.size + 1;
  return slice;
}

static PsText
give (const PsBatch *self, PsSlice slice)
{
  return (PsText){self->text + slice.offset, slice.size};
}

guint
ps_batch_op (PsBatch *self, PsOpType type, const char *table, PsText key)
{
  g_assert (!ps_batch_is_full (self));
  PsOpSlot op = {.type = type, .first_field = self->fields->len};
  op.table = keep (self, ps_text (table));
  op.key = keep (self, key);
  g_array_append_val (self->ops, op);
  return self->ops->len - 1;
}

void
ps_batch_field (PsBatch *self, PsText name, PsText value)
{
  g_assert (self->ops->len > 0);
  PsOpSlot *op = &g_array_index (self->ops, PsOpSlot, self->ops->len - 1);
  g_assert (op->type != PS_OP_DELETE);
  PsFieldSlot field = {.name = keep (self, name), .value = keep (self, value)};
  g_array_append_val (self->fields, field);
  op->n_fields++;
}

PsDb
ps_batch_db (const PsBatch *self)
{
  return self->db;
}

guint
ps_batch_length (const PsBatch *self)
{
  return self->ops->len;
}

gboolean
ps_batch_is_full (const PsBatch *self)
{
  return self->ops->len >= PS_BATCH_OPS_MAX;
}

PsOp
ps_batch_get_op (const PsBatch *self, guint op)
{
  g_assert (op < self->ops->len);
  const PsOpSlot *slot = &g_array_index (self->ops, PsOpSlot, op);
  return (PsOp){slot->type, give (self, slot->table), give (self, slot->key), slot->n_fields};
}

PsField
ps_batch_get_field (const PsBatch *self, guint op, guint field)
{
  const PsOpSlot *slot = &g_array_index (self->ops, PsOpSlot, op);
  g_assert (op < self->ops->len && field < slot->n_fields);
  const PsFieldSlot *f = &g_array_index (self->fields, PsFieldSlot, slot->first_field + field);
  return (PsField){give (self, f->name), give (self, f->value)};
}
