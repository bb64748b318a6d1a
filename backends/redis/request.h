/* SPDX-License-Identifier: Apache-2.0 */
/* One request of the store as Redis commands: what to send next, and what a reply means. A commit,
 * a read of rows, an existence check and the reading of a string are its kinds. Pure; knows nothing
 * of connections. */
#pragma once
#include "backends/redis/codec.h"
#include "backends/redis/replies.h"
#include "backends/redis/scripts.h"
#include "core/store.h"
G_BEGIN_DECLS

typedef struct _PsRedisRequest PsRedisRequest;

/* The database as its commands need it. Lives longer than its requests. */
typedef struct {
  guint db_id;
  char separator;
  const PsRedisScript *produce; /* nullable: PRODUCE operations are refused */
} PsRedisRequestTarget;

typedef enum {
  PS_REDIS_NEXT_COMMAND, /* A command can be formed now. */
  PS_REDIS_NEXT_SCRIPT,  /* The same, and it is a script call. */
  PS_REDIS_NEXT_WAIT,    /* Not before another reply. */
  PS_REDIS_NEXT_NOTHING, /* Every command has been formed. */
} PsRedisNext;

/* What is kept for a command in flight and handed back with its reply. */
typedef struct {
  guint8 kind;
  guint32 first, n; /* operations of the batch, or the row */
} PsRedisCommandTag;

/* What replies said besides the outcomes. */
typedef struct {
  guint64 *errors;   /* counts by PsRefusal, also those of single keys in a script */
  gboolean readonly; /* The server is a replica. */
  gboolean noauth;   /* It does not know the user any more. */
  gboolean wrote;    /* It took a write. */
} PsRedisReplyNotes;

typedef struct {
  PsRedisNext (*next) (const PsRedisRequest *self);
  PsRedisCommandTag (*form) (PsRedisRequest *self, PsRespWriter *out);
  void (*form_again) (const PsRedisRequest *self, PsRedisCommandTag tag,
                      PsRespWriter *out); /* nullable */
  gboolean (*accept) (PsRedisRequest *self, PsRedisCommandTag tag, const PsRedisReply *reply,
                      PsRedisReplyNotes *notes);
  void (*finish) (PsRedisRequest *self, const PsOutcome *how);
  void (*free) (PsRedisRequest *self);
} PsRedisRequestClass;

/* The beginning of each kind of request. */
struct _PsRedisRequest {
  const PsRedisRequestClass *class;
  const PsRedisRequestTarget *target;
  PsTicket ticket;
  gpointer user_data;
  guint n_in_flight;
  gboolean cancelled;
};

PsRedisNext ps_redis_request_next (const PsRedisRequest *self);

/* Writes the next command. Only after PS_REDIS_NEXT_COMMAND or PS_REDIS_NEXT_SCRIPT. */
PsRedisCommandTag ps_redis_request_form (PsRedisRequest *self, PsRespWriter *out);

/* Writes the script call of the tag again, with the whole text of the script (EVAL). It stays in
 * flight. */
void ps_redis_request_form_again (PsRedisRequest *self, PsRedisCommandTag tag, PsRespWriter *out);

/* Takes the reply to a command in flight; delivers a row if it is one. FALSE: it does not fit the
 * command, so nothing on this connection can be trusted any more. */
gboolean ps_redis_request_accept (PsRedisRequest *self, PsRedisCommandTag tag,
                                  const PsRedisReply *reply, PsRedisReplyNotes *notes);

/* TRUE if everything was formed and answered. */
gboolean ps_redis_request_is_complete (const PsRedisRequest *self);

/* Tells the maker how it ended, once. NULL: as the replies said; otherwise what has no outcome yet
 * ended like this. */
void ps_redis_request_finish (PsRedisRequest *self, const PsOutcome *how);

/* From now on, the maker hears nothing more. */
void ps_redis_request_cancel (PsRedisRequest *self);
void ps_redis_request_free (PsRedisRequest *self);

/* For the kinds: counts an error reply and turns it into an outcome, whose reason is the reply's.
 */
PsOutcome ps_redis_request_refusal (PsText error, PsRedisReplyNotes *notes);

/* For the kinds: the whole key of a row as a word. */
void
ps_redis_request_row_key (const PsRedisRequest *self, PsText table, PsText key, PsRespWriter *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRedisRequest, ps_redis_request_free)
G_END_DECLS
