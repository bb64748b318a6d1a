/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/request.h"

PsRedisNext
ps_redis_request_next (const PsRedisRequest *self)
{
  return self->class->next (self);
}

PsRedisCommandTag
ps_redis_request_form (PsRedisRequest *self, PsRespWriter *out)
{
  self->n_in_flight++;
  return self->class->form (self, out);
}

void
ps_redis_request_form_again (PsRedisRequest *self, PsRedisCommandTag tag, PsRespWriter *out)
{
  g_assert (self->class->form_again != NULL);
  self->class->form_again (self, tag, out);
}

gboolean
ps_redis_request_accept (PsRedisRequest *self, PsRedisCommandTag tag, const PsRedisReply *reply,
                         PsRedisReplyNotes *notes)
{
  g_assert (self->n_in_flight > 0);
  self->n_in_flight--;
  return self->class->accept (self, tag, reply, notes);
}

gboolean
ps_redis_request_is_complete (const PsRedisRequest *self)
{
  return self->n_in_flight == 0 && self->class->next (self) == PS_REDIS_NEXT_NOTHING;
}

void
ps_redis_request_finish (PsRedisRequest *self, const PsOutcome *how)
{
  if (self->cancelled)
    return;
  self->class->finish (self, how);
  self->cancelled = TRUE;
}

void
ps_redis_request_cancel (PsRedisRequest *self)
{
  self->cancelled = TRUE;
}

void
ps_redis_request_free (PsRedisRequest *self)
{
  if (self != NULL)
    self->class->free (self);
}

PsOutcome
ps_redis_request_refusal (PsText error, PsRedisReplyNotes *notes)
{
  PsRedisError what = ps_redis_error_classify (error);
  PsRefusal refusal = ps_redis_error_refusal (what);
  notes->noauth |= what == PS_REDIS_ERROR_NOAUTH;
  notes->errors[refusal]++;
  notes->readonly |= refusal == PS_REFUSAL_READONLY;
  return (PsOutcome){PS_REFUSED, refusal, error.data};
}

void
ps_redis_request_row_key (const PsRedisRequest *self, PsText table, PsText key, PsRespWriter *out)
{
  gsize n = table.size > 0 && key.size > 0 ? 1 : 0;
  ps_resp_word_joined (out, table, (PsText){&self->target->separator, n}, key);
}
