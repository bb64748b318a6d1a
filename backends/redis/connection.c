/* SPDX-License-Identifier: Apache-2.0 */
#include "backends/redis/connection.h"
#include "base/timer.h"
#include "base/turn.h"

#define CLOSED "connection closed by the server"

#define READ_BYTES (32 * 1024)
/* At a time: what is left of it hiredis moves to the front whenever a kilobyte was consumed. */
#define FEED_BYTES (4 * 1024)
#define READS_MAX  16 /* in one turn, so that one server cannot starve the rest */

enum { TIMER_DEADLINE, TIMER_BROKEN, N_TIMERS };

struct _PsRedisConnection {
  PsClock *clock;     /* owned */
  PsStreamPort *port; /* owned */
  gint64 deadline_us;
  const PsRedisConnectionSink *sink;
  gpointer user_data;

  gboolean open, established;
  guint64 epoch; /* Rises with each close: "is this still the same connection?" */
  PsTurn turn;
  gboolean wants_write; /* what the port was told last */
  char *broken;         /* owned, nullable; found inside a call, told from the loop */

  PsRespWriter *writer; /* owned */
  PsRespReader *reader; /* owned; NULL when closed */
  GPtrArray *retired;   /* owned; readers whose last reply a caller on the stack still uses */
  PsRedisPipeline pipeline;
  PsTimer timers[N_TIMERS];
  gint64 waiting_since_us; /* for the connection, or for the reply to the oldest command */
  /* The command marked is the newest of its time, marked_us; when it is answered, the next is. */
  guint64 n_pushed, n_popped, marked;
  gint64 marked_us;
  guint8 bytes[READ_BYTES];
};

static void
really_free (PsRedisConnection *self)
{
  ps_resp_writer_free (self->writer);
  g_ptr_array_unref (self->retired);
  g_object_unref (self->port);
  g_object_unref (self->clock);
  g_free (self);
}

static void
leave (PsRedisConnection *self)
{
  gboolean ends = ps_turn_leave (&self->turn);
  if (!ps_turn_is_on (&self->turn))
    g_ptr_array_set_size (self->retired, 0);
  if (ends)
    really_free (self);
}

void
ps_redis_connection_close (PsRedisConnection *self)
{
  if (!self->open)
    return;
  self->open = self->established = self->wants_write = FALSE;
  self->epoch++;
  ps_stream_port_close (self->port);
  ps_clock_cancel_all (self->clock, self->timers, N_TIMERS);
  ps_resp_writer_clear (self->writer);
  g_ptr_array_add (self->retired, g_steal_pointer (&self->reader));
  if (!ps_turn_is_on (&self->turn))
    g_ptr_array_set_size (self->retired, 0);
  g_clear_pointer (&self->broken, g_free);
  ps_redis_pipeline_clear (&self->pipeline);
}

static void
end (PsRedisConnection *self, PsRedisConnectionEnd how, const char *reason)
{
  g_autofree char *kept = g_strdup (reason);
  ps_redis_connection_close (self);
  self->sink->ended (how, kept, self->user_data);
}

static void
on_broken (gpointer user_data)
{
  PsRedisConnection *self = user_data;
  ps_turn_enter (&self->turn);
  end (self, PS_REDIS_CONNECTION_ENDED, self->broken);
  leave (self);
}

static void
break_later (PsRedisConnection *self, const char *reason)
{
  if (self->broken != NULL)
    return;
  self->broken = g_strdup (reason);
  ps_clock_rearm_in (self->clock, &self->timers[TIMER_BROKEN], 0);
}

/* --- Writing --- */

static void
want_write (PsRedisConnection *self, gboolean wanted)
{
  if (self->wants_write == wanted)
    return;
  self->wants_write = wanted;
  ps_stream_port_want_write (self->port, wanted);
}

void
ps_redis_connection_flush (PsRedisConnection *self)
{
  gsize n_unsent, n_written;
  const guint8 *unsent = ps_resp_writer_unsent (self->writer, &n_unsent);
  if (!self->established || self->broken != NULL || n_unsent == 0)
    return;
  switch (ps_stream_port_write (self->port, unsent, n_unsent, &n_written)) {
  case PS_STREAM_DONE:
    ps_resp_writer_sent (self->writer, n_written);
    want_write (self, n_written < n_unsent);
    break;
  case PS_STREAM_WOULD_BLOCK:
    want_write (self, TRUE);
    break;
  case PS_STREAM_ENDED:
    want_write (self, FALSE);
    break_later (self, CLOSED);
    break;
  }
}

