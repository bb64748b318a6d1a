/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/session.h"
#include "backends/redis/connection.h"
#include "backends/redis/handshake.h"
#include "base/timer.h"
#include "base/told.h"
#include "base/turn.h"
#include "core/retry.h"

typedef enum { STATE_STOPPED, STATE_WAITING, STATE_OPENING, STATE_ONLINE } State;

enum { TIMER_RETRY, TIMER_SETTLE, N_TIMERS };

struct _PsRedisSession {
  PsClock *clock; /* owned */
  PsLog *log;
  PsStreamPort *port; /* owned */
  const PsRedisRequestTarget *target;
  PsRedisSessionOptions options;
  const PsRedisSessionSink *sink;
  gpointer user_data;

  PsRedisConnection *connection; /* owned */
  State state;
  guint64 epoch; /* Rises with each loss and stop. */
  PsTurn turn;
  gboolean denied;           /* the server refuses the user or the password */
  gboolean replica;          /* The last write was answered READONLY, so back-off goes on. */
  gint64 online_us;          /* since then, if it is online */
  char *told;                /* owned, nullable; the failure that was logged last */
  GQueue requests;           /* owned; of PsRedisRequest, oldest first */
  PsRedisRequest *accepting; /* nullable; the request that looks at a reply right now */
  GList *forming;            /* link of the first request that may have commands to form; or NULL */
  PsBackoff backoff, denied_backoff;
  PsRng rng;
  PsTimer timers[N_TIMERS];
  PsRedisCounters counters;
};

static void
really_free (PsRedisSession *self)
{
  ps_redis_connection_free (self->connection);
  g_object_unref (self->port);
  g_object_unref (self->clock);
  g_free (self->told);
  g_free (self);
}

static void
leave (PsRedisSession *self)
{
  if (ps_turn_leave (&self->turn))
    really_free (self);
}

/* --- Losing the connection --- */

static void
on_retry (gpointer user_data)
{
  PsRedisSession *self = user_data;
  self->state = STATE_OPENING;
  self->counters.attempts++;
  ps_redis_connection_open (self->connection);
}

/* Each reason once, not once for each attempt. */
static void
tell_failure (PsRedisSession *self, const char *reason)
{
  gboolean was_online = self->state == STATE_ONLINE;
  if (!ps_told_is_news (&self->told, reason) && !was_online)
    return;
  const char *peer = ps_stream_port_peer (self->port);
  if (was_online)
    ps_warn (self->log, "%s at %s lost: %s; open requests: %u", self->options.name, peer, reason,
             g_queue_get_length (&self->requests));
  else
    ps_warn (self->log, "%s at %s is not available: %s", self->options.name, peer, reason);
}

static void
end_requests (PsRedisSession *self, const char *reason)
{
  PsOutcome unknown = {.result = PS_UNKNOWN, .reason = reason};
  guint64 epoch = self->epoch;
  while (self->epoch == epoch && !g_queue_is_empty (&self->requests)) {
    PsRedisRequest *request = g_queue_pop_head (&self->requests);
    ps_redis_request_finish (request, &unknown);
    ps_redis_request_free (request);
  }
}

/* A server that takes each connection and dies, or is a replica, is not connected quickly again. */
static void
settle_backoff (PsRedisSession *self)
{
  if (self->state == STATE_ONLINE && !self->replica &&
      ps_clock_now_us (self->clock) - self->online_us >= PS_REDIS_SESSION_PROVEN_US)
    ps_backoff_reset (&self->backoff);
  if (self->state == STATE_ONLINE && !self->denied)
    ps_backoff_reset (&self->denied_backoff);
}

