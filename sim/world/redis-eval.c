/* SPDX-License-Identifier: Apache-2.0 */
/* Scripts of the simulated Redis' clients. */
#include "sim/world/redis-private.h"
#include "sim/world/upstream-script.h"
#include <string.h>

static void
on_command (const PsText *words, gsize n_words, GString *out, gpointer user_data)
{
  PsSimRedis *self = user_data;
  self->script_execute (self->script_client, words, n_words, out);
}

/* The server's, made when it is needed first. */
static PsSimLua *
obtain_lua (PsSimClient *client)
{
  PsSimRedisServer *server = client->door->server;
  if (server->lua == NULL)
    server->lua = ps_sim_lua_new (on_command, client->redis);
  ps_sim_lua_set_texts (server->lua, client->redis->texts);
  return server->lua;
}

/* The digest, by which it is known from now on; NULL, with an error as the reply, if it is no Lua.
 */
static char *
load (PsSimClient *client, PsText text, GString *out)
{
  g_autofree char *sha1 =
      ps_text_equal (text, ps_text (PS_UPSTREAM_SET_TEXT))
          ? g_strdup (PS_UPSTREAM_SET_DIGEST)
          : g_compute_checksum_for_data (G_CHECKSUM_SHA1, (const guchar *)text.data, text.size);
  return ps_sim_lua_load (obtain_lua (client), sha1, text, out) ? g_steal_pointer (&sha1) : NULL;
}

void
ps_sim_redis_do_script (PsSimClient *client, const PsText *words, gsize n_words, GString *out)
{
  const char *verb = words[1].data;
  if (g_ascii_strcasecmp (verb, "LOAD") == 0 && n_words == 3) {
    g_autofree char *sha1 = load (client, words[2], out);
    if (sha1 != NULL)
      ps_sim_resp_string (out, ps_text (sha1));
  } else if (g_ascii_strcasecmp (verb, "FLUSH") == 0) {
    ps_sim_lua_forget_all (obtain_lua (client));
    ps_sim_resp_status (out, "OK");
  } else {
    ps_sim_resp_error (out, "ERR unknown subcommand of 'script'");
  }
}

/* As load, of a script that is named only. */
static char *
find (PsSimClient *client, PsText digest, GString *out)
{
  g_autofree char *sha1 = g_ascii_strdown (digest.data, -1);
  if (ps_sim_lua_knows (obtain_lua (client), sha1))
    return g_steal_pointer (&sha1);
  ps_sim_redis_note (client->door, PS_SIM_REDIS_NOSCRIPT);
  ps_sim_resp_error (out, client->redis->texts->noscript);
  return NULL;
}

/* FALSE, with an error as the reply, if the words behind the script are none of its. */
static gboolean
read_n_keys (const PsText *words, gsize n_words, GString *out, gsize *out_n)
{
  gint64 n;
  const char *wrong = NULL;
  if (strlen (words[2].data) != words[2].size ||
      !g_ascii_string_to_signed (words[2].data, 10, G_MININT32, G_MAXINT32, &n, NULL))
    wrong = "ERR value is not an integer or out of range";
  else if (n < 0)
    wrong = "ERR Number of keys can't be negative";
  else if ((guint64)n > n_words - 3)
    wrong = "ERR Number of keys can't be greater than number of args";
  if (wrong != NULL)
    ps_sim_resp_error (out, wrong);
  else
    *out_n = (gsize)n;
  return wrong == NULL;
}

/* A SELECT of the script ends with it. */
void
ps_sim_redis_do_eval (PsSimClient *client, const PsText *words, gsize n_words, GString *out)
{
  gsize n_keys;
  if (!read_n_keys (words, n_words, out, &n_keys))
    return;
  gboolean by_digest = g_str_equal (words[0].data, "EVALSHA");
  g_autofree char *sha1 = (by_digest ? find : load) (client, words[1], out);
  if (sha1 == NULL)
    return;
  guint db = client->db;
  const PsText *keys = words + 3;
  client->redis->script_client = client;
  ps_sim_lua_run (client->door->server->lua, sha1, keys, n_keys, keys + n_keys,
                  n_words - 3 - n_keys, out);
  client->redis->script_client = NULL;
  client->db = db;
}
