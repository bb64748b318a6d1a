/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to one database, kept alive for ever: handshake, pipelining, deadlines, accounting
 * for every reply, back-off. Pure: bytes come and go through a PsStreamPort, time through a
 * PsClock.
 *
 * Commands of one session are sent in the order of their requests. At most PS_SESSION_WINDOW are
 * unanswered at a time; a request is turned into commands only as the window has room. A reply that
 * does not fit its command, one that nobody asked for, bytes that are not RESP, and a server that
 * is silent for the reply deadline all end the connection; every open request then ends PS_UNKNOWN.
 */
#pragma once
#include "backends/redis/db-config.h"
#include "backends/redis/request.h"
#include "backends/redis/stream-port.h"
#include "core/clock.h"
#include "core/log.h"
#include "core/rng.h"
G_BEGIN_DECLS

#define PS_SESSION_WINDOW             512           /* commands in flight */
#define PS_SESSION_REQUESTS_MAX       1024          /* open requests; one more is refused */
#define PS_SESSION_OUTPUT_BYTES       (1024 * 1024) /* unsent: no further command is formed */
#define PS_SESSION_BACKOFF_FLOOR_US   (50 * 1000)
#define PS_SESSION_BACKOFF_CEILING_US (5 * G_USEC_PER_SEC)

typedef struct {
  guint64 commands;                     /* sent, without those of the handshake */
  guint64 replies;                      /* to them */
  guint64 errors[PS_REFUSAL_OTHER + 1]; /* error replies, also for one operation of a script */
  guint64 connects;                     /* handshakes completed */
  guint64 losses;                       /* connections lost after that */
  guint64 protocol_errors, deadlines, script_reloads;
} PsRedisCounters;

typedef struct {
  const char *name; /* for the log, e.g. "STATE_DB"; static */
  guint db_id;
  gboolean produces; /* The producer's script is loaded in the handshake. */
  gint64 reply_deadline_us;
  guint64 rng_seed;
} PsSessionOptions;

/* lost is called when the session was online and is not any more, before the open requests end;
 * offline after that. Either function may stop the session and make requests. */
typedef struct {
  void (*online) (gpointer user_data);
  void (*lost) (gpointer user_data);
  void (*offline) (const char *reason, gpointer user_data);
} PsSessionSink;

typedef struct _PsSession PsSession;

/* port, clock and log are used, log for as long as the session lives. */
PsSession *
ps_session_new (PsClock *clock, PsLog *log, PsStreamPort *port, const PsSessionOptions *options,
                const PsSessionSink *sink, gpointer user_data);
/* Also from inside one of its callbacks. */
void ps_session_free (PsSession *self);

void ps_session_start (PsSession *self);
void ps_session_stop (PsSession *self); /* Open requests are forgotten without a word. */
gboolean ps_session_is_online (const PsSession *self);

/* Takes ownership. The session must be online. The request's done function is called later, once,
 * unless the session is stopped. */
void ps_session_submit (PsSession *self, PsRequest *request);

guint ps_session_n_open (const PsSession *self);
const PsRedisCounters *ps_session_counters (const PsSession *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSession, ps_session_free)
G_END_DECLS
