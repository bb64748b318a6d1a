/* SPDX-License-Identifier: Apache-2.0 */
/* An ordered list of writes to one database. Texts are copied in, once, into one buffer. */
#pragma once
#include <glib.h>
G_BEGIN_DECLS

typedef enum { PS_DB_CONFIG, PS_DB_APPL, PS_DB_STATE, PS_N_DBS } PsDb;

#define PS_BATCH_OPS_MAX 512 /* Operations in one batch. */

typedef enum {
  PS_OP_PUT,     /* HSET of the given fields; other fields of the row stay. */
  PS_OP_ADD,     /* HSETNX: the field is written unless the row holds it. Exactly one field. */
  PS_OP_DELETE,  /* DEL of the whole row. */
  PS_OP_PRODUCE, /* SET of SONiC's producer state table: stage the fields, queue the key, wake the
                  * consumer (docs/sonic-protocol.md 2.2). At least one field. */
  PS_OP_CORRECT, /* Puts one field of a row right, in one instant: only if it holds what is expected
                  * and nothing that is staged will add or remove a row of the table, or write this
                  * one. Exactly two fields of the same name: with the value expected, and with the
                  * new one. Applied also if it was not so. */
} PsOpType;

/* A text that may hold any bytes; valid as long as its owner says. Always followed by a NUL. */
typedef struct {
  const char *data;
  gsize size;
} PsText;

typedef struct {
  PsText name, value;
} PsField;

typedef struct {
  PsOpType type;
  PsText table; /* without separator, e.g. "PORT_TABLE" */
  PsText key;
  guint n_fields;
} PsOp;

typedef struct _PsBatch PsBatch;

PsBatch *ps_batch_new (PsDb db);
void ps_batch_free (PsBatch *self);

/* Starts an operation; following ps_batch_field calls belong to it. Returns its index.
 * The batch must not be full. */
guint ps_batch_op (PsBatch *self, PsOpType type, const char *table, PsText key);
void ps_batch_field (PsBatch *self, PsText name, PsText value);

PsDb ps_batch_db (const PsBatch *self);
guint ps_batch_length (const PsBatch *self);
gboolean ps_batch_is_full (const PsBatch *self);

/* Texts are valid until the batch is changed or freed. */
PsOp ps_batch_get_op (const PsBatch *self, guint op);
PsField ps_batch_get_field (const PsBatch *self, guint op, guint field);

static inline PsText
ps_text (const char *string)
{
  return (PsText){string, __builtin_strlen (string)};
}

static inline gboolean
ps_text_equal (PsText a, PsText b)
{
  return a.size == b.size && (a.size == 0 || __builtin_memcmp (a.data, b.data, a.size) == 0);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsBatch, ps_batch_free)
G_END_DECLS
