/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/get-request.h"
#include <string.h>

typedef struct {
  PsRedisRequest base;
  char *key; /* owned */
  gboolean formed;
  PsText value;      /* data owned; NULL: no such key, or no answer */
  PsOutcome outcome; /* nothing known yet: PS_UNKNOWN */
  char *reason;      /* owned, nullable */
  PsGetDone done;
} PsGetRequest;

static PsRedisNext
get_next (const PsRedisRequest *request)
{
  return ((const PsGetRequest *)request)->formed ? PS_REDIS_NEXT_NOTHING : PS_REDIS_NEXT_COMMAND;
}

static PsRedisCommandTag
get_form (PsRedisRequest *request, PsRespWriter *out)
{
  PsGetRequest *self = (PsGetRequest *)request;
  ps_resp_begin (out, 2);
  ps_resp_word (out, ps_text ("GET"));
  ps_resp_word (out, ps_text (self->key));
  self->formed = TRUE;
  return (PsRedisCommandTag){0, 0, 1};
}

static char *
copy (PsText text)
{
  char *to = g_malloc (text.size + 1);
  if (text.size > 0)
    memcpy (to, text.data, text.size);
  to[text.size] = '\0';
  return to;
}

static gboolean
get_accept (PsRedisRequest *request, PsRedisCommandTag tag, const PsRedisReply *reply,
            PsRedisReplyNotes *notes)
{
  PsGetRequest *self = (PsGetRequest *)request;
  if (reply->type == PS_REDIS_REPLY_ERROR) {
    self->outcome = ps_redis_request_refusal (reply->text, notes);
    self->outcome.reason = self->reason = g_strdup (self->outcome.reason);
    return TRUE;
  }
  if (reply->type != PS_REDIS_REPLY_STRING && reply->type != PS_REDIS_REPLY_NIL)
    return FALSE;
  if (reply->type == PS_REDIS_REPLY_STRING)
    self->value = (PsText){copy (reply->text), reply->text.size};
  self->outcome = (PsOutcome){.result = PS_APPLIED};
  return TRUE;
}

static void
get_finish (PsRedisRequest *request, const PsOutcome *how)
{
  PsGetRequest *self = (PsGetRequest *)request;
  const PsText *value = how == NULL && self->value.data != NULL ? &self->value : NULL;
  self->done (request->ticket, how != NULL ? how : &self->outcome, value, request->user_data);
}

static void
get_free (PsRedisRequest *request)
{
  PsGetRequest *self = (PsGetRequest *)request;
  g_free (self->key);
  g_free ((char *)self->value.data);
  g_free (self->reason);
  g_free (self);
}

static const PsRedisRequestClass get_class = {
    .next = get_next,
    .form = get_form,
    .accept = get_accept,
    .finish = get_finish,
    .free = get_free,
};

PsRedisRequest *
ps_redis_get_request_new (const PsRedisRequestTarget *target, PsTicket ticket, const char *key,
                          PsGetDone done, gpointer user_data)
{
  PsGetRequest *self = g_new0 (PsGetRequest, 1);
  self->base = (PsRedisRequest){&get_class, target, ticket, user_data, 0, FALSE};
  self->key = g_strdup (key);
  self->outcome.result = PS_UNKNOWN;
  self->done = done;
  return &self->base;
}
