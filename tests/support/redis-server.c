/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/support/redis-server.h"
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TIMEOUT_US (20 * G_USEC_PER_SEC)
#define REPLY_TIMEOUT_S  10

struct _PsRedisServer {
  char *dir, *socket, *config, *log; /* owned; paths */
  char **args;                       /* owned */
  GPid pid;
  int lifeline;         /* The janitor removes dir when the other end of this pipe closes. */
  redisContext *client; /* owned, nullable */
  int db;               /* that client has selected */
};

static void
give_up (PsRedisServer *self, const char *what)
{
  g_autofree char *log = NULL;
  g_file_get_contents (self->log, &log, NULL, NULL);
  g_error ("redis-server: %s\n%s", what, log != NULL ? log : "(no log)");
}

static void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  setpgid (0, 0); /* Ctrl-C is for the parent. */
}

/* A shell that outlives us in any case, just long enough to remove the directory. */
static void
start_janitor (PsRedisServer *self)
{
  int ends[2];
  if (pipe2 (ends, O_CLOEXEC) != 0)
    give_up (self, "no pipe");
  const char *argv[] = {"/bin/sh", "-c", "read line; rm -rf \"$1\"", "janitor", self->dir, NULL};
  if (!g_spawn_async_with_pipes_and_fds (
          "/", argv, NULL, G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
          ends[0], -1, -1, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL))
    give_up (self, "no shell");
  close (ends[0]);
  self->lifeline = ends[1];
}

static void
write_config (PsRedisServer *self)
{
  static const char format[] =
      "{\"INSTANCES\": {\"redis\": {\"hostname\": \"127.0.0.1\", \"port\": 6379,\n"
      "  \"unix_socket_path\": \"%s\", \"persistence_for_warm_boot\": \"yes\"}},\n"
      " \"DATABASES\": {\n"
      "  \"APPL_DB\": {\"id\": 0, \"separator\": \":\", \"instance\": \"redis\"},\n"
      "  \"CONFIG_DB\": {\"id\": 4, \"separator\": \"|\", \"instance\": \"redis\"},\n"
      "  \"STATE_DB\": {\"id\": 6, \"separator\": \"|\", \"instance\": \"redis\"}},\n"
      " \"VERSION\": \"1.0\"}\n";
  g_autofree char *text = g_strdup_printf (format, self->socket);
  if (!g_file_set_contents (self->config, text, -1, NULL))
    give_up (self, "cannot write database_config.json");
}

static void
disconnect (PsRedisServer *self)
{
  g_clear_pointer (&self->client, redisFree);
}

static gboolean
has_exited (PsRedisServer *self)
{
  if (waitpid (self->pid, NULL, WNOHANG) != self->pid)
    return FALSE;
  self->pid = 0;
  return TRUE;
}

static gboolean
answers (PsRedisServer *self)
{
  redisContext *client = redisConnectUnix (self->socket);
  redisReply *reply = NULL;
  if (client != NULL && client->err == 0)
    reply = redisCommand (client, "PING");
  gboolean good = reply != NULL && reply->type == REDIS_REPLY_STATUS;
  if (reply != NULL)
    freeReplyObject (reply);
  if (client != NULL)
    redisFree (client);
  return good;
}

void
ps_redis_server_start (PsRedisServer *self)
{
  g_assert (self->pid == 0);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  const char *const fixed[] = {"redis-server", "--port",       "0",       "--unixsocket",
                               self->socket,   "--save",       "",        "--appendonly",
                               "no",           "--daemonize",  "no",      "--dir",
                               self->dir,      "--logfile",    self->log, "--databases",
                               "16",           "--dbfilename", "dump.rdb"};
  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    g_ptr_array_add (argv, (char *)fixed[i]);
  for (char **arg = self->args; *arg != NULL; arg++)
    g_ptr_array_add (argv, *arg);
  g_ptr_array_add (argv, NULL);
  g_autoptr (GError) error = NULL;
  GSpawnFlags flags = G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL |
                      G_SPAWN_STDERR_TO_DEV_NULL;
  if (!g_spawn_async ("/", (char **)argv->pdata, NULL, flags, die_with_parent, NULL, &self->pid,
                      &error))
    give_up (self, error->message);
  gint64 end_us = g_get_monotonic_time () + START_TIMEOUT_US;
  while (!answers (self)) {
    if (has_exited (self))
      give_up (self, "ended at once");
    if (g_get_monotonic_time () > end_us)
      give_up (self, "does not answer");
    poll (NULL, 0, 2);
  }
}

