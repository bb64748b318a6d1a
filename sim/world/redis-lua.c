/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/world/redis-lua.h"
#include "sim/world/resp.h"
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <string.h>

#define CHUNK          "@user_script"
#define PRINTED_DIGITS 32

struct _PsSimLua {
  lua_State *lua; /* owned */
  const PsSimRedisTexts *texts;
  PsSimLuaCommand command;
  gpointer user_data;
  GHashTable *scripts;  /* owned; digest -> reference in Lua's registry */
  const char *running;  /* the digest of the script that runs; else NULL */
  gsize n_bytes;        /* that Lua holds */
  int globals, sandbox; /* references: what scripts find, and the table through which they do */
  /* Of the command that a script gives; kept, since an error of Lua jumps over what would free
   * them. */
  GArray *words;       /* owned; of PsText */
  GString *verb, *out; /* owned */
};

/* --- Lua's memory --- */

static void *
allocate (void *user_data, void *old, size_t old_size, size_t size)
{
  PsSimLua *self = user_data;
  if (self->running != NULL && size > old_size &&
      self->n_bytes + (size - old_size) > PS_SIM_LUA_BYTES_MAX)
    return NULL;
  self->n_bytes += size - old_size;
  if (size > 0)
    return g_realloc (old, size);
  g_free (old);
  return NULL;
}

static PsSimLua *
self_of (lua_State *lua)
{
  void *self;
  lua_getallocf (lua, &self);
  return self;
}

/* --- From a reply to a value --- */

static void
push_single (lua_State *lua, const char *field, const char *text, gsize size)
{
  lua_createtable (lua, 0, 1);
  lua_pushlstring (lua, text, size);
  lua_setfield (lua, -2, field);
}

/* Pushes the reply at `at`, which is whole. Returns what stands behind it. */
static const char *
push_reply (lua_State *lua, const char *at)
{
  const char *end = strstr (at, "\r\n"), *next = end + 2;
  gint64 n = g_ascii_strtoll (at + 1, NULL, 10);
  if (*at == '+' || *at == '-') {
    push_single (lua, *at == '+' ? "ok" : "err", at + 1, (gsize)(end - at - 1));
  } else if (*at == ':') {
    lua_pushnumber (lua, (lua_Number)n);
  } else if (n < 0) {
    lua_pushboolean (lua, FALSE);
  } else if (*at == '$') {
    lua_pushlstring (lua, next, (gsize)n);
    next += n + 2;
  } else {
    lua_createtable (lua, (int)n, 0);
    for (int i = 1; i <= n; i++) {
      next = push_reply (lua, next);
      lua_rawseti (lua, -2, i);
    }
  }
  return next;
}

/* --- From a value to a reply --- */

/* TRUE if the table has this field, a text: it stands on top then. */
static gboolean
get_text (lua_State *lua, const char *field)
{
  lua_pushstring (lua, field);
  lua_rawget (lua, -2);
  if (lua_type (lua, -1) == LUA_TSTRING)
    return TRUE;
  lua_pop (lua, 1);
  return FALSE;
}

/* TRUE if the table on top is an error or a status. */
static gboolean
reply_line (lua_State *lua, GString *out)
{
  if (get_text (lua, "err")) {
    ps_sim_resp_error (out, lua_tostring (lua, -1));
  } else if (get_text (lua, "ok")) {
    g_autofree char *line = g_strdelimit (g_strdup (lua_tostring (lua, -1)), "\r\n", ' ');
    ps_sim_resp_status (out, line);
  } else {
    return FALSE;
  }
  lua_pop (lua, 1);
  return TRUE;
}

/* The head of the list on top, which ends before its first nil. Returns how many elements follow.
 */
