/* SPDX-License-Identifier: Apache-2.0 */
/* The scripts of the simulated Redis: Lua 5.1 as the server embeds it. A script sees KEYS, ARGV,
 * redis.call, redis.pcall, redis.error_reply, redis.status_reply, and what the server leaves of
 * Lua's base, string, table and math libraries; nothing that depends on the process or the time. */
#pragma once
#include "sim/world/redis-texts.h"
G_BEGIN_DECLS

/* A script that takes longer is ended as by SCRIPT KILL; one that takes more memory fails. */
#define PS_SIM_LUA_STEPS_MAX  5000000
#define PS_SIM_LUA_BYTES_MAX  (64u * 1024 * 1024)
#define PS_SIM_LUA_NESTED_MAX 8 /* tables within tables in a reply */

typedef struct _PsSimLua PsSimLua;

/* Carries out a command of the script that runs; words[0] is in upper case. Its one reply is
 * appended to out. */
typedef void (*PsSimLuaCommand) (const PsText *words, gsize n_words, GString *out,
                                 gpointer user_data);

PsSimLua *ps_sim_lua_new (PsSimLuaCommand command, gpointer user_data);
void ps_sim_lua_free (PsSimLua *self);

/* How the server words its errors; static. */
void ps_sim_lua_set_texts (PsSimLua *self, const PsSimRedisTexts *texts);

/* Digests are in lower case. */
gboolean ps_sim_lua_knows (const PsSimLua *self, const char *sha1);
/* FALSE, with an error appended to out: it is no Lua. */
gboolean ps_sim_lua_load (PsSimLua *self, const char *sha1, PsText text, GString *out);
void ps_sim_lua_forget_all (PsSimLua *self);

/* Runs a known script; one reply is appended to out. Never from inside a script. */
void ps_sim_lua_run (PsSimLua *self, const char *sha1, const PsText *keys, gsize n_keys,
                     const PsText *args, gsize n_args, GString *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimLua, ps_sim_lua_free)
G_END_DECLS
