/* SPDX-License-Identifier: Apache-2.0 */
/* What a memory store will tell when the loop comes to it: a reply, or a change of a connection. */
#pragma once
#include "core/store.h"
G_BEGIN_DECLS

typedef enum {
  PS_MEMORY_EVENT_COMMIT,
  PS_MEMORY_EVENT_READ,
  PS_MEMORY_EVENT_EXISTS,
  PS_MEMORY_EVENT_GET,
  PS_MEMORY_EVENT_ONLINE,
  PS_MEMORY_EVENT_OFFLINE,
} PsMemoryEventType;

typedef struct {
  char *key;      /* owned */
  GArray *fields; /* owned; of PsField, owned texts */
  PsOutcome outcome;
} PsMemoryRow;

typedef struct {
  PsMemoryEventType type;
  gboolean forced; /* delivered also while replies are held */
  PsDb db;         /* asked, or changed */
  PsTicket ticket;
  guint64 generation;
  guint n_existing;
  GArray *outcomes;   /* owned; of PsOutcome; one, or one per operation */
  GPtrArray *reasons; /* owned; the texts that outcomes point at */
  GPtrArray *rows;    /* owned; of PsMemoryRow */
  PsCommitDone commit_done;
  PsRowFn row;
  PsReadDone read_done;
  PsExistsDone exists_done;
  char *value; /* owned, nullable */
  PsGetDone get_done;
  gpointer user_data;
} PsMemoryEvent;

PsMemoryEvent *ps_memory_event_new (PsMemoryEventType type);
void ps_memory_event_free (gpointer data);

/* A reply, not a change of a connection. */
gboolean ps_memory_event_is_request (const PsMemoryEvent *self);

/* All its outcomes: PS_UNKNOWN, also while replies are held. reason is static. */
void ps_memory_event_make_unknown (PsMemoryEvent *self, guint n_outcomes, const char *reason);

/* An outcome whose reason lives as long as the event. */
PsOutcome ps_memory_event_refuse (PsMemoryEvent *self, PsRefusal refusal, const char *text);

/* Owned by the event; empty. */
PsMemoryRow *ps_memory_event_add_row (PsMemoryEvent *self, const char *key);
G_END_DECLS
