/* SPDX-License-Identifier: Apache-2.0 */
/* A check as an object: one invariant of docs/invariants.md, with a struct and a file of its own.
 * It hears of what it wants to hear, looks at the facts (facts.h), and says what it saw. */
#pragma once
#include "sim/check/rows.h"
G_BEGIN_DECLS

typedef enum { PS_CHECK_SAFETY, PS_CHECK_LIVENESS } PsCheckKind;

typedef struct _PsInvariant PsInvariant;

/* What a check says: what it expected and what it saw instead, both owned. */
typedef struct {
  char *expected, *seen;
} PsWrong;

/* What came of ten seconds without an event. */
typedef struct {
  guint64 writes, dumps; /* of the daemon */
  gint64 us, audit_us;   /* how long that was; between two audits */
  guint n_tries;         /* so often something did happen; 0: nothing */
} PsQuiet;

/* Every hook may be NULL; what has one is called in the order of the table. */
typedef struct {
  const char *name; /* as in docs/invariants.md */
  PsCheckKind kind;
  gsize size;                        /* of the object, which begins with a PsInvariant and is
                                      * zero at first */
  void (*init) (PsInvariant *self);  /* made */
  void (*clear) (PsInvariant *self); /* what it owns, before it is freed */
  /* Safety: at each event, when the facts have taken it, but for the daemon's writes. */
  void (*begin) (PsInvariant *self);   /* a process starts */
  void (*decided) (PsInvariant *self); /* how it starts */
  void (*process) (PsInvariant *self, PsSimProcessState state);
  void (*link) (PsInvariant *self, const PsSimLink *link, gboolean removed);
  void (*bytes) (PsInvariant *self, guint channel, PsSimTapEvent event, const guint8 *bytes,
                 gsize n_bytes);
  void (*command) (PsInvariant *self, const PsSimRedisCommand *command); /* of the process */
  void (*foreign) (PsInvariant *self, const PsSimRedisWrite *write);     /* by an actor */
  void (*log) (PsInvariant *self);                                       /* a line */
  void (*step) (PsInvariant *self);                                      /* a timer was run */
  /* A write of the daemon to whatever; of the process that runs, which has decided, to a port's
   * row. The facts are still those before it. */
  void (*write) (PsInvariant *self, const PsSimRedisWrite *write);
  void (*row) (PsInvariant *self, const PsRowChange *change);
  /* Liveness: TRUE if it is wrong at rest, with what in out. */
  gboolean (*at_rest) (PsInvariant *self, PsWrong *out);
  void (*at_quiet) (PsInvariant *self, const PsQuiet *quiet);
  void (*at_end) (PsInvariant *self); /* two seconds after SIGTERM */
} PsInvariantType;

/* Where a breach is told; takes the texts. */
typedef void (*PsBreachFn) (PsInvariant *check, char *expected, char *seen, gpointer user_data);

struct _PsInvariant {
  const PsInvariantType *type;
  const PsFacts *facts;
  gboolean off; /* It does not judge. */
  PsBreachFn breach;
  gpointer user_data;
};

/* Takes both texts. */
static inline void
ps_breach (PsInvariant *self, char *expected, char *seen)
{
  self->breach (self, expected, seen, self->user_data);
}

/* Takes both texts; for at_rest. */
static inline gboolean
ps_wrong (PsWrong *out, char *expected, char *seen)
{
  *out = (PsWrong){expected, seen};
  return TRUE;
}

G_END_DECLS