/* --- Reading --- */

static void
mark (PsRedisConnection *self, gint64 now_us)
{
  self->marked = self->n_pushed;
  self->marked_us = now_us;
}

/* FALSE: the connection is not the same any more. */
static gboolean
take_reply (PsRedisConnection *self, const PsRedisReply *reply)
{
  guint64 epoch = self->epoch;
  if (self->pipeline.n == 0 && reply->type == PS_REDIS_REPLY_ERROR)
    self->sink->rejected (reply->text, self->user_data);
  else if (self->pipeline.n == 0)
    end (self, PS_REDIS_CONNECTION_GARBLED, "a reply that answers no command");
  if (self->epoch != epoch)
    return FALSE;
  if (self->pipeline.n == 0)
    return TRUE;
  PsRedisInFlight command = ps_redis_pipeline_pop (&self->pipeline);
  if (++self->n_popped >= self->marked)
    mark (self, self->waiting_since_us);
  gboolean fits = self->sink->replied (&command, reply, self->user_data);
  if (self->epoch == epoch && !fits)
    end (self, PS_REDIS_CONNECTION_GARBLED, "a reply that does not fit its command");
  return self->epoch == epoch;
}

static gboolean
take_replies (PsRedisConnection *self)
{
  const PsRedisReply *reply;
  PsRespResult result;
  gboolean any = FALSE;
  while ((result = ps_resp_reader_next (self->reader, &reply)) == PS_RESP_REPLY) {
    /* The time of the first serves for all that were fed. */
    if (!any)
      self->waiting_since_us = ps_clock_now_us (self->clock);
    any = TRUE;
    if (!take_reply (self, reply))
      return FALSE;
  }
  if (result == PS_RESP_BROKEN) {
    g_autofree char *reason = g_strdup (ps_resp_reader_error (self->reader));
    end (self, PS_REDIS_CONNECTION_GARBLED, reason);
    return FALSE;
  }
  return TRUE;
}

/* What does not fit is told by the reader when it is asked for the next reply. */
static gboolean
take_bytes (PsRedisConnection *self, gsize n)
{
  for (gsize at = 0, size; at < n; at += size) {
    size = MIN (n - at, FEED_BYTES);
    ps_resp_reader_feed (self->reader, self->bytes + at, size);
    if (!take_replies (self))
      return FALSE;
  }
  return TRUE;
}

static const char *
explain (const PsRedisConnection *self, const char *standard)
{
  const char *fault = ps_stream_port_fault (self->port);
  return fault != NULL ? fault : standard;
}

/* One read. FALSE: there is nothing more to read now. */
static gboolean
read_once (PsRedisConnection *self)
{
  gsize n = 0;
  switch (ps_stream_port_read (self->port, self->bytes, sizeof self->bytes, &n)) {
  case PS_STREAM_DONE:
    return take_bytes (self, n) && n == sizeof self->bytes;
  case PS_STREAM_WOULD_BLOCK:
    return FALSE;
  case PS_STREAM_ENDED:
    break;
  }
  end (self, PS_REDIS_CONNECTION_ENDED,
       self->established ? CLOSED : explain (self, "connection refused"));
  return FALSE;
}

/* The room that replies made is used after each read, so that the server does not run dry. */
static void
read_some (PsRedisConnection *self)
{
  guint64 epoch = self->epoch;
  gboolean more = TRUE;
  for (guint i = 0; i < READS_MAX && more; i++) {
    more = read_once (self);
    if (self->epoch != epoch)
      return;
    self->sink->turned (self->user_data);
    more = more && self->epoch == epoch;
  }
}

static void
establish (PsRedisConnection *self)
{
  self->established = TRUE;
  self->waiting_since_us = ps_clock_now_us (self->clock);
  self->sink->opened (self->user_data);
}

static void
on_ready (guint readiness, gpointer user_data)
{
  PsRedisConnection *self = user_data;
  guint64 epoch = self->epoch;
  if (!self->open)
    return;
  ps_turn_enter (&self->turn);
  if ((readiness & PS_STREAM_WRITABLE) != 0 && !self->established)
    establish (self);
  else if ((readiness & PS_STREAM_WRITABLE) != 0)
    ps_redis_connection_flush (self);
  if ((readiness & PS_STREAM_READABLE) != 0 && self->epoch == epoch)
    read_some (self);
  leave (self);
}

/* --- The deadline --- */

static gboolean
is_waiting (const PsRedisConnection *self)
{
  return self->open && (!self->established || self->pipeline.n > 0);
}

