/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/commit-request.h"

enum { KIND_ROW, KIND_SCRIPT };

typedef struct {
  PsRedisRequest base;
  PsBatch *batch;      /* owned */
  PsOutcome *outcomes; /* owned; one per operation */
  GStringChunk *texts; /* owned, nullable; the reasons */
  guint next_op, n_ops;
  PsCommitDone done;
} PsCommitRequest;

static void
set_outcome (PsCommitRequest *self, guint op, PsOutcome outcome)
{
  if (outcome.reason != NULL) {
    if (self->texts == NULL)
      self->texts = g_string_chunk_new (256);
    outcome.reason = g_string_chunk_insert_const (self->texts, outcome.reason);
  }
  self->outcomes[op] = outcome;
}

static gboolean
has_command (const PsCommitRequest *self, guint op)
{
  PsOp o = ps_batch_get_op (self->batch, op);
  if (o.type == PS_OP_PRODUCE && self->base.target->produce == NULL)
    return FALSE;
  if (o.type == PS_OP_CORRECT)
    return o.n_fields == 2;
  if (o.type == PS_OP_ADD)
    return o.n_fields == 1;
  return o.type == PS_OP_DELETE || o.n_fields > 0;
}

static PsOutcome
outcome_without_command (PsOpType type)
{
  if (type == PS_OP_PUT)
    return (PsOutcome){.result = PS_APPLIED};
  return (PsOutcome){PS_REFUSED, PS_REFUSAL_OTHER,
                     "cannot be done: the fields do not fit, or not in this database"};
}

static void
skip_commandless (PsCommitRequest *self)
{
  for (; self->next_op < self->n_ops && !has_command (self, self->next_op); self->next_op++) {
    PsOp op = ps_batch_get_op (self->batch, self->next_op);
    set_outcome (self, self->next_op, outcome_without_command (op.type));
  }
}

static PsRedisNext
commit_next (const PsRedisRequest *request)
{
  const PsCommitRequest *self = (const PsCommitRequest *)request;
  if (self->next_op == self->n_ops)
    return PS_REDIS_NEXT_NOTHING;
  PsOpType type = ps_batch_get_op (self->batch, self->next_op).type;
  return type == PS_OP_PRODUCE ? PS_REDIS_NEXT_SCRIPT : PS_REDIS_NEXT_COMMAND;
}

static void
write_fields (const PsCommitRequest *self, guint op, guint n_fields, PsRespWriter *out)
{
  for (guint i = 0; i < n_fields; i++) {
    PsField field = ps_batch_get_field (self->batch, op, i);
    ps_resp_word (out, field.name);
    ps_resp_word (out, field.value);
  }
}

static const char *
verb_of (PsOpType type)
{
  if (type == PS_OP_PUT)
    return "HSET";
  return type == PS_OP_ADD ? "HSETNX" : "DEL";
}

static void
write_row (const PsCommitRequest *self, guint index, PsRespWriter *out)
{
  PsOp op = ps_batch_get_op (self->batch, index);
  ps_resp_begin (out, 2 + 2 * (gsize)op.n_fields);
  ps_resp_word (out, ps_text (verb_of (op.type)));
  ps_redis_request_row_key (&self->base, op.table, op.key, out);
  write_fields (self, index, op.n_fields, out);
}

static void
write_correction (const PsCommitRequest *self, guint index, PsRespWriter *out)
{
  PsOp op = ps_batch_get_op (self->batch, index);
  PsField expected = ps_batch_get_field (self->batch, index, 0);
  const PsText none = {"", 0};
  const PsText separator = {&self->base.target->separator, 1};
  ps_resp_begin (out, 3 + 3 + 4);
  ps_resp_word (out, ps_text ("EVAL"));
  ps_resp_word (out, ps_text (ps_redis_script_correct_text ()));
  ps_resp_word_uint (out, 3);
  ps_redis_request_row_key (&self->base, op.table, op.key, out);
  ps_resp_word_joined (out, op.table, ps_text ("_KEY_SET"), none);
  ps_resp_word_joined (out, op.table, ps_text ("_DEL_SET"), none);
  ps_resp_word (out, expected.name);
  ps_resp_word (out, expected.value);
  ps_resp_word (out, ps_batch_get_field (self->batch, index, 1).value);
  ps_resp_word_joined (out, op.table, separator, none);
}

/* Consecutive PRODUCE operations on one table go into one call. */
static guint
script_length (const PsCommitRequest *self, guint first)
{
  PsText table = ps_batch_get_op (self->batch, first).table;
  guint n = 1;
  for (; n < PS_REDIS_SCRIPT_KEYS_MAX && first + n < self->n_ops; n++) {
    PsOp op = ps_batch_get_op (self->batch, first + n);
    if (op.type != PS_OP_PRODUCE || !has_command (self, first + n) ||
        !ps_text_equal (op.table, table))
      break;
  }
  return n;
}

/* The names are those of docs/sonic-protocol.md 2.1. */
static void
write_script_keys (const PsCommitRequest *self, PsRedisCommandTag tag, PsRespWriter *out)
{
  PsText table = ps_batch_get_op (self->batch, tag.first).table;
  g_autofree char *channel = g_strdup_printf ("_CHANNEL@%u", self->base.target->db_id);
  g_autofree char *staged = g_strdup_printf ("_%s%c", table.data, self->base.target->separator);
  const PsText none = {"", 0}, staged_prefix = ps_text (staged);
  ps_resp_word_uint (out, 2 + tag.n);
  ps_resp_word_joined (out, table, ps_text (channel), none);
  ps_resp_word_joined (out, table, ps_text ("_KEY_SET"), none);
  for (guint i = 0; i < tag.n; i++)
    ps_resp_word_joined (out, staged_prefix, ps_batch_get_op (self->batch, tag.first + i).key,
                         none);
}

