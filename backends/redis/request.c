/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/request.h"

PsNext
ps_request_next (const PsRequest *self)
{
  return self->class->next (self);
}

PsCommandTag
ps_request_form (PsRequest *self, PsRespWriter *out)
{
  self->n_in_flight++;
  return self->class->form (self, out);
}

void
ps_request_form_again (PsRequest *self, PsCommandTag tag, PsRespWriter *out)
{
  g_assert (self->class->form_again != NULL);
  self->class->form_again (self, tag, out);
}

gboolean
ps_request_accept (PsRequest *self, PsCommandTag tag, const PsReply *reply, PsReplyNotes *notes)
{
  g_assert (self->n_in_flight > 0);
  self->n_in_flight--;
  return self->class->accept (self, tag, reply, notes);
}

gboolean
ps_request_is_complete (const PsRequest *self)
{
  return self->n_in_flight == 0 && self->class->next (self) == PS_NEXT_NOTHING;
}

void
ps_request_finish (PsRequest *self, const PsOutcome *how)
{
  if (self->cancelled)
    return;
  self->class->finish (self, how);
  self->cancelled = TRUE;
}

void
ps_request_cancel (PsRequest *self)
{
  self->cancelled = TRUE;
}

void
ps_request_free (PsRequest *self)
{
  if (self != NULL)
    self->class->free (self);
}

PsOutcome
ps_request_refusal (PsText error, PsReplyNotes *notes)
{
  PsRedisError what = ps_redis_error_classify (error);
  PsRefusal refusal = ps_redis_error_refusal (what);
  notes->noauth |= what == PS_REDIS_ERROR_NOAUTH;
  notes->errors[refusal]++;
  notes->readonly |= refusal == PS_REFUSAL_READONLY;
  return (PsOutcome){PS_REFUSED, refusal, error.data};
}

void
ps_request_row_key (const PsRequest *self, PsText table, PsText key, PsRespWriter *out)
{
  gsize n = table.size > 0 && key.size > 0 ? 1 : 0;
  ps_resp_word_joined (out, table, (PsText){&self->target->separator, n}, key);
}
