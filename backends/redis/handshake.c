/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/handshake.h"
#include <string.h>

enum { STEP_AUTH, STEP_SELECT, STEP_PING, STEP_SCRIPT };

static void
push_step (PsRedisConnection *connection, guint8 step)
{
  ps_redis_connection_push (connection, (PsRedisInFlight){.tag = {.kind = step}});
}

static gboolean
form_auth (PsRedisConnection *connection, const PsRedisAuth *auth, GError **error)
{
  PsRespWriter *out = ps_redis_connection_writer (connection);
  char *password = auth->password (auth->user_data, error);
  if (password == NULL)
    return FALSE;
  ps_resp_begin (out, auth->user != NULL ? 3 : 2);
  ps_resp_word (out, ps_text ("AUTH"));
  if (auth->user != NULL)
    ps_resp_word (out, ps_text (auth->user));
  ps_resp_word (out, ps_text (password));
  explicit_bzero (password, strlen (password));
  g_free (password);
  push_step (connection, STEP_AUTH);
  return TRUE;
}

gboolean
ps_redis_handshake_form (PsRedisConnection *connection, const PsRedisRequestTarget *target,
                         const PsRedisAuth *auth, GError **error)
{
  if (auth != NULL && !form_auth (connection, auth, error))
    return FALSE;
  PsRespWriter *out = ps_redis_connection_writer (connection);
  ps_resp_format (out, "SELECT %u", target->db_id);
  push_step (connection, STEP_SELECT);
  ps_resp_format (out, "PING");
  push_step (connection, STEP_PING);
  if (target->produce != NULL) {
    ps_resp_format (out, "SCRIPT LOAD %s", target->produce->text);
    push_step (connection, STEP_SCRIPT);
  }
  return TRUE;
}

static gboolean
step_fits (const PsRedisRequestTarget *target, guint8 step, const PsRedisReply *reply)
{
  if (step == STEP_SELECT || step == STEP_AUTH)
    return reply->type == PS_REDIS_REPLY_STATUS && ps_text_equal (reply->text, ps_text ("OK"));
  if (step == STEP_PING)
    return reply->type == PS_REDIS_REPLY_STATUS && ps_text_equal (reply->text, ps_text ("PONG"));
  return reply->type == PS_REDIS_REPLY_STRING &&
         ps_text_equal (reply->text, ps_text (target->produce->sha1));
}

static PsRedisHandshakeResult
judge_auth_error (PsText error, PsText *refusal)
{
  PsRedisError what = ps_redis_error_classify (error);
  if (what == PS_REDIS_ERROR_NO_PASSWORD)
    return PS_REDIS_HANDSHAKE_NO_PASSWORD;
  if (ps_redis_error_refusal (what) == PS_REFUSAL_TRANSIENT)
    *refusal = error;
  else if (what == PS_REDIS_ERROR_WRONGPASS)
    *refusal = ps_text ("WRONGPASS the server does not take this user and password");
  else
    *refusal = ps_text ("NOAUTH the server does not know AUTH with these words");
  return PS_REDIS_HANDSHAKE_REFUSED;
}

PsRedisHandshakeResult
ps_redis_handshake_judge (const PsRedisRequestTarget *target, guint8 step,
                          const PsRedisReply *reply, PsText *refusal)
{
  if (reply->type == PS_REDIS_REPLY_ERROR && step == STEP_AUTH)
    return judge_auth_error (reply->text, refusal);
  if (reply->type == PS_REDIS_REPLY_ERROR) {
    *refusal = reply->text;
    return PS_REDIS_HANDSHAKE_REFUSED;
  }
  return step_fits (target, step, reply) ? PS_REDIS_HANDSHAKE_FITS : PS_REDIS_HANDSHAKE_GARBLED;
}
