/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of a scenario's list: when, what, with what, to which links. */
#pragma once
#include "sim/run/selector.h"
#include "sim/run/verb.h"
#include <json-glib/json-glib.h>
G_BEGIN_DECLS

#define PS_STEP_NONE G_MAXUINT
#define PS_MILLION   1000000

typedef enum {
  PS_WHEN_AT,    /* "at": once */
  PS_WHEN_AFTER, /* "after" a step's first execution, and "delay" */
  PS_WHEN_EVERY, /* "every", "from", "until", "times" */
  PS_WHEN_RAMP,  /* "ramp": executions a second, exponential gaps; "from", "until" */
} PsWhen;

typedef struct {
  PsDraw draw;
  char *text; /* owned, nullable */
} PsStepArgument;

typedef struct {
  char *id;           /* owned */
  char *why;          /* owned, nullable */
  const PsVerb *verb; /* static */
  PsWhen when;
  PsDraw at;      /* of AFTER the delay, of EVERY the gap */
  guint after;    /* index of a step; PS_STEP_NONE */
  char *after_id; /* owned, nullable */
  PsDraw jitter;  /* added to each gap of EVERY */
  gint64 from_us, until_us;
  guint64 times; /* G_MAXUINT64: no limit */
  gint64 rate_from, rate_to;
  gboolean ends; /* "for" is given */
  PsDraw lasting;
  guint chance; /* in millionths: whether it takes place in a seed */
  PsSelector links;
  PsStepArgument arguments[PS_VERB_PARAMS_MAX];
} PsStep;

/* links: all that the scenario knows; NULL: that could not be read, nothing is said about them.
 * end_us: of the scenario. "after" is resolved later. */
PsStep *ps_step_read (const PsPlace *place, const GPtrArray *links, gint64 end_us, GError **error);
void ps_step_free (PsStep *self);

/* As ps_step_read reads it: what is as without being said is left out. links and end_us as there.
 */
void ps_step_write (const PsStep *self, const GPtrArray *links, gint64 end_us, JsonBuilder *out);

/* The members that every step may have, NULL-terminated; parameters of its verb come on top. */
const char *const *ps_step_members (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsStep, ps_step_free)
G_END_DECLS