static void
write_script (const PsCommitRequest *self, PsRedisCommandTag tag, const char *verb,
              const char *script, PsRespWriter *out)
{
  gsize n_words = 3 + 2 + tag.n + 1;
  for (guint i = 0; i < tag.n; i++)
    n_words += 2 + 2 * (gsize)ps_batch_get_op (self->batch, tag.first + i).n_fields;
  ps_resp_begin (out, n_words);
  ps_resp_word (out, ps_text (verb));
  ps_resp_word (out, ps_text (script));
  write_script_keys (self, tag, out);
  ps_resp_word (out, ps_text ("G"));
  for (guint i = 0; i < tag.n; i++) {
    PsOp op = ps_batch_get_op (self->batch, tag.first + i);
    ps_resp_word (out, op.key);
    ps_resp_word_uint (out, op.n_fields);
    write_fields (self, tag.first + i, op.n_fields, out);
  }
}

static PsRedisCommandTag
commit_form (PsRedisRequest *request, PsRespWriter *out)
{
  PsCommitRequest *self = (PsCommitRequest *)request;
  PsRedisCommandTag tag = {KIND_ROW, self->next_op, 1};
  PsOpType type = ps_batch_get_op (self->batch, self->next_op).type;
  if (type == PS_OP_CORRECT) {
    write_correction (self, tag.first, out);
  } else if (type == PS_OP_PRODUCE) {
    tag = (PsRedisCommandTag){KIND_SCRIPT, self->next_op, script_length (self, self->next_op)};
    write_script (self, tag, "EVALSHA", request->target->produce->sha1, out);
  } else {
    write_row (self, tag.first, out);
  }
  self->next_op += tag.n;
  skip_commandless (self);
  return tag;
}

static void
commit_form_again (const PsRedisRequest *request, PsRedisCommandTag tag, PsRespWriter *out)
{
  const PsCommitRequest *self = (const PsCommitRequest *)request;
  write_script (self, tag, "EVAL", request->target->produce->text, out);
}

/* An element of the script's reply: a number, or the words of an error. */
static gboolean
accept_produced (PsCommitRequest *self, guint op, const PsRedisReply *element,
                 PsRedisReplyNotes *notes)
{
  if (element->type == PS_REDIS_REPLY_STRING)
    set_outcome (self, op, ps_redis_request_refusal (element->text, notes));
  else if (element->type == PS_REDIS_REPLY_INTEGER)
    set_outcome (self, op, (PsOutcome){.result = PS_APPLIED});
  else
    return FALSE;
  notes->wrote |= element->type == PS_REDIS_REPLY_INTEGER;
  return TRUE;
}

static gboolean
commit_accept (PsRedisRequest *request, PsRedisCommandTag tag, const PsRedisReply *reply,
               PsRedisReplyNotes *notes)
{
  PsCommitRequest *self = (PsCommitRequest *)request;
  if (reply->type == PS_REDIS_REPLY_ERROR) {
    PsOutcome outcome = ps_redis_request_refusal (reply->text, notes);
    for (guint i = 0; i < tag.n; i++)
      set_outcome (self, tag.first + i, outcome);
    return TRUE;
  }
  if (tag.kind == KIND_SCRIPT) {
    gboolean fits = reply->type == PS_REDIS_REPLY_ARRAY && reply->n_elements == tag.n;
    for (guint i = 0; fits && i < tag.n; i++)
      fits = accept_produced (self, tag.first + i, &reply->elements[i], notes);
    return fits;
  }
  if (reply->type != PS_REDIS_REPLY_INTEGER)
    return FALSE;
  self->outcomes[tag.first] = (PsOutcome){.result = PS_APPLIED};
  notes->wrote = TRUE;
  return TRUE;
}

static void
commit_finish (PsRedisRequest *request, const PsOutcome *how)
{
  PsCommitRequest *self = (PsCommitRequest *)request;
  for (guint i = 0; i < self->n_ops && how != NULL; i++)
    if (self->outcomes[i].result == PS_UNKNOWN)
      self->outcomes[i] = *how;
  self->done (request->ticket, self->outcomes, self->n_ops, request->user_data);
}

static void
commit_free (PsRedisRequest *request)
{
  PsCommitRequest *self = (PsCommitRequest *)request;
  ps_batch_free (self->batch);
  g_free (self->outcomes);
  if (self->texts != NULL)
    g_string_chunk_free (self->texts);
  g_free (self);
}

static const PsRedisRequestClass commit_class = {
    .next = commit_next,
    .form = commit_form,
    .form_again = commit_form_again,
    .accept = commit_accept,
    .finish = commit_finish,
    .free = commit_free,
};

PsRedisRequest *
ps_redis_commit_request_new (const PsRedisRequestTarget *target, PsTicket ticket, PsBatch *batch,
                             PsCommitDone done, gpointer user_data)
{
  PsCommitRequest *self = g_new0 (PsCommitRequest, 1);
  self->base = (PsRedisRequest){&commit_class, target, ticket, user_data, 0, FALSE};
  self->batch = batch;
  self->n_ops = ps_batch_length (batch);
  self->outcomes = g_new0 (PsOutcome, self->n_ops);
  for (guint i = 0; i < self->n_ops; i++)
    self->outcomes[i].result = PS_UNKNOWN;
  self->done = done;
  skip_commandless (self);
  return &self->base;
}
