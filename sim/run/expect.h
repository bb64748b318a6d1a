/* SPDX-License-Identifier: Apache-2.0 */
/* What a scenario expects of its own, beside the invariants that are always checked. */
#pragma once
#include "sim/check/check.h"
#include "sim/run/document.h"
#include <json-glib/json-glib.h>
G_BEGIN_DECLS

typedef enum {
  PS_EXPECT_ALWAYS,     /* after each event, from "from" (or the start) on */
  PS_EXPECT_NEVER,      /* the opposite */
  PS_EXPECT_WITHIN,     /* once, not later than so long after the step "of" */
  PS_EXPECT_EVENTUALLY, /* once, until the end of settling */
  PS_EXPECT_AT_END,     /* when all has settled */
} PsExpectWhen;

typedef enum {
  PS_PREDICATE_COUNTER, /* {"counter": "kernel.overruns", "ge": 1} */
  PS_PREDICATE_ROW,     /* {"row": KEY, "db": DB, "field": F, "is": V} or {…, "exists": flag} */
  PS_PREDICATE_WRITES,  /* {"writes": "DEL", "db": DB, "key": GLOB, "le": 0}: by the daemon */
  PS_PREDICATE_LOG,     /* {"log": GLOB, "ge": 1}: lines of the daemon's log */
} PsPredicateKind;

typedef struct {
  PsPredicateKind kind;
  guint counter;       /* index into ps_counter_names */
  guint db;            /* number of the database */
  char *key;           /* owned: key, or glob of keys or lines; nullable */
  char *field, *value; /* owned, nullable */
  char *verb;          /* owned, nullable */
  gboolean exists;
  gint64 low, high; /* of numbers */
} PsPredicate;

typedef struct {
  char *name; /* owned */
  char *why;  /* owned, nullable */
  PsExpectWhen when;
  gint64 within_us;
  char *of_id; /* owned, nullable: the step of "of" or "from" */
  guint of;    /* its index; PS_STEP_NONE: the start */
  PsPredicate that;
} PsExpect;

PsExpect *ps_expect_read (const PsPlace *place, GError **error);
void ps_expect_free (PsExpect *self);

/* As ps_expect_read reads it. */
void ps_expect_write (const PsExpect *self, JsonBuilder *out);

/* Static, NULL-terminated. */
const char *const *ps_counter_names (void);
guint64 ps_counter_value (guint counter, PsSimWorld *world, const PsCheck *check);

/* `matches`: writes or log lines that fitted so far, for the kinds that count them. */
gboolean ps_predicate_holds (const PsPredicate *self, PsSimWorld *world, const PsCheck *check,
                             guint64 matches);
gboolean ps_predicate_fits_write (const PsPredicate *self, const PsSimRedisWrite *write);
gboolean ps_predicate_fits_log (const PsPredicate *self, const char *line);

/* The name of its database as a scenario has it. Static. */
const char *ps_predicate_db_name (const PsPredicate *self);

/* "kernel.overruns from 1", and what it is now; free with g_free. */
char *ps_predicate_expected (const PsPredicate *self);
char *ps_predicate_seen (const PsPredicate *self, PsSimWorld *world, const PsCheck *check,
                         guint64 matches);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsExpect, ps_expect_free)
G_END_DECLS
