/* SPDX-License-Identifier: Apache-2.0 */
/* Steps of Redis: faults of the server and of the way to it, and what others write. */
#include "sim/run/verb.h"

static const char *const direction_words[] = {"requests", "replies", NULL};
static const char *const data_words[] = {"keep", "empty", "old", NULL};
static const char *const db_words[] = {"APPL_DB", "CONFIG_DB", "STATE_DB", NULL};
static const guint db_ids[] = {PS_SIM_APPL_DB, PS_SIM_CONFIG_DB, PS_SIM_STATE_DB};

#define DB                                                                                         \
  {                                                                                                \
    .name = "db", .type = PS_PARAM_WORD, .what = "the database", .words = db_words                 \
  }
#define TEXT(name_, what_)                                                                         \
  {                                                                                                \
    .name = name_, .type = PS_PARAM_TEXT, .what = what_                                            \
  }

#define EVERY_DB (-1)

/* Of a fault: which database it is about. */
#define ONE_DB                                                                                     \
  {                                                                                                \
    .name = "db", .type = PS_PARAM_WORD,                                                           \
    .what = "of this database only; one of a server: of the "                                      \
            "server that holds it",                                                                \
    .optional = TRUE, .fallback = EVERY_DB, .words = db_words                                      \
  }

static PsSimRedis *
redis_of (const PsVerbCall *call)
{
  return ps_sim_world_redis (call->world);
}

static guint
db_of (const PsVerbCall *call, guint param)
{
  gint64 word = call->values[param];
  return word == EVERY_DB ? PS_SIM_REDIS_ALL : db_ids[word];
}

#define MET(name, fault)                                                                           \
  static guint64 met_##name (const PsVerbCall *call)                                               \
  {                                                                                                \
    return ps_sim_redis_n_faults (redis_of (call), db_of (call, 0), fault);                        \
  }
MET (black_hole, PS_SIM_REDIS_BLACK_HOLE)
MET (noscript, PS_SIM_REDIS_NOSCRIPT)
MET (stopped, PS_SIM_REDIS_STOPPED)
MET (connect_refused, PS_SIM_REDIS_CONNECT_REFUSED)

/* By direction: a cut of requests is no proof of one of replies. */
static guint64
met_cut (const PsVerbCall *call)
{
  return ps_sim_redis_n_cut (redis_of (call), db_of (call, 2), (PsSimDirection)call->values[0]);
}

static guint64
met_refused (const PsVerbCall *call)
{
  return ps_sim_redis_n_refused (redis_of (call), db_of (call, 3), call->texts[0], call->texts[1]);
}

static gboolean
apply_latency (const PsVerbCall *call)
{
  ps_sim_redis_set_latency_us (redis_of (call), db_of (call, 1), call->values[0]);
  return TRUE;
}

void
ps_verbs_heal_latency (PsSimWorld *world, guint db)
{
  gint64 us = ps_sim_world_options (world)->latency_us;
  ps_sim_redis_set_latency_us (ps_sim_world_redis (world), db, us > 0 ? us : PS_SIM_LATENCY_US);
}

static void
heal_latency (const PsVerbCall *call)
{
  ps_verbs_heal_latency (call->world, db_of (call, 1));
}

static gboolean
apply_pieces (const PsVerbCall *call)
{
  ps_sim_redis_set_chunk (redis_of (call), db_of (call, 1), (gsize)call->values[0]);
  return TRUE;
}

static void
heal_pieces (const PsVerbCall *call)
{
  ps_sim_redis_set_chunk (redis_of (call), db_of (call, 1), 0);
}

static gboolean
apply_black_hole (const PsVerbCall *call)
{
  ps_sim_redis_black_hole (redis_of (call), db_of (call, 0), TRUE);
  return TRUE;
}

static void
heal_black_hole (const PsVerbCall *call)
{
  ps_sim_redis_black_hole (redis_of (call), db_of (call, 0), FALSE);
}

static gboolean
apply_cut (const PsVerbCall *call)
{
  ps_sim_redis_cut_after_bytes (redis_of (call), db_of (call, 2), (PsSimDirection)call->values[0],
                                (gsize)call->values[1]);
  return TRUE;
}

static gboolean
apply_refuse (const PsVerbCall *call)
{
  ps_sim_redis_refuse (redis_of (call), db_of (call, 3), call->texts[0], call->texts[1],
                       (guint)call->values[2]);
  return TRUE;
}

