/* SPDX-License-Identifier: Apache-2.0 */
/* One request of the store as Redis commands: what to send next, and what a reply means. A commit,
 * a read of rows and an existence check are three kinds of it. Pure; knows nothing of sockets. */
#pragma once
#include "backends/redis/codec.h"
#include "backends/redis/replies.h"
#include "backends/redis/scripts.h"
#include "core/store.h"
G_BEGIN_DECLS

typedef struct _PsRequest PsRequest;

/* The database as its commands need it. Lives as long as the requests. */
typedef struct {
  guint db_id;
  char separator;
  const PsScript *produce; /* nullable: no PRODUCE on this database */
} PsRequestTarget;

/* batch becomes the request's own. */
PsRequest *ps_request_new_commit (const PsRequestTarget *target, PsTicket ticket, PsBatch *batch,
                                  PsCommitDone done, gpointer user_data);
PsRequest *ps_request_new_read (const PsRequestTarget *target, PsTicket ticket, const PsRead *read,
                                PsRowFn row, PsReadDone done, gpointer user_data);
PsRequest *ps_request_new_exists (const PsRequestTarget *target, PsTicket ticket, const char *table,
                                  const char *const *keys, gsize n_keys, PsExistsDone done,
                                  gpointer user_data);
void ps_request_free (PsRequest *self);

typedef enum {
  PS_NEXT_COMMAND, /* A command can be formed now. */
  PS_NEXT_SCRIPT,  /* The same, and it is a script call. */
  PS_NEXT_WAIT,    /* Not before another reply. */
  PS_NEXT_NOTHING, /* Every command has been formed. */
} PsNext;

PsNext ps_request_next (const PsRequest *self);

/* What the session keeps for a command in flight and hands back with its reply. */
typedef struct {
  guint8 kind;
  guint32 first, n; /* operations of a batch, or the row */
} PsCommandTag;

/* Writes the next command. Only after PS_NEXT_COMMAND or PS_NEXT_SCRIPT. */
PsCommandTag ps_request_form (PsRequest *self, PsRespWriter *out);

/* Writes the script call of the tag again, with the script's whole text (EVAL). */
void ps_request_form_again (const PsRequest *self, PsCommandTag tag, PsRespWriter *out);

/* TRUE if the tag is a script call, which NOSCRIPT can answer. */
gboolean ps_command_tag_is_script (PsCommandTag tag);

/* Takes a reply; delivers a row if it is one. FALSE: it does not fit the command, so nothing on
 * this connection can be trusted any more. errors counts every error reply by its class, also
 * those of single operations in a script; *out_readonly is set if the server is a replica. */
gboolean ps_request_accept (PsRequest *self, PsCommandTag tag, const PsReply *reply,
                            guint64 *errors, gboolean *out_readonly);

/* TRUE if everything was sent and answered. */
gboolean ps_request_is_complete (const PsRequest *self);

/* Tells the maker how it ended, once. What has no outcome yet is told to be how. */
void ps_request_finish (PsRequest *self, const PsOutcome *how);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRequest, ps_request_free)
G_END_DECLS