static int
begin_list (lua_State *lua, guint depth, GString *out)
{
  int n = 0;
  if (depth == PS_SIM_LUA_NESTED_MAX || !lua_checkstack (lua, 4)) {
    ps_sim_resp_error (out, "ERR reached lua stack limit");
    return 0;
  }
  for (gboolean is_end = FALSE; !is_end; n++) {
    lua_rawgeti (lua, -1, n + 1);
    is_end = lua_isnil (lua, -1);
    lua_pop (lua, 1);
  }
  ps_sim_resp_array (out, (gsize)n - 1);
  return n - 1;
}

/* Numbers lose their fraction; what is too large for a number of the protocol is its smallest, as
 * the server's compiler has it. */
static gint64
to_integer (lua_Number number)
{
  return number > -9.2e18 && number < 9.2e18 ? (gint64)number : G_MININT64;
}

/* Pops it. */
static void
reply_value (lua_State *lua, guint depth, GString *out)
{
  int type = lua_type (lua, -1), n = 0;
  PsText text;
  if (type == LUA_TSTRING) {
    text.data = lua_tolstring (lua, -1, &text.size);
    ps_sim_resp_string (out, text);
  } else if (type == LUA_TNUMBER) {
    ps_sim_resp_integer (out, to_integer (lua_tonumber (lua, -1)));
  } else if (type == LUA_TBOOLEAN && lua_toboolean (lua, -1)) {
    ps_sim_resp_integer (out, 1);
  } else if (type != LUA_TTABLE) {
    ps_sim_resp_nil (out);
  } else if (!reply_line (lua, out)) {
    n = begin_list (lua, depth, out);
  }
  for (int i = 1; i <= n; i++) {
    lua_rawgeti (lua, -1, i);
    reply_value (lua, depth + 1, out);
  }
  lua_pop (lua, 1);
}

/* --- What scripts call --- */

static void
number_to_text (lua_State *lua, int index, gboolean whole_numbers)
{
  char text[PRINTED_DIGITS];
  lua_Number number = lua_tonumber (lua, index);
  gint64 whole = to_integer (number);
  if (whole_numbers && (lua_Number)whole == number)
    g_snprintf (text, sizeof text, "%" G_GINT64_FORMAT, whole);
  else
    g_snprintf (text, sizeof text, "%.17g", number);
  lua_pushstring (lua, text);
  lua_replace (lua, index);
}

/* Why the arguments are no command, or NULL; then they are words. */
static const char *
take_words (PsSimLua *self, lua_State *lua)
{
  int n = lua_gettop (lua);
  if (n == 0)
    return self->texts->nothing;
  g_array_set_size (self->words, 0);
  for (int i = 1; i <= n; i++) {
    if (lua_type (lua, i) == LUA_TNUMBER)
      number_to_text (lua, i, self->texts->whole_numbers);
    if (lua_type (lua, i) != LUA_TSTRING)
      return self->texts->arguments;
    PsText word = {0};
    word.data = lua_tolstring (lua, i, &word.size);
    g_array_append_val (self->words, word);
  }
  PsText *verb = &g_array_index (self->words, PsText, 0);
  g_string_truncate (self->verb, 0);
  g_string_append_len (self->verb, verb->data, (gssize)verb->size);
  g_string_ascii_up (self->verb);
  *verb = (PsText){self->verb->str, self->verb->len};
  return NULL;
}

/* Leaves the reply on the stack; an error is a table with "err". */
static void
carry_out (lua_State *lua)
{
  PsSimLua *self = self_of (lua);
  const char *wrong = take_words (self, lua);
  if (wrong != NULL) {
    push_single (lua, "err", wrong, strlen (wrong));
    return;
  }
  g_string_truncate (self->out, 0);
  self->command (&g_array_index (self->words, PsText, 0), self->words->len, self->out,
                 self->user_data);
  push_reply (lua, self->out->str);
}

static int
redis_pcall (lua_State *lua)
{
  carry_out (lua);
  return 1;
}

static int
redis_call (lua_State *lua)
{
  carry_out (lua);
  if (!lua_istable (lua, -1) || !get_text (lua, "err"))
    return 1;
  lua_pop (lua, 1);
  return lua_error (lua);
}

