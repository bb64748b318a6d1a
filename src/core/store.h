/* SPDX-License-Identifier: Apache-2.0 */
/* The databases as the engine sees them: tables of rows of fields. */
#pragma once
#include "core/batch.h"
#include <glib-object.h>
G_BEGIN_DECLS

#define PS_STORE_EXISTS_MAX 512 /* Keys in one exists request. */

/* Within a whole key: here stands the separator of the database, which the store knows. */
#define PS_STORE_SEPARATOR "\x1f"

typedef guint64 PsTicket; /* Rises by one per request of a store; 0 is never used. */

typedef enum {
  PS_APPLIED, /* The server did it. */
  PS_REFUSED, /* The server said no to this operation; nothing of it was done. */
  PS_UNKNOWN, /* The connection was lost or absent: all, part or none was done. */
} PsResult;

/* Why an operation was refused: what the caller can act on. The server's own words go with it. */
typedef enum {
  PS_REFUSAL_NONE,
  PS_REFUSAL_TRANSIENT,  /* LOADING, BUSY, TRYAGAIN, MASTERDOWN, NOREPLICAS: try again soon */
  PS_REFUSAL_READONLY,   /* this server is a replica now */
  PS_REFUSAL_CAPACITY,   /* OOM, MISCONF: an operator must act */
  PS_REFUSAL_PERMISSION, /* NOAUTH, WRONGPASS, NOPERM: configuration must change */
  PS_REFUSAL_WRONGTYPE,  /* the key holds another type */
  PS_REFUSAL_OTHER,
} PsRefusal;

typedef struct {
  PsResult result;
  PsRefusal refusal;  /* when refused */
  const char *reason; /* nullable; the server's text or what broke; valid during the callback */
} PsOutcome;

/* A row as read. fields is empty when the row does not exist (no empty hashes in Redis).
 * Valid during the callback. */
typedef struct {
  PsText key; /* without table and separator */
  const PsField *fields;
  gsize n_fields;
  PsOutcome outcome; /* PS_REFUSED: this row could not be read, e.g. it is not a hash. */
} PsRow;

/* outcomes: one per operation of the batch, in its order. */
typedef void (*PsCommitDone) (PsTicket ticket, const PsOutcome *outcomes, gsize n_outcomes,
                              gpointer user_data);
typedef void (*PsRowFn) (PsTicket ticket, const PsRow *row, gpointer user_data);
/* Only PS_APPLIED means that every row was delivered. */
typedef void (*PsReadDone) (PsTicket ticket, const PsOutcome *outcome, gpointer user_data);
/* n_existing: how many of the keys exist; valid if outcome is PS_APPLIED. */
typedef void (*PsExistsDone) (PsTicket ticket, const PsOutcome *outcome, guint n_existing,
                              gpointer user_data);

/* value: the string that the key holds, valid during the callback; NULL if there is no such key, or
 * unless outcome is PS_APPLIED. A key that holds something else is a PS_REFUSAL_WRONGTYPE. */
typedef void (*PsGetDone) (PsTicket ticket, const PsOutcome *outcome, const PsText *value,
                           gpointer user_data);

typedef struct {
  PsDb db;
  const char *table; /* copied by the store; "": keys are whole keys, without separator */
  /* Rows to read, in this order; copied by the store. NULL: every row of the table, each once, in
   * no order, without those whose key begins with another table's name. */
  const char *const *keys;
  gsize n_keys;
  gboolean names_only; /* Whole table only: rows are delivered without fields, unread. */
} PsRead;

/* Each database comes and goes by itself. online: it is connected and answers; its generation rises
 * by one each time. Whatever was read from it before may be out of date now. offline: it is not;
 * open requests on it end with PS_UNKNOWN before this call. reason is one line for people. */
typedef struct {
  void (*online) (PsDb db, guint64 generation, gpointer user_data);
  void (*offline) (PsDb db, const char *reason, gpointer user_data);
} PsStoreSink;

#define PS_TYPE_STORE (ps_store_get_type ())
G_DECLARE_INTERFACE (PsStore, ps_store, PS, STORE, GObject)
struct _PsStoreInterface {
  GTypeInterface g_iface;
  void (*start) (PsStore *self, const PsStoreSink *sink, gpointer user_data);
  PsTicket (*commit) (PsStore *self, PsBatch *batch, PsCommitDone done, gpointer user_data);
  PsTicket (*read_rows) (PsStore *self, const PsRead *read, PsRowFn row, PsReadDone done,
                         gpointer user_data);
  PsTicket (*exists) (PsStore *self, PsDb db, const char *table, const char *const *keys,
                      gsize n_keys, PsExistsDone done, gpointer user_data);
  PsTicket (*get) (PsStore *self, PsDb db, const char *key, PsGetDone done, gpointer user_data);
  gboolean (*is_online) (PsStore *self, PsDb db);
  void (*stop) (PsStore *self);
};

/* Begins to connect, and reconnects for ever. Sink and done functions are called from the loop
 * only, never from inside a call of the store. Requests of one database are done in the order in
 * which they were made, and take effect on the server in that order. */
void ps_store_start (PsStore *self, const PsStoreSink *sink, gpointer user_data);

/* Takes ownership of batch (not empty). done is called exactly once; while its database is offline,
 * with PS_UNKNOWN. */
PsTicket ps_store_commit (PsStore *self, PsBatch *batch, PsCommitDone done, gpointer user_data);
PsTicket ps_store_read_rows (PsStore *self, const PsRead *read, PsRowFn row, PsReadDone done,
                             gpointer user_data);
/* 1 to PS_STORE_EXISTS_MAX different keys; whole ones if table is empty, with PS_STORE_SEPARATOR
 * between table and row. */
PsTicket ps_store_exists (PsStore *self, PsDb db, const char *table, const char *const *keys,
                          gsize n_keys, PsExistsDone done, gpointer user_data);
/* The string of a key that is not a row: a whole key, without separator. */
PsTicket ps_store_get (PsStore *self, PsDb db, const char *key, PsGetDone done, gpointer user_data);
gboolean ps_store_is_db_online (PsStore *self, PsDb db);
gboolean ps_store_is_online (PsStore *self); /* all of them */

/* Closes. Open requests are forgotten: no call arrives after it. Idempotent. */
void ps_store_stop (PsStore *self);
G_END_DECLS
