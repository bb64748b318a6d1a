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

typedef struct _PsRequest PsRequest;

/* The database as its commands need it. Lives longer than its requests. */
typedef struct {
  guint db_id;
  char separator;
  const PsScript *produce; /* nullable: PRODUCE operations are refused */
} PsRequestTarget;

typedef enum {
  PS_NEXT_COMMAND, /* A command can be formed now. */
  PS_NEXT_SCRIPT,  /* The same, and it is a script call. */
  PS_NEXT_WAIT,    /* Not before another reply. */
  PS_NEXT_NOTHING, /* Every command has been formed. */
} PsNext;

/* What is kept for a command in flight and handed back with its reply. */
typedef struct {
  guint8 kind;
  guint32 first, n; /* operations of the batch, or the row */
} PsCommandTag;

/* What replies said besides the outcomes. */
typedef struct {
  guint64 *errors;   /* counts by PsRefusal, also those of single keys in a script */
  gboolean readonly; /* The server is a replica. */
  gboolean noauth;   /* It does not know us any more. */
  gboolean wrote;    /* It took a write. */
} PsReplyNotes;

typedef struct {
  PsNext (*next) (const PsRequest *self);
  PsCommandTag (*form) (PsRequest *self, PsRespWriter *out);
  void (*form_again) (const PsRequest *self, PsCommandTag tag, PsRespWriter *out); /* nullable */
  gboolean (*accept) (PsRequest *self, PsCommandTag tag, const PsReply *reply, PsReplyNotes *notes);
  void (*finish) (PsRequest *self, const PsOutcome *how);
  void (*free) (PsRequest *self);
} PsRequestClass;

/* The beginning of each kind of request. */
struct _PsRequest {
  const PsRequestClass *class;
  const PsRequestTarget *target;
  PsTicket ticket;
  gpointer user_data;
  guint n_in_flight;
  gboolean cancelled;
};

PsNext ps_request_next (const PsRequest *self);

/* Writes the next command. Only after PS_NEXT_COMMAND or PS_NEXT_SCRIPT. */
PsCommandTag ps_request_form (PsRequest *self, PsRespWriter *out);

/* Writes the script call of the tag again, with the whole text of the script (EVAL). It stays in
 * flight. */
void ps_request_form_again (PsRequest *self, PsCommandTag tag, PsRespWriter *out);

/* Takes the reply to a command in flight; delivers a row if it is one. FALSE: it does not fit the
 * command, so nothing on this connection can be trusted any more. */
gboolean
ps_request_accept (PsRequest *self, PsCommandTag tag, const PsReply *reply, PsReplyNotes *notes);

/* TRUE if everything was formed and answered. */
gboolean ps_request_is_complete (const PsRequest *self);

/* Tells the maker how it ended, once. NULL: as the replies said; otherwise what has no outcome yet
 * ended like this. */
void ps_request_finish (PsRequest *self, const PsOutcome *how);

/* From now on, the maker hears nothing more. */
void ps_request_cancel (PsRequest *self);
void ps_request_free (PsRequest *self);

/* For the kinds: counts an error reply and turns it into an outcome, whose reason is the reply's.
 */
PsOutcome ps_request_refusal (PsText error, PsReplyNotes *notes);

/* For the kinds: the whole key of a row as a word. */
void ps_request_row_key (const PsRequest *self, PsText table, PsText key, PsRespWriter *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRequest, ps_request_free)
G_END_DECLS