/* Ends the connection, if it still stands, and all that depends on it; then tries again. */
static void
lose (PsRedisSession *self, const char *reason)
{
  gboolean was_online = self->state == STATE_ONLINE;
  tell_failure (self, reason);
  settle_backoff (self);
  ps_redis_connection_close (self->connection);
  ps_clock_cancel (self->clock, &self->timers[TIMER_SETTLE]);
  self->forming = NULL;
  self->state = STATE_WAITING;
  guint64 epoch = ++self->epoch;
  gint64 delay_us = ps_backoff_next_jittered_us (
      self->denied ? &self->denied_backoff : &self->backoff, &self->rng);
  self->denied = FALSE;
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_RETRY], delay_us);
  if (!was_online)
    return;
  self->counters.losses++;
  self->sink->lost (self->user_data);
  if (self->epoch == epoch)
    end_requests (self, reason);
  if (self->epoch == epoch)
    self->sink->offline (reason, self->user_data);
}

/* --- Handshake --- */

static void
on_opened (gpointer user_data)
{
  PsRedisSession *self = user_data;
  g_autoptr (GError) error = NULL;
  if (ps_redis_handshake_form (self->connection, self->target, self->options.auth, &error)) {
    ps_redis_connection_flush (self->connection);
    return;
  }
  self->denied = TRUE;
  lose (self, error->message);
}

static void
go_online (PsRedisSession *self)
{
  self->state = STATE_ONLINE;
  self->online_us = ps_clock_now_us (self->clock);
  self->counters.connects++;
  g_clear_pointer (&self->told, g_free);
  ps_notice (self->log, "%s connected at %s, database %u", self->options.name,
             ps_stream_port_peer (self->port), self->target->db_id);
  self->sink->online (self->user_data);
}

static void
turn_away (PsRedisSession *self, PsText error)
{
  PsRefusal refusal = ps_redis_error_refusal (ps_redis_error_classify (error));
  self->counters.errors[refusal]++;
  self->denied = refusal == PS_REFUSAL_PERMISSION;
  g_autofree char *words = ps_log_escape (error.data, error.size);
  g_autofree char *reason =
      g_strconcat (words, self->denied ? ps_retry_advice (refusal) : "", NULL);
  lose (self, reason);
}

static gboolean
take_step (PsRedisSession *self, guint8 step, const PsRedisReply *reply)
{
  PsText refusal;
  switch (ps_redis_handshake_judge (self->target, step, reply, &refusal)) {
  case PS_REDIS_HANDSHAKE_FITS:
    break;
  case PS_REDIS_HANDSHAKE_NO_PASSWORD:
    ps_warn (self->log,
             "%s at %s asks for no password, and got the one of [database] password_file",
             self->options.name, ps_stream_port_peer (self->port));
    break;
  case PS_REDIS_HANDSHAKE_REFUSED:
    turn_away (self, refusal);
    return TRUE;
  case PS_REDIS_HANDSHAKE_GARBLED:
    return FALSE;
  }
  if (ps_redis_connection_pipeline (self->connection)->n == 0)
    go_online (self);
  return TRUE;
}

/* --- Requests --- */

/* Requests end in order: a later one may be complete before an earlier one whose script call was
 * repeated. */
static void
end_completed (PsRedisSession *self)
{
  guint64 epoch = self->epoch;
  while (self->epoch == epoch && !g_queue_is_empty (&self->requests)) {
    PsRedisRequest *request = g_queue_peek_head (&self->requests);
    if (!ps_redis_request_is_complete (request))
      return;
    if (self->forming == self->requests.head)
      self->forming = self->forming->next;
    g_queue_pop_head (&self->requests);
    ps_redis_request_finish (request, NULL);
    ps_redis_request_free (request);
  }
}

static void
form_one (PsRedisSession *self, PsRedisRequest *request, gboolean script)
{
  PsRedisCommandTag tag =
      ps_redis_request_form (request, ps_redis_connection_writer (self->connection));
  ps_redis_connection_push (self->connection, (PsRedisInFlight){request, tag, script, FALSE});
  self->counters.commands++;
}

/* Forms what may be formed now of the first request that is not formed yet. FALSE: it has to wait.
 */
