/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of portsim as a value. */
#pragma once
#include "sim/world/world.h"
G_BEGIN_DECLS

typedef enum {
  PS_COMMAND_RUN,
  PS_COMMAND_SWARM,
  PS_COMMAND_EXPLORE,
  PS_COMMAND_SHRINK,
  PS_COMMAND_EXPLAIN,
  PS_COMMAND_TWICE,
  PS_COMMAND_CHECK,
  PS_COMMAND_SCHEMA,
  PS_COMMAND_HELP,
  PS_COMMAND_VERSION,
} PsCommand;

typedef struct {
  PsCommand command;
  GPtrArray *files; /* owned, of borrowed char * */
  gboolean has_seed;
  guint64 seed;
  guint64 n_seeds;         /* 0: as the file says */
  gint64 until_us;         /* 0: to the end */
  gint64 seconds;          /* 0: no limit */
  guint64 shard, n_shards; /* from 1; 1 of 1: everything */
  guint workers;           /* 0: one for each core */
  guint64 crash_at;        /* 0: nowhere */
  const char *out;         /* borrowed; NULL: standard output */
  PsSimActor actor;
  gboolean crash_after, swarm, verbose, step, bytes, tap, digests, expect_failure;
} PsSimOptions;

#define PS_SIM_OPTIONS_ERROR (ps_sim_options_error_quark ())
GQuark ps_sim_options_error_quark (void);

/* argv[0] is not read. An error is one line and names the argument and the nearest known one. */
gboolean ps_sim_options_parse (int argc, char **argv, PsSimOptions *out, GError **error);
void ps_sim_options_clear (PsSimOptions *self);

/* Static. */
const char *ps_sim_options_help (void);
G_END_DECLS
