/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to one database, kept alive for ever: handshake, pipelining, deadlines, an account
 * of every reply, back-off. Pure: bytes come and go through a PsStreamPort, time through a PsClock.
 *
 * Commands are sent in the order of their requests, and requests end in that order. At most
 * PS_REDIS_SESSION_WINDOW commands are unanswered at a time; a request is turned into commands only
 * as the window has room. A reply that does not fit its command, one that answers no command, bytes
 * that are not RESP, and silence for the reply deadline end the connection; every open request then
 * ends PS_UNKNOWN. The deadline counts from the last reply, so a slow server is not taken for a
 * dead one; but no command waits longer than PS_REDIS_CONNECTION_TRICKLE deadlines, or twice that.
 *
 * A server that refuses the user or the password is asked again every 1 s to 30 s; one that ceases
 * to know the user in the middle is connected anew, which says the password again.
 *
 * A call of the producer's script that the server answers with NOSCRIPT is sent again with the
 * whole script. To keep the order of effects through that, commands that are no script calls wait
 * until the script calls before them are answered. */
#pragma once
#include "backends/redis/auth.h"
#include "backends/redis/pipeline.h"
#include "backends/redis/request.h"
#include "backends/redis/stream-port.h"
#include "base/clock.h"
#include "base/log.h"
G_BEGIN_DECLS

#define PS_REDIS_SESSION_WINDOW             PS_REDIS_PIPELINE_MAX
#define PS_REDIS_SESSION_REQUESTS_MAX       4096 /* open requests; more is a leak */
#define PS_REDIS_SESSION_BACKOFF_FLOOR_US   (50 * 1000)
#define PS_REDIS_SESSION_BACKOFF_CEILING_US G_USEC_PER_SEC
/* A connection that was online for so long is no failure, and the back-off begins anew behind it. A
 * handshake alone proves nothing. So there are at most six attempts in a second, come what may. */
#define PS_REDIS_SESSION_PROVEN_US G_USEC_PER_SEC

typedef struct {
  guint64 commands;                     /* sent, without those of the handshake */
  guint64 replies;                      /* to them */
  guint64 errors[PS_REFUSAL_OTHER + 1]; /* by PsRefusal, also for single keys of a script */
  guint64 attempts;                     /* connections begun */
  guint64 connects;                     /* handshakes completed; all but the first reconnect */
  guint64 losses;                       /* connections lost after that */
  guint64 protocol_errors, deadlines, script_reloads;
} PsRedisCounters;

typedef struct {
  const char *name; /* for the log, e.g. "STATE_DB"; static */
  gint64 reply_deadline_us;
  guint64 rng_seed;        /* of the back-off's jitter */
  const PsRedisAuth *auth; /* nullable: the server asks for no password; outlives the session */
} PsRedisSessionOptions;

/* lost: the session was online and is not any more; its open requests end after this call, and
 * offline is called when they have. Each may make requests, stop and free the session. */
typedef struct {
  void (*online) (gpointer user_data);
  void (*lost) (gpointer user_data);
  void (*offline) (const char *reason, gpointer user_data);
} PsRedisSessionSink;

typedef struct _PsRedisSession PsRedisSession;

/* clock and port are referenced; log and target (whose script, if any, is loaded in the handshake)
 * must outlive the session. Does nothing yet. */
PsRedisSession *
ps_redis_session_new (PsClock *clock, PsLog *log, PsStreamPort *port,
                      const PsRedisRequestTarget *target, const PsRedisSessionOptions *options,
                      const PsRedisSessionSink *sink, gpointer user_data);
void ps_redis_session_free (PsRedisSession *self);

void ps_redis_session_start (PsRedisSession *self);
/* Open requests are forgotten without a word. May be started again. */
void ps_redis_session_stop (PsRedisSession *self);
gboolean ps_redis_session_is_online (const PsRedisSession *self);

/* Takes ownership. The session must be online, and have fewer than PS_REDIS_SESSION_REQUESTS_MAX
 * open requests. The request ends later, from the loop. */
void ps_redis_session_submit (PsRedisSession *self, PsRedisRequest *request);

guint ps_redis_session_n_open (const PsRedisSession *self);
const PsRedisCounters *ps_redis_session_counters (const PsRedisSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRedisSession, ps_redis_session_free)
G_END_DECLS
