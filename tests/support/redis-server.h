/* SPDX-License-Identifier: Apache-2.0 */
/* A private Redis server in a directory of its own, reached by a unix socket only. Whatever becomes
 * of the test, the server dies with the thread that started it, and the directory goes too. What
 * cannot be done ends the process with a message and the server's log. */
#pragma once
#include <glib.h>
#include <hiredis/hiredis.h>
G_BEGIN_DECLS

typedef struct _PsRedisServer PsRedisServer;

/* Starts it and waits until it answers. args: further options, e.g. "--maxmemory", "1mb"; nullable,
 * NULL at the end. Nothing is saved and no keyspace event sent unless they say so. */
PsRedisServer *ps_redis_server_new (const char *const *args);
void ps_redis_server_free (PsRedisServer *self);

const char *ps_redis_server_dir (const PsRedisServer *self);
const char *ps_redis_server_socket (const PsRedisServer *self);
/* A database_config.json that names the socket, with SONiC's ids and separators. */
const char *ps_redis_server_config (const PsRedisServer *self);
int ps_redis_server_pid (const PsRedisServer *self); /* 0: not running */

void ps_redis_server_kill (PsRedisServer *self);  /* SIGKILL; collected when this returns */
void ps_redis_server_start (PsRedisServer *self); /* again; with the data last saved, if any */
/* A kill and a start. keep_data: what is there is saved first; otherwise it starts empty. */
void ps_redis_server_restart (PsRedisServer *self, gboolean keep_data);

void ps_redis_server_pause (PsRedisServer *self); /* SIGSTOP: connected, but silent */
void ps_redis_server_resume (PsRedisServer *self);

/* Runs one command in database db, with hiredis' format. The reply (an error reply, too) is freed
 * with freeReplyObject; never NULL. */
redisReply *ps_redis_server_command (PsRedisServer *self, int db, const char *format, ...);

/* As above; an error reply ends the process. The reply is dropped; an integer reply is returned,
 * and the number of elements of an array. */
gint64 ps_redis_server_do (PsRedisServer *self, int db, const char *format, ...);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PsRedisServer, ps_redis_server_free)
G_END_DECLS
