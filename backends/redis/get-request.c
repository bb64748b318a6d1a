/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/get-request.h"
#include <string.h>

typedef struct {
  PsRequest base;
  char *key; /* owned */
  gboolean formed;
  PsText value;      /* data owned; NULL: no such key, or no answer */
  PsOutcome outcome; /* nothing known yet: PS_UNKNOWN */
  char *reason;      /* owned, nullable */
  PsGetDone done;
} PsGetRequest;

static PsNext
get_next (const PsRequest *request)
{
  return ((const PsGetRequest *)request)->formed ? PS_NEXT_NOTHING : PS_NEXT_COMMAND;
}

static PsCommandTag
get_form (PsRequest *request, PsRespWriter *out)
{
  PsGetRequest *self = (PsGetRequest *)request;
  ps_resp_begin (out, 2);
  ps_resp_word (out, ps_text ("GET"));
  ps_resp_word (out, ps_text (self->key));
  self->formed = TRUE;
  return (PsCommandTag){0, 0, 1};
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
get_accept (PsRequest *request, PsCommandTag tag, const PsReply *reply, PsReplyNotes *notes)
{
  PsGetRequest *self = (PsGetRequest *)request;
  if (reply->type == PS_REPLY_ERROR) {
    self->outcome = ps_request_refusal (reply->text, notes);
    self->outcome.reason = self->reason = g_strdup (self->outcome.reason);
    return TRUE;
  }
  if (reply->type != PS_REPLY_STRING && reply->type != PS_REPLY_NIL)
    return FALSE;
  if (reply->type == PS_REPLY_STRING)
    self->value = (PsText){copy (reply->text), reply->text.size};
  self->outcome = (PsOutcome){.result = PS_APPLIED};
  return TRUE;
}

static void
get_finish (PsRequest *request, const PsOutcome *how)
{
  PsGetRequest *self = (PsGetRequest *)request;
  const PsText *value = how == NULL && self->value.data != NULL ? &self->value : NULL;
  self->done (request->ticket, how != NULL ? how : &self->outcome, value, request->user_data);
}

static void
get_free (PsRequest *request)
{
  PsGetRequest *self = (PsGetRequest *)request;
  g_free (self->key);
  g_free ((char *)self->value.data);
  g_free (self->reason);
  g_free (self);
}

static const PsRequestClass get_class = {
    .next = get_next,
    .form = get_form,
    .accept = get_accept,
    .finish = get_finish,
    .free = get_free,
};

PsRequest *
ps_get_request_new (const PsRequestTarget *target, PsTicket ticket, const char *key, PsGetDone done,
                    gpointer user_data)
{
  PsGetRequest *self = g_new0 (PsGetRequest, 1);
  self->base = (PsRequest){&get_class, target, ticket, user_data, 0, FALSE};
  self->key = g_strdup (key);
  self->outcome.result = PS_UNKNOWN;
  self->done = done;
  return &self->base;
}
