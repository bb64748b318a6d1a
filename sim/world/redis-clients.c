/* SPDX-License-Identifier: Apache-2.0 */
/* The simulated Redis' connections: from bytes to commands and back. */
#include "sim/world/redis-private.h"
#include <string.h>

#define PEER "unix:/var/run/redis/redis.sock"

static void
client_clear (gpointer data)
{
  PsSimClient *client = data;
  ps_sim_resp_parser_free (client->parser);
}

static void
client_release (gpointer data)
{
  g_rc_box_release_full (data, client_clear);
}

typedef PsSimClient PsSimClientRef;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsSimClientRef, client_release)

static void
end_client (PsSimClient *client)
{
  PsSimConn *conn = g_steal_pointer (&client->conn);
  if (conn == NULL)
    return;
  ps_sim_conn_set_data (conn, NULL);
  ps_sim_conn_close (conn);
  g_ptr_array_remove (client->redis->clients, client);
}

/* The actors' number is restored behind a command, also when one command leads to another. */
static void
execute (PsSimClient *client, const PsSimRedisCommand *command, GString *out)
{
  PsSimRedis *self = client->redis;
  guint64 connection = self->connection, number = self->command;
  self->connection = command->connection;
  self->command = command->command;
  ps_sim_redis_execute (client, command->words, command->n_words, out);
  self->connection = connection;
  self->command = number;
}

/* FALSE: the connection ends here. */
static gboolean
take_command (PsSimClient *client, const PsText *words, gsize n_words, GString *out)
{
  PsSimRedis *self = client->redis;
  PsSimRedisCommand command = {client->number, ++self->counters.commands, client->db, words,
                               n_words};
  PsSimGate gate = PS_SIM_GATE_RUN;
  gsize before = out->len;
  if (self->gate != NULL)
    gate = self->gate (&command, self->gate_data);
  if (gate != PS_SIM_GATE_CUT_BEFORE && client->conn != NULL)
    execute (client, &command, out);
  if (gate == PS_SIM_GATE_CUT_AFTER)
    g_string_truncate (out, before);
  return gate == PS_SIM_GATE_RUN;
}

/* Bytes of the socket into the parser. */
static void
take_bytes (PsSimClient *client)
{
  gsize n;
  const guint8 *bytes = ps_sim_conn_arrived (client->conn, &n);
  if (n == 0)
    return;
  client->redis->counters.bytes_in += n;
  ps_sim_resp_parser_feed (client->parser, bytes, n);
  ps_sim_conn_take (client->conn, n);
}

/* Carries out what has arrived in full. TRUE: the connection ends behind it. Any command may have
 * ended the client, or stopped the server. */
static gboolean
run_commands (PsSimClient *client, GString *out)
{
  PsSimRedis *self = client->redis;
  const PsText *words;
  gsize n_words;
  while (client->conn != NULL && !client->door->server->stopped) {
    PsSimRespResult result = ps_sim_resp_parser_next (client->parser, &words, &n_words);
    if (result == PS_SIM_RESP_MORE)
      return ps_sim_conn_has_ended (client->conn);
    if (result == PS_SIM_RESP_BROKEN) {
      g_autofree char *text = g_strdup_printf ("ERR %s", ps_sim_resp_parser_error (client->parser));
      ps_sim_resp_error (out, text);
      self->counters.broken++;
      return TRUE;
    }
    if (!take_command (client, words, n_words, out))
      return TRUE;
  }
  return FALSE;
}

static void
serve (PsSimClient *client)
{
  g_autoptr (PsSimClientRef) held = g_rc_box_acquire (client);
  g_autoptr (GString) out = g_string_new (NULL);
  take_bytes (held);
  gboolean over = run_commands (held, out);
  if (held->conn == NULL)
    return;
  if (out->len > 0) {
    held->redis->counters.bytes_out += out->len;
    ps_sim_conn_send (held->conn, out->str, out->len);
  }
  if (over)
    end_client (held);
}