static gboolean
apply_script_flush (const PsVerbCall *call)
{
  ps_sim_redis_script_flush (redis_of (call), db_of (call, 0));
  return TRUE;
}

static gboolean
apply_stop (const PsVerbCall *call)
{
  ps_sim_redis_stop (redis_of (call), db_of (call, 0), TRUE);
  return TRUE;
}

static void
heal_stop (const PsVerbCall *call)
{
  ps_sim_redis_stop (redis_of (call), db_of (call, 0), FALSE);
}

static gboolean
apply_refuse_connect (const PsVerbCall *call)
{
  ps_sim_redis_refuse_connect (redis_of (call), db_of (call, 0), TRUE);
  return TRUE;
}

static void
heal_refuse_connect (const PsVerbCall *call)
{
  ps_sim_redis_refuse_connect (redis_of (call), db_of (call, 0), FALSE);
}

static guint64
met_killed (const PsVerbCall *call)
{
  return ps_sim_redis_n_faults (redis_of (call), db_of (call, 2), PS_SIM_REDIS_KILLED);
}

static gboolean
apply_restart (const PsVerbCall *call)
{
  if (!ps_sim_redis_is_running (redis_of (call), db_of (call, 2)))
    return FALSE;
  ps_sim_redis_kill (redis_of (call), db_of (call, 2));
  return TRUE;
}

static void
heal_restart (const PsVerbCall *call)
{
  if (ps_sim_redis_is_running (redis_of (call), db_of (call, 2)))
    return;
  ps_sim_redis_set_loading_us (redis_of (call), db_of (call, 2), call->values[1]);
  ps_sim_redis_start (redis_of (call), db_of (call, 2), (PsSimRedisData)call->values[0]);
}

static gboolean
apply_snapshot (const PsVerbCall *call)
{
  ps_sim_redis_snapshot (redis_of (call), db_of (call, 0));
  return TRUE;
}

static gboolean
apply_flushdb (const PsVerbCall *call)
{
  guint db = db_ids[call->values[0]];
  gboolean held = ps_sim_redis_n_keys (redis_of (call), db) > 0;
  ps_sim_world_flush_db (call->world, db);
  return held;
}

static gboolean
apply_prune (const PsVerbCall *call)
{
  guint before = ps_sim_redis_n_keys (redis_of (call), PS_SIM_STATE_DB);
  ps_sim_world_prune_state (call->world);
  return ps_sim_redis_n_keys (redis_of (call), PS_SIM_STATE_DB) < before;
}

static gboolean
apply_set (const PsVerbCall *call)
{
  ps_sim_redis_hset (redis_of (call), db_ids[call->values[0]], call->texts[1], call->texts[2],
                     call->texts[3]);
  return TRUE;
}

static gboolean
apply_set_string (const PsVerbCall *call)
{
  ps_sim_redis_set (redis_of (call), db_ids[call->values[0]], call->texts[1], call->texts[2]);
  return TRUE;
}

static gboolean
apply_delete (const PsVerbCall *call)
{
  return ps_sim_redis_del (redis_of (call), db_ids[call->values[0]], call->texts[1]);
}

static gboolean
apply_spoil (const PsVerbCall *call)
{
  ps_sim_redis_spoil (redis_of (call), db_ids[call->values[0]], call->texts[1]);
  return TRUE;
}

static gboolean
apply_scan (const PsVerbCall *call)
{
  ps_sim_redis_set_scan (redis_of (call), (guint)call->values[0], (guint)call->values[1]);
  return TRUE;
}

