/* SPDX-License-Identifier: Apache-2.0 */
/* A scenario file as a checked value (format 2: one list of steps). */
#pragma once
#include "sim/run/expect.h"
#include "sim/run/step.h"
G_BEGIN_DECLS

#define PS_SCENARIO_FORMAT      2
#define PS_SCENARIO_STEPS_MAX   1000
#define PS_SCENARIO_EXPECTS_MAX 100
#define PS_SCENARIO_PORTS_MAX   131072
#define PS_SCENARIO_SEEDS_MAX   1000000000

typedef struct {
  guint n_ports;           /* configured: Ethernet0 … Ethernet<n - 1> */
  gboolean dpu;            /* DEVICE_METADATA says so */
  PsSimWorldOptions world; /* seed is filled in by the runner */
} PsSetup;

/* A check that the file switches off, and why. */
typedef struct {
  char *check, *reason; /* owned */
} PsWithout;

typedef struct {
  char *origin; /* owned, like the following: the name of the file */
  char *name, *why;
  GPtrArray *tags; /* of char * */
  guint64 seed_base;
  guint n_seeds;
  gint64 duration_us;
  PsSetup setup;
  GPtrArray *links;          /* of char *: ports and others, in the order of indexes */
  GPtrArray *steps;          /* of PsStep */
  GPtrArray *expects;        /* of PsExpect */
  GPtrArray *without;        /* of PsWithout */
  GPtrArray *upstream_fails; /* of char *: names of checks and expectations, one of which fails with
                              * SONiC's daemon */
} PsScenario;

/* An error is one line: origin, JSON pointer, what is wrong, and the nearest known word. It is the
 * first one. */
PsScenario *ps_scenario_parse (const char *text, gsize size, const char *origin,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same; out_faults (of owned char *) gets every error. What follows from another one only is
 * left out. */
PsScenario *ps_scenario_parse_all (const char *text, gsize size, const char *origin,
                                   GPtrArray *out_faults) G_GNUC_WARN_UNUSED_RESULT;
void ps_scenario_free (PsScenario *self);

/* The text of a file that reads back as the same value, one step a line. Free with g_free. */
char *ps_scenario_to_text (const PsScenario *self);

/* A JSON schema (draft-07) of the files, made from the tables of the loader. Free with g_free. */
char *ps_scenario_schema (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsScenario, ps_scenario_free)
G_END_DECLS
