/* SPDX-License-Identifier: Apache-2.0 */
/* One Redis session between a fake stream port and a manual clock, and all that it tells. */
#pragma once
#include "backends/redis/session.h"
#include "tests/support/redis-relay.h"
#include "base/virtual-clock.h"
G_BEGIN_DECLS

#define PS_SESSION_RIG_DEADLINE_US (3 * G_USEC_PER_SEC)

#define PS_SESSION_RIG_HELLO "+OK\r\n+PONG\r\n" /* what a server says to SELECT and PING */

#define PS_SESSION_RIG_SCENE_OPS "PUT T a f=1 g=2\nDELETE T b\nPUT T c h="

/* Replies to: the commit above, HGETALL a, HGETALL c, EXISTS a b c. */
#define PS_SESSION_RIG_SCENE_REPLIES                                                               \
  ":2\r\n:1\r\n:1\r\n*4\r\n$1\r\nf\r\n$1\r\n1\r\n$1\r\ng\r\n$1\r\n2\r\n*2\r\n$1\r\nh\r\n$0\r\n"    \
  "\r\n:2\r\n"

typedef struct {
  PsVirtualClock *clock;
  PsLog *log;
  PsFakeStreamPort *port;
  PsRedisRelay *relay; /* NULL: the test feeds the port itself */
  PsSimRedis *redis;   /* the relay's */
  PsRedisScript script;
  PsRedisRequestTarget target;
  PsRedisSession *session;
  GString *seen;      /* "online lost offline c1:AR? r2:A e3:4", one word each */
  GString *rows;      /* "key a=b", one a line */
  GPtrArray *lines;   /* of the log */
  char *reason;       /* of the last offline, or of the last outcome that had one */
  PsTicket ticket;    /* of the last request */
  PsRefusal refusal;  /* of the last outcome refused */
  gboolean free_next; /* The next function frees the session. */
} PsSessionRig;

/* The session stands but is not started. produces: as APPL_DB's session; otherwise as STATE_DB's.
 * played: a simulated server answers. */
PsSessionRig *ps_session_rig_new (gboolean produces, gboolean played);
/* The same for a server with passwords; auth must outlive the rig. Not played, not producing. */
PsSessionRig *ps_session_rig_new_as (const PsRedisAuth *auth);
void ps_session_rig_free (PsSessionRig *self);

/* Started, online, and seen, the relay's log as after that. */
PsSessionRig *ps_session_rig_new_online (gboolean produces);

/* The same, but the test plays the server by hand after the handshake. Not producing. */
PsSessionRig *ps_session_rig_new_by_hand (void);

/* From the server, and carried through. */
void ps_session_rig_feed (PsSessionRig *self, const char *text);

/* What the server was asked, from the first-th command on, one a line. Free with g_free. */
char *ps_session_rig_commands (PsSessionRig *self, guint first);

/* Time goes on until the next attempt to connect: how long that is from now. */
gint64 ps_session_rig_time_to_attempt (PsSessionRig *self);

/* Runs what is due now. */
void ps_session_rig_run (PsSessionRig *self);

/* Requests with the next ticket. ops: "PUT T k f=v", "DELETE T k", "PRODUCE T k f=v", one a line.
 */
void ps_session_rig_commit (PsSessionRig *self, const char *ops);
/* keys: separated by spaces; NULL: the whole table. */
void ps_session_rig_read (PsSessionRig *self, const char *table, const char *keys);
void ps_session_rig_read_names (PsSessionRig *self, const char *table);
void ps_session_rig_exists (PsSessionRig *self, const char *table, const char *keys);
void ps_session_rig_get (PsSessionRig *self, const char *key);

/* A commit of PS_SESSION_RIG_SCENE_OPS, a read of T's rows a and c, EXISTS of its a, b and c. */
void ps_session_rig_scene (PsSessionRig *self);

/* Of a whole table come in the server's order. */
void ps_session_rig_sort_rows (PsSessionRig *self);

/* Compares and forgets. */
void ps_session_rig_expect (PsSessionRig *self, const char *seen);
void ps_session_rig_expect_rows (PsSessionRig *self, const char *rows);

/* How many log lines contain the text. */
guint ps_session_rig_n_lines (PsSessionRig *self, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSessionRig, ps_session_rig_free)
G_END_DECLS