/* A first word without a second one is no code of an error. */
static int
redis_error_reply (lua_State *lua)
{
  static const char wrong[] = "ERR wrong number or type of arguments";
  if (lua_gettop (lua) != 1 || lua_type (lua, 1) != LUA_TSTRING) {
    push_single (lua, "err", wrong, sizeof wrong - 1);
    return 1;
  }
  const char *text = lua_tostring (lua, 1);
  text += *text == '-';
  const char *line = lua_pushfstring (lua, strchr (text, ' ') != NULL ? "%s" : "ERR %s", text);
  push_single (lua, "err", line, strlen (line));
  return 1;
}

static int
redis_status_reply (lua_State *lua)
{
  if (lua_gettop (lua) != 1 || lua_type (lua, 1) != LUA_TSTRING)
    return redis_error_reply (lua);
  push_single (lua, "ok", lua_tostring (lua, 1), strlen (lua_tostring (lua, 1)));
  return 1;
}

/* As the server's: an error that is a table is told by its text. */
static int
protected_call (lua_State *lua)
{
  luaL_checkany (lua, 1);
  gboolean failed = lua_pcall (lua, lua_gettop (lua) - 1, LUA_MULTRET, 0) != 0;
  if (failed && lua_istable (lua, -1))
    lua_getfield (lua, -1, "err");
  lua_pushboolean (lua, !failed);
  lua_insert (lua, failed ? -2 : 1);
  return failed ? 2 : lua_gettop (lua);
}

/* --- What scripts find --- */

static int
on_unknown_global (lua_State *lua)
{
  return luaL_error (lua, "Script attempted to access nonexistent global variable '%s'",
                     lua_tostring (lua, 2));
}

static int
on_write (lua_State *lua)
{
  return luaL_error (lua, "Attempt to modify a readonly table");
}

/* Pops a table and pushes one through which it can be read only. */
static void
make_readonly (lua_State *lua)
{
  lua_newtable (lua);
  lua_createtable (lua, 0, 3);
  lua_pushvalue (lua, -3);
  lua_setfield (lua, -2, "__index");
  lua_pushcfunction (lua, on_write);
  lua_setfield (lua, -2, "__newindex");
  lua_pushboolean (lua, FALSE);
  lua_setfield (lua, -2, "__metatable");
  lua_setmetatable (lua, -2);
  lua_remove (lua, -2);
}

/* The library's table as Lua made it among its own globals, into ours, on top of the stack. */
static void
take_library (lua_State *lua, const char *name)
{
  lua_getglobal (lua, name);
  make_readonly (lua);
  lua_setfield (lua, -2, name);
}

/* Chance of the process would make runs differ. */
static void
open_libraries (lua_State *lua)
{
  static const luaL_Reg libraries[] = {{"", luaopen_base},
                                       {LUA_TABLIBNAME, luaopen_table},
                                       {LUA_STRLIBNAME, luaopen_string},
                                       {LUA_MATHLIBNAME, luaopen_math}};
  for (guint i = 0; i < G_N_ELEMENTS (libraries); i++) {
    lua_pushcfunction (lua, libraries[i].func);
    lua_pushstring (lua, libraries[i].name);
    lua_call (lua, 1, 0);
  }
  lua_getglobal (lua, LUA_MATHLIBNAME);
  lua_pushnil (lua);
  lua_setfield (lua, -2, "random");
  lua_pushnil (lua);
  lua_setfield (lua, -2, "randomseed");
  lua_pop (lua, 1);
}

static void
put_redis (lua_State *lua)
{
  static const luaL_Reg functions[] = {{"call", redis_call},
                                       {"pcall", redis_pcall},
                                       {"error_reply", redis_error_reply},
                                       {"status_reply", redis_status_reply}};
  lua_newtable (lua);
  for (guint i = 0; i < G_N_ELEMENTS (functions); i++) {
    lua_pushcfunction (lua, functions[i].func);
    lua_setfield (lua, -2, functions[i].name);
  }
  make_readonly (lua);
  lua_setfield (lua, -2, "redis");
}