static gint64
next_due_us (const PsRedisConnection *self)
{
  gint64 silence_us = self->waiting_since_us + self->deadline_us;
  if (self->pipeline.n == 0)
    return silence_us;
  return MIN (silence_us, self->marked_us + PS_REDIS_CONNECTION_TRICKLE * self->deadline_us);
}

static void
tell_deadline (PsRedisConnection *self, gint64 now_us)
{
  gboolean silent = self->waiting_since_us + self->deadline_us <= now_us;
  g_autofree char *reason = g_strdup_printf (
      silent ? "no reply for %.1f s" : "a command was not answered for %.1f s",
      (double)(silent ? self->deadline_us : now_us - self->marked_us) / G_USEC_PER_SEC);
  end (self, PS_REDIS_CONNECTION_DEADLINE,
       self->established ? reason : explain (self, "connecting takes too long"));
}

/* The timer is not moved with each reply; it looks, when it fires, whether it is time. Before it
 * gives up it reads: perhaps this process slept, not the server. */
static void
on_deadline (gpointer user_data)
{
  PsRedisConnection *self = user_data;
  guint64 epoch = self->epoch;
  ps_turn_enter (&self->turn);
  gint64 now_us = ps_clock_now_us (self->clock);
  if (self->established && is_waiting (self) && next_due_us (self) <= now_us)
    read_some (self);
  if (self->epoch == epoch && is_waiting (self)) {
    gint64 due_us = next_due_us (self);
    if (due_us <= now_us)
      tell_deadline (self, now_us);
    else if (!ps_timer_is_armed (&self->timers[TIMER_DEADLINE]))
      ps_clock_rearm_at (self->clock, &self->timers[TIMER_DEADLINE], due_us);
  }
  leave (self);
}

static void
start_deadline (PsRedisConnection *self)
{
  self->waiting_since_us = ps_clock_now_us (self->clock);
  if (!ps_timer_is_armed (&self->timers[TIMER_DEADLINE]))
    ps_clock_rearm_at (self->clock, &self->timers[TIMER_DEADLINE],
                       self->waiting_since_us + self->deadline_us);
}

/* --- The rest --- */

PsRedisConnection *
ps_redis_connection_new (PsClock *clock, PsStreamPort *port, gint64 deadline_us,
                         const PsRedisConnectionSink *sink, gpointer user_data)
{
  g_assert (deadline_us > 0);
  PsRedisConnection *self = g_new0 (PsRedisConnection, 1);
  ps_timer_bind (&self->timers[TIMER_DEADLINE], on_deadline, self);
  ps_timer_bind (&self->timers[TIMER_BROKEN], on_broken, self);
  self->clock = g_object_ref (clock);
  self->port = g_object_ref (port);
  self->deadline_us = deadline_us;
  self->sink = sink;
  self->user_data = user_data;
  self->writer = ps_resp_writer_new ();
  self->retired = g_ptr_array_new_with_free_func ((GDestroyNotify)ps_resp_reader_free);
  ps_stream_port_set_ready (port, on_ready, self);
  return self;
}

void
ps_redis_connection_free (PsRedisConnection *self)
{
  if (self == NULL)
    return;
  ps_redis_connection_close (self);
  ps_stream_port_set_ready (self->port, NULL, NULL);
  if (ps_turn_doom (&self->turn))
    really_free (self);
}

void
ps_redis_connection_open (PsRedisConnection *self)
{
  g_assert (!self->open);
  g_autoptr (GError) error = NULL;
  self->open = TRUE;
  self->reader = ps_resp_reader_new ();
  start_deadline (self);
  if (!ps_stream_port_connect (self->port, &error))
    break_later (self, error->message);
}

gboolean
ps_redis_connection_has_room (const PsRedisConnection *self)
{
  gsize n_unsent;
  ps_resp_writer_unsent (self->writer, &n_unsent);
  return !ps_redis_pipeline_is_full (&self->pipeline) &&
         n_unsent < PS_REDIS_CONNECTION_UNSENT_BYTES;
}

PsRespWriter *
ps_redis_connection_writer (PsRedisConnection *self)
{
  return self->writer;
}

void
ps_redis_connection_push (PsRedisConnection *self, PsRedisInFlight command)
{
  g_assert (self->established);
  self->n_pushed++;
  if (self->pipeline.n == 0) {
    start_deadline (self);
    mark (self, self->waiting_since_us);
  }
  ps_redis_pipeline_push (&self->pipeline, command);
}

const PsRedisPipeline *
ps_redis_connection_pipeline (const PsRedisConnection *self)
{
  return &self->pipeline;
}