const PsVerb ps_verbs_redis[] = {
    {"redis.latency",
     "Replies come later.",
     0,
     0,
     FALSE,
     FALSE,
     {{.name = "is",
       .type = PS_PARAM_DURATION,
       .what = "from a command to its reply",
       .max = 60 * G_USEC_PER_SEC},
      ONE_DB},
     apply_latency,
     heal_latency,
     NULL},
    {"redis.pieces",
     "Bytes travel in small pieces.",
     0,
     0,
     FALSE,
     FALSE,
     {{.name = "bytes",
       .type = PS_PARAM_COUNT,
       .what = "the largest piece",
       .min = 1,
       .max = 1 << 20},
      ONE_DB},
     apply_pieces,
     heal_pieces,
     NULL},
    {"redis.black_hole",
     "Nothing passes, and no connection ends.",
     0,
     0,
     TRUE,
     TRUE,
     {ONE_DB},
     apply_black_hole,
     heal_black_hole,
     met_black_hole},
    {"redis.cut",
     "A connection ends behind a byte, the commands and replies before it count.",
     0,
     0,
     FALSE,
     TRUE,
     {{.name = "in",
       .type = PS_PARAM_WORD,
       .what = "of what bytes are counted",
       .words = direction_words},
      {.name = "bytes", .type = PS_PARAM_COUNT, .what = "from now on", .min = 1, .max = 1 << 30},
      ONE_DB},
     apply_cut,
     NULL,
     met_cut},
    {"redis.refuse",
     "Commands are answered with an error.",
     0,
     0,
     FALSE,
     TRUE,
     {TEXT ("commands", "what they begin with, e.g. \"HSET PORT_TABLE|\""),
      TEXT ("error", "the reply, e.g. \"OOM command not allowed\""),
      {.name = "count", .type = PS_PARAM_COUNT, .what = "so many", .min = 1, .max = 1000000},
      ONE_DB},
     apply_refuse,
     NULL,
     met_refused},
    {"redis.script_flush",
     "The server forgets its scripts.",
     0,
     0,
     FALSE,
     TRUE,
     {ONE_DB},
     apply_script_flush,
     NULL,
     met_noscript},
    {"redis.stop",
     "SIGSTOP, and SIGCONT after \"for\".",
     0,
     0,
     TRUE,
     TRUE,
     {ONE_DB},
     apply_stop,
     heal_stop,
     met_stopped},
    {"redis.refuse_connect",
     "No new connections.",
     0,
     0,
     TRUE,
     TRUE,
     {ONE_DB},
     apply_refuse_connect,
     heal_refuse_connect,
     met_connect_refused},
    {"redis.restart",
     "The server dies, and is started after \"for\".",
     0,
     0,
     TRUE,
     TRUE,
     {{.name = "data",
       .type = PS_PARAM_WORD,
       .what = "what it holds then; old: the snapshot",
       .words = data_words},
      {.name = "loading",
       .type = PS_PARAM_DURATION,
       .what = "answers LOADING for so long",
       .optional = TRUE,
       .max = 600 * (gint64)G_USEC_PER_SEC},
      ONE_DB},
     apply_restart,
     heal_restart,
     met_killed},
    {"redis.snapshot",
     "Keeps what a later restart with \"old\" data brings back.",
     0,
     0,
     FALSE,
     FALSE,
     {ONE_DB},
     apply_snapshot,
     NULL,
     NULL},
    {"redis.flushdb",
     "FLUSHDB by another client.",
     0,
     0,
     FALSE,
     TRUE,
     {DB},
     apply_flushdb,
     NULL,
     NULL},
    {"redis.prune_state",
     "STATE_DB loses what the warm-reboot script does not keep.",
     0,
     0,
     FALSE,
     TRUE,
     {{0}},
     apply_prune,
     NULL,
     NULL},
    {"redis.set",
     "Another client writes a field.",
     0,
     0,
     FALSE,
     FALSE,
     {DB, TEXT ("key", "the key"), TEXT ("field", "the field"), TEXT ("value", "its value")},
     apply_set,
     NULL,
     NULL},
    {"redis.set_string",
     "Another client makes a key a string.",
     0,
     0,
     FALSE,
     FALSE,
     {DB, TEXT ("key", "the key"), TEXT ("value", "what it holds")},
     apply_set_string,
     NULL,
     NULL},
    {"redis.delete",
     "Another client deletes a key.",
     0,
     0,
     FALSE,
     FALSE,
     {DB, TEXT ("key", "the key")},
     apply_delete,
     NULL,
     NULL},
    {"redis.spoil",
     "Another client makes a key a plain string.",
     0,
     0,
     FALSE,
     FALSE,
     {DB, TEXT ("key", "the key")},
     apply_spoil,
     NULL,
     NULL},
    {"redis.scan",
     "How SCAN divides its pages.",
     0,
     0,
     FALSE,
     FALSE,
     {{.name = "keys",
       .type = PS_PARAM_COUNT,
       .what = "at most so many a page; 0: as asked",
       .max = 1000000},
      {.name = "repeat_percent",
       .type = PS_PARAM_COUNT,
       .what = "pages that tell keys again",
       .max = 90}},
     apply_scan,
     NULL,
     NULL},
    {0},
};