PsRedisServer *
ps_redis_server_new (const char *const *args)
{
  PsRedisServer *self = g_new0 (PsRedisServer, 1);
  g_autoptr (GError) error = NULL;
  self->dir = g_dir_make_tmp ("ps-redis-XXXXXX", &error);
  g_assert_no_error (error);
  self->socket = g_build_filename (self->dir, "redis.sock", NULL);
  self->config = g_build_filename (self->dir, "database_config.json", NULL);
  self->log = g_build_filename (self->dir, "redis.log", NULL);
  self->args = args != NULL ? g_strdupv ((char **)args) : g_new0 (char *, 1);
  start_janitor (self);
  write_config (self);
  ps_redis_server_start (self);
  return self;
}

void
ps_redis_server_kill (PsRedisServer *self)
{
  disconnect (self);
  if (self->pid == 0)
    return;
  kill (self->pid, SIGKILL);
  while (waitpid (self->pid, NULL, 0) < 0 && errno == EINTR)
    continue;
  g_spawn_close_pid (self->pid);
  self->pid = 0;
}

void
ps_redis_server_free (PsRedisServer *self)
{
  if (self == NULL)
    return;
  ps_redis_server_kill (self);
  close (self->lifeline);
  g_free (self->dir);
  g_free (self->socket);
  g_free (self->config);
  g_free (self->log);
  g_strfreev (self->args);
  g_free (self);
}

const char *
ps_redis_server_dir (const PsRedisServer *self)
{
  return self->dir;
}

const char *
ps_redis_server_socket (const PsRedisServer *self)
{
  return self->socket;
}

const char *
ps_redis_server_config (const PsRedisServer *self)
{
  return self->config;
}

int
ps_redis_server_pid (const PsRedisServer *self)
{
  return self->pid;
}

void
ps_redis_server_restart (PsRedisServer *self, gboolean keep_data)
{
  g_autofree char *dump = g_build_filename (self->dir, "dump.rdb", NULL);
  if (keep_data)
    ps_redis_server_do (self, 0, "SAVE");
  ps_redis_server_kill (self);
  if (!keep_data)
    g_unlink (dump);
  ps_redis_server_start (self);
}

void
ps_redis_server_pause (PsRedisServer *self)
{
  kill (self->pid, SIGSTOP);
  while (waitpid (self->pid, NULL, WUNTRACED) < 0 && errno == EINTR)
    continue;
}

void
ps_redis_server_resume (PsRedisServer *self)
{
  kill (self->pid, SIGCONT);
}

static gboolean
obtain_client (PsRedisServer *self, int db)
{
  struct timeval timeout = {REPLY_TIMEOUT_S, 0};
  if (self->client == NULL) {
    self->client = redisConnectUnixWithTimeout (self->socket, timeout);
    self->db = 0;
    if (self->client == NULL || self->client->err != 0 ||
        redisSetTimeout (self->client, timeout) != REDIS_OK)
      return FALSE;
  }
  if (self->db == db)
    return TRUE;
  redisReply *reply = redisCommand (self->client, "SELECT %d", db);
  gboolean good = reply != NULL && reply->type == REDIS_REPLY_STATUS;
  if (reply != NULL)
    freeReplyObject (reply);
  self->db = db;
  return good;
}

static redisReply *
command (PsRedisServer *self, int db, const char *format, va_list args)
{
  redisReply *reply = NULL;
  if (obtain_client (self, db))
    reply = redisvCommand (self->client, format, args);
  if (reply == NULL) {
    g_autofree char *what = g_strdup_printf ("no reply to \"%s\"", format);
    give_up (self, what);
  }
  return reply;
}

redisReply *
ps_redis_server_command (PsRedisServer *self, int db, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  redisReply *reply = command (self, db, format, args);
  va_end (args);
  return reply;
}

gint64
ps_redis_server_do (PsRedisServer *self, int db, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  redisReply *reply = command (self, db, format, args);
  va_end (args);
  if (reply->type == REDIS_REPLY_ERROR) {
    g_autofree char *what = g_strdup_printf ("\"%s\": %s", format, reply->str);
    give_up (self, what);
  }
  gint64 n = reply->type == REDIS_REPLY_ARRAY ? (gint64)reply->elements : reply->integer;
  freeReplyObject (reply);
  return n;
}