static void
make_sandbox (PsSimLua *self)
{
  static const char *const allowed[] = {
      "assert", "error",    "ipairs",   "next", "pairs",  "rawequal",     "rawget",
      "select", "tonumber", "tostring", "type", "unpack", "setmetatable", "_VERSION"};
  lua_State *lua = self->lua;
  open_libraries (lua);
  lua_newtable (lua);
  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++) {
    lua_getglobal (lua, allowed[i]);
    lua_setfield (lua, -2, allowed[i]);
  }
  take_library (lua, LUA_TABLIBNAME);
  take_library (lua, LUA_STRLIBNAME);
  take_library (lua, LUA_MATHLIBNAME);
  put_redis (lua);
  lua_pushcfunction (lua, protected_call);
  lua_setfield (lua, -2, "pcall");
  lua_createtable (lua, 0, 1);
  lua_pushcfunction (lua, on_unknown_global);
  lua_setfield (lua, -2, "__index");
  lua_setmetatable (lua, -2);
  lua_pushvalue (lua, -1);
  self->globals = luaL_ref (lua, LUA_REGISTRYINDEX);
  make_readonly (lua);
  lua_rawgeti (lua, LUA_REGISTRYINDEX, self->globals);
  lua_pushvalue (lua, -2);
  lua_setfield (lua, -2, "_G");
  lua_pop (lua, 1);
  self->sandbox = luaL_ref (lua, LUA_REGISTRYINDEX);
}

/* --- Running --- */

/* From here on each step fails, so that a script that catches errors ends too. */
static void
on_too_long (lua_State *lua, lua_Debug *ar)
{
  lua_sethook (lua, on_too_long, LUA_MASKCOUNT, 1);
  lua_pushstring (lua, self_of (lua)->texts->killed);
  lua_error (lua);
}

/* Where the script stood: of a failed function of Lua's own, its caller. 0: nowhere. */
static int
failed_line (lua_State *lua)
{
  lua_Debug ar = {.currentline = 0};
  for (int level = 1; level <= 2 && lua_getstack (lua, level, &ar) == 1; level++) {
    lua_getinfo (lua, "Sl", &ar);
    if (ar.what[0] != 'C')
      return ar.currentline;
  }
  return 0;
}

/* The error, as Lua or redis.call threw it, becomes the server's line about it. */
static int
on_error (lua_State *lua)
{
  int line = failed_line (lua);
  const char *text = "ERR unknown error";
  if (lua_istable (lua, 1)) {
    lua_getfield (lua, 1, "err");
    text = lua_isstring (lua, -1) ? lua_tostring (lua, -1) : text;
  } else if (lua_isstring (lua, 1)) {
    text = lua_pushfstring (lua, "ERR %s", lua_tostring (lua, 1));
  }
  if (line > 0)
    lua_pushfstring (lua, "%s script: %s, on " CHUNK ":%d.", text, self_of (lua)->running, line);
  else
    lua_pushstring (lua, text);
  return 1;
}

static void
put_texts (PsSimLua *self, const char *name, const PsText *texts, gsize n)
{
  lua_createtable (self->lua, (int)n, 0);
  for (gsize i = 0; i < n; i++) {
    lua_pushlstring (self->lua, texts[i].data, texts[i].size);
    lua_rawseti (self->lua, -2, (int)i + 1);
  }
  lua_setfield (self->lua, -2, name);
}