static gboolean
form_some (PsRedisSession *self)
{
  const PsRedisPipeline *pipeline = ps_redis_connection_pipeline (self->connection);
  PsRedisRequest *request = self->forming->data;
  PsRedisNext next;
  while ((next = ps_redis_request_next (request)) != PS_REDIS_NEXT_NOTHING) {
    if (next == PS_REDIS_NEXT_WAIT || !ps_redis_connection_has_room (self->connection))
      return FALSE;
    /* The barrier that keeps the order of effects through a NOSCRIPT; see session.h. */
    if (pipeline->n_again > 0 || (next == PS_REDIS_NEXT_COMMAND && pipeline->n_scripts > 0))
      return FALSE;
    form_one (self, request, next == PS_REDIS_NEXT_SCRIPT);
  }
  self->forming = self->forming->next;
  return TRUE;
}

static void
pump (PsRedisSession *self)
{
  if (self->state != STATE_ONLINE)
    return;
  while (self->forming != NULL && form_some (self))
    continue;
  ps_redis_connection_flush (self->connection);
}

static void
on_settle (gpointer user_data)
{
  PsRedisSession *self = user_data;
  ps_turn_enter (&self->turn);
  end_completed (self);
  pump (self);
  leave (self);
}

static gboolean
is_noscript (const PsRedisInFlight *command, const PsRedisReply *reply)
{
  return command->script && !command->again && reply->type == PS_REDIS_REPLY_ERROR &&
         ps_redis_error_classify (reply->text) == PS_REDIS_ERROR_NOSCRIPT;
}

static void
repeat_script (PsRedisSession *self, PsRedisInFlight command)
{
  ps_redis_request_form_again (command.request, command.tag,
                               ps_redis_connection_writer (self->connection));
  command.again = TRUE;
  ps_redis_connection_push (self->connection, command);
  self->counters.commands++;
  self->counters.script_reloads++;
}

/* A write that was taken shows that this server is a master, whatever it was before. */
static void
note (PsRedisSession *self, const PsRedisReplyNotes *notes)
{
  if (notes->wrote)
    self->replica = FALSE;
}

static gboolean
take_answer (PsRedisSession *self, const PsRedisInFlight *command, const PsRedisReply *reply)
{
  guint64 epoch = self->epoch;
  self->counters.replies++;
  if (is_noscript (command, reply)) {
    repeat_script (self, *command);
    return TRUE;
  }
  PsRedisReplyNotes notes = {.errors = self->counters.errors};
  self->accepting = command->request;
  gboolean fits = ps_redis_request_accept (command->request, command->tag, reply, &notes);
  self->accepting = NULL;
  if (self->epoch != epoch)
    ps_redis_request_free (
        command->request); /* Stopped by a row function; see ps_redis_session_stop. */
  if (self->epoch != epoch || !fits)
    return fits;
  note (self, &notes);
  end_completed (self);
  if (self->epoch != epoch)
    return TRUE;
  if (notes.noauth) {
    self->denied = TRUE;
    lose (self, "the server does not know us any more (NOAUTH)");
  } else if (notes.readonly) {
    self->replica = TRUE;
    lose (self, "the server is a read-only replica now");
  }
  return TRUE;
}

/* --- What the connection tells --- */

static gboolean
on_replied (const PsRedisInFlight *command, const PsRedisReply *reply, gpointer user_data)
{
  PsRedisSession *self = user_data;
  ps_turn_enter (&self->turn);
  gboolean fits = command->request == NULL ? take_step (self, command->tag.kind, reply)
                                           : take_answer (self, command, reply);
  leave (self);
  return fits;
}

static void
on_rejected (PsText error, gpointer user_data)
{
  PsRedisSession *self = user_data;
  ps_turn_enter (&self->turn);
  turn_away (self, error);
  leave (self);
}

static void
on_turned (gpointer user_data)
{
  PsRedisSession *self = user_data;
  ps_turn_enter (&self->turn);
  pump (self);
  leave (self);
}

