/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/exists-request.h"
#include "backends/redis/key-list.h"
#include <string.h>

typedef struct {
  PsRedisRequest base;
  char *table;          /* owned */
  PsRedisKeyList *keys; /* owned */
  gboolean formed;
  guint n_existing;
  PsOutcome outcome; /* nothing known yet: PS_UNKNOWN */
  char *reason;      /* owned, nullable */
  PsExistsDone done;
} PsExistsRequest;

static PsRedisNext
exists_next (const PsRedisRequest *request)
{
  return ((const PsExistsRequest *)request)->formed ? PS_REDIS_NEXT_NOTHING : PS_REDIS_NEXT_COMMAND;
}

static void
put_key (const PsExistsRequest *self, PsText key, PsRespWriter *out)
{
  PsText table = ps_text (self->table);
  const char *end = table.size == 0 ? memchr (key.data, *PS_STORE_SEPARATOR, key.size) : NULL;
  if (end != NULL) {
    table = (PsText){key.data, (gsize)(end - key.data)};
    key = (PsText){end + 1, key.size - table.size - 1};
  }
  ps_redis_request_row_key (&self->base, table, key, out);
}

static PsRedisCommandTag
exists_form (PsRedisRequest *request, PsRespWriter *out)
{
  PsExistsRequest *self = (PsExistsRequest *)request;
  guint n = ps_redis_key_list_length (self->keys);
  ps_resp_begin (out, 1 + (gsize)n);
  ps_resp_word (out, ps_text ("EXISTS"));
  for (guint i = 0; i < n; i++)
    put_key (self, ps_redis_key_list_get (self->keys, i), out);
  self->formed = TRUE;
  return (PsRedisCommandTag){0, 0, n};
}

static gboolean
exists_accept (PsRedisRequest *request, PsRedisCommandTag tag, const PsRedisReply *reply,
               PsRedisReplyNotes *notes)
{
  PsExistsRequest *self = (PsExistsRequest *)request;
  if (reply->type == PS_REDIS_REPLY_ERROR) {
    self->outcome = ps_redis_request_refusal (reply->text, notes);
    self->outcome.reason = self->reason = g_strdup (self->outcome.reason);
    return TRUE;
  }
  if (reply->type != PS_REDIS_REPLY_INTEGER || reply->integer < 0 || reply->integer > tag.n)
    return FALSE;
  self->n_existing = (guint)reply->integer;
  self->outcome = (PsOutcome){.result = PS_APPLIED};
  return TRUE;
}

static void
exists_finish (PsRedisRequest *request, const PsOutcome *how)
{
  PsExistsRequest *self = (PsExistsRequest *)request;
  self->done (request->ticket, how != NULL ? how : &self->outcome, self->n_existing,
              request->user_data);
}

static void
exists_free (PsRedisRequest *request)
{
  PsExistsRequest *self = (PsExistsRequest *)request;
  g_free (self->table);
  ps_redis_key_list_free (self->keys);
  g_free (self->reason);
  g_free (self);
}

static const PsRedisRequestClass exists_class = {
    .next = exists_next,
    .form = exists_form,
    .accept = exists_accept,
    .finish = exists_finish,
    .free = exists_free,
};

PsRedisRequest *
ps_redis_exists_request_new (const PsRedisRequestTarget *target, PsTicket ticket, const char *table,
                             const char *const *keys, gsize n_keys, PsExistsDone done,
                             gpointer user_data)
{
  PsExistsRequest *self = g_new0 (PsExistsRequest, 1);
  self->base = (PsRedisRequest){&exists_class, target, ticket, user_data, 0, FALSE};
  self->table = g_strdup (table);
  self->keys = ps_redis_key_list_new ();
  for (gsize i = 0; i < n_keys; i++)
    ps_redis_key_list_append (self->keys, ps_text (keys[i]));
  self->outcome.result = PS_UNKNOWN;
  self->done = done;
  return &self->base;
}