static void
on_accepted (PsSimConn *conn, gpointer user_data)
{
  PsSimRedisDoor *door = user_data;
  PsSimRedis *self = door->redis;
  PsSimClient *client = g_rc_box_new0 (PsSimClient);
  client->redis = self;
  client->door = door;
  client->conn = conn;
  client->parser = ps_sim_resp_parser_new ();
  client->number = ++self->counters.connects;
  g_ptr_array_add (self->clients, client);
  ps_sim_conn_set_data (conn, client);
  if (door->listener->requests.held)
    ps_sim_redis_note (door, PS_SIM_REDIS_BLACK_HOLE);
}

static void
on_arrived (PsSimConn *conn, gpointer user_data)
{
  PsSimRedisDoor *door = user_data;
  if (door->server->stopped)
    ps_sim_redis_note (door, PS_SIM_REDIS_STOPPED);
  else
    serve (ps_sim_conn_data (conn));
}

void
ps_sim_redis_begin_serving (PsSimRedis *self)
{
  static const PsSimServerFns fns = {.accepted = on_accepted, .arrived = on_arrived};
  self->clients = g_ptr_array_new_with_free_func (client_release);
  self->script_execute = ps_sim_redis_execute_in_script;
  self->n_servers = 1;
  self->servers[0].running = TRUE;
  for (guint i = 0; i < PS_SIM_REDIS_DBS; i++) {
    PsSimRedisDoor *door = &self->doors[i];
    *door = (PsSimRedisDoor){.redis = self, .server = &self->servers[0]};
    door->listener = ps_sim_listener_new (self->clock, &fns, door);
    door->listener->requests.shared = &self->cut_requests;
    door->listener->replies.shared = &self->cut_replies;
  }
}

void
ps_sim_redis_set_apart (PsSimRedis *self, guint db)
{
  g_assert (db < PS_SIM_REDIS_DBS && self->clients->len == 0);
  PsSimRedisServer *server = &self->servers[self->n_servers++];
  server->running = TRUE;
  self->doors[db].server = server;
}

void
ps_sim_redis_end_clients (PsSimRedis *self, const PsSimRedisServer *server)
{
  for (guint i = 0; i < self->clients->len;) {
    PsSimClient *client = g_ptr_array_index (self->clients, i);
    if (server != NULL && client->door->server != server)
      i++;
    else
      end_client (client);
  }
}

void
ps_sim_redis_tell_all (PsSimRedis *self, guint db, const char *bytes)
{
  for (guint i = 0; i < self->clients->len; i++) {
    PsSimClient *client = g_ptr_array_index (self->clients, i);
    const PsSimRedisServer *server = client->door->server;
    gboolean concerned = db == PS_SIM_REDIS_ALL || client->door == &self->doors[db];
    if (!concerned || !server->running || server->stopped)
      continue;
    ps_sim_conn_send (client->conn, bytes, strlen (bytes));
    ps_sim_redis_note (client->door, PS_SIM_REDIS_STRAY);
  }
}

/* By number, because commands end clients and observers may make new ones. */
void
ps_sim_redis_serve_all (PsSimRedis *self, const PsSimRedisServer *server)
{
  guint64 last = 0, upto = self->counters.connects;
  for (guint i = 0; i < self->clients->len && !server->stopped;) {
    PsSimClient *client = g_ptr_array_index (self->clients, i);
    if (client->door->server != server || client->number <= last || client->number > upto) {
      i++;
      continue;
    }
    last = client->number;
    serve (client);
    i = 0;
  }
}

gboolean
ps_sim_redis_has_read (const PsSimRedis *self, guint64 connection)
{
  for (guint i = 0; i < self->clients->len; i++) {
    const PsSimClient *client = g_ptr_array_index (self->clients, i);
    if (client->number == connection)
      return ps_sim_conn_is_read (client->conn);
  }
  return FALSE;
}

PsStreamPort *
ps_sim_redis_port (PsSimRedis *self, guint db)
{
  g_assert (db < PS_SIM_REDIS_DBS);
  return ps_sim_port_new (self->doors[db].listener, PEER);
}