static void
on_ended (PsRedisConnectionEnd how, const char *reason, gpointer user_data)
{
  PsRedisSession *self = user_data;
  ps_turn_enter (&self->turn);
  self->counters.protocol_errors += how == PS_REDIS_CONNECTION_GARBLED;
  self->counters.deadlines += how == PS_REDIS_CONNECTION_DEADLINE;
  g_autofree char *text = how == PS_REDIS_CONNECTION_GARBLED
                              ? g_strdup_printf ("protocol error: %s", reason)
                              : g_strdup (reason);
  lose (self, text);
  leave (self);
}

static const PsRedisConnectionSink connection_sink = {
    .opened = on_opened,
    .replied = on_replied,
    .rejected = on_rejected,
    .turned = on_turned,
    .ended = on_ended,
};

/* --- The rest --- */

PsRedisSession *
ps_redis_session_new (PsClock *clock, PsLog *log, PsStreamPort *port,
                      const PsRedisRequestTarget *target, const PsRedisSessionOptions *options,
                      const PsRedisSessionSink *sink, gpointer user_data)
{
  PsRedisSession *self = g_new0 (PsRedisSession, 1);
  ps_timer_bind (&self->timers[TIMER_RETRY], on_retry, self);
  ps_timer_bind (&self->timers[TIMER_SETTLE], on_settle, self);
  self->clock = g_object_ref (clock);
  self->log = log;
  self->port = g_object_ref (port);
  self->target = target;
  self->options = *options;
  self->sink = sink;
  self->user_data = user_data;
  self->connection =
      ps_redis_connection_new (clock, port, options->reply_deadline_us, &connection_sink, self);
  g_queue_init (&self->requests);
  ps_backoff_init (&self->backoff, PS_REDIS_SESSION_BACKOFF_FLOOR_US,
                   PS_REDIS_SESSION_BACKOFF_CEILING_US);
  ps_retry_init (&self->denied_backoff, PS_RETRY_SLOW);
  ps_rng_seed (&self->rng, options->rng_seed);
  return self;
}

void
ps_redis_session_free (PsRedisSession *self)
{
  if (self == NULL)
    return;
  ps_redis_session_stop (self);
  if (ps_turn_doom (&self->turn))
    really_free (self);
}

void
ps_redis_session_start (PsRedisSession *self)
{
  g_assert (self->state == STATE_STOPPED);
  on_retry (self);
}

void
ps_redis_session_stop (PsRedisSession *self)
{
  self->epoch++;
  self->state = STATE_STOPPED;
  ps_redis_connection_close (self->connection);
  ps_clock_cancel_all (self->clock, self->timers, N_TIMERS);
  self->forming = NULL;
  while (!g_queue_is_empty (&self->requests)) {
    PsRedisRequest *request = g_queue_pop_head (&self->requests);
    ps_redis_request_cancel (request);
    /* One of its functions is on the stack: the turn that called it frees it. */
    if (request != self->accepting)
      ps_redis_request_free (request);
  }
}

gboolean
ps_redis_session_is_online (const PsRedisSession *self)
{
  return self->state == STATE_ONLINE;
}

void
ps_redis_session_submit (PsRedisSession *self, PsRedisRequest *request)
{
  g_assert (self->state == STATE_ONLINE);
  g_assert (g_queue_get_length (&self->requests) < PS_REDIS_SESSION_REQUESTS_MAX);
  g_queue_push_tail (&self->requests, request);
  if (self->forming == NULL)
    self->forming = self->requests.tail;
  if (!ps_turn_is_on (&self->turn))
    pump (self);
  if (ps_redis_request_is_complete (request) && !ps_timer_is_armed (&self->timers[TIMER_SETTLE]))
    ps_clock_rearm_in (self->clock, &self->timers[TIMER_SETTLE], 0);
}

guint
ps_redis_session_n_open (const PsRedisSession *self)
{
  return self->requests.length;
}

const PsRedisCounters *
ps_redis_session_counters (const PsRedisSession *self)
{
  return &self->counters;
}
