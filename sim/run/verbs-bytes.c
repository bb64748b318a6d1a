/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that put bytes on the wire or into a database which no peer should send. */
#include "sim/run/verb.h"
#include "sim/world/forged.h"

static const char *const stray_words[] = {"status", "error",   "number", "array",
                                          "nested", "garbage", "nil",    NULL};
static const char *const stray_bytes[] = {
    "+OK\r\n",
    "-ERR max number of clients reached\r\n",
    ":1\r\n",
    "*2\r\n$1\r\na\r\n$1\r\nb\r\n",
    "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
    "HTTP/1.0 400 Bad Request\r\n\r\n",
    "$-1\r\n",
};
G_STATIC_ASSERT (G_N_ELEMENTS (stray_words) == G_N_ELEMENTS (stray_bytes) + 1);

static const char *const db_words[] = {"APPL_DB", "CONFIG_DB", "STATE_DB", NULL};
static const guint db_ids[] = {PS_SIM_APPL_DB, PS_SIM_CONFIG_DB, PS_SIM_STATE_DB};

/* Forged messages tell nothing new, so they are made of a link as it stands. */
static gboolean
apply_forge (const PsVerbCall *call)
{
  PsSimKernel *kernel = ps_sim_world_kernel (call->world);
  for (guint i = 0; i < call->n_links; i++) {
    const PsSimLink *link = ps_sim_kernel_find (kernel, call->links[i]);
    if (link != NULL)
      ps_forged_send (kernel, (PsForged)call->values[0], link);
  }
  return TRUE;
}

static guint64
met_forged (const PsVerbCall *call)
{
  return ps_sim_kernel_counters (ps_sim_world_kernel (call->world))->forged;
}

static gboolean
apply_usurp (const PsVerbCall *call)
{
  PsSimKernel *kernel = ps_sim_world_kernel (call->world);
  const PsSimLink *link = ps_sim_kernel_find (kernel, call->links[0]);
  if (link == NULL || ps_sim_kernel_find (kernel, call->texts[0]) != NULL)
    return FALSE;
  PsSimLink was = *link;
  return ps_sim_kernel_remove (kernel, was.ifindex) &&
         ps_sim_kernel_add (kernel, call->texts[0], was.ifindex, was.kind) != 0;
}

static guint
stray_db (const PsVerbCall *call)
{
  return call->values[1] < 0 ? PS_SIM_REDIS_ALL : db_ids[call->values[1]];
}

static gboolean
apply_stray (const PsVerbCall *call)
{
  ps_sim_redis_stray (ps_sim_world_redis (call->world), stray_db (call),
                      stray_bytes[call->values[0]]);
  return TRUE;
}

static guint64
met_stray (const PsVerbCall *call)
{
  return ps_sim_redis_n_faults (ps_sim_world_redis (call->world), stray_db (call),
                                PS_SIM_REDIS_STRAY);
}

static gboolean
apply_fill (const PsVerbCall *call)
{
  g_autofree char *value = g_strnfill ((gsize)call->values[3], 'x');
  ps_sim_redis_hset (ps_sim_world_redis (call->world), db_ids[call->values[0]], call->texts[1],
                     call->texts[2], value);
  return TRUE;
}

const PsVerb ps_verbs_bytes[] = {
    {.name = "netlink.forge",
     .what = "A message that is malformed, means nothing or is not the kernel's; of links that "
             "exist.",
     .links_min = 1,
     .links_max = G_MAXUINT,
     .is_fault = TRUE,
     .params = {{.name = "kind",
                 .type = PS_PARAM_WORD,
                 .what = "what is wrong with it",
                 .words = ps_forged_names}},
     .apply = apply_forge,
     .met = met_forged},
    {.name = "link.usurp",
     .what = "The device is gone, and another one comes with its ifindex.",
     .links_min = 1,
     .links_max = 1,
     .params = {{.name = "by", .type = PS_PARAM_TEXT, .what = "the name of the other one"}},
     .apply = apply_usurp},
    {.name = "redis.stray",
     .what = "The server sends something that answers no command, on every connection.",
     .is_fault = TRUE,
     .params =
         {{.name = "kind", .type = PS_PARAM_WORD, .what = "what it says", .words = stray_words},
          {.name = "db",
           .type = PS_PARAM_WORD,
           .what = "to clients of this database only",
           .optional = TRUE,
           .fallback = -1,
           .words = db_words}},
     .apply = apply_stray,
     .met = met_stray},
    {.name = "redis.fill",
     .what = "Another client writes a field with a very long value.",
     .params = {{.name = "db", .type = PS_PARAM_WORD, .what = "the database", .words = db_words},
                {.name = "key", .type = PS_PARAM_TEXT, .what = "the key"},
                {.name = "field", .type = PS_PARAM_TEXT, .what = "the field"},
                {.name = "bytes",
                 .type = PS_PARAM_COUNT,
                 .what = "the length of its value",
                 .min = 1,
                 .max = 16 * 1024 * 1024}},
     .apply = apply_fill},
    {0},
};
