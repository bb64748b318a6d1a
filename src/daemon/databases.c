/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/databases.h"
#include "base/timer.h"
#include "base/told.h"
#include "backends/redis/socket.h"
#include "base/json-guard.h"
#include "daemon/read-file.h"

enum { TIMER_LOOK, N_TIMERS };

struct _PsDatabases {
  PsClock *clock; /* owned */
  PsLog *log;
  const char *path;    /* of database_config.json */
  PsRedisStore *store; /* owned */
  PsDatabasesFailed failed;
  gpointer user_data;
  gboolean is_placed;       /* database_config.json was read */
  PsTimer timers[N_TIMERS]; /* armed until then */
  PsTold told;              /* that it is */
};

G_DEFINE_QUARK (ps_databases_error, ps_databases_error)

PsRedisDbConfig *
ps_databases_read (const char *path, GError **error)
{
  gsize size = 0;
  g_autoptr (GError) why = NULL;
  g_autofree char *text = ps_read_file (path, PS_JSON_SIZE_MAX, &size, &why);
  if (text != NULL && size > 0)
    return ps_redis_db_config_parse (text, size, path, error);
  g_set_error (error, PS_DATABASES_ERROR, PS_DATABASES_ERROR_UNREADABLE,
               "%s: %s (the database container writes it; [database] config names another)", path,
               why != NULL ? why->message : "empty");
  return NULL;
}

static void
place (PsDatabases *self, const PsRedisDbConfig *db_config)
{
  PsStreamPort *ports[PS_N_DBS];
  for (guint i = 0; i < PS_N_DBS; i++)
    ports[i] = ps_redis_socket_new (NULL, &db_config->dbs[i]);
  ps_redis_store_place (self->store, ports, db_config);
  self->is_placed = TRUE;
  for (guint i = 0; i < PS_N_DBS; i++)
    g_object_unref (ports[i]);
}

/* Older images of SONiC write the file in place: for a moment it is empty, or ends in its midst. */
static gboolean
may_pass (const GError *why)
{
  return !g_error_matches (why, PS_REDIS_DB_CONFIG_ERROR, PS_REDIS_DB_CONFIG_ERROR_INVALID);
}

static void
tell_wait (PsDatabases *self, const GError *why)
{
  if (ps_told_take (&self->told, ps_clock_now_us (self->clock)))
    ps_warn (self->log, "%s; waiting for it", why->message);
}

/* FALSE with an error: what the file says is wrong, and will not become right. */
static gboolean
look (PsDatabases *self, GError **error)
{
  g_autoptr (GError) why = NULL;
  g_autoptr (PsRedisDbConfig) db_config = ps_databases_read (self->path, &why);
  if (db_config != NULL) {
    place (self, db_config);
    return TRUE;
  }
  if (may_pass (why)) {
    tell_wait (self, why);
    return TRUE;
  }
  g_propagate_error (error, g_steal_pointer (&why));
  return FALSE;
}

static void
on_look_timer (gpointer user_data)
{
  PsDatabases *self = user_data;
  g_autoptr (GError) error = NULL;
  if (!look (self, &error))
    self->failed (error, self->user_data);
  else if (self->is_placed)
    ps_notice (self->log, "%s is there now", self->path);
  else
    ps_clock_rearm_in (self->clock, &self->timers[TIMER_LOOK], PS_DATABASES_LOOK_US);
}

/* --- public --------------------------------------------------------------------------------- */

PsDatabases *
ps_databases_new (PsClock *clock, PsLog *log, const char *path, PsRedisStore *store,
                  PsDatabasesFailed failed, gpointer user_data, GError **error)
{
  g_autoptr (PsDatabases) self = g_new0 (PsDatabases, 1);
  ps_timer_bind (&self->timers[TIMER_LOOK], on_look_timer, self);
  self->clock = g_object_ref (clock);
  self->log = log;
  self->path = path;
  self->store = g_object_ref (store);
  self->failed = failed;
  self->user_data = user_data;
  if (!look (self, error))
    return NULL;
  if (!self->is_placed)
    ps_clock_rearm_in (clock, &self->timers[TIMER_LOOK], PS_DATABASES_LOOK_US);
  return g_steal_pointer (&self);
}

void
ps_databases_free (PsDatabases *self)
{
  if (self == NULL)
    return;
  ps_clock_cancel (self->clock, &self->timers[TIMER_LOOK]);
  g_clear_object (&self->store);
  g_object_unref (self->clock);
  g_free (self);
}
