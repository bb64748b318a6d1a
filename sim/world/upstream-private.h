/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the actor, for its files only, each of which calls those named before it alone:
 * upstream-machine.c waits, upstream-links.c is the main loop, upstream-boot.c what is done up to
 * it, upstream.c begins and ends. */
#pragma once
#include "core/link-event.h"
#include "sim/world/upstream-client.h"
#include "sim/world/upstream.h"
G_BEGIN_DECLS

#define PS_UPSTREAM_DATAGRAM_MAX (64 * 1024)

/* What comes next; self->reply holds the reply that was waited for, if any. */
typedef void (*PsUpstreamStep) (PsUpstream *self);

struct _PsUpstream {
  PsClock *clock; /* owned, like the following */
  PsDatagramPort *netlink;
  PsUpstreamClient *clients[PS_N_DBS];
  PsSimKernel *kernel; /* not owned */
  PsLogWriter writer;
  gpointer user_data;
  PsUpstreamStep next;
  PsTimerId timer;
  const PsRedisReply *reply;
  gboolean ended;
  int exit_code;
  /* Boot: */
  guint at;                     /* in whatever list is worked off */
  gboolean connected[PS_N_DBS]; /* or connecting */
  gboolean dpu, warm_enabled, warm;
  GPtrArray *ports;    /* owned; of owned names, as KEYS gave them */
  GHashTable *pending; /* owned set of names */
  GPtrArray *downs;    /* owned; of owned names: netdevs to be set down */
  char *log_level;     /* owned, nullable, as CONFIG_DB has it */
  GHashTable *old;     /* owned set of ifindexes */
  /* Main loop: */
  guint8 *buffer; /* owned */
  gsize size, offset;
  gboolean in_select; /* an exception is swallowed, by this: */
  PsUpstreamStep swallow;
  gboolean multipart, interrupted, init_done;
  PsLinkEvent link; /* that is being published */
};

/* upstream-machine.c: ways to go on. Each must be the last thing that a step does. */
void ps_upstream_busy (PsUpstream *self, gint64 us, PsUpstreamStep next);
void ps_upstream_ask (PsUpstream *self, PsDb db, PsUpstreamStep next, const char *const *words,
                      gsize n_words);
void ps_upstream_connect (PsUpstream *self, PsDb db, PsUpstreamStep next);
#define ps_upstream_say(self, db, next, ...)                                                       \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const char *const words_[] = {__VA_ARGS__};                                                    \
    ps_upstream_ask (self, db, next, words_, G_N_ELEMENTS (words_));                               \
  }                                                                                                \
  G_STMT_END
/* For the clients: their command or connection came to an end. */
void ps_upstream_replied (PsUpstreamOutcome outcome, const PsRedisReply *reply, gpointer user_data);
/* An exception: swallowed in the main loop's select, deadly elsewhere. */
void ps_upstream_throw (PsUpstream *self, const char *what);

/* The producer's SET of one key; name and value of each field in turns, nullable when n is 0. */
void ps_upstream_produce (PsUpstream *self, PsUpstreamStep next, const char *key,
                          const char *const *pairs, gsize n_fields);

void
ps_upstream_tell (PsUpstream *self, PsLogLevel level, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* upstream-links.c */
void ps_upstream_read_links (PsUpstream *self);
/* After an exception that a message led to: what else its datagram held is lost. */
void ps_upstream_swallow (PsUpstream *self);

/* upstream-boot.c */
void ps_upstream_boot (PsUpstream *self);
G_END_DECLS
