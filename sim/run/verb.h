/* SPDX-License-Identifier: Apache-2.0 */
/* What a step of a scenario can do: one table, from which the loader, the runner and the schema
 * work, so that they cannot drift. */
#pragma once
#include "sim/run/draw.h"
#include "sim/world/world.h"
G_BEGIN_DECLS

#define PS_VERB_PARAMS_MAX 4

typedef enum {
  PS_PARAM_COUNT,    /* a whole number or a draw */
  PS_PARAM_DURATION, /* a duration or a draw */
  PS_PARAM_FLAG,
  PS_PARAM_TEXT,
  PS_PARAM_WORD, /* one of `words`; its value is the index */
} PsParamType;

typedef struct {
  const char *name; /* NULL ends the list */
  PsParamType type;
  const char *what;
  gboolean optional;         /* then `fallback` (and "" for a text) */
  gint64 min, max, fallback; /* of a word that is not there, too, e.g. -1 */
  const char *const *words;
} PsVerbParam;

/* One execution. Values stand in the order of the verb's parameters. */
typedef struct {
  PsSimWorld *world;
  const char *const *links; /* names that the selector took */
  guint n_links;
  gint64 values[PS_VERB_PARAMS_MAX];
  const char *texts[PS_VERB_PARAMS_MAX]; /* of texts; else NULL */
} PsVerbCall;

typedef struct {
  const char *name; /* "domain.verb" */
  const char *what;
  guint links_min, links_max; /* 0, 0: it takes no selector */
  gboolean must_end;          /* "for" is obligatory */
  gboolean is_fault;          /* it must take effect in at least one seed of a scenario */
  PsVerbParam params[PS_VERB_PARAMS_MAX + 1];
  /* TRUE: something changed. */
  gboolean (*apply) (const PsVerbCall *call);
  /* Ends it, after "for" or when everything heals; NULL: there is nothing to end. */
  void (*heal) (const PsVerbCall *call);
  /* How often the daemon met such a fault so far; NULL: whenever apply says so. Of the step's
   * values only those that are not drawn are given, and no links: enough to tell one refusal from
   * another. */
  guint64 (*met) (const PsVerbCall *call);
} PsVerb;

/* All verbs, ended by one without a name. Static. */
const PsVerb *ps_verbs (void);
/* Their names, NULL-terminated; the index is that of ps_verbs. Static. */
const char *const *ps_verb_names (void);

/* The parts of the table, each ended by a verb without a name. */
extern const PsVerb ps_verbs_link[], ps_verbs_redis[], ps_verbs_actor[], ps_verbs_bytes[],
    ps_verbs_disk[];

/* Redis, or one database, answers as fast as the world was made to. */
void ps_verbs_heal_latency (PsSimWorld *world, guint db);

/* Ends whatever may still go on, and starts what is not running: the state in which liveness is
 * judged. */
void ps_verbs_heal_world (PsSimWorld *world);
G_END_DECLS