void
ps_sim_lua_run (PsSimLua *self, const char *sha1, const PsText *keys, gsize n_keys,
                const PsText *args, gsize n_args, GString *out)
{
  lua_State *lua = self->lua;
  gpointer digest, script;
  gboolean known = g_hash_table_lookup_extended (self->scripts, sha1, &digest, &script);
  g_assert (known && self->running == NULL);
  lua_pushcfunction (lua, on_error);
  lua_rawgeti (lua, LUA_REGISTRYINDEX, self->globals);
  put_texts (self, "KEYS", keys, n_keys);
  put_texts (self, "ARGV", args, n_args);
  lua_pop (lua, 1);
  lua_rawgeti (lua, LUA_REGISTRYINDEX, GPOINTER_TO_INT (script));
  g_autofree char *running = g_strdup (digest);
  self->running = running;
  lua_sethook (lua, on_too_long, LUA_MASKCOUNT, PS_SIM_LUA_STEPS_MAX);
  int status = lua_pcall (lua, 0, 1, 1);
  lua_sethook (lua, NULL, 0, 0);
  self->running = NULL;
  if (status == 0)
    reply_value (lua, 0, out);
  else
    ps_sim_resp_error (out, status == LUA_ERRRUN ? lua_tostring (lua, -1) : "ERR no memory");
  lua_settop (lua, 0);
}

gboolean
ps_sim_lua_knows (const PsSimLua *self, const char *sha1)
{
  return g_hash_table_contains (self->scripts, sha1);
}

/* Compiled code, which begins with an escape, is not read: it can do anything. */
gboolean
ps_sim_lua_load (PsSimLua *self, const char *sha1, PsText text, GString *out)
{
  lua_State *lua = self->lua;
  if (ps_sim_lua_knows (self, sha1))
    return TRUE;
  gboolean is_compiled = text.size > 0 && text.data[0] == LUA_SIGNATURE[0];
  if (is_compiled || luaL_loadbuffer (lua, text.data, text.size, CHUNK) != 0) {
    g_autofree char *why =
        g_strconcat ("ERR Error compiling script (new function): ",
                     is_compiled ? "it is compiled already" : lua_tostring (lua, -1), NULL);
    ps_sim_resp_error (out, why);
    lua_settop (lua, 0);
    return FALSE;
  }
  lua_rawgeti (lua, LUA_REGISTRYINDEX, self->sandbox);
  lua_setfenv (lua, -2);
  int script = luaL_ref (lua, LUA_REGISTRYINDEX);
  g_hash_table_insert (self->scripts, g_strdup (sha1), GINT_TO_POINTER (script));
  return TRUE;
}

void
ps_sim_lua_forget_all (PsSimLua *self)
{
  GHashTableIter iter;
  gpointer script;
  g_hash_table_iter_init (&iter, self->scripts);
  while (g_hash_table_iter_next (&iter, NULL, &script))
    luaL_unref (self->lua, LUA_REGISTRYINDEX, GPOINTER_TO_INT (script));
  g_hash_table_remove_all (self->scripts);
}

void
ps_sim_lua_set_texts (PsSimLua *self, const PsSimRedisTexts *texts)
{
  self->texts = texts;
}

PsSimLua *
ps_sim_lua_new (PsSimLuaCommand command, gpointer user_data)
{
  PsSimLua *self = g_new0 (PsSimLua, 1);
  self->texts = ps_sim_redis_texts (PS_SIM_REDIS_7_0);
  self->command = command;
  self->user_data = user_data;
  self->scripts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->words = g_array_new (FALSE, FALSE, sizeof (PsText));
  self->verb = g_string_new (NULL);
  self->out = g_string_new (NULL);
  self->lua = lua_newstate (allocate, self);
  g_assert (self->lua != NULL);
  make_sandbox (self);
  return self;
}

void
ps_sim_lua_free (PsSimLua *self)
{
  if (self == NULL)
    return;
  lua_close (self->lua);
  g_hash_table_unref (self->scripts);
  g_array_unref (self->words);
  g_string_free (self->verb, TRUE);
  g_string_free (self->out, TRUE);
  g_free (self);
}
